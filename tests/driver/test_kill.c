// SPDX-License-Identifier: MIT
/* A process that is killed in the middle of a long command. */
#include "tests.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

/* Commands of the victim: minutes of work, were it left alone. */
#define COMMANDS	60
/* As many copies as a command may make, of as many bytes. */
#define REPEAT		PAGECOPY_REPEAT_MAX
#define LEN		(PAGECOPY_CMD_BYTES_MAX / REPEAT)
/* The smallest machine this runs on is an emulated one. */
#define GRACE_MS	5000

static void sleep_ms(unsigned int ms)
{
	const struct timespec t = { ms / 1000, ms % 1000 * 1000000L };

	nanosleep(&t, NULL);
}

/* In the child: copy byte by byte, for as long as the ABI allows. */
static void victim(struct dev *d)
{
	struct io_uring ring;
	struct request r;
	unsigned int i;

	if (dev_ring(&ring, 0, d->area))
		_exit(1);
	for (i = 0; i < COMMANDS; i++) {
		r = dev_request(PAGECOPY_OP_READ, i % 3, PAGECOPY_S_bytes, 0);
		r.arg.addr = i % 3 == PAGECOPY_BUF_KERNEL ?
			     1 : dev_addr(d->area + 100);
		r.arg.len = LEN;
		dev_queue(&ring, d->fd, &r);
	}
	io_uring_submit_and_wait(&ring, COMMANDS);
	_exit(0);
}

/* Wait for the first page to be pinned: the first long command runs. */
static bool wait_until_busy(const struct dev *d)
{
	unsigned int ms;

	for (ms = 0; ms < GRACE_MS; ms += 10) {
		if (dev_stats(d).pinned)
			return true;
		sleep_ms(10);
	}
	return false;
}

static bool wait_until_gone(pid_t pid, int *status)
{
	unsigned int ms;

	for (ms = 0; ms < GRACE_MS; ms += 10) {
		if (waitpid(pid, status, WNOHANG) == pid)
			return true;
		sleep_ms(10);
	}
	return false;
}

static enum tap_result killed_stops_soon(struct dev *d)
{
	struct pagecopy_stats s;
	int status = 0;
	pid_t pid;

	T_EQ(dev_mode(d, REPEAT, 0), 0);
	pid = fork();
	T_TRUE(pid >= 0);
	if (!pid)
		victim(d);
	if (!wait_until_busy(d))
		tap_note("the victim never got to work");
	sleep_ms(50);
	T_EQ(kill(pid, SIGKILL), 0);
	T_TRUE(wait_until_gone(pid, &status));
	T_TRUE(WIFSIGNALED(status));
	s = dev_stats(d);
	T_TRUE(s.errors);
	/* Stopped in the middle of a command, not just before the next. */
	T_TRUE(s.copies % REPEAT);
	T_EQ(s.unpinned, s.pinned);
	return TAP_PASS;
}

/* How many hold the module, from /proc/modules; negative if it is not there. */
static long module_users(void)
{
	FILE *file = fopen("/proc/modules", "re");
	long users = -1, n;
	char name[64];

	if (!file)
		return -1;
	while (fscanf(file, "%63s %*s %ld%*[^\n]", name, &n) == 2)
		if (!strcmp(name, PAGECOPY_DEV_NAME))
			users = n;
	fclose(file);
	return users;
}

/* Rings of dead processes are torn down late, so give them time. */
static bool wait_for_users(long wanted)
{
	unsigned int ms;

	for (ms = 0; ms < GRACE_MS; ms += 10) {
		if (module_users() == wanted)
			return true;
		sleep_ms(10);
	}
	tap_note("the module has %ld users, expected %ld", module_users(),
		 wanted);
	return false;
}

/* @d itself is the one user left. */
static enum tap_result nothing_holds_the_module(struct dev *d)
{
	(void)d;
	if (module_users() < 0)
		return tap_skip("/proc/modules does not list pagecopy");
	T_TRUE(wait_for_users(1));
	return TAP_PASS;
}

const struct test tests_kill[] = {
	TEST("kill: a killed process stops soon", killed_stops_soon),
	TEST("kill: nothing holds the module", nothing_holds_the_module,
	     .bare = true),
	{ }
};
