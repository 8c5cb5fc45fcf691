// SPDX-License-Identifier: MIT
/* Every completion on every ring it works on: the same copies, told truly. */
#include "dev.h"
#include "tap.h"
#include "tests.h"

#include <errno.h>
#include <string.h>

#define DEFER	(IORING_SETUP_SINGLE_ISSUER | IORING_SETUP_DEFER_TASKRUN)
#define LEN	1000
#define FILL	0x5a
#define MANY	64

static int start(struct dev *d)
{
	unsigned char page[LEN];

	memset(page, FILL, LEN);
	if (pwrite(d->fd, page, LEN, 0) != LEN)
		return -EIO;
	return dev_mode(d, 1, PAGECOPY_MODE_TIME);
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

/* What a read brought; before it nothing of that was there. */
static enum tap_result holds_the_page(struct dev *d)
{
	unsigned int i;

	for (i = 1; i <= LEN; i++)
		T_EQ(d->area[i], FILL);
	T_EQ(d->area[0], 0);
	T_EQ(d->area[LEN + 1], 0);
	return TAP_PASS;
}

static enum tap_result one_completes(struct dev *d, unsigned int op,
				     unsigned int buffer)
{
	struct request r = request_of(d, op, buffer);

	memset(d->area, op == PAGECOPY_OP_WRITE ? FILL : 0, LEN + 2);
	T_EQ(dev_cmd(d, &r), op == PAGECOPY_OP_NOP ? 0 : LEN);
	if (d->ring.flags & IORING_SETUP_CQE32)
		T_EQ(PAGECOPY_RES2_HOW(d->res2), d->completion);
	if (op == PAGECOPY_OP_READ && buffer != PAGECOPY_BUF_KERNEL)
		return holds_the_page(d);
	return TAP_PASS;
}

/* Neither goes with the other. */
static bool is_possible(const struct dev *d, unsigned int op,
			unsigned int buffer)
{
	return buffer != PAGECOPY_BUF_COPY ||
	       (op != PAGECOPY_OP_TOUCH &&
		d->completion != PAGECOPY_COMPLETE_WORK);
}

/* All ops and buffers that go with the completion, one after the other. */
static enum tap_result completes(struct dev *d)
{
	unsigned int op, buffer, n = 0;
	struct pagecopy_stats s;

	T_EQ(start(d), 0);
	for (buffer = 0; buffer <= PAGECOPY_BUF_COPY; buffer++) {
		for (op = PAGECOPY_OP_READ; op <= PAGECOPY_OP_NOP; op++) {
			if (!is_possible(d, op, buffer))
				continue;
			T_EQ(one_completes(d, op, buffer), TAP_PASS);
			n++;
		}
	}
	s = dev_stats(d);
	T_EQ(s.commands, n);
	T_EQ(s.completed[d->completion], n);
	T_EQ(s.errors, 0);
	return nothing_is_left(d);
}

/* More than one at a time, each with bytes of its own. */
static enum tap_result many(struct dev *d)
{
	struct io_uring_cqe *cqe;
	unsigned char page[MANY];
	unsigned int i;

	for (i = 0; i < MANY; i++)
		page[i] = i ^ 0xa5;
	T_EQ(pwrite(d->fd, page, MANY, 0), MANY);
	memset(d->area, 0, MANY);
	T_EQ(dev_mode(d, 1, 0), 0);
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
	T_EQ(dev_stats(d).completed[d->completion], MANY);
	return nothing_is_left(d);
}

/* What a ring cannot do is refused, and nothing is left waiting. */
static enum tap_result refused(struct dev *d)
{
	struct request r = request_of(d, PAGECOPY_OP_READ, PAGECOPY_BUF_USER);

	T_EQ(dev_mode(d, 1, 0), 0);
	T_EQ(dev_cmd(d, &r), -EOPNOTSUPP);
	T_EQ(dev_stats(d).completed[PAGECOPY_COMPLETE_INLINE], 1);
	return nothing_is_left(d);
}

static enum tap_result copy_needs_a_task(struct dev *d)
{
	struct request r = request_of(d, PAGECOPY_OP_READ, PAGECOPY_BUF_COPY);

	T_EQ(dev_mode(d, 1, 0), 0);
	T_EQ(dev_cmd(d, &r), -EOPNOTSUPP);
	return TAP_PASS;
}

/* Every ring a completion must work on. */
#define ON_RINGS(what, fn, how)						\
	TEST("completion: " what, fn, .completion = how),		\
	TEST("completion: " what ", COOP_TASKRUN", fn,			\
	     .completion = how,						\
	     .ring = IORING_SETUP_COOP_TASKRUN | IORING_SETUP_CQE32),	\
	TEST("completion: " what ", DEFER_TASKRUN", fn,			\
	     .completion = how,						\
	     .ring = DEFER | IORING_SETUP_CQE32),			\
	TEST("completion: " what ", SQPOLL and SQE128", fn,		\
	     .completion = how,						\
	     .ring = IORING_SETUP_SQPOLL | IORING_SETUP_SQE128 |	\
		     IORING_SETUP_CQE32)

#define ON_IOPOLL_RINGS(what, fn, how)					\
	TEST("completion: " what ", IOPOLL", fn,			\
	     .completion = how,						\
	     .ring = IORING_SETUP_IOPOLL | IORING_SETUP_CQE32),		\
	TEST("completion: " what ", IOPOLL and DEFER_TASKRUN", fn,	\
	     .completion = how,						\
	     .ring = IORING_SETUP_IOPOLL | DEFER),			\
	TEST("completion: " what ", IOPOLL and SQPOLL", fn,		\
	     .completion = how,						\
	     .ring = IORING_SETUP_IOPOLL | IORING_SETUP_SQPOLL |	\
		     IORING_SETUP_SQE128)

#define REFUSED_WITH_IOPOLL(what, how)					\
	TEST("completion: " what " refuses IOPOLL", refused,		\
	     .completion = how, .ring = IORING_SETUP_IOPOLL)

const struct test tests_completion[] = {
	ON_RINGS("inline", completes, PAGECOPY_COMPLETE_INLINE),
	ON_RINGS("task", completes, PAGECOPY_COMPLETE_TASK),
	ON_RINGS("work", completes, PAGECOPY_COMPLETE_WORK),
	ON_RINGS("iowq", completes, PAGECOPY_COMPLETE_IOWQ),
	ON_IOPOLL_RINGS("inline", completes, PAGECOPY_COMPLETE_INLINE),
	ON_IOPOLL_RINGS("poll", completes, PAGECOPY_COMPLETE_POLL),
	ON_RINGS("64 by task", many, PAGECOPY_COMPLETE_TASK),
	ON_RINGS("64 by work", many, PAGECOPY_COMPLETE_WORK),
	ON_RINGS("64 by iowq", many, PAGECOPY_COMPLETE_IOWQ),
	ON_IOPOLL_RINGS("64 by poll", many, PAGECOPY_COMPLETE_POLL),
	TEST("completion: poll needs IOPOLL", refused,
	     .completion = PAGECOPY_COMPLETE_POLL),
	REFUSED_WITH_IOPOLL("task", PAGECOPY_COMPLETE_TASK),
	REFUSED_WITH_IOPOLL("work", PAGECOPY_COMPLETE_WORK),
	REFUSED_WITH_IOPOLL("iowq", PAGECOPY_COMPLETE_IOWQ),
	TEST("completion: copy does not go to work", copy_needs_a_task,
	     .completion = PAGECOPY_COMPLETE_WORK),
	{ }
};
