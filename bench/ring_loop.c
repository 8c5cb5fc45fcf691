// SPDX-License-Identifier: MIT
/*
 * DOC: the measuring loop
 *
 * Inside the clock there is only: put the numbers of the commands that came
 * back into the submission array, enter the kernel once for all of them, look
 * at the results. Commands of one io_uring_enter() are submitted together and
 * share a stamp; so do those that are found together afterwards.
 */
#include "ring_loop.h"

#include <stddef.h>

/* How often to look at the clock where nobody needs stamps. */
#define CHECK_NS	20000

static always_inline void stamp_fresh(struct loop *l)
{
	const uint64_t now = clock_ticks(l->s->clk);
	const unsigned int end = l->tail;
	uint64_t *const stamp = l->r->stamp;
	unsigned int i;

	for (i = end - l->fresh; i != end; i++)
		stamp[l->array[i & l->sq_mask]] = now;
}

/*
 * Take what has completed and queue it again. The locals are what keeps the
 * loop in registers.
 * Return: how many.
 */
static always_inline unsigned int reap(struct loop *l,
				       const unsigned int traits, uint64_t now)
{
	const bool stamps = traits & STAMPS;
	const unsigned int shift = !!(traits & CQE32);
	const unsigned int end = io_uring_smp_load_acquire(l->r->u.cq.ktail);
	const unsigned int nr = end - l->head;
	const uint64_t *const stamp = l->r->stamp;
	const int expect = l->r->expect;
	unsigned int head = l->head, tail = l->tail, alike = 0;
	uint64_t since = 0;

	for (; head != end; head++) {
		const struct io_uring_cqe *cqe =
			&l->cqes[(head & l->cq_mask) << shift];
		const unsigned int slot = (unsigned int)cqe->user_data;

		if (unlikely(cqe->res != expect))
			wrong(&l->s->bad, cqe->res, slot);
		if (traits & WALK)
			l->r->refill(l->r->arg, slot);
		l->array[tail++ & l->sq_mask] = slot;
		if (!stamps)
			continue;
		if (stamp[slot] != since) {
			if (alike)
				hist_record(l->s->hist, now - since, alike);
			since = stamp[slot];
			alike = 0;
		}
		alike++;
	}
	if (stamps && alike)
		hist_record(l->s->hist, now - since, alike);
	io_uring_smp_store_release(l->r->u.cq.khead, head);
	l->head = head;
	l->tail = tail;
	if (!(traits & BATCH))
		l->pending += nr;
	l->fresh = nr;
	l->s->ops += nr;
	return nr;
}

/* What was queued since the last entry stays with us. */
static always_inline void take_back(struct loop *l)
{
	l->tail -= l->fresh;
	l->pending -= l->fresh;
	l->fresh = 0;
}

/* Wait for the @flying commands that are still under way. */
static always_inline int drain(struct loop *l, unsigned int flying,
			       const unsigned int traits)
{
	int ret;

	while (flying) {
		ret = enter(l, traits, 1);
		if (ret)
			return ret;
		flying -= reap(l, traits, traits & STAMPS ?
			       clock_ticks(l->s->clk) : 0);
		take_back(l);
	}
	return 0;
}

static always_inline void queue_all(struct loop *l, unsigned int first,
				    unsigned int nr)
{
	unsigned int i;

	for (i = 0; i < nr; i++)
		l->array[l->tail++ & l->sq_mask] = first + i;
	l->pending = nr;
	l->fresh = nr;
}

uint64_t slice_begin(struct slice *s, uint64_t *end)
{
	uint64_t now;

	s->begun = true;
	if (s->control)
		perf_control_on(s->control);
	if (s->gate) {
		if (pthread_barrier_wait(&s->gate->barrier) ==
		    PTHREAD_BARRIER_SERIAL_THREAD)
			s->gate->end = clock_ticks(s->clk) + s->ticks;
		pthread_barrier_wait(&s->gate->barrier);
		if (s->counters)
			counters_on(s->counters);
		*end = s->gate->end;
		return clock_ticks(s->clk);
	}
	if (s->counters)
		counters_on(s->counters);
	now = clock_ticks(s->clk);
	*end = now + s->ticks;
	return now;
}

/**
 * struct pace - when to look at the clock where nobody needs stamps
 * @gap:     between two looks, in ticks
 * @every:   turns between them, so that it takes about as long
 * @left:    turns until the next one
 * @checked: time of the last one
 */
struct pace {
	uint64_t gap;
	unsigned int every;
	unsigned int left;
	uint64_t checked;
};

static always_inline void pace_start(struct pace *p, const struct slice *s,
				     uint64_t now)
{
	p->gap = clock_ticks_of_ns(s->clk, CHECK_NS);
	p->every = 1;
	p->left = 1;
	p->checked = now;
}

/* After a turn: the time, or @now if it is not worth a look. */
static always_inline uint64_t pace_turn(struct pace *p, const struct slice *s,
					uint64_t now)
{
	if (--p->left)
		return now;
	now = clock_ticks(s->clk);
	if (now - p->checked < p->gap / 2 && p->every < 1U << 16)
		p->every *= 2;
	else if (now - p->checked > p->gap * 2 && p->every > 1)
		p->every /= 2;
	p->checked = now;
	p->left = p->every;
	return now;
}

static always_inline int run_slice(struct ring *r, struct slice *s,
				   const unsigned int traits)
{
	const bool stamps = traits & STAMPS, count = traits & COUNT;
	uint64_t start, end, now;
	/* Used with a count only: other variants keep their registers. */
	unsigned int slots = r->slots, flying;
	struct pace pace;
	struct loop l;
	int ret;

	if (count && s->count < slots)
		slots = (unsigned int)s->count;
	loop_start(&l, r, s);
	queue_all(&l, 0, count ? slots : r->slots);
	start = slice_begin(s, &end);
	pace_start(&pace, s, start);
	now = start;
	/* Every command is run once, however late this thread came. */
	do {
		if (stamps)
			stamp_fresh(&l);
		ret = enter(&l, traits, 1);
		if (unlikely(ret))
			return ret;
		if (stamps)
			now = clock_ticks(s->clk);
		reap(&l, traits, now);
		if (!stamps && !count)
			now = pace_turn(&pace, s, now);
	} while (count ? s->ops + slots < s->count : now < end);
	/* Of what was queued again, only what is beyond the count. */
	if (count)
		l.fresh = (unsigned int)(s->ops + slots - s->count);
	flying = (count ? slots : r->slots) - l.fresh;
	take_back(&l);
	ret = drain(&l, flying, traits);
	s->elapsed = clock_ticks(s->clk) - start;
	return ret;
}

/* Tell the kernel of @n more, and wait if too few are ready to go on with. */
static always_inline int submit_batch(struct loop *l, unsigned int n,
				      const unsigned int traits)
{
	unsigned int ready = l->tail - l->told, i;
	uint64_t now;

	if (traits & STAMPS) {
		now = clock_ticks(l->s->clk);
		for (i = l->told; i != l->told + n; i++)
			l->r->stamp[l->array[i & l->sq_mask]] = now;
	}
	l->told += n;
	l->pending += n;
	ready -= n;
	return enter(l, traits, ready < n ? n - ready : 0);
}

/*
 * As run_slice(), @n commands at a time. Completions are looked at only when
 * fewer than @n are ready, so that the depth is used whatever the batch.
 */
static always_inline int run_batches(struct ring *r, struct slice *s,
				     const unsigned int traits)
{
	const bool stamps = traits & STAMPS, count = traits & COUNT;
	unsigned int n = r->batch, ready, first;
	uint64_t start, end, now, left = count ? s->count : 0;
	struct pace pace;
	struct loop l;
	int ret;

	loop_start(&l, r, s);
	l.told = first = l.tail;
	queue_all(&l, 0, r->slots);
	l.pending = 0;
	start = slice_begin(s, &end);
	pace_start(&pace, s, start);
	now = start;
	/* As above: every command has been told of once. */
	do {
		if (count && left < n)
			n = (unsigned int)left;
		ret = submit_batch(&l, n, traits);
		if (count)
			left -= n;
		while (!ret && (ready = l.tail - l.told) < n) {
			if (!completed(&l))
				ret = enter(&l, traits, n - ready);
			if (stamps)
				now = clock_ticks(s->clk);
			reap(&l, traits, now);
		}
		if (unlikely(ret))
			return ret;
		if (!stamps && !count)
			now = pace_turn(&pace, s, now);
	} while (count ? left : now < end || l.told - first < r->slots);
	ready = l.tail - l.told;
	l.tail = l.told;
	ret = drain(&l, r->slots - ready, traits & ~BATCH);
	s->elapsed = clock_ticks(s->clk) - start;
	return ret;
}

/*
 * Each in a function of its own: in one they would share code and registers,
 * and the plain ones pay for it.
 */
#define VARIANT(name, traits)						\
	static __attribute__((noinline)) int				\
	run_##name(struct ring *r, struct slice *s)			\
	{								\
		return run_slice(r, s, traits);				\
	}								\
	static __attribute__((noinline)) int				\
	batches_##name(struct ring *r, struct slice *s)			\
	{								\
		return run_batches(r, s, (traits) | BATCH);		\
	}
#define ENTRY(name, traits)						\
	[traits] = run_##name, [(traits) | BATCH] = batches_##name,	\
	[(traits) | WALK] = run_##name##_walk,				\
	[(traits) | BATCH | WALK] = batches_##name##_walk
#define VARIANTS(name, traits)						\
	VARIANT(name, traits)						\
	VARIANT(name##_walk, (traits) | WALK)

VARIANTS(plain, 0)
VARIANTS(stamps, STAMPS)
VARIANTS(sqpoll, SQPOLL)
VARIANTS(sqpoll_stamps, SQPOLL | STAMPS)
VARIANTS(cqe32, CQE32)
VARIANTS(cqe32_stamps, CQE32 | STAMPS)
VARIANTS(cqe32_sqpoll, CQE32 | SQPOLL)
VARIANTS(cqe32_sqpoll_stamps, CQE32 | SQPOLL | STAMPS)
VARIANTS(count, COUNT)
VARIANTS(sqpoll_count, SQPOLL | COUNT)
VARIANTS(cqe32_count, CQE32 | COUNT)
VARIANTS(cqe32_sqpoll_count, CQE32 | SQPOLL | COUNT)

int ring_slice(struct ring *r, struct slice *s)
{
	static int (*const run[])(struct ring *r, struct slice *s) = {
		ENTRY(plain, 0),
		ENTRY(stamps, STAMPS),
		ENTRY(sqpoll, SQPOLL),
		ENTRY(sqpoll_stamps, SQPOLL | STAMPS),
		ENTRY(cqe32, CQE32),
		ENTRY(cqe32_stamps, CQE32 | STAMPS),
		ENTRY(cqe32_sqpoll, CQE32 | SQPOLL),
		ENTRY(cqe32_sqpoll_stamps, CQE32 | SQPOLL | STAMPS),
		ENTRY(count, COUNT),
		ENTRY(sqpoll_count, SQPOLL | COUNT),
		ENTRY(cqe32_count, CQE32 | COUNT),
		ENTRY(cqe32_sqpoll_count, CQE32 | SQPOLL | COUNT),
	};

	if (s->count)
		return run[traits_of(r) | COUNT](r, s);
	return run[traits_of(r) | (s->hist ? STAMPS : 0)](r, s);
}

int ring_once(struct ring *r, unsigned int first, unsigned int nr,
	      struct outcome *bad)
{
	struct slice s = { .bad = *bad };
	struct loop l;
	int ret;

	loop_start(&l, r, &s);
	queue_all(&l, first, nr);
	ret = drain(&l, nr, traits_of(r) & ~(BATCH | WALK));
	*bad = s.bad;
	return ret;
}

int ring_command(struct ring *r, uint64_t *res2)
{
	const struct io_uring_cqe *cqe;
	struct loop l;
	int ret;

	loop_start(&l, r, NULL);
	queue_all(&l, 0, 1);
	do {
		ret = enter(&l, 0, 1);
		if (ret)
			return ret;
	} while (!completed(&l));
	cqe = &l.cqes[(l.head & l.cq_mask) << 1];
	ret = cqe->res;
	*res2 = cqe->big_cqe[0];
	io_uring_smp_store_release(r->u.cq.khead, l.head + 1);
	return ret;
}
