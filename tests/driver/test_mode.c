// SPDX-License-Identifier: MIT
/*
 * What must not depend on the completion: the errno of every refusal, links,
 * drains, workers and the order among them; and what must: how it is counted.
 */
#include "tests.h"

#include <errno.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#define LEN	600

static struct request read_request(const struct dev *d)
{
	struct request r = dev_request(PAGECOPY_OP_READ, PAGECOPY_BUF_USER,
				       PAGECOPY_S_raw, 0);

	r.arg.addr = dev_addr(d->area + 7);
	r.arg.len = LEN;
	return r;
}

static uint64_t completed(const struct dev *d, unsigned int how)
{
	return dev_stats(d).completed[how];
}

/* Refused by the word: at once, whatever the mode. */
static enum tap_result refused_at_once(struct dev *d)
{
	static const struct {
		uint32_t word;
		int result;
	} bad[] = {
		{ 0x51000102, -ENOTTY },
		{ PAGECOPY_CMD_OP(0, 0, PAGECOPY_S_raw, 0), -ENOTTY },
		{ PAGECOPY_CMD_OP(5, 0, PAGECOPY_S_raw, 0), -ENOTTY },
		{ PAGECOPY_CMD_OP(1, 0, 0, 0), -ENOTTY },
		{ PAGECOPY_CMD_OP(1, 0, 250, 0), -ENOTTY },
		{ PAGECOPY_CMD_OP(1, 4, PAGECOPY_S_raw, 0), -EINVAL },
		{ PAGECOPY_CMD_OP(1, 1, PAGECOPY_S_raw, 0), -EINVAL },
		{ PAGECOPY_CMD_OP(1, 3, PAGECOPY_S_raw, 0), -EINVAL },
		{ PAGECOPY_CMD_OP(3, 3, 0, 0), -EINVAL },
	};
	struct request r = read_request(d);
	size_t i;

	for (i = 0; i < ARRAY_SIZE(bad); i++) {
		r.cmd_op = bad[i].word;
		T_EQ(dev_cmd(d, &r), bad[i].result);
	}
	T_EQ(completed(d, PAGECOPY_COMPLETE_INLINE) +
	     completed(d, PAGECOPY_COMPLETE_IOWQ), ARRAY_SIZE(bad));
	T_EQ(dev_stats(d).errors, ARRAY_SIZE(bad));
	return TAP_PASS;
}

/* Refused by what the command names: the same errno in every mode. */
static enum tap_result refused_by_content(struct dev *d)
{
	struct request r = read_request(d);

	r.cmd_op = PAGECOPY_CMD_OP(1, 0, PAGECOPY_S_raw, TESTS_PAGES);
	T_EQ(dev_cmd(d, &r), -ENXIO);
	r = read_request(d);
	r.arg.offset = DEV_PAGE - LEN + 1;
	T_EQ(dev_cmd(d, &r), -EINVAL);
	r.arg.offset = 0xffffffff;
	T_EQ(dev_cmd(d, &r), -EINVAL);
	r = read_request(d);
	r.arg.addr = 0;
	T_EQ(dev_cmd(d, &r), -EFAULT);
	r.arg.addr = 0xffff888000000000ULL;
	T_EQ(dev_cmd(d, &r), -EFAULT);
	r = dev_request(PAGECOPY_OP_READ, PAGECOPY_BUF_FIXED, PAGECOPY_S_raw, 0);
	r.arg.addr = dev_addr(d->area) - 1;
	r.arg.len = 2;
	T_EQ(dev_cmd(d, &r), -EFAULT);
	r = dev_request(PAGECOPY_OP_READ, PAGECOPY_BUF_KERNEL, PAGECOPY_S_raw, 1);
	r.arg.addr = 1;
	T_EQ(dev_cmd(d, &r), -EINVAL);
	r.arg.addr = TESTS_PAGES;
	T_EQ(dev_cmd(d, &r), -ENXIO);
	T_EQ(dev_mode(d, PAGECOPY_REPEAT_MAX, 0), 0);
	r = read_request(d);
	r.arg.len = 1025;
	T_EQ(dev_cmd(d, &r), -E2BIG);
	T_EQ(dev_stats(d).errors, 9);
	T_EQ(dev_stats(d).copies, 0);
	return TAP_PASS;
}

/* Send four, take four; results by tag, tags in the order of the CQEs. */
static enum tap_result send_four(struct dev *d, struct request r[4], int res[4],
				 unsigned int order[4])
{
	struct io_uring_cqe *cqe;
	unsigned int i;

	for (i = 0; i < 4; i++) {
		r[i].tag = i;
		dev_queue(&d->ring, d->fd, &r[i]);
	}
	T_EQ(io_uring_submit(&d->ring), 4);
	for (i = 0; i < 4; i++) {
		T_EQ(dev_wait(&d->ring, &cqe), 0);
		T_TRUE(cqe->user_data < 4);
		order[i] = cqe->user_data;
		res[cqe->user_data] = cqe->res;
		io_uring_cqe_seen(&d->ring, cqe);
	}
	return TAP_PASS;
}

/* All four linked; the second fails. */
static enum tap_result linked(struct dev *d, unsigned int flag, int behind)
{
	struct request r[4];
	unsigned int order[4], i;
	int res[4] = {};

	for (i = 0; i < 4; i++) {
		r[i] = read_request(d);
		r[i].arg.addr += i * DEV_PAGE;
		r[i].arg.len = LEN + i;
		r[i].sqe_flags = i < 3 ? flag : 0;
	}
	r[1].arg.addr = 0;
	T_EQ(send_four(d, r, res, order), TAP_PASS);
	T_EQ(res[0], LEN);
	T_EQ(res[1], -EFAULT);
	T_EQ(res[2], behind ?: LEN + 2);
	T_EQ(res[3], behind ?: LEN + 3);
	T_EQ(order[0], 0);
	T_EQ(dev_stats(d).commands, behind ? 2 : 4);
	return TAP_PASS;
}

static enum tap_result link_is_severed(struct dev *d)
{
	return linked(d, IOSQE_IO_LINK, -ECANCELED);
}

static enum tap_result hardlink_is_not(struct dev *d)
{
	return linked(d, IOSQE_IO_HARDLINK, 0);
}

/* One that is drained comes after all before it; what is behind may pass it. */
static enum tap_result drained(struct dev *d)
{
	struct request r[4];
	unsigned int order[4], i;
	int res[4] = {};

	for (i = 0; i < 4; i++) {
		r[i] = read_request(d);
		r[i].arg.addr += i * DEV_PAGE;
	}
	r[2].sqe_flags = IOSQE_IO_DRAIN;
	T_EQ(send_four(d, r, res, order), TAP_PASS);
	for (i = 0; i < 4; i++)
		T_EQ(res[i], LEN);
	T_TRUE(order[0] < 2 && order[1] < 2);
	return TAP_PASS;
}

/* A worker issues it. Where it runs is the module's choice again. */
static enum tap_result from_a_worker(struct dev *d)
{
	const unsigned int how = d->completion == PAGECOPY_COMPLETE_INLINE ?
				 PAGECOPY_COMPLETE_IOWQ : d->completion;
	struct request r = read_request(d);
	unsigned int i;

	memset(d->area, 0xaa, 2 * DEV_PAGE);
	r.sqe_flags = IOSQE_ASYNC;
	for (i = 0; i < 20; i++)
		T_EQ(dev_cmd(d, &r), LEN);
	T_EQ(completed(d, how), 20);
	T_EQ(d->area[6], 0xaa);
	T_EQ(d->area[7], 0);
	T_EQ(d->area[6 + LEN], 0);
	T_EQ(d->area[7 + LEN], 0xaa);
	return TAP_PASS;
}

/* No CQE for a success, and one for a failure. */
static enum tap_result silent_success(struct dev *d)
{
	struct request quiet = read_request(d), loud = read_request(d);
	struct io_uring_cqe *cqe;

	quiet.sqe_flags = IOSQE_CQE_SKIP_SUCCESS | IOSQE_IO_LINK;
	loud.tag = 1;
	dev_queue(&d->ring, d->fd, &quiet);
	dev_queue(&d->ring, d->fd, &loud);
	T_EQ(io_uring_submit(&d->ring), 2);
	T_EQ(dev_wait(&d->ring, &cqe), 0);
	T_EQ(cqe->user_data, 1);
	T_EQ(cqe->res, LEN);
	io_uring_cqe_seen(&d->ring, cqe);
	T_TRUE(io_uring_peek_cqe(&d->ring, &cqe) != 0);
	T_EQ(dev_stats(d).commands, 2);
	quiet.sqe_flags = IOSQE_CQE_SKIP_SUCCESS;
	quiet.arg.addr = 0;
	T_EQ(dev_cmd(d, &quiet), -EFAULT);
	return TAP_PASS;
}

/* A payload changed after submission is not what runs. */
static enum tap_result payload_is_a_snapshot(struct dev *d)
{
	struct request r = read_request(d), wrong = read_request(d);
	struct io_uring_cqe *cqe;
	struct io_uring_sqe *sqe;
	unsigned int i;

	wrong.arg.addr = 0;
	for (i = 0; i < 32; i++) {
		sqe = d->ring.sq.sqes + (d->ring.sq.sqe_tail &
					 (d->ring.sq.ring_entries - 1));
		dev_queue(&d->ring, d->fd, &r);
		T_EQ(io_uring_submit(&d->ring), 1);
		memcpy(sqe->cmd, &wrong.arg, sizeof(wrong.arg));
		T_EQ(dev_wait(&d->ring, &cqe), 0);
		T_EQ(cqe->res, LEN);
		io_uring_cqe_seen(&d->ring, cqe);
	}
	return TAP_PASS;
}

/*
 * In the child: one command on the ring of the parent, which names memory of
 * the child, at the same address as memory of the parent.
 */
static int use_inherited(struct dev *d)
{
	struct request r = read_request(d);

	memset(d->area, 0x11, 2 * DEV_PAGE);
	if (dev_cmd(d, &r) != LEN)
		return 1;
	return d->area[7] || d->area[6 + LEN] || d->area[7 + LEN] != 0x11;
}

static enum tap_result shared_across_fork(struct dev *d)
{
	int status = 0;
	unsigned int i;
	pid_t pid;

	memset(d->area, 0x22, 2 * DEV_PAGE);
	pid = fork();
	T_TRUE(pid >= 0);
	if (!pid)
		_exit(use_inherited(d));
	T_EQ(waitpid(pid, &status, 0), pid);
	T_EQ(status, 0);
	for (i = 0; i < 2 * DEV_PAGE; i++)
		T_EQ(d->area[i], 0x22);
	return TAP_PASS;
}

const struct test tests_mode[] = {
	TEST_EACH("mode: a bad word is refused at once", refused_at_once),
	TEST_EACH("mode: errno of bad content", refused_by_content),
	TEST_EACH("mode: a failure severs a link", link_is_severed),
	TEST_EACH("mode: but not a hard link", hardlink_is_not),
	TEST_EACH("mode: drained in order", drained),
	TEST_EACH("mode: issued by a worker", from_a_worker),
	TEST_EACH("mode: success without a CQE", silent_success),
	TEST_EACH("mode: the payload is a snapshot", payload_is_a_snapshot),
	TEST_EACH("mode: ring shared across fork", shared_across_fork),
	{ }
};
