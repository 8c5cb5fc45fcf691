// SPDX-License-Identifier: MIT
#include "pacing.h"

#include <math.h>

/* Its multiples, without their whole part, never come near one another. */
#define GOLDEN	0.6180339887498949
/* What is late may be sent for this part of the slice after its end. */
#define GRACE	8

void pacing_start(struct pacing *p, double step, struct hist *resp)
{
	*p = (struct pacing) {
		.step = step,
		.phase = p->phase,
		.whole = (uint64_t)step,
		.part = (uint32_t)((step - floor(step)) * 0x1p32),
		.resp = resp,
	};
	if (resp)
		hist_clear(resp);
}

void pacing_begin(struct pacing *p, uint64_t start, uint64_t end)
{
	p->phase += GOLDEN;
	p->phase -= floor(p->phase);
	p->next = start + (uint64_t)(p->phase * p->step);
	p->rest = 0;
	p->end = end;
	p->grace = (end - start) / GRACE;
	p->done = 0;
}

void pacing_end(struct pacing *p)
{
	uint64_t late;

	if (p->next < p->end) {
		late = (uint64_t)((double)(p->end - 1 - p->next) / p->step) + 1;
		p->due += late;
		p->unsent += late;
		p->behind += late;
	}
	if (p->done) {
		p->gaps += p->done - 1;
		p->span += p->last - p->begin;
	}
}

/* One, or one in a hundred. */
static bool few(uint64_t nr, uint64_t of)
{
	return nr <= 1 || nr <= of / 100;
}

bool pacing_kept(const struct pacing *p)
{
	if (!few(p->unsent, p->due))
		return false;
	return few(p->behind, p->due) ||
	       (double)p->gaps * p->step >= 0.99 * (double)p->span;
}

void pacing_add(struct pacing *p, const struct pacing *other)
{
	p->due += other->due;
	p->unsent += other->unsent;
	p->behind += other->behind;
	p->gaps += other->gaps;
	p->span += other->span;
}
