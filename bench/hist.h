/* SPDX-License-Identifier: MIT */
#ifndef PAGECOPY_HIST_H
#define PAGECOPY_HIST_H

#include <stdint.h>

/*
 * A log-linear histogram: 128 buckets an octave, so that a bucket's midpoint
 * is within 0.4 % of every value in it; values below 128 are exact. It covers
 * all of uint64_t: nothing is ever out of range.
 */
#define HIST_SUB_BITS	7
#define HIST_SUB	(1U << HIST_SUB_BITS)
#define HIST_BUCKETS	((64 - HIST_SUB_BITS + 1) * HIST_SUB)

/**
 * struct hist - how often each value occurred
 * @count:  values recorded
 * @sum:    of all values, exact
 * @max:    largest value, exact
 * @bucket: values by size
 */
struct hist {
	uint64_t count;
	uint64_t sum;
	uint64_t max;
	uint64_t bucket[HIST_BUCKETS];
};

/** hist_index() - the bucket that @value falls into */
static inline unsigned int hist_index(uint64_t value)
{
	unsigned int shift;

	if (value < HIST_SUB)
		return (unsigned int)value;
	shift = 63 - HIST_SUB_BITS - (unsigned int)__builtin_clzll(value);
	return (shift << HIST_SUB_BITS) + (unsigned int)(value >> shift);
}

/** hist_record() - @count values of @value */
static inline void hist_record(struct hist *h, uint64_t value, uint64_t count)
{
	h->count += count;
	h->sum += value * count;
	if (value > h->max)
		h->max = value;
	h->bucket[hist_index(value)] += count;
}

void hist_clear(struct hist *h);

/** hist_merge() - @h also holds what @from does */
void hist_merge(struct hist *h, const struct hist *from);

/** hist_mean() - exact mean; NaN when the histogram is empty */
double hist_mean(const struct hist *h);

/**
 * hist_quantile() - the value below or at which a share of all values lies
 * @q: 0 to 1
 *
 * Return: the midpoint of the bucket that holds the value of rank
 * ceil(q * count), never above the exact maximum; NaN when empty.
 */
double hist_quantile(const struct hist *h, double q);

#endif
