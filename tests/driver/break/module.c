// SPDX-License-Identifier: MIT
/* Taking the module out: refused while it is in use, possible otherwise. */
#include "break.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#define RELOADS	100
#define LEN	4096

static enum tap_result refused_while_open(void)
{
	int fd = open(PAGECOPY_DEV_PATH, O_RDWR | O_CLOEXEC);

	T_TRUE(fd >= 0);
	T_EQ(module_unload(), -EWOULDBLOCK);
	T_EQ(set_up(fd, 0, 1), 0);
	T_EQ(module_unload(), -EWOULDBLOCK);
	T_EQ(close(fd), 0);
	return TAP_PASS;
}

/* A command that takes a second or more; the ring has the only reference. */
static enum tap_result begin_and_close(struct io_uring *ring, void *mem,
				       unsigned int completion)
{
	int fd = open(PAGECOPY_DEV_PATH, O_RDWR | O_CLOEXEC);
	struct request r = dev_request(PAGECOPY_OP_READ, PAGECOPY_BUF_USER,
				       PAGECOPY_S_bytes, 0);

	T_TRUE(fd >= 0);
	T_EQ(set_up(fd, 0, 1), 0);
	T_EQ(set_mode(fd, completion,
		      PAGECOPY_CMD_BYTES_MAX / LEN / slowness()), 0);
	r.arg.addr = dev_addr(mem);
	r.arg.len = LEN;
	dev_queue(ring, fd, &r);
	T_EQ(io_uring_submit(ring), 1);
	T_EQ(close(fd), 0);
	return TAP_PASS;
}

static enum tap_result refused_in_flight(unsigned int completion)
{
	struct io_uring_cqe *cqe;
	struct io_uring ring;
	unsigned int tries = 0;
	void *mem = mmap(NULL, LEN, PROT_READ | PROT_WRITE,
			 MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	T_EQ(io_uring_queue_init(4, &ring, 0), 0);
	T_EQ(begin_and_close(&ring, mem, completion), TAP_PASS);
	while (io_uring_peek_cqe(&ring, &cqe)) {
		T_EQ(module_unload(), -EWOULDBLOCK);
		tries++;
		usleep(10000);
	}
	tap_note("%s: refused %u times", mode_names[completion], tries);
	T_TRUE(tries);
	T_EQ(cqe->res, LEN);
	io_uring_queue_exit(&ring);
	munmap(mem, LEN);
	return live_settles(0) ? TAP_PASS : TAP_FAIL;
}

/* The last user was a moment ago. */
static int unload_soon(void)
{
	unsigned int i;
	int ret = 0;

	for (i = 0; i < 500; i++) {
		ret = module_unload();
		if (ret != -EWOULDBLOCK)
			break;
		usleep(10000);
	}
	return ret;
}

static enum tap_result use_once(void)
{
	struct dev d;

	T_EQ(dev_open(&d, 0), 0);
	T_EQ(dev_setup(&d, 0, 1), 0);
	T_EQ(dev_copy(&d, PAGECOPY_OP_READ, PAGECOPY_BUF_USER,
		      dev_addr(d.area), 64), 64);
	dev_close(&d);
	return TAP_PASS;
}

static enum tap_result load_and_unload(void)
{
	unsigned int i;

	for (i = 0; i < RELOADS; i++) {
		T_EQ(unload_soon(), 0);
		T_EQ(access(PAGECOPY_DEV_PATH, F_OK) ? -errno : 0, -ENOENT);
		T_EQ(module_load(""), 0);
		T_EQ(use_once(), TAP_PASS);
	}
	return TAP_PASS;
}

/* Values that make no sense: the module is not there, rather than odd. */
static enum tap_result bad_parameters(void)
{
	static const char *const bad[] = { "mode=010000", "mode=-1", "max_mib=x" };
	size_t i;

	T_EQ(unload_soon(), 0);
	for (i = 0; i < ARRAY_SIZE(bad); i++) {
		T_EQ(module_load(bad[i]) < 0, 1);
		T_EQ(access(PAGECOPY_DEV_PATH, F_OK) ? -errno : 0, -ENOENT);
	}
	T_EQ(module_load(""), 0);
	return TAP_PASS;
}

void break_module(const struct options *o)
{
	const char *reason = no_reload();
	static const unsigned int later[] = { PAGECOPY_COMPLETE_WORK,
					      PAGECOPY_COMPLETE_IOWQ };
	size_t i;

	(void)o;
	if (reason) {
		tap_report(tap_skip(reason), "module: load and unload");
		return;
	}
	tap_report(refused_while_open(), "module: no unload while open");
	for (i = 0; i < ARRAY_SIZE(later); i++)
		tap_report(refused_in_flight(later[i]),
			   "module: no unload with a command in flight, %s",
			   mode_names[later[i]]);
	tap_report(bad_parameters(), "module: bad parameters are refused");
	tap_report(load_and_unload(), "module: unloaded and loaded %d times",
		   RELOADS);
}
