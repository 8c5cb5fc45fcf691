// SPDX-License-Identifier: MIT
/*
 * DOC: the open loop over a ring
 *
 * A command is submitted when its time has come and a slot is free. While
 * there is nothing to submit, the thread looks at the clock and at the
 * completions and never sleeps: it would wake up late. Where completions are
 * made only inside a call, it makes that call instead.
 */
#include "ring_loop.h"

/**
 * struct paced - the slice in progress
 * @l:     the ring's side of it
 * @nr:    free slots
 * @slot:  which those are, in the order in which they came back, so that all
 *	   are used in turn
 * @first: place of the first of them
 * @at:    when the command of each slot was due
 * @lazy:  completions appear only during io_uring_enter()
 */
struct paced {
	struct loop l;
	unsigned int nr;
	unsigned int slot[RING_SLOTS];
	unsigned int first;
	uint64_t at[RING_SLOTS];
	bool lazy;
};

static bool is_lazy(const struct ring *r)
{
	switch (r->kind & RING_BASE) {
	case RING_SQPOLL:
		return false;
	case RING_COOP:
	case RING_DEFER:
		return true;
	}
	return r->kind & RING_IOPOLL;
}

static void paced_start(struct paced *p, struct ring *r, struct slice *s)
{
	loop_start(&p->l, r, s);
	p->lazy = is_lazy(r);
	p->first = 0;
	for (p->nr = 0; p->nr < r->slots; p->nr++)
		p->slot[p->nr] = p->nr;
}

static void queue_due(struct paced *p, uint64_t now)
{
	struct pacing *pacing = p->l.s->pacing;
	struct loop *l = &p->l;
	unsigned int slot;

	while (p->nr && pacing_due(pacing, now)) {
		slot = p->slot[p->first++ % RING_SLOTS];
		p->nr--;
		p->at[slot] = pacing_take(pacing);
		l->r->stamp[slot] = now;
		l->array[l->tail++ & l->sq_mask] = slot;
		l->pending++;
	}
}

static void collect(struct paced *p, unsigned int traits)
{
	const unsigned int shift = !!(traits & CQE32);
	struct loop *l = &p->l;
	struct slice *s = l->s;
	unsigned int slot, nr;
	uint64_t now;

	nr = completed(l);
	if (!nr)
		return;
	now = clock_ticks(s->clk);
	s->ops += nr;
	while (nr--) {
		const struct io_uring_cqe *cqe =
			&l->cqes[(l->head++ & l->cq_mask) << shift];

		slot = (unsigned int)cqe->user_data;
		if (unlikely(cqe->res != l->r->expect))
			wrong(&s->bad, cqe->res, slot);
		if (s->hist)
			hist_record(s->hist, now - l->r->stamp[slot], 1);
		pacing_done(s->pacing, p->at[slot], now);
		p->slot[(p->first + p->nr++) % RING_SLOTS] = slot;
	}
	io_uring_smp_store_release(l->r->u.cq.khead, l->head);
}

int ring_rate_slice(struct ring *r, struct slice *s)
{
	const unsigned int traits = traits_of(r) & ~BATCH;
	uint64_t start, end, now;
	struct paced p;
	int ret = 0;

	paced_start(&p, r, s);
	start = slice_begin(s, &end);
	pacing_begin(s->pacing, start, end);
	for (now = start; !pacing_over(s->pacing, now) && !ret;
	     now = clock_ticks(s->clk)) {
		queue_due(&p, now);
		if (p.l.pending ||
		    (p.lazy && p.nr < r->slots && !completed(&p.l)))
			ret = enter(&p.l, traits, 0);
		else
			relax();
		collect(&p, traits);
	}
	while (p.nr < r->slots && !ret) {
		ret = enter(&p.l, traits, 1);
		collect(&p, traits);
	}
	pacing_end(s->pacing);
	s->elapsed = clock_ticks(s->clk) - start;
	return ret;
}
