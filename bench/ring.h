/* SPDX-License-Identifier: MIT */
#ifndef PAGECOPY_RING_H
#define PAGECOPY_RING_H

#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>

#include <liburing.h>

#include "clock.h"
#include "counters.h"
#include "hist.h"
#include "names.h"
#include "pacing.h"
#include "perf_control.h"

/* Commands in flight, at most. */
#define RING_SLOTS	256

/**
 * struct outcome - results that were not the expected one
 * @errors: how many
 * @res:    the first of them
 * @slot:   whose it was
 */
struct outcome {
	uint64_t errors;
	int res;
	unsigned int slot;
};

/**
 * struct gate - where the threads of a cell wait for each other
 * @barrier: all are here
 * @end:     of the slice they begin then, in ticks
 */
struct gate {
	pthread_barrier_t barrier;
	uint64_t end;
};

/**
 * struct slice - a stretch of time spent on one cell
 * @clk:     measures it
 * @ticks:   how long it shall last
 * @hist:    takes the latencies in ticks; NULL to take no stamps
 * @counters: count while it lasts; NULL to count nothing
 * @pacing:  when each command is due; NULL for a closed loop, which keeps
 *	     all slots busy
 * @gate:    where to wait for the other threads; NULL when there are none
 * @control: perf, to be told when it begins; NULL for the threads but one
 * @begun:   slice_begin() was called
 * @ops:     done in it
 * @elapsed: ticks from the first submission to the last completion
 * @bad:     results that were not the expected one
 * @count:   it lasts until exactly so many are done instead, without stamps and
 *	     pacing; 0: as long as @ticks
 */
struct slice {
	const struct clock *clk;
	uint64_t ticks;
	struct hist *hist;
	struct counters *counters;
	struct pacing *pacing;
	struct gate *gate;
	struct perf_control *control;
	bool begun;
	uint64_t ops;
	uint64_t elapsed;
	struct outcome bad;
	uint64_t count;
};

/**
 * slice_begin() - everything is prepared: the time of the slice begins now
 * @end: when it is over, in ticks; for all threads the same
 *
 * Return: now, in ticks.
 */
uint64_t slice_begin(struct slice *s, uint64_t *end);

/**
 * struct ring - an io_uring whose SQEs are prepared once
 * @u:        liburing's idea of it, for set-up and tear-down
 * @kind:     enum ring_kind, as granted
 * @enter_fd: what io_uring_enter() takes
 * @enter_flags: and with which flags
 * @spin:     looks at the completions before waiting for one in the kernel,
 *	      where its thread works on another CPU
 * @slots:    commands of the cell at hand
 * @batch:    submitted together; 0 for all that are ready
 * @refill:   makes SQE @slot another command of the cell, when the last one in
 *	      it has completed; NULL to submit the same one again
 * @arg:      given to @refill
 * @expect:   what each of them results in
 * @stamp:    when each was submitted, in ticks
 *
 * Command number i lives in SQE number i for as long as the cell lasts. To
 * submit it again its number is put into the submission array: nothing is
 * copied, nothing is prepared.
 */
struct ring {
	struct io_uring u;
	unsigned int kind;
	int enter_fd;
	unsigned int enter_flags;
	unsigned int spin;
	unsigned int slots;
	unsigned int batch;
	void (*refill)(void *arg, unsigned int slot);
	void *arg;
	int expect;
	uint64_t stamp[RING_SLOTS];
};

/* An idle thread of an sqpoll ring sleeps after this many ms. */
#define RING_SQ_IDLE_MS	2

/**
 * ring_open() - set up a ring with a registered descriptor and one registered
 * file
 * @kind:   enum ring_kind, not RING_AUTO
 * @slots:  commands in flight, at most
 * @sq_cpu: where the thread of an sqpoll ring runs; -1 for anywhere
 *
 * Return: 0 or -errno; -EINVAL when the kernel does not know a flag, -ENOSYS
 * or -EPERM when it offers no io_uring.
 */
int ring_open(struct ring *r, unsigned int kind, unsigned int slots,
	      int sq_cpu);
void ring_close(struct ring *r);

/** ring_file() - @fd becomes registered file 0; -1 to let go of it */
int ring_file(struct ring *r, int fd);

/** ring_buffers() - become the registered ones; an empty one stays unused */
int ring_buffers(struct ring *r, const struct iovec *iov, unsigned int nr);

/** ring_slot() - the SQE of command @slot, zeroed, ready to be filled in */
struct io_uring_sqe *ring_slot(struct ring *r, unsigned int slot);

/** ring_once() - run commands @first to @first + @nr - 1 once; 0 or -errno */
int ring_once(struct ring *r, unsigned int first, unsigned int nr,
	      struct outcome *bad);

/**
 * ring_command() - run command 0 of a ring with 32-byte CQEs
 * @res2: second result word
 *
 * Return: its result, or -errno of the ring.
 */
int ring_command(struct ring *r, uint64_t *res2);

/** ring_slice() - keep all slots in flight for a slice; 0 or -errno */
int ring_slice(struct ring *r, struct slice *s);

/** ring_rate_slice() - as ring_slice(), with the pacing of the slice */
int ring_rate_slice(struct ring *r, struct slice *s);

#endif
