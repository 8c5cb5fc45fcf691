// SPDX-License-Identifier: MIT
/* Every completion on every ring it works on: the same copies, told truly. */
#include "dev.h"
#include "tap.h"
#include "tests.h"

#include <errno.h>
#include <string.h>

#define DEFER	(IORING_SETUP_SINGLE_ISSUER | IORING_SETUP_DEFER_TASKRUN)
#define LEN	1000
#define MANY	64

static int complete_by(struct dev *d, unsigned int how)
{
	const struct pagecopy_mode mode = {
		.repeat = 1,
		.completion = how,
		.flags = PAGECOPY_MODE_TIME,
	};

	return dev_ioctl(d, PAGECOPY_IOC_MODE, &mode);
}

static struct request request_of(const struct dev *d, unsigned int op,
				 unsigned int buffer)
{
	const unsigned int strategy = buffer == PAGECOPY_BUF_COPY ?
				      PAGECOPY_S_NONE : PAGECOPY_S_raw;
	struct request r = dev_request(op, buffer, strategy, 0);

	r.arg.addr = buffer == PAGECOPY_BUF_KERNEL ? 1 : dev_addr(d->area + 1);
	r.arg.len = LEN;
	return r;
}

static enum tap_result nothing_is_left(const struct dev *d)
{
	const struct pagecopy_stats s = dev_stats(d);
	struct pagecopy_info info;

	T_EQ(s.pinned, s.unpinned);
	T_EQ(dev_ioctl(d, PAGECOPY_IOC_INFO, &info), 0);
	T_EQ(info.live_pins, 0);
	T_EQ(info.live_cmds, 0);
	return TAP_PASS;
}

/* All ops and buffers that go with the completion, one after the other. */
static enum tap_result completes(struct dev *d, unsigned int how)
{
	const bool big_cqe = d->ring.flags & IORING_SETUP_CQE32;
	unsigned int op, buffer, n = 0;
	struct pagecopy_stats s;
	struct request r;

	T_EQ(complete_by(d, how), 0);
	for (buffer = 0; buffer <= PAGECOPY_BUF_COPY; buffer++) {
		if (buffer == PAGECOPY_BUF_COPY && how == PAGECOPY_COMPLETE_WORK)
			continue;
		for (op = PAGECOPY_OP_READ; op <= PAGECOPY_OP_NOP; op++, n++) {
			r = request_of(d, op, buffer);
			if (buffer == PAGECOPY_BUF_COPY && op >= PAGECOPY_OP_TOUCH)
				break;
			T_EQ(dev_cmd(d, &r), op == PAGECOPY_OP_NOP ? 0 : LEN);
			if (big_cqe)
				T_EQ(PAGECOPY_RES2_HOW(d->res2), how);
		}
	}
	s = dev_stats(d);
	T_EQ(s.commands, n);
	T_EQ(s.completed[how], n);
	T_EQ(s.errors, 0);
	return nothing_is_left(d);
}

static enum tap_result by_inline(struct dev *d)
{
	return completes(d, PAGECOPY_COMPLETE_INLINE);
}

static enum tap_result by_task(struct dev *d)
{
	return completes(d, PAGECOPY_COMPLETE_TASK);
}

static enum tap_result by_work(struct dev *d)
{
	return completes(d, PAGECOPY_COMPLETE_WORK);
}

static enum tap_result by_iowq(struct dev *d)
{
	return completes(d, PAGECOPY_COMPLETE_IOWQ);
}

static enum tap_result by_poll(struct dev *d)
{
	return completes(d, PAGECOPY_COMPLETE_POLL);
}

/* More than one at a time, each with bytes of its own. */
static enum tap_result many(struct dev *d, unsigned int how)
{
	struct io_uring_cqe *cqe;
	unsigned char page[MANY];
	unsigned int i;

	for (i = 0; i < MANY; i++)
		page[i] = i ^ 0xa5;
	T_EQ(pwrite(d->fd, page, MANY, 0), MANY);
	memset(d->area, 0, MANY);
	T_EQ(complete_by(d, how), 0);
	for (i = 0; i < MANY; i++) {
		struct request r = request_of(d, PAGECOPY_OP_READ,
					      PAGECOPY_BUF_USER);

		r.arg.addr = dev_addr(d->area + i);
		r.arg.offset = i;
		r.arg.len = 1;
		dev_queue(&d->ring, d->fd, &r);
	}
	T_EQ(io_uring_submit(&d->ring), MANY);
	for (i = 0; i < MANY; i++) {
		T_EQ(dev_wait(&d->ring, &cqe), 0);
		T_EQ(cqe->res, 1);
		io_uring_cqe_seen(&d->ring, cqe);
	}
	T_EQ(memcmp(d->area, page, MANY), 0);
	T_EQ(dev_stats(d).completed[how], MANY);
	return nothing_is_left(d);
}

static enum tap_result many_by_task(struct dev *d)
{
	return many(d, PAGECOPY_COMPLETE_TASK);
}

static enum tap_result many_by_work(struct dev *d)
{
	return many(d, PAGECOPY_COMPLETE_WORK);
}

static enum tap_result many_by_iowq(struct dev *d)
{
	return many(d, PAGECOPY_COMPLETE_IOWQ);
}

static enum tap_result many_by_poll(struct dev *d)
{
	return many(d, PAGECOPY_COMPLETE_POLL);
}

/* What a ring cannot do is refused, and nothing is left waiting. */
static enum tap_result refused(struct dev *d, unsigned int how)
{
	struct request r = request_of(d, PAGECOPY_OP_READ, PAGECOPY_BUF_USER);

	T_EQ(complete_by(d, how), 0);
	T_EQ(dev_cmd(d, &r), -EOPNOTSUPP);
	T_EQ(dev_stats(d).completed[PAGECOPY_COMPLETE_INLINE], 1);
	return nothing_is_left(d);
}

static enum tap_result refused_without_iopoll(struct dev *d)
{
	return refused(d, PAGECOPY_COMPLETE_POLL);
}

static enum tap_result refused_with_iopoll(struct dev *d)
{
	unsigned int how;
	struct request r = request_of(d, PAGECOPY_OP_READ, PAGECOPY_BUF_USER);

	for (how = PAGECOPY_COMPLETE_TASK; how <= PAGECOPY_COMPLETE_IOWQ; how++) {
		T_EQ(complete_by(d, how), 0);
		T_EQ(dev_cmd(d, &r), -EOPNOTSUPP);
	}
	T_EQ(dev_stats(d).errors, 3);
	return nothing_is_left(d);
}

static enum tap_result copy_needs_a_task(struct dev *d)
{
	struct request r = request_of(d, PAGECOPY_OP_READ, PAGECOPY_BUF_COPY);

	T_EQ(complete_by(d, PAGECOPY_COMPLETE_WORK), 0);
	T_EQ(dev_cmd(d, &r), -EOPNOTSUPP);
	return TAP_PASS;
}

/* Every ring a completion must work on. */
#define ON_RINGS(what, fn)						\
	TEST("completion: " what, fn),					\
	TEST("completion: " what ", COOP_TASKRUN", fn,			\
	     .ring = IORING_SETUP_COOP_TASKRUN | IORING_SETUP_CQE32),	\
	TEST("completion: " what ", DEFER_TASKRUN", fn,			\
	     .ring = DEFER | IORING_SETUP_CQE32),			\
	TEST("completion: " what ", SQPOLL and SQE128", fn,		\
	     .ring = IORING_SETUP_SQPOLL | IORING_SETUP_SQE128 |	\
		     IORING_SETUP_CQE32)

#define ON_IOPOLL_RINGS(what, fn)					\
	TEST("completion: " what ", IOPOLL", fn,			\
	     .ring = IORING_SETUP_IOPOLL | IORING_SETUP_CQE32),		\
	TEST("completion: " what ", IOPOLL and DEFER_TASKRUN", fn,	\
	     .ring = IORING_SETUP_IOPOLL | DEFER),			\
	TEST("completion: " what ", IOPOLL and SQPOLL", fn,		\
	     .ring = IORING_SETUP_IOPOLL | IORING_SETUP_SQPOLL |	\
		     IORING_SETUP_SQE128)

const struct test tests_completion[] = {
	ON_RINGS("inline", by_inline),
	ON_RINGS("task", by_task),
	ON_RINGS("work", by_work),
	ON_RINGS("iowq", by_iowq),
	ON_IOPOLL_RINGS("inline", by_inline),
	ON_IOPOLL_RINGS("poll", by_poll),
	ON_RINGS("64 by task", many_by_task),
	ON_RINGS("64 by work", many_by_work),
	ON_RINGS("64 by iowq", many_by_iowq),
	ON_IOPOLL_RINGS("64 by poll", many_by_poll),
	TEST("completion: poll needs IOPOLL", refused_without_iopoll),
	TEST("completion: the others refuse IOPOLL", refused_with_iopoll,
	     .ring = IORING_SETUP_IOPOLL),
	TEST("completion: copy does not go to work", copy_needs_a_task),
	{ }
};
