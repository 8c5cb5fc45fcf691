// SPDX-License-Identifier: MIT
/* Repeat, in-kernel time, counters, and the kinds of ring. */
#include "tests.h"

#include <errno.h>
#include <string.h>

#define LEN	1000

static int read_user(struct dev *d)
{
	return dev_copy(d, PAGECOPY_OP_READ, PAGECOPY_BUF_USER,
			dev_addr(d->area + 1), LEN);
}

static enum tap_result repeat_counts(struct dev *d)
{
	static const unsigned int repeats[] = {
		1, 2, 130, 131, 132, 1023, 1024, 1025, 4097,
	};
	uint64_t copies = 0;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(repeats); i++) {
		T_EQ(dev_mode(d, repeats[i], 0), 0);
		T_EQ(read_user(d), LEN);
		copies += repeats[i];
		T_EQ(dev_stats(d).copies, copies);
		T_EQ(dev_stats(d).bytes, copies * LEN);
	}
	return TAP_PASS;
}

static enum tap_result repeat_of_every_buffer(struct dev *d)
{
	const unsigned int op = PAGECOPY_OP_WRITE;
	unsigned int buf;

	T_EQ(dev_mode(d, 300, 0), 0);
	for (buf = 0; buf <= PAGECOPY_BUF_KERNEL; buf++) {
		const uint64_t addr = buf == PAGECOPY_BUF_KERNEL ?
				      1 : dev_addr(d->area + 2000);

		T_EQ(dev_copy(d, op, buf, addr, 4096), 4096);
		T_EQ(dev_copy(d, op, buf, addr, 0), 0);
		T_EQ(dev_stats(d).copies, 300 * (buf + 1));
	}
	return TAP_PASS;
}

/* The largest command allowed, and one step more; the product must not wrap. */
static enum tap_result too_much_work(struct dev *d)
{
	const uint32_t large = DEV_PAGE << PAGECOPY_ORDER_MAX;
	struct request r = dev_request(PAGECOPY_OP_READ, PAGECOPY_BUF_KERNEL,
				       PAGECOPY_S_nop, 0);

	T_EQ(dev_setup(d, PAGECOPY_ORDER_MAX, 2), 0);
	r.arg.addr = 1;
	r.arg.len = large;
	T_EQ(dev_mode(d, PAGECOPY_CMD_BYTES_MAX / large, 0), 0);
	T_EQ(dev_cmd(d, &r), large);
	T_EQ(dev_mode(d, PAGECOPY_CMD_BYTES_MAX / large + 1, 0), 0);
	T_EQ(dev_cmd(d, &r), -E2BIG);
	T_EQ(dev_mode(d, PAGECOPY_REPEAT_MAX, 0), 0);
	T_EQ(dev_cmd(d, &r), -E2BIG);
	r.arg.len = 4096;
	T_EQ(dev_cmd(d, &r), -E2BIG);
	r.arg.len = 1025;
	T_EQ(dev_cmd(d, &r), -E2BIG);
	r.arg.len = 1024;
	T_EQ(dev_cmd(d, &r), 1024);
	T_EQ(dev_stats(d).errors, 4);
	return TAP_PASS;
}

/* Both words of a 32-byte CQE, for each op and for a failure. */
static enum tap_result time_in_the_cqe(struct dev *d)
{
	struct request nop = dev_request(PAGECOPY_OP_NOP, PAGECOPY_BUF_USER,
					 PAGECOPY_S_nop, 0);
	uint64_t ns;

	T_EQ(dev_mode(d, 1000, PAGECOPY_MODE_TIME), 0);
	T_EQ(read_user(d), LEN);
	ns = PAGECOPY_RES2_NS(d->res2);
	T_TRUE(ns);
	T_EQ(PAGECOPY_RES2_HOW(d->res2), PAGECOPY_COMPLETE_INLINE);
	T_EQ(dev_stats(d).kernel_ns, ns);
	T_EQ(dev_copy(d, PAGECOPY_OP_TOUCH, PAGECOPY_BUF_USER,
		      dev_addr(d->area), LEN), LEN);
	ns += PAGECOPY_RES2_NS(d->res2);
	T_EQ(dev_stats(d).kernel_ns, ns);
	T_EQ(dev_cmd(d, &nop), 0);
	ns += PAGECOPY_RES2_NS(d->res2);
	T_EQ(dev_stats(d).kernel_ns, ns);
	T_EQ(dev_copy(d, PAGECOPY_OP_READ, PAGECOPY_BUF_USER, 0, LEN),
	     -EFAULT);
	T_EQ(PAGECOPY_RES2_HOW(d->res2), PAGECOPY_COMPLETE_INLINE);
	T_EQ(dev_mode(d, 1, 0), 0);
	T_EQ(read_user(d), LEN);
	T_EQ(d->res2, 0);
	return TAP_PASS;
}

static enum tap_result time_in_the_counters(struct dev *d)
{
	T_EQ(read_user(d), LEN);
	T_EQ(dev_stats(d).kernel_ns, 0);
	T_EQ(dev_mode(d, 1000, PAGECOPY_MODE_TIME), 0);
	T_EQ(read_user(d), LEN);
	T_TRUE(dev_stats(d).kernel_ns);
	return TAP_PASS;
}

/* A worker of io_uring runs the command, and the module must say so. */
static enum tap_result from_a_worker(struct dev *d)
{
	struct request r = dev_request(PAGECOPY_OP_READ, PAGECOPY_BUF_FIXED,
				       PAGECOPY_S_raw, 0);

	r.arg.addr = dev_addr(d->area);
	r.arg.len = LEN;
	r.sqe_flags = IOSQE_ASYNC;
	T_EQ(dev_mode(d, 10, PAGECOPY_MODE_TIME), 0);
	T_EQ(dev_cmd(d, &r), LEN);
	T_EQ(PAGECOPY_RES2_HOW(d->res2), PAGECOPY_COMPLETE_IOWQ);
	T_EQ(dev_mode(d, 10, 0), 0);
	T_EQ(dev_cmd(d, &r), LEN);
	T_EQ(dev_stats(d).completed[PAGECOPY_COMPLETE_IOWQ], 2);
	return TAP_PASS;
}

/*
 * A whole ring full in one submission, every result its own. In which order
 * they come is up to io_uring.
 */
static enum tap_result many_at_once(struct dev *d)
{
	struct io_uring_cqe *cqe;
	uint64_t seen = 0;
	struct request r;
	unsigned int i;

	T_EQ(dev_mode(d, 1, PAGECOPY_MODE_TIME), 0);
	for (i = 0; i < 64; i++) {
		r = dev_request(PAGECOPY_OP_READ, i % 2, PAGECOPY_S_raw, 0);
		r.arg.addr = dev_addr(d->area + i * 5000);
		r.arg.len = i;
		dev_queue(&d->ring, d->fd, &r);
	}
	T_EQ(io_uring_submit(&d->ring), 64);
	for (i = 0; i < 64; i++) {
		T_EQ(dev_wait(&d->ring, &cqe), 0);
		T_TRUE(cqe->res >= 0 && cqe->res < 64);
		seen |= 1ULL << cqe->res;
		io_uring_cqe_seen(&d->ring, cqe);
	}
	T_EQ(seen, ~0ULL);
	T_EQ(dev_stats(d).completed[PAGECOPY_COMPLETE_INLINE], 64);
	return TAP_PASS;
}

/* A result above zero is a success, so what is linked to it runs too. */
static enum tap_result linked_commands_run(struct dev *d)
{
	struct request r = dev_request(PAGECOPY_OP_READ, PAGECOPY_BUF_FIXED,
				       PAGECOPY_S_raw, 0);
	struct io_uring_cqe *cqe;
	unsigned int i;

	r.arg.addr = dev_addr(d->area);
	for (i = 0; i < 4; i++) {
		r.arg.len = 100 + i;
		r.sqe_flags = i < 3 ? IOSQE_IO_LINK : 0;
		dev_queue(&d->ring, d->fd, &r);
	}
	T_EQ(io_uring_submit(&d->ring), 4);
	for (i = 0; i < 4; i++) {
		T_EQ(dev_wait(&d->ring, &cqe), 0);
		T_EQ(cqe->res, 100 + i);
		io_uring_cqe_seen(&d->ring, cqe);
	}
	return TAP_PASS;
}

static enum tap_result counters_add_up(struct dev *d)
{
	struct pagecopy_stats s;
	unsigned int i;

	for (i = 0; i < 5; i++)
		T_EQ(read_user(d), LEN);
	for (i = 0; i < 3; i++)
		T_EQ(dev_copy(d, PAGECOPY_OP_READ, PAGECOPY_BUF_USER, 0, LEN),
		     -EFAULT);
	T_EQ(dev_copy(d, PAGECOPY_OP_TOUCH, PAGECOPY_BUF_USER,
		      dev_addr(d->area), 3 * DEV_PAGE), -EINVAL);
	T_EQ(dev_copy(d, PAGECOPY_OP_TOUCH, PAGECOPY_BUF_USER,
		      dev_addr(d->area + 1), DEV_PAGE), DEV_PAGE);
	s = dev_stats(d);
	T_EQ(s.commands, 10);
	T_EQ(s.errors, 4);
	T_EQ(s.copies, 5);
	T_EQ(s.bytes, 5 * LEN);
	T_EQ(s.pinned, 5 + 2);
	T_EQ(s.unpinned, 5 + 2);
	T_EQ(s.completed[PAGECOPY_COMPLETE_INLINE], 10);
	T_EQ(s.canceled, 0);
	for (i = 0; i < 3; i++)
		T_EQ(s.resv[i], 0);
	return TAP_PASS;
}

/* More pages than the module keeps room for on its stack. */
static enum tap_result pins_many_pages(struct dev *d)
{
	const uint32_t large = DEV_PAGE << PAGECOPY_ORDER_MAX;
	uint32_t len;

	T_EQ(dev_setup(d, PAGECOPY_ORDER_MAX, 1), 0);
	for (len = large; len > large - 3; len--)
		T_EQ(dev_copy(d, PAGECOPY_OP_READ, PAGECOPY_BUF_USER,
			      dev_addr(d->area + 2048), len), len);
	T_EQ(dev_stats(d).pinned, 3 * 513);
	for (len = 7 * DEV_PAGE; len <= 10 * DEV_PAGE; len += DEV_PAGE)
		T_EQ(dev_copy(d, PAGECOPY_OP_WRITE, PAGECOPY_BUF_USER,
			      dev_addr(d->area + 2048), len), len);
	T_EQ(dev_stats(d).pinned, 3 * 513 + 8 + 9 + 10 + 11);
	return TAP_PASS;
}

#define DEFER	(IORING_SETUP_SINGLE_ISSUER | IORING_SETUP_DEFER_TASKRUN)

const struct test tests_run[] = {
	TEST("run: repeat makes that many copies", repeat_counts),
	TEST("run: repeat for every buffer", repeat_of_every_buffer),
	TEST("run: len * repeat too large is E2BIG", too_much_work,
	     .bare = true),
	TEST("run: time in a 32-byte CQE", time_in_the_cqe,
	     .ring = IORING_SETUP_CQE32),
	TEST("run: time, SQE128", time_in_the_cqe,
	     .ring = IORING_SETUP_CQE32 | IORING_SETUP_SQE128),
	TEST("run: time, COOP_TASKRUN", time_in_the_cqe,
	     .ring = IORING_SETUP_CQE32 | IORING_SETUP_COOP_TASKRUN),
	TEST("run: time, DEFER_TASKRUN", time_in_the_cqe,
	     .ring = IORING_SETUP_CQE32 | DEFER),
	TEST("run: time, SQPOLL", time_in_the_cqe,
	     .ring = IORING_SETUP_CQE32 | IORING_SETUP_SQPOLL),
	TEST("run: time in the counters without CQE32", time_in_the_counters),
	TEST("run: from a worker", from_a_worker, .ring = IORING_SETUP_CQE32),
	TEST("run: 64 at once", many_at_once),
	TEST("run: 64 at once, CQE32 and DEFER_TASKRUN", many_at_once,
	     .ring = IORING_SETUP_CQE32 | DEFER),
	TEST("run: linked commands all run", linked_commands_run),
	TEST("run: counters add up", counters_add_up),
	TEST("run: pins hundreds of pages", pins_many_pages, .bare = true),
	{ }
};
