// SPDX-License-Identifier: MIT
#include "ring.h"

#include <errno.h>
#include <string.h>

/* Looks: some tens of microseconds, longer than a command takes to start. */
#define SPIN	1000

static const unsigned int base_flags[RING_BASE_NR] = {
	[RING_COOP] = IORING_SETUP_COOP_TASKRUN,
	[RING_DEFER] = IORING_SETUP_SINGLE_ISSUER | IORING_SETUP_DEFER_TASKRUN,
	[RING_SQPOLL] = IORING_SETUP_SQPOLL,
};

static void fill_params(struct io_uring_params *p, unsigned int kind,
			int sq_cpu)
{
	p->flags = base_flags[kind & RING_BASE];
	if (kind & RING_IOPOLL)
		p->flags |= IORING_SETUP_IOPOLL;
	if (kind & RING_SQE128)
		p->flags |= IORING_SETUP_SQE128;
	if (kind & RING_CQE32)
		p->flags |= IORING_SETUP_CQE32;
	if ((kind & RING_BASE) != RING_SQPOLL)
		return;
	p->sq_thread_idle = RING_SQ_IDLE_MS;
	if (sq_cpu < 0)
		return;
	p->flags |= IORING_SETUP_SQ_AFF;
	p->sq_thread_cpu = (unsigned int)sq_cpu;
}

int ring_open(struct ring *r, unsigned int kind, unsigned int slots,
	      int sq_cpu)
{
	struct io_uring_params p = { 0 };
	int none = -1, ret;

	memset(r, 0, sizeof(*r));
	fill_params(&p, kind, sq_cpu);
	ret = io_uring_queue_init_params(slots, &r->u, &p);
	if (ret)
		return ret;
	r->kind = kind;
	r->spin = sq_cpu < 0 ? 0 : SPIN;
	r->enter_flags = IORING_ENTER_GETEVENTS;
	if (io_uring_register_ring_fd(&r->u) == 1)
		r->enter_flags |= IORING_ENTER_REGISTERED_RING;
	r->enter_fd = r->u.enter_ring_fd;
	ret = io_uring_register_files(&r->u, &none, 1);
	if (ret)
		ring_close(r);
	return ret;
}

void ring_close(struct ring *r)
{
	io_uring_queue_exit(&r->u);
}

int ring_file(struct ring *r, int fd)
{
	int ret = io_uring_register_files_update(&r->u, 0, &fd, 1);

	return ret < 0 ? ret : 0;
}

int ring_buffers(struct ring *r, const struct iovec *iov, unsigned int nr)
{
	return io_uring_register_buffers(&r->u, iov, nr);
}

struct io_uring_sqe *ring_slot(struct ring *r, unsigned int slot)
{
	const unsigned int shift = !!(r->kind & RING_SQE128);
	struct io_uring_sqe *sqe = &r->u.sq.sqes[slot << shift];

	memset(sqe, 0, sizeof(*sqe) << shift);
	sqe->user_data = slot;
	return sqe;
}
