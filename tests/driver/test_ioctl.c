// SPDX-License-Identifier: MIT
/* PAGECOPY_IOC_RUN, one command without io_uring, and PAGECOPY_IOC_WHY. */
#include "tests.h"

#include "pagecopy/strategy.h"

#include <errno.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>

#define LEN	900

static struct pagecopy_run run_of(const struct dev *d, unsigned int op,
				  unsigned int buffer)
{
	const unsigned int strategy = buffer == PAGECOPY_BUF_COPY ?
				      PAGECOPY_S_NONE : PAGECOPY_S_raw;

	return (struct pagecopy_run){
		.cmd_op = PAGECOPY_CMD_OP(op, buffer, strategy, 0),
		.arg = {
			.addr = buffer == PAGECOPY_BUF_KERNEL ?
				1 : dev_addr(d->area + 9),
			.len = LEN,
		},
		.res2 = ~0ULL,
	};
}

static int run(const struct dev *d, struct pagecopy_run *r)
{
	int ret = ioctl(d->fd, PAGECOPY_IOC_RUN, r);

	return ret < 0 ? -errno : ret;
}

/* Runs in the caller whatever the mode says, and is counted so. */
static enum tap_result runs_in_the_caller(struct dev *d)
{
	static const unsigned int buffers[] = {
		PAGECOPY_BUF_USER, PAGECOPY_BUF_KERNEL, PAGECOPY_BUF_COPY,
	};
	struct pagecopy_run r;
	unsigned int op, i;

	for (i = 0; i < ARRAY_SIZE(buffers); i++) {
		for (op = PAGECOPY_OP_READ; op <= PAGECOPY_OP_WRITE; op++) {
			r = run_of(d, op, buffers[i]);
			T_EQ(run(d, &r), LEN);
			T_EQ(r.res2, 0);
		}
	}
	r = run_of(d, PAGECOPY_OP_NOP, PAGECOPY_BUF_USER);
	T_EQ(run(d, &r), 0);
	r = run_of(d, PAGECOPY_OP_TOUCH, PAGECOPY_BUF_USER);
	T_EQ(run(d, &r), LEN);
	T_EQ(dev_stats(d).commands, 8);
	T_EQ(dev_stats(d).completed[PAGECOPY_COMPLETE_INLINE], 8);
	T_EQ(dev_stats(d).copies, 6);
	return TAP_PASS;
}

static enum tap_result copies_right(struct dev *d)
{
	struct pagecopy_run w = run_of(d, PAGECOPY_OP_WRITE, PAGECOPY_BUF_USER);
	struct pagecopy_run r = run_of(d, PAGECOPY_OP_READ, PAGECOPY_BUF_COPY);
	unsigned int i;

	for (i = 0; i < 4 * DEV_PAGE; i++)
		d->area[i] = i * 7 + i / 256;
	w.arg.offset = r.arg.offset = 33;
	r.arg.addr += 2 * DEV_PAGE;
	T_EQ(run(d, &w), LEN);
	T_EQ(run(d, &r), LEN);
	T_EQ(memcmp(d->area + 9, d->area + 9 + 2 * DEV_PAGE, LEN), 0);
	i = 9 + 2 * DEV_PAGE + LEN;
	T_EQ(d->area[i], (i * 7 + i / 256) & 0xff);
	T_EQ(pread(d->fd, d->area + 3 * DEV_PAGE, LEN, 33), LEN);
	T_EQ(memcmp(d->area + 9, d->area + 3 * DEV_PAGE, LEN), 0);
	return TAP_PASS;
}

static enum tap_result same_errno(struct dev *d)
{
	struct pagecopy_run r = run_of(d, PAGECOPY_OP_READ, PAGECOPY_BUF_FIXED);

	T_EQ(run(d, &r), -EINVAL);
	r = run_of(d, PAGECOPY_OP_READ, PAGECOPY_BUF_USER);
	r.resv = 1;
	T_EQ(run(d, &r), -EINVAL);
	r.resv = 0;
	r.cmd_op ^= 1U << 24;
	T_EQ(run(d, &r), -ENOTTY);
	r = run_of(d, PAGECOPY_OP_READ, PAGECOPY_BUF_USER);
	r.arg.addr = 0;
	T_EQ(run(d, &r), -EFAULT);
	r = run_of(d, PAGECOPY_OP_READ, PAGECOPY_BUF_COPY);
	r.arg.addr = 0;
	T_EQ(run(d, &r), -EFAULT);
	r.arg.offset = DEV_PAGE;
	T_EQ(run(d, &r), -EINVAL);
	r = run_of(d, PAGECOPY_OP_READ, PAGECOPY_BUF_KERNEL);
	r.arg.addr = TESTS_PAGES;
	T_EQ(run(d, &r), -ENXIO);
	T_EQ(dev_mode(d, PAGECOPY_REPEAT_MAX, 0), 0);
	r = run_of(d, PAGECOPY_OP_READ, PAGECOPY_BUF_USER);
	r.arg.len = 4096;
	T_EQ(run(d, &r), -E2BIG);
	T_EQ(dev_stats(d).errors, 8);
	T_EQ(dev_stats(d).copies, 0);
	return TAP_PASS;
}

/* The structure itself: unreadable, and readable but not writable. */
static enum tap_result bad_structure(struct dev *d)
{
	struct pagecopy_run r = run_of(d, PAGECOPY_OP_READ, PAGECOPY_BUF_USER);
	void *page = mmap(NULL, DEV_PAGE, PROT_READ | PROT_WRITE,
			  MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	T_TRUE(page != MAP_FAILED);
	memcpy(page, &r, sizeof(r));
	T_EQ(mprotect(page, DEV_PAGE, PROT_READ), 0);
	T_EQ(run(d, page), -EFAULT);
	T_EQ(mprotect(page, DEV_PAGE, PROT_NONE), 0);
	T_EQ(run(d, page), -EFAULT);
	T_EQ(run(d, NULL), -EFAULT);
	munmap(page, DEV_PAGE);
	return TAP_PASS;
}

static enum tap_result tells_the_time(struct dev *d)
{
	struct pagecopy_run r = run_of(d, PAGECOPY_OP_READ, PAGECOPY_BUF_USER);

	T_EQ(dev_mode(d, 3000, PAGECOPY_MODE_TIME), 0);
	T_EQ(run(d, &r), LEN);
	T_TRUE(PAGECOPY_RES2_NS(r.res2));
	T_EQ(PAGECOPY_RES2_HOW(r.res2), PAGECOPY_COMPLETE_INLINE);
	T_EQ(dev_stats(d).kernel_ns, PAGECOPY_RES2_NS(r.res2));
	return TAP_PASS;
}

static enum tap_result before_setup(struct dev *d)
{
	struct pagecopy_run r = run_of(d, PAGECOPY_OP_READ, PAGECOPY_BUF_USER);

	T_EQ(run(d, &r), -ENXIO);
	r = run_of(d, PAGECOPY_OP_NOP, PAGECOPY_BUF_USER);
	T_EQ(run(d, &r), 0);
	return TAP_PASS;
}

static int why(const struct dev *d, struct pagecopy_why *w)
{
	return ioctl(d->fd, PAGECOPY_IOC_WHY, w) < 0 ? -errno : 0;
}

/* The reason and the bit of INFO never contradict each other. */
static enum tap_result why_agrees_with_info(struct dev *d)
{
	struct pagecopy_info info = {};
	struct pagecopy_why w;
	unsigned int nr;

	T_EQ(dev_ioctl(d, PAGECOPY_IOC_INFO, &info), 0);
	for (nr = 1; nr < PAGECOPY_S_MAX; nr++) {
		if (!pagecopy_strategies[nr].name)
			continue;
		memset(&w, 0xff, sizeof(w));
		w.nr = nr;
		w.resv = 0;
		T_EQ(why(d, &w), 0);
		T_EQ(w.nr, nr);
		T_EQ(w.resv, 0);
		T_TRUE(memchr(w.why, '\0', sizeof(w.why)));
		T_EQ(!w.why[0], info.strategies[nr / 64] >> nr % 64 & 1);
		/* Nothing of the kernel's behind the text. */
		T_EQ(w.why[sizeof(w.why) - 1], 0);
	}
	return TAP_PASS;
}

static enum tap_result why_refuses(struct dev *d)
{
	static const unsigned int unknown[] = {
		0, PAGECOPY_S_MAX, 255, 256, 257, ~0U,
	};
	struct pagecopy_why w = { .nr = PAGECOPY_S_raw, .resv = 1 };
	size_t i;

	T_EQ(why(d, &w), -EINVAL);
	w.resv = 1U << 31;
	T_EQ(why(d, &w), -EINVAL);
	w.resv = 0;
	for (i = 0; i < ARRAY_SIZE(unknown); i++) {
		w.nr = unknown[i];
		T_EQ(why(d, &w), -ENOTTY);
	}
	T_EQ(why(d, NULL), -EFAULT);
	w.nr = PAGECOPY_S_raw;
	T_EQ(why(d, &w), 0);
	return TAP_PASS;
}

const struct test tests_ioctl[] = {
	TEST_EACH("ioctl: RUN in the caller", runs_in_the_caller),
	TEST("ioctl: RUN copies the right bytes", copies_right),
	TEST("ioctl: RUN has the errno of a command", same_errno),
	TEST("ioctl: RUN with a bad structure is EFAULT", bad_structure),
	TEST("ioctl: RUN tells the time", tells_the_time),
	TEST("ioctl: RUN before SETUP is ENXIO", before_setup, .bare = true),
	TEST("ioctl: WHY agrees with INFO", why_agrees_with_info),
	TEST("ioctl: WHY before SETUP", why_agrees_with_info, .bare = true),
	TEST("ioctl: WHY refuses what it does not know", why_refuses),
	{ }
};
