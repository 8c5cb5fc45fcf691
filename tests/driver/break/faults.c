// SPDX-License-Identifier: MIT
/*
 * Every allocation that an operation makes fails once, the first, the second and
 * so on until the operation succeeds without one. Each failure must be a clean
 * errno that leaves nothing behind. Needs a kernel with fault injection.
 */
#include "break.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <unistd.h>

/* Longer than the arrays on the stack of the module serve. */
#define LEN		(128 << 10)
#define MEM		(LEN + 4096)
/* An operation that still fails after so many has another reason. */
#define NTH_MAX		3000
/* How many there are varies a little, so it succeeds more than once. */
#define WITHOUT		4
#define FAIL_NTH	"/proc/thread-self/fail-nth"
#define DEBUG		"/sys/kernel/debug/"

/**
 * struct stage - where an operation plays
 * @fd:	  open file, -1 before OP_OPEN
 * @ring: with one registered buffer
 * @mem:  MEM bytes
 */
struct stage {
	int fd;
	struct io_uring ring;
	unsigned char *mem;
};

/**
 * struct operation - what is done while an allocation fails
 * @name:	for a person
 * @run:	does it; 0, a length, or negative errno
 * @completion:	the mode that is set before
 * @buffer:	of a command
 * @bare:	no SETUP before
 * @cold:	the memory was never touched
 * @least:	so many failures must have been injected
 */
struct operation {
	const char *name;
	int (*run)(struct stage *s, const struct operation *op);
	unsigned int completion;
	unsigned int buffer;
	bool bare;
	bool cold;
	unsigned int least;
};

static int fail_nth = -1;

static bool put(const char *path, const char *value)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC);
	bool ok = fd >= 0 && write(fd, value, strlen(value)) > 0;

	if (fd >= 0)
		close(fd);
	return ok;
}

/* Allocations that may wait fail as well, and the log is not told of each. */
static bool prepare(void)
{
	mount("none", "/sys/kernel/debug", "debugfs", 0, NULL);
	fail_nth = open(FAIL_NTH, O_RDWR | O_CLOEXEC);
	return fail_nth >= 0 && put(DEBUG "failslab/ignore-gfp-wait", "N") &&
	       put(DEBUG "failslab/verbose", "0") &&
	       put(DEBUG "fail_page_alloc/ignore-gfp-wait", "N") &&
	       put(DEBUG "fail_page_alloc/min-order", "0") &&
	       put(DEBUG "fail_page_alloc/verbose", "0") &&
	       put(DEBUG "fail_usercopy/verbose", "0");
}

static void arm(unsigned int nth)
{
	char text[16];
	int len = snprintf(text, sizeof(text), "%u", nth);

	if (pwrite(fail_nth, text, len, 0) != len)
		tap_note("cannot arm");
}

/*
 * Disarm; was the failure injected? These copy from and to user memory as well,
 * so one that was still to come may hit them, and is over then.
 */
static bool disarm(void)
{
	char text[16] = "";
	const ssize_t got = pread(fail_nth, text, sizeof(text) - 1, 0);

	if (pwrite(fail_nth, "0", 1, 0) != 1)
		pwrite(fail_nth, "0", 1, 0);
	return got > 0 && atoi(text) == 0;
}

static int do_open(struct stage *s, const struct operation *op)
{
	(void)op;
	s->fd = open(PAGECOPY_DEV_PATH, O_RDWR | O_CLOEXEC);
	return s->fd < 0 ? -errno : 0;
}

static int do_setup_small(struct stage *s, const struct operation *op)
{
	(void)op;
	return set_up(s->fd, 0, PAGECOPY_PAGES_MAX);
}

static int do_setup_large(struct stage *s, const struct operation *op)
{
	(void)op;
	return set_up(s->fd, PAGECOPY_ORDER_MAX, 4);
}

static int do_mode(struct stage *s, const struct operation *op)
{
	return set_mode(s->fd, op->completion, 3);
}

static int do_info(struct stage *s, const struct operation *op)
{
	struct pagecopy_info info;

	(void)op;
	return ioctl(s->fd, PAGECOPY_IOC_INFO, &info) ? -errno : 0;
}

static int do_stats(struct stage *s, const struct operation *op)
{
	struct pagecopy_stats stats;

	(void)op;
	return ioctl(s->fd, PAGECOPY_IOC_STATS, &stats) ? -errno : 0;
}

static struct request request_of(const struct stage *s,
				 const struct operation *op)
{
	struct request r = dev_request(PAGECOPY_OP_READ, op->buffer,
				       op->buffer == PAGECOPY_BUF_COPY ? 0 :
				       PAGECOPY_S_raw, 0);

	r.arg.addr = op->buffer == PAGECOPY_BUF_KERNEL ?
		     1 : dev_addr(s->mem + 100);
	r.arg.len = LEN;
	return r;
}

static int do_run(struct stage *s, const struct operation *op)
{
	const struct request r = request_of(s, op);
	struct pagecopy_run run = { .cmd_op = r.cmd_op, .arg = r.arg };
	int ret = ioctl(s->fd, PAGECOPY_IOC_RUN, &run);

	return ret < 0 ? -errno : ret;
}

/* Submitting may fail itself; what was submitted must complete. */
static int do_command(struct stage *s, const struct operation *op)
{
	const struct request r = request_of(s, op);
	struct io_uring_cqe *cqe;
	int ret;

	dev_queue(&s->ring, s->fd, &r);
	ret = io_uring_submit(&s->ring);
	if (ret < 0)
		return ret;
	do
		ret = io_uring_wait_cqe(&s->ring, &cqe);
	while (ret == -ENOMEM || ret == -EINTR || ret == -EFAULT);
	if (ret)
		return ret;
	ret = cqe->res;
	io_uring_cqe_seen(&s->ring, cqe);
	return ret;
}

/* One request fills the caches of io_uring, so that fewer failures are its. */
static bool warm_up(struct io_uring *ring)
{
	struct io_uring_cqe *cqe;

	io_uring_prep_nop(io_uring_get_sqe(ring));
	if (io_uring_submit(ring) != 1 || io_uring_wait_cqe(ring, &cqe))
		return false;
	io_uring_cqe_seen(ring, cqe);
	return true;
}

/* Pages of 128 KiB, two of them. */
static bool set_stage(struct stage *s, const struct operation *op)
{
	struct iovec iov = { .iov_len = MEM };
	const bool poll = op->completion == PAGECOPY_COMPLETE_POLL;

	s->fd = -1;
	s->mem = mmap(NULL, MEM, PROT_READ | PROT_WRITE,
		      MAP_PRIVATE | MAP_ANONYMOUS |
		      (op->cold ? 0 : MAP_POPULATE), -1, 0);
	iov.iov_base = s->mem;
	if (s->mem == MAP_FAILED ||
	    io_uring_queue_init(8, &s->ring, poll ? IORING_SETUP_IOPOLL : 0))
		return false;
	if (!warm_up(&s->ring))
		return false;
	if (op->buffer == PAGECOPY_BUF_FIXED &&
	    io_uring_register_buffers(&s->ring, &iov, 1))
		return false;
	if (op->run == do_open)
		return true;
	s->fd = open(PAGECOPY_DEV_PATH, O_RDWR | O_CLOEXEC);
	if (s->fd < 0 || (!op->bare && set_up(s->fd, 5, 2)))
		return false;
	return op->bare || !set_mode(s->fd, op->completion, 1);
}

static enum tap_result clear_stage(struct stage *s)
{
	struct pagecopy_stats stats = {};

	io_uring_queue_exit(&s->ring);
	munmap(s->mem, MEM);
	if (s->fd >= 0) {
		T_EQ(ioctl(s->fd, PAGECOPY_IOC_STATS, &stats), 0);
		close(s->fd);
	}
	T_EQ(stats.pinned, stats.unpinned);
	return live_settles(0) ? TAP_PASS : TAP_FAIL;
}

/* No memory, or user memory that seemed to fault; nothing else. */
static bool is_clean(int ret)
{
	return ret >= 0 || ret == -ENOMEM || ret == -EFAULT || ret == -EAGAIN;
}

static enum tap_result fail_each(const struct operation *op)
{
	unsigned int nth, failed = 0, without = 0;
	enum tap_result result;
	struct stage s;
	bool injected;
	int ret;

	for (nth = 1; nth < NTH_MAX && without < WITHOUT; nth++) {
		T_TRUE(set_stage(&s, op));
		arm(nth);
		ret = op->run(&s, op);
		injected = disarm();
		result = clear_stage(&s);
		if (result != TAP_PASS || !is_clean(ret)) {
			tap_note("failure %u: result %d", nth, ret);
			return TAP_FAIL;
		}
		failed += ret < 0;
		without += !injected;
	}
	tap_note("%s: %u failures injected, %u of them noticed", op->name,
		 nth - 1 - without, failed);
	T_TRUE(ret >= 0);
	T_TRUE(failed >= op->least);
	return TAP_PASS;
}

#define COMMAND(_name, _completion, _buffer, ...)			\
	{ .name = _name, .run = do_command, .completion = _completion,	\
	  .buffer = _buffer, ##__VA_ARGS__ }

#define OTHER(_name, _run, ...)	{ .name = _name, .run = _run, ##__VA_ARGS__ }

static const struct operation operations[] = {
	OTHER("open", do_open, .bare = true, .least = 1),
	OTHER("setup of many pages", do_setup_small, .bare = true,
	      .least = PAGECOPY_PAGES_MAX),
	OTHER("setup of large pages", do_setup_large, .bare = true,
	      .least = 4),
	OTHER("mode", do_mode, .completion = PAGECOPY_COMPLETE_WORK),
	OTHER("info", do_info),
	OTHER("stats", do_stats),
	OTHER("run, user", do_run, .least = 1),
	OTHER("run, user, cold", do_run, .cold = true, .least = 1),
	OTHER("run, copy", do_run, .buffer = PAGECOPY_BUF_COPY),
	OTHER("run, kernel", do_run, .buffer = PAGECOPY_BUF_KERNEL),
	COMMAND("inline, user", PAGECOPY_COMPLETE_INLINE, PAGECOPY_BUF_USER,
		.least = 1),
	COMMAND("inline, fixed", PAGECOPY_COMPLETE_INLINE, PAGECOPY_BUF_FIXED),
	COMMAND("inline, copy", PAGECOPY_COMPLETE_INLINE, PAGECOPY_BUF_COPY),
	COMMAND("task, user", PAGECOPY_COMPLETE_TASK, PAGECOPY_BUF_USER,
		.least = 1),
	COMMAND("task, user, cold", PAGECOPY_COMPLETE_TASK, PAGECOPY_BUF_USER,
		.cold = true, .least = 1),
	COMMAND("work, user", PAGECOPY_COMPLETE_WORK, PAGECOPY_BUF_USER,
		.least = 2),
	COMMAND("work, user, cold", PAGECOPY_COMPLETE_WORK, PAGECOPY_BUF_USER,
		.cold = true, .least = 2),
	COMMAND("work, fixed", PAGECOPY_COMPLETE_WORK, PAGECOPY_BUF_FIXED,
		.least = 1),
	COMMAND("work, kernel", PAGECOPY_COMPLETE_WORK, PAGECOPY_BUF_KERNEL,
		.least = 1),
	COMMAND("iowq, user", PAGECOPY_COMPLETE_IOWQ, PAGECOPY_BUF_USER),
	COMMAND("poll, user", PAGECOPY_COMPLETE_POLL, PAGECOPY_BUF_USER,
		.least = 1),
};

void break_faults(const struct options *o)
{
	size_t i;

	(void)o;
	if (!prepare()) {
		tap_report(tap_skip("this kernel has no fault injection"),
			   "faults: every allocation fails once");
		return;
	}
	for (i = 0; i < ARRAY_SIZE(operations); i++)
		tap_report(fail_each(&operations[i]), "faults: %s",
			   operations[i].name);
	close(fail_nth);
}
