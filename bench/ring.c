// SPDX-License-Identifier: MIT
#include "ring.h"

#include <errno.h>
#include <string.h>

static const unsigned int mode_flags[RING_NR] = {
	[RING_COOP] = IORING_SETUP_COOP_TASKRUN,
	[RING_DEFER] = IORING_SETUP_SINGLE_ISSUER | IORING_SETUP_DEFER_TASKRUN,
};

int ring_open(struct ring *r, unsigned int mode, unsigned int slots,
	      unsigned int flags)
{
	int none = -1, ret;

	memset(r, 0, sizeof(*r));
	ret = io_uring_queue_init(slots, &r->u, mode_flags[mode] | flags);
	if (ret)
		return ret;
	r->mode = mode;
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

int ring_buffer(struct ring *r, void *base, size_t bytes)
{
	struct iovec iov = { .iov_base = base, .iov_len = bytes };

	return io_uring_register_buffers(&r->u, &iov, 1);
}

struct io_uring_sqe *ring_slot(struct ring *r, unsigned int slot)
{
	struct io_uring_sqe *sqe = &r->u.sq.sqes[slot];

	memset(sqe, 0, sizeof(*sqe));
	sqe->user_data = slot;
	return sqe;
}
