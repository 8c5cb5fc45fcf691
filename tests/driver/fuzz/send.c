// SPDX-License-Identifier: MIT
/*
 * Send a batch and collect its CQEs. Every command must complete exactly once:
 * a CQE that is missing, comes twice or belongs to no command is a failure.
 */
#include "fuzz.h"

#include "../tap.h"

#include <errno.h>
#include <sched.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

/* A CQE that takes longer is lost. */
#define LOST_AFTER_S	60

/* user_data: batch, command, and whether it is the no-op behind it. */
static uint64_t tag(const struct fz_world *w, unsigned int i, bool nop)
{
	return (uint64_t)w->batch << 8 | i << 1 | nop;
}

static void break_field(struct io_uring_sqe *sqe, unsigned int which)
{
	switch (which) {
	case 1:
		sqe->ioprio = 0x1234;
		break;
	case 2:
		sqe->__pad1 = 1;
		break;
	case 3:
		sqe->personality = 77;
		break;
	case 4:
		sqe->flags |= IOSQE_FIXED_FILE;
		sqe->fd = 999;
		break;
	case 5:
		sqe->flags |= IOSQE_BUFFER_SELECT;
		break;
	}
}

static void put_sqe(struct fz_world *w, struct fz_ring *r, unsigned int i)
{
	struct io_uring_sqe *sqe = io_uring_get_sqe(&r->ring);
	const bool big = r->flags & IORING_SETUP_SQE128;
	const struct fz_cmd *c = &w->cmd[i];

	memset(sqe, 0, big ? 128 : 64);
	sqe->opcode = IORING_OP_URING_CMD;
	sqe->flags = c->sqe_flags;
	sqe->fd = w->file[c->file].fd;
	sqe->cmd_op = c->cmd_op;
	sqe->uring_cmd_flags = c->cmd_flags;
	sqe->buf_index = c->buf_index;
	sqe->user_data = tag(w, i, false);
	memcpy(sqe->cmd, &c->arg, sizeof(c->arg));
	if (big)
		((unsigned char *)sqe)[127] = c->tail;
	break_field(sqe, c->garbage);
	if (c->kind == KIND_RACED)
		fz_hot_add(sqe, c);
	if (!c->pair)
		return;
	sqe = io_uring_get_sqe(&r->ring);
	memset(sqe, 0, 64);
	sqe->opcode = IORING_OP_NOP;
	sqe->user_data = tag(w, i, true);
}

static bool complain(const struct fz_world *w, const struct fz_ring *r,
		     const char *what, const struct io_uring_cqe *cqe)
{
	tap_note("%s: user_data %#llx res %d, in batch %u", what,
		 (unsigned long long)cqe->user_data, cqe->res, w->batch);
	fz_print_batch(w, r);
	return false;
}

static bool take_cqe(struct fz_world *w, struct fz_ring *r,
		     const struct io_uring_cqe *cqe)
{
	const unsigned int i = cqe->user_data >> 1 & 0x7f;
	const bool nop = cqe->user_data & 1;
	struct fz_cmd *c = &w->cmd[i];

	/* After a failure the no-op may come late; it says nothing new. */
	if (nop && cqe->user_data >> 8 < w->batch)
		return true;
	if (cqe->user_data >> 8 != w->batch || i >= w->nr)
		return complain(w, r, "a CQE that nobody waits for", cqe);
	if (nop) {
		c->done = true;
		return true;
	}
	if (c->cqe)
		return complain(w, r, "completed twice", cqe);
	c->cqe = c->done = true;
	c->res = cqe->res;
	c->how = r->flags & IORING_SETUP_CQE32 ? cqe->big_cqe[0] : 0;
	return true;
}

/* All CQEs that are there; false after a complaint. */
static bool take_all(struct fz_world *w, struct fz_ring *r)
{
	struct io_uring_cqe *cqe;
	bool ok = true;

	while (ok && !io_uring_peek_cqe(&r->ring, &cqe)) {
		ok = take_cqe(w, r, cqe);
		io_uring_cqe_seen(&r->ring, cqe);
	}
	return ok;
}

static unsigned int missing(const struct fz_world *w)
{
	unsigned int i, n = 0;

	for (i = 0; i < w->nr; i++)
		n += !w->cmd[i].done;
	return n;
}

/* Submit what is queued and let the kernel make progress, not for ever. */
static int push(struct fz_ring *r, unsigned int wait_for)
{
	struct __kernel_timespec second = { .tv_sec = 1 };
	struct io_uring_cqe *cqe;
	int ret;

	if (r->flags & IORING_SETUP_IOPOLL) {
		if (r->flags & IORING_SETUP_SQPOLL)
			sched_yield();
		ret = io_uring_submit(&r->ring);
		if (ret >= 0)
			ret = syscall(__NR_io_uring_enter, r->ring.ring_fd, 0, 0,
				      IORING_ENTER_GETEVENTS, NULL, 0) < 0 ?
			      -errno : 0;
	} else {
		ret = io_uring_submit_and_wait_timeout(&r->ring, &cqe, wait_for,
						       &second, NULL);
	}
	return ret == -ETIME || ret == -EINTR || ret == -EAGAIN ||
	       ret == -EBUSY ? 0 : ret;
}

static bool send_by_ring(struct fz_world *w, struct fz_ring *r)
{
	const time_t start = time(NULL);
	unsigned int i;
	int ret;

	for (i = 0; i < w->nr; i++)
		put_sqe(w, r, i);
	do {
		/* One that is drained keeps the others from coming at once. */
		ret = push(r, r->drain ? 1 : missing(w));
		if (ret < 0) {
			tap_note("ring %s: submit and wait: %d", r->name, ret);
			fz_print_batch(w, r);
			return false;
		}
		if (!take_all(w, r))
			return false;
		if (time(NULL) - start > LOST_AFTER_S) {
			tap_note("%u commands never completed", missing(w));
			fz_print_batch(w, r);
			return false;
		}
	} while (missing(w));
	fz_hot_clear();
	return true;
}

static bool send_by_ioctl(struct fz_world *w)
{
	unsigned int i;
	int ret;

	for (i = 0; i < w->nr; i++) {
		struct fz_cmd *c = &w->cmd[i];
		struct pagecopy_run run = { .cmd_op = c->cmd_op,
					    .arg = c->arg };

		ret = ioctl(w->file[c->file].fd, PAGECOPY_IOC_RUN, &run);
		c->res = ret < 0 ? -errno : ret;
		c->cqe = c->done = true;
	}
	return true;
}

bool fz_send(struct fz_world *w, struct fz_ring *r)
{
	return r->flags & FZ_BY_IOCTL ? send_by_ioctl(w) : send_by_ring(w, r);
}
