/* SPDX-License-Identifier: MIT */
/* One open /dev/pagecopy, a ring and a registered buffer. */
#ifndef DEV_H
#define DEV_H

#include "pagecopy/abi.h"

#include <liburing.h>
#include <stddef.h>
#include <stdint.h>

#define DEV_PAGE	4096UL
/* The largest page of the device, and a page to spare at either end. */
#define DEV_AREA	((DEV_PAGE << PAGECOPY_ORDER_MAX) + 2 * DEV_PAGE)

/**
 * struct dev - the device under test
 * @fd:   the open file
 * @ring: a ring of its own
 * @area: DEV_AREA bytes, registered with @ring as buffer 0
 * @res2: second word of the last CQE, 0 on a ring with 16-byte CQEs
 * @completion: enum pagecopy_completion, as dev_mode() sets it
 */
struct dev {
	int fd;
	struct io_uring ring;
	unsigned char *area;
	uint64_t res2;
	unsigned int completion;
};

/**
 * struct request - one command, every field of it open to abuse
 * @cmd_op:    the command word
 * @arg:       the payload
 * @cmd_flags: sqe->uring_cmd_flags
 * @buf_index: sqe->buf_index
 * @sqe_flags: sqe->flags
 * @tail:      the last byte of a 128-byte SQE
 * @tag:       sqe->user_data
 */
struct request {
	uint32_t cmd_op;
	struct pagecopy_cmd arg;
	uint32_t cmd_flags;
	uint16_t buf_index;
	uint8_t sqe_flags;
	uint8_t tail;
	uint64_t tag;
};

/* All return 0 or negative errno. */
int dev_open(struct dev *d, unsigned int ring_flags);
int dev_setup(struct dev *d, unsigned int order, unsigned int nr_pages);
int dev_mode(struct dev *d, unsigned int repeat, unsigned int flags);
int dev_ioctl(const struct dev *d, unsigned long cmd, const void *arg);
struct pagecopy_stats dev_stats(const struct dev *d);
void dev_close(struct dev *d);

/* A ring beside the one of @d, with the same registered buffer. */
int dev_ring(struct io_uring *ring, unsigned int flags, void *area);

/* A well-formed request; IORING_URING_CMD_FIXED as @buffer asks for it. */
struct request dev_request(unsigned int op, unsigned int buffer,
			   unsigned int strategy, unsigned int page);

/* Queue a request; @ring must have room. */
void dev_queue(struct io_uring *ring, int fd, const struct request *r);

/* Wait for a CQE: 0, or -ETIME if it seems lost. */
int dev_wait(struct io_uring *ring, struct io_uring_cqe **cqe);

/* Queue, submit, wait: the result of the command. */
int dev_submit(struct io_uring *ring, int fd, const struct request *r,
	       uint64_t *res2);
int dev_cmd(struct dev *d, const struct request *r);

/* What most tests send: @op with raw on page 0 at offset 0. */
int dev_copy(struct dev *d, unsigned int op, unsigned int buffer,
	     uint64_t addr, uint32_t len);

static inline uint64_t dev_addr(const void *p)
{
	return (uint64_t)(uintptr_t)p;
}

#endif /* DEV_H */
