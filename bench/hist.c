// SPDX-License-Identifier: MIT
#include "hist.h"

#include <math.h>
#include <string.h>

void hist_clear(struct hist *h)
{
	memset(h, 0, sizeof(*h));
}

void hist_merge(struct hist *h, const struct hist *from)
{
	unsigned int i;

	h->count += from->count;
	h->sum += from->sum;
	if (from->max > h->max)
		h->max = from->max;
	for (i = 0; i < HIST_BUCKETS; i++)
		h->bucket[i] += from->bucket[i];
}

double hist_mean(const struct hist *h)
{
	return h->count ? (double)h->sum / (double)h->count : NAN;
}

static double midpoint(unsigned int index)
{
	unsigned int shift;
	uint64_t low;

	if (index < HIST_SUB)
		return index;
	shift = (index >> HIST_SUB_BITS) - 1;
	low = (uint64_t)(HIST_SUB + index % HIST_SUB) << shift;
	return (double)low + (double)((1ULL << shift) - 1) / 2;
}

double hist_quantile(const struct hist *h, double q)
{
	uint64_t rank, seen = 0;
	unsigned int i;
	double value;

	if (!h->count)
		return NAN;
	rank = (uint64_t)ceil(q * (double)h->count);
	for (i = 0; i < HIST_BUCKETS; i++) {
		seen += h->bucket[i];
		if (seen >= rank && seen)
			break;
	}
	value = midpoint(i);
	return value < (double)h->max ? value : (double)h->max;
}
