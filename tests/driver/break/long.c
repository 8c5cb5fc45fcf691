// SPDX-License-Identifier: MIT
/*
 * The longest command there is, copied byte by byte: 2^30 bytes. Whoever is
 * killed or closes everything must not wait for its end, and nobody else may.
 */
#include "break.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#define LEN	4096
#define REPEAT	(PAGECOPY_CMD_BYTES_MAX / LEN)
/* Commands that wait for the workqueue. */
#define QUEUE	128

/* From SIGKILL to the end of the process, on a machine that is not emulated. */
#define KILL_S	1.0
/* The longest that another process may have to wait for the CPU. */
#define GAP_S	1.0

/**
 * struct job - one process with one long command
 * @fd:		the device
 * @completion: enum pagecopy_completion
 * @close:	close ring and device instead of waiting to be killed
 */
struct job {
	int fd;
	unsigned int completion;
	bool close;
};

static struct io_uring ring;

static void *enter(void *arg)
{
	(void)arg;
	io_uring_submit_and_wait(&ring, 1);
	return NULL;
}

/* The other thread sits in the kernel meanwhile; its file keeps the ring. */
static void close_everything(const struct job *j)
{
	while (!live_now().live_pins)
		linger_us(100);
	close(ring.ring_fd);
	close(j->fd);
	_exit(0);
}

static void worker(const struct job *j)
{
	unsigned char *mem = mmap(NULL, LEN, PROT_READ | PROT_WRITE,
				  MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	struct request r = dev_request(PAGECOPY_OP_READ, PAGECOPY_BUF_USER,
				       PAGECOPY_S_bytes, 0);
	pthread_t thread;

	r.arg.addr = dev_addr(mem);
	r.arg.len = LEN;
	if (io_uring_queue_init(4, &ring, j->completion ==
				PAGECOPY_COMPLETE_POLL ? IORING_SETUP_IOPOLL : 0))
		_exit(1);
	dev_queue(&ring, j->fd, &r);
	if (!j->close) {
		enter(NULL);
		_exit(0);
	}
	if (pthread_create(&thread, NULL, enter, NULL))
		_exit(1);
	close_everything(j);
}

/* Wait until the command copies; meanwhile measure how long others get no CPU. */
static bool wait_until_busy(double *gap)
{
	const double end = seconds_now() + 20;
	double before = seconds_now(), now;

	do {
		usleep(1000);
		now = seconds_now();
		if (now - before > *gap)
			*gap = now - before;
		before = now;
		if (live_now().live_pins)
			return true;
	} while (now < end);
	return false;
}

static double gap_for(double seconds)
{
	const double end = seconds_now() + seconds;
	double before = seconds_now(), now, gap = 0;

	do {
		usleep(1000);
		now = seconds_now();
		if (now - before > gap)
			gap = now - before;
		before = now;
	} while (now < end);
	return gap;
}

static uint64_t copies_of(int fd)
{
	struct pagecopy_stats stats = {};

	ioctl(fd, PAGECOPY_IOC_STATS, &stats);
	return stats.copies;
}

/* In flight, then killed: it must be gone soon, its command not half done. */
static enum tap_result killed(const struct job *j, pid_t pid)
{
	const double limit = KILL_S * slowness();
	double start, gap = 0;
	int status = 0;

	T_TRUE(wait_until_busy(&gap));
	gap = gap_for(0.1);
	start = seconds_now();
	T_EQ(kill(pid, SIGKILL), 0);
	T_EQ(wait_for(pid, &status, 2 * limit), 0);
	tap_note("%s: gone after %.3f s, longest gap %.3f s",
		 mode_names[j->completion], seconds_now() - start, gap);
	T_TRUE(seconds_now() - start < limit);
	T_TRUE(gap < GAP_S * slowness());
	T_TRUE(WIFSIGNALED(status));
	return TAP_PASS;
}

static enum tap_result closed(const struct job *j, pid_t pid)
{
	const double start = seconds_now(), limit = 2 * KILL_S * slowness();
	int status = 0;

	T_EQ(wait_for(pid, &status, 2 * limit), 0);
	tap_note("%s: closed and gone after %.3f s",
		 mode_names[j->completion], seconds_now() - start);
	T_TRUE(seconds_now() - start < limit);
	T_EQ(status, 0);
	return TAP_PASS;
}

static enum tap_result one(struct job *j)
{
	enum tap_result result;
	pid_t pid;

	j->fd = open(PAGECOPY_DEV_PATH, O_RDWR | O_CLOEXEC);
	T_TRUE(j->fd >= 0);
	T_EQ(set_up(j->fd, 0, 1), 0);
	T_EQ(set_mode(j->fd, j->completion, REPEAT), 0);
	fflush(stdout);
	pid = fork();
	T_TRUE(pid >= 0);
	if (!pid)
		worker(j);
	result = j->close ? closed(j, pid) : killed(j, pid);
	if (result == TAP_PASS && !live_settles(1))
		result = TAP_FAIL;
	/* Stopped in the middle, not run to its end. */
	if (result == TAP_PASS && copies_of(j->fd) >= REPEAT) {
		tap_note("the command ran to its end");
		result = TAP_FAIL;
	}
	close(j->fd);
	return result;
}

/*
 * Killed with a queue that would take the workqueue long: what has not begun
 * must not begin any more, although its task is gone and has no signal pending.
 */
static enum tap_result killed_with_a_queue(unsigned int sqe_flags)
{
	struct request r = dev_request(PAGECOPY_OP_READ, PAGECOPY_BUF_KERNEL,
				       PAGECOPY_S_bytes, 0);
	struct pagecopy_run run = { .cmd_op = r.cmd_op,
				    .arg = { .addr = 1, .len = LEN } };
	int fd = open(PAGECOPY_DEV_PATH, O_RDWR | O_CLOEXEC), status;
	double start, all;
	unsigned int i;
	pid_t pid;

	T_TRUE(fd >= 0);
	T_EQ(set_up(fd, 0, 2), 0);
	T_EQ(set_mode(fd, PAGECOPY_COMPLETE_WORK, REPEAT / 16), 0);
	start = seconds_now();
	T_EQ(ioctl(fd, PAGECOPY_IOC_RUN, &run), LEN);
	all = (seconds_now() - start) * QUEUE / sysconf(_SC_NPROCESSORS_ONLN);
	r.arg = run.arg;
	r.sqe_flags = sqe_flags;
	fflush(stdout);
	pid = fork();
	if (!pid) {
		if (io_uring_queue_init(QUEUE, &ring, 0))
			_exit(1);
		for (i = 0; i < QUEUE; i++)
			dev_queue(&ring, fd, &r);
		io_uring_submit_and_wait(&ring, QUEUE);
		_exit(0);
	}
	while (live_now().live_cmds < QUEUE / 2 && seconds_now() - start < 30)
		linger_us(100);
	start = seconds_now();
	T_EQ(kill(pid, SIGKILL), 0);
	T_EQ(wait_for(pid, &status, 30), 0);
	T_TRUE(WIFSIGNALED(status));
	while (live_now().live_cmds && seconds_now() - start < 2 * all)
		usleep(1000);
	tap_note("work for %.1f s was gone after %.2f s", all,
		 seconds_now() - start);
	T_TRUE(seconds_now() - start < all / 4);
	close(fd);
	return live_settles(0) ? TAP_PASS : TAP_FAIL;
}

static enum tap_result queue_is_dropped(void)
{
	return killed_with_a_queue(0);
}

static enum tap_result queue_of_workers_is_dropped(void)
{
	return killed_with_a_queue(IOSQE_ASYNC);
}

/* Where the kernel can change it while it runs: no preemption in the kernel. */
static bool preempt_none(bool on, char *was, size_t size)
{
	static const char path[] = "/sys/kernel/debug/sched/preempt";
	char text[64] = "", *mark;
	FILE *file;

	mount("none", "/sys/kernel/debug", "debugfs", 0, NULL);
	file = fopen(path, "r+");
	if (!file)
		return false;
	if (on && fgets(text, sizeof(text), file)) {
		mark = strchr(text, '(');
		if (mark && strchr(mark, ')')) {
			*strchr(mark, ')') = 0;
			snprintf(was, size, "%s", mark + 1);
		}
		rewind(file);
	}
	fputs(on ? "none" : was, file);
	return !fclose(file);
}

/* A whole one, as long as it takes: nobody may think the CPU is lost. */
static enum tap_result to_the_end(void)
{
	struct pagecopy_run run = {
		.cmd_op = PAGECOPY_CMD_OP(PAGECOPY_OP_READ, PAGECOPY_BUF_KERNEL,
					  PAGECOPY_S_bytes, 0),
		.arg = { .addr = 1, .len = LEN },
	};
	int fd = open(PAGECOPY_DEV_PATH, O_RDWR | O_CLOEXEC);
	const double start = seconds_now();

	T_TRUE(fd >= 0);
	T_EQ(set_up(fd, 0, 2), 0);
	T_EQ(set_mode(fd, 0, REPEAT), 0);
	T_EQ(ioctl(fd, PAGECOPY_IOC_RUN, &run), LEN);
	tap_note("the longest command took %.1f s", seconds_now() - start);
	T_EQ(copies_of(fd), REPEAT);
	close(fd);
	return TAP_PASS;
}

void break_long(const struct options *o)
{
	char was[32] = "voluntary";
	const bool switched = preempt_none(true, was, sizeof(was));
	struct job j = {};

	(void)o;
	tap_note("preempt=none: %s", switched ? was : "as the kernel was built");
	for (j.completion = 0; j.completion < MODES; j.completion++) {
		j.close = false;
		tap_report(one(&j), "long: killed, completion %s",
			   mode_names[j.completion]);
		j.close = true;
		tap_report(one(&j), "long: everything closed, completion %s",
			   mode_names[j.completion]);
	}
	tap_report(queue_is_dropped(), "long: killed with a queue of work");
	tap_report(queue_of_workers_is_dropped(),
		   "long: killed with a queue of work, issued by workers");
	tap_report(to_the_end(), "long: one to its end");
	if (switched)
		preempt_none(false, was, sizeof(was));
}
