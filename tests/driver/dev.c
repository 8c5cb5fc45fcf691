// SPDX-License-Identifier: MIT
#include "dev.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

#define ENTRIES	64
/* A CQE that takes longer is lost: no test waits for that much work. */
#define LOST_AFTER_S	60

int dev_ring(struct io_uring *ring, unsigned int flags, void *area)
{
	const struct iovec iov = { area, DEV_AREA };
	int ret;

	ret = io_uring_queue_init(ENTRIES, ring, flags);
	if (ret)
		return ret;
	ret = io_uring_register_buffers(ring, &iov, 1);
	if (ret)
		io_uring_queue_exit(ring);
	return ret;
}

int dev_open(struct dev *d, unsigned int ring_flags)
{
	int ret;

	memset(d, 0, sizeof(*d));
	d->fd = open(PAGECOPY_DEV_PATH, O_RDWR | O_CLOEXEC);
	if (d->fd < 0)
		return -errno;
	d->area = mmap(NULL, DEV_AREA, PROT_READ | PROT_WRITE,
		       MAP_PRIVATE | MAP_ANONYMOUS | MAP_POPULATE, -1, 0);
	if (d->area == MAP_FAILED) {
		ret = -errno;
		goto out_close;
	}
	ret = dev_ring(&d->ring, ring_flags, d->area);
	if (ret)
		goto out_unmap;
	return 0;

out_unmap:
	munmap(d->area, DEV_AREA);
out_close:
	close(d->fd);
	return ret;
}

void dev_close(struct dev *d)
{
	io_uring_queue_exit(&d->ring);
	munmap(d->area, DEV_AREA);
	close(d->fd);
}

int dev_ioctl(const struct dev *d, unsigned long cmd, const void *arg)
{
	return ioctl(d->fd, cmd, arg) ? -errno : 0;
}

int dev_setup(struct dev *d, unsigned int order, unsigned int nr_pages)
{
	const struct pagecopy_setup setup = {
		.order = order,
		.nr_pages = nr_pages,
	};

	return dev_ioctl(d, PAGECOPY_IOC_SETUP, &setup);
}

int dev_mode(struct dev *d, unsigned int repeat, unsigned int flags)
{
	const struct pagecopy_mode mode = {
		.repeat = repeat,
		.completion = d->completion,
		.flags = flags,
	};

	return dev_ioctl(d, PAGECOPY_IOC_MODE, &mode);
}

struct pagecopy_stats dev_stats(const struct dev *d)
{
	struct pagecopy_stats stats;

	memset(&stats, 0xff, sizeof(stats));
	dev_ioctl(d, PAGECOPY_IOC_STATS, &stats);
	return stats;
}

struct request dev_request(unsigned int op, unsigned int buffer,
			   unsigned int strategy, unsigned int page)
{
	return (struct request){
		.cmd_op = PAGECOPY_CMD_OP(op, buffer, strategy, page),
		.cmd_flags = buffer == PAGECOPY_BUF_FIXED ?
			     IORING_URING_CMD_FIXED : 0,
	};
}

void dev_queue(struct io_uring *ring, int fd, const struct request *r)
{
	struct io_uring_sqe *sqe = io_uring_get_sqe(ring);
	const bool big = ring->flags & IORING_SETUP_SQE128;

	memset(sqe, 0, big ? 128 : 64);
	sqe->opcode = IORING_OP_URING_CMD;
	sqe->flags = r->sqe_flags;
	sqe->fd = fd;
	sqe->cmd_op = r->cmd_op;
	sqe->uring_cmd_flags = r->cmd_flags;
	sqe->buf_index = r->buf_index;
	sqe->user_data = r->tag;
	memcpy(sqe->cmd, &r->arg, sizeof(r->arg));
	if (big)
		((unsigned char *)sqe)[127] = r->tail;
}

int dev_wait(struct io_uring *ring, struct io_uring_cqe **cqe)
{
	struct __kernel_timespec lost = { .tv_sec = LOST_AFTER_S };
	const time_t start = time(NULL);
	int ret;

	/* A ring that polls looks for what was issued, and waits for nothing. */
	do
		ret = io_uring_wait_cqe_timeout(ring, cqe, &lost);
	while (ret == -ETIME && ring->flags & IORING_SETUP_IOPOLL &&
	       time(NULL) - start < LOST_AFTER_S);
	return ret;
}

int dev_submit(struct io_uring *ring, int fd, const struct request *r,
	       uint64_t *res2)
{
	struct io_uring_cqe *cqe;
	int ret;

	dev_queue(ring, fd, r);
	ret = io_uring_submit(ring);
	if (ret < 0)
		return ret;
	ret = dev_wait(ring, &cqe);
	if (ret)
		return ret;
	ret = cqe->res;
	*res2 = ring->flags & IORING_SETUP_CQE32 ? cqe->big_cqe[0] : 0;
	io_uring_cqe_seen(ring, cqe);
	return ret;
}

int dev_cmd(struct dev *d, const struct request *r)
{
	return dev_submit(&d->ring, d->fd, r, &d->res2);
}

int dev_copy(struct dev *d, unsigned int op, unsigned int buffer,
	     uint64_t addr, uint32_t len)
{
	struct request r = dev_request(op, buffer, PAGECOPY_S_raw, 0);

	r.arg.addr = addr;
	r.arg.len = len;
	return dev_cmd(d, &r);
}
