/* SPDX-License-Identifier: MIT */
/*
 * What the closed loop (ring_loop.c) and the open one (ring_rate.c) share. All
 * of it is inlined, so that each loop has the code its traits ask for.
 */
#ifndef PAGECOPY_RING_LOOP_H
#define PAGECOPY_RING_LOOP_H

#include <errno.h>

#include <liburing/barrier.h>

#include "ring.h"

#define always_inline	inline __attribute__((always_inline))
#define unlikely(x)	__builtin_expect(!!(x), 0)

/*
 * What a ring and a slice ask of the loop. Each combination is compiled by
 * itself, so that none pays for another.
 */
enum trait {
	STAMPS = 1,
	SQPOLL = 2,
	CQE32 = 4,
	BATCH = 8,
	WALK = 16,
	COUNT = 32,
};

/**
 * struct loop - a slice in progress, kept in registers where it matters
 * @r:       the ring
 * @s:       the slice
 * @array:   submission array
 * @cqes:    completions
 * @sq_mask: of @array
 * @cq_mask: of @cqes
 * @tail:    of the submission array, whether the kernel was told or not
 * @told:    of the submission array, as the kernel knows it; kept for batches
 * @head:    of the completions
 * @pending: in the array, not yet taken by the kernel
 * @fresh:   of them, put there since the last entry
 */
struct loop {
	struct ring *r;
	struct slice *s;
	unsigned int *array;
	struct io_uring_cqe *cqes;
	unsigned int sq_mask;
	unsigned int cq_mask;
	unsigned int tail;
	unsigned int told;
	unsigned int head;
	unsigned int pending;
	unsigned int fresh;
};

static always_inline void loop_start(struct loop *l, struct ring *r,
				     struct slice *s)
{
	l->r = r;
	l->s = s;
	l->array = r->u.sq.array;
	l->cqes = r->u.cq.cqes;
	l->sq_mask = r->u.sq.ring_mask;
	l->cq_mask = r->u.cq.ring_mask;
	l->tail = *r->u.sq.ktail;
	l->head = *r->u.cq.khead;
	l->pending = 0;
	l->fresh = 0;
}

static always_inline unsigned int completed(const struct loop *l)
{
	return io_uring_smp_load_acquire(l->r->u.cq.ktail) - l->head;
}

/*
 * A thread of the kernel takes what is published, unless it has gone to sleep:
 * then it has said so before it looked for the last time.
 */
static always_inline int enter_sqpoll(struct loop *l, unsigned int want)
{
	struct ring *r = l->r;
	const unsigned int flags = r->enter_flags & ~IORING_ENTER_GETEVENTS;
	unsigned int i;
	int ret;

	l->pending = 0;
	io_uring_smp_mb();
	if (unlikely(IO_URING_READ_ONCE(*r->u.sq.kflags) &
		     IORING_SQ_NEED_WAKEUP)) {
		ret = io_uring_enter((unsigned int)r->enter_fd, 0, 0,
				     flags | IORING_ENTER_SQ_WAKEUP, NULL);
		if (ret < 0 && ret != -EINTR)
			return ret;
	}
	for (i = 0; i < r->spin || !want; i++) {
		if (completed(l) >= want)
			return 0;
		relax();
	}
	ret = io_uring_enter((unsigned int)r->enter_fd, 0, want,
			     r->enter_flags, NULL);
	return ret < 0 && ret != -EINTR ? ret : 0;
}

/* Submit what is pending and wait for @want completions at least. */
static always_inline int enter(struct loop *l, const unsigned int traits,
			       unsigned int want)
{
	struct ring *r = l->r;
	unsigned int flags = r->enter_flags;
	int ret;

	io_uring_smp_store_release(r->u.sq.ktail,
				   traits & BATCH ? l->told : l->tail);
	if (traits & SQPOLL)
		return enter_sqpoll(l, want);
	if (traits & BATCH && !want)
		flags &= ~IORING_ENTER_GETEVENTS;
	ret = io_uring_enter((unsigned int)r->enter_fd, l->pending, want,
			     flags, NULL);
	if (unlikely(ret < 0))
		return ret == -EINTR ? 0 : ret;
	l->pending -= (unsigned int)ret;
	return 0;
}

static __attribute__((noinline)) void wrong(struct outcome *bad, int res,
					    unsigned int slot)
{
	if (!bad->errors++) {
		bad->res = res;
		bad->slot = slot;
	}
}

static inline unsigned int traits_of(const struct ring *r)
{
	unsigned int traits = 0;

	if ((r->kind & RING_BASE) == RING_SQPOLL)
		traits |= SQPOLL;
	if (r->kind & RING_CQE32)
		traits |= CQE32;
	if (r->batch)
		traits |= BATCH;
	if (r->refill)
		traits |= WALK;
	return traits;
}

#endif
