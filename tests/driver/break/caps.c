// SPDX-License-Identifier: MIT
/*
 * Users: the node is root's unless the module is told otherwise, and what a
 * user can hold is limited, per open file and over all of them.
 */
#include "break.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#define USER		1000
#define OTHER		1001
/* 8 MiB each: four of the largest pages. */
#define MAX_MIB		8
#define USER_MIB	20
#define MAX_QUEUED	4
#define PARAMETERS	"mode=0666 max_mib=8 user_mib=20 max_queued=4"

typedef enum tap_result test_fn(void);

/* Run @fn as @uid in a child; its result. */
static enum tap_result as_user(uid_t uid, test_fn *fn)
{
	int status = 0;
	pid_t pid;

	fflush(stdout);
	pid = fork();
	T_TRUE(pid >= 0);
	if (!pid) {
		enum tap_result result = TAP_FAIL;

		if (!setresgid(uid, uid, uid) && !setresuid(uid, uid, uid))
			result = fn();
		fflush(stdout);
		_exit(result);
	}
	T_EQ(wait_for(pid, &status, 60), 0);
	T_TRUE(WIFEXITED(status));
	return WEXITSTATUS(status);
}

static int open_dev(void)
{
	int fd = open(PAGECOPY_DEV_PATH, O_RDWR | O_CLOEXEC);

	return fd < 0 ? -errno : fd;
}

static enum tap_result is_closed(void)
{
	T_EQ(open_dev(), -EACCES);
	T_EQ(open(PAGECOPY_DEV_PATH, O_RDONLY) < 0 ? -errno : 0, -EACCES);
	return TAP_PASS;
}

static enum tap_result node_is_closed(void)
{
	struct stat st;

	T_EQ(stat(PAGECOPY_DEV_PATH, &st), 0);
	T_EQ(st.st_mode & 07777, 0600);
	T_EQ(st.st_uid, 0);
	return as_user(USER, is_closed);
}

/* Pages of 2 MiB: max_mib=8 is four of them. */
static enum tap_result cap_of_a_file(void)
{
	int fd = open_dev();

	T_TRUE(fd >= 0);
	T_EQ(set_up(fd, PAGECOPY_ORDER_MAX, MAX_MIB / 2 + 1), -EDQUOT);
	T_EQ(set_up(fd, PAGECOPY_ORDER_MAX, MAX_MIB / 2), 0);
	T_EQ(live_now().live_pages, MAX_MIB << 20 >> 12);
	close(fd);
	T_EQ(live_now().live_pages, 0);
	return TAP_PASS;
}

/* 8 + 8 + 4 MiB is all; what is refused is not charged, what is closed is free. */
static enum tap_result cap_of_a_user(void)
{
	int fd[4];
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(fd); i++) {
		fd[i] = open_dev();
		T_TRUE(fd[i] >= 0);
	}
	T_EQ(set_up(fd[0], PAGECOPY_ORDER_MAX, 4), 0);
	T_EQ(set_up(fd[1], PAGECOPY_ORDER_MAX, 4), 0);
	for (i = 0; i < 50; i++)
		T_EQ(set_up(fd[2], PAGECOPY_ORDER_MAX, 3), -EDQUOT);
	T_EQ(set_up(fd[2], PAGECOPY_ORDER_MAX, 2), 0);
	T_EQ(set_up(fd[3], 0, 1), -EDQUOT);
	close(fd[0]);
	T_EQ(set_up(fd[3], PAGECOPY_ORDER_MAX, 4), 0);
	for (i = 1; i < ARRAY_SIZE(fd); i++)
		close(fd[i]);
	T_EQ(live_now().live_pages, 0);
	return TAP_PASS;
}

static enum tap_result has_room(void)
{
	int fd = open_dev();

	T_TRUE(fd >= 0);
	T_EQ(set_up(fd, PAGECOPY_ORDER_MAX, 4), 0);
	close(fd);
	return TAP_PASS;
}

static enum tap_result has_no_room(void)
{
	int fd = open_dev();

	T_TRUE(fd >= 0);
	T_EQ(set_up(fd, PAGECOPY_ORDER_MAX, 4), -EDQUOT);
	close(fd);
	return TAP_PASS;
}

/* One process of USER holds nearly all; another of USER gets no more. */
static enum tap_result cap_over_processes(void)
{
	int pipes[2], status, fd;
	enum tap_result result;
	char byte = 0;
	pid_t pid;

	T_EQ(pipe(pipes), 0);
	pid = fork();
	if (!pid) {
		unsigned int i;

		if (setresuid(USER, USER, USER))
			_exit(1);
		for (i = 0; i < 2; i++) {
			fd = open_dev();
			if (fd < 0 || set_up(fd, PAGECOPY_ORDER_MAX, 4))
				_exit(1);
		}
		if (write(pipes[1], &byte, 1) != 1)
			_exit(1);
		pause();
	}
	close(pipes[1]);
	T_EQ(read(pipes[0], &byte, 1), 1);
	result = as_user(USER, has_no_room);
	if (result == TAP_PASS)
		result = as_user(OTHER, has_room);
	kill(pid, SIGKILL);
	T_EQ(wait_for(pid, &status, 10), 0);
	close(pipes[0]);
	if (result == TAP_PASS)
		result = as_user(USER, has_room);
	return result;
}

/* Commands in the workqueue, each for a while; the one too many is refused. */
static enum tap_result cap_of_the_queue(void)
{
	struct request r = dev_request(PAGECOPY_OP_READ, PAGECOPY_BUF_KERNEL,
				       PAGECOPY_S_bytes, 0);
	unsigned int i, busy = 0, good = 0;
	struct io_uring_cqe *cqe;
	struct io_uring ring;
	int fd = open_dev();

	T_TRUE(fd >= 0);
	T_EQ(set_up(fd, 0, 2), 0);
	T_EQ(set_mode(fd, PAGECOPY_COMPLETE_WORK, 20000 / slowness()), 0);
	T_EQ(io_uring_queue_init(32, &ring, 0), 0);
	r.arg.addr = 1;
	r.arg.len = 4096;
	for (i = 0; i < 3 * MAX_QUEUED; i++)
		dev_queue(&ring, fd, &r);
	T_EQ(io_uring_submit(&ring), 3 * MAX_QUEUED);
	for (i = 0; i < 3 * MAX_QUEUED; i++) {
		T_EQ(dev_wait(&ring, &cqe), 0);
		busy += cqe->res == -EBUSY;
		good += cqe->res == 4096;
		io_uring_cqe_seen(&ring, cqe);
	}
	tap_note("%u done, %u refused", good, busy);
	T_EQ(busy + good, 3 * MAX_QUEUED);
	T_TRUE(good >= MAX_QUEUED);
	T_TRUE(busy);
	/* Refused is not counted: there is room again. */
	T_EQ(dev_submit(&ring, fd, &r, &(uint64_t){ 0 }), 4096);
	io_uring_queue_exit(&ring);
	close(fd);
	return live_settles(0) ? TAP_PASS : TAP_FAIL;
}

/* Pages pinned for the workqueue count as well: 16 MiB held, 4 pinned, no more. */
static enum tap_result cap_of_pins(void)
{
	const size_t large = DEV_PAGE << PAGECOPY_ORDER_MAX;
	struct request r = dev_request(PAGECOPY_OP_READ, PAGECOPY_BUF_USER,
				       PAGECOPY_S_bytes, 0);
	unsigned int i, refused = 0, good = 0;
	struct io_uring_cqe *cqe;
	struct io_uring ring;
	int fd[2] = { open_dev(), open_dev() };
	void *mem = mmap(NULL, large, PROT_READ | PROT_WRITE,
			 MAP_PRIVATE | MAP_ANONYMOUS | MAP_POPULATE, -1, 0);

	T_TRUE(fd[0] >= 0 && fd[1] >= 0 && mem != MAP_FAILED);
	for (i = 0; i < 2; i++)
		T_EQ(set_up(fd[i], PAGECOPY_ORDER_MAX, 4), 0);
	T_EQ(set_mode(fd[0], PAGECOPY_COMPLETE_WORK, 40 / slowness()), 0);
	T_EQ(io_uring_queue_init(32, &ring, 0), 0);
	r.arg.addr = dev_addr(mem);
	r.arg.len = large;
	for (i = 0; i < MAX_QUEUED; i++)
		dev_queue(&ring, fd[0], &r);
	T_EQ(io_uring_submit(&ring), MAX_QUEUED);
	for (i = 0; i < MAX_QUEUED; i++) {
		T_EQ(dev_wait(&ring, &cqe), 0);
		refused += cqe->res == -EDQUOT;
		good += cqe->res == (int)large;
		io_uring_cqe_seen(&ring, cqe);
	}
	tap_note("%u done, %u refused", good, refused);
	T_EQ(refused + good, MAX_QUEUED);
	T_TRUE(good >= 2);
	T_TRUE(refused);
	T_EQ(dev_submit(&ring, fd[0], &r, &(uint64_t){ 0 }), large);
	io_uring_queue_exit(&ring);
	close(fd[0]);
	close(fd[1]);
	return live_settles(0) ? TAP_PASS : TAP_FAIL;
}

static const struct {
	const char *name;
	test_fn *fn;
} as_a_user[] = {
	{ "caps: a file holds max_mib", cap_of_a_file },
	{ "caps: a user holds user_mib", cap_of_a_user },
	{ "caps: max_queued wait in the workqueue", cap_of_the_queue },
	{ "caps: pinned pages count", cap_of_pins },
};

static enum tap_result reload(const char *parameters)
{
	unsigned int i;
	int ret = -EWOULDBLOCK;

	for (i = 0; i < 500 && ret == -EWOULDBLOCK; i++) {
		ret = module_unload();
		if (ret == -EWOULDBLOCK)
			usleep(10000);
	}
	T_EQ(ret, 0);
	T_EQ(module_load(parameters), 0);
	return TAP_PASS;
}

void break_caps(const struct options *o)
{
	const char *reason = no_reload();
	size_t i;

	(void)o;
	if (reason) {
		tap_report(tap_skip(reason), "caps: the module with parameters");
		return;
	}
	tap_report(reload(""), "caps: the module without parameters");
	tap_report(node_is_closed(), "caps: the node is root's");
	if (reload(PARAMETERS) != TAP_PASS) {
		tap_report(TAP_FAIL, "caps: the module with parameters");
		return;
	}
	for (i = 0; i < ARRAY_SIZE(as_a_user); i++)
		tap_report(as_user(USER, as_a_user[i].fn), "%s",
			   as_a_user[i].name);
	tap_report(cap_over_processes(),
		   "caps: they hold over processes, and for each user apart");
	tap_report(reload(""), "caps: the module as it was");
}
