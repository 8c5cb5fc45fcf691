// SPDX-License-Identifier: MIT
/* The ioctls, and read() and write() on the file. */
#include "tests.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

/* Opaque to a compiler that would warn of what is done with it. */
static void *bad_pointer(void)
{
	volatile uintptr_t nowhere = 8;

	return (void *)nowhere;
}

static enum tap_result setup_bad(struct dev *d)
{
	static const struct pagecopy_setup bad[] = {
		{ .order = 0, .nr_pages = 0 },
		{ .order = PAGECOPY_ORDER_MAX + 1, .nr_pages = 1 },
		{ .order = 0xffffffff, .nr_pages = 1 },
		{ .order = 64, .nr_pages = 1 },
		{ .order = 0, .nr_pages = PAGECOPY_PAGES_MAX + 1 },
		{ .order = 0, .nr_pages = 0xffffffff },
		{ .order = 0, .nr_pages = 1, .resv = { 1, 0 } },
		{ .order = 0, .nr_pages = 1, .resv = { 0, 1ULL << 63 } },
	};
	size_t i;

	for (i = 0; i < ARRAY_SIZE(bad); i++)
		T_EQ(dev_ioctl(d, PAGECOPY_IOC_SETUP, &bad[i]), -EINVAL);
	T_EQ(dev_ioctl(d, PAGECOPY_IOC_SETUP, bad_pointer()), -EFAULT);
	T_EQ(dev_setup(d, 0, PAGECOPY_PAGES_MAX), 0);
	return TAP_PASS;
}

static enum tap_result setup_twice(struct dev *d)
{
	T_EQ(dev_setup(d, 0, 1), 0);
	T_EQ(dev_setup(d, 0, 1), -EBUSY);
	T_EQ(dev_setup(d, 3, 2), -EBUSY);
	T_EQ(dev_copy(d, PAGECOPY_OP_READ, PAGECOPY_BUF_USER,
		      dev_addr(d->area), 64), 64);
	return TAP_PASS;
}

static enum tap_result setup_above_the_cap(struct dev *d)
{
	struct pagecopy_info info = {};
	const uint64_t large = DEV_PAGE << PAGECOPY_ORDER_MAX;
	unsigned int most;

	T_EQ(dev_ioctl(d, PAGECOPY_IOC_INFO, &info), 0);
	most = info.max_bytes / large;
	if (!most || most >= PAGECOPY_PAGES_MAX)
		return tap_skip("max_mib leaves no room to exceed it");
	T_EQ(dev_setup(d, PAGECOPY_ORDER_MAX, most + 1), -EDQUOT);
	T_EQ(dev_setup(d, PAGECOPY_ORDER_MAX, PAGECOPY_PAGES_MAX), -EDQUOT);
	T_EQ(dev_setup(d, PAGECOPY_ORDER_MAX, most), 0);
	return TAP_PASS;
}

/* Memory that was freed a moment ago is likely to be handed out again. */
static enum tap_result setup_zeroes(struct dev *d)
{
	unsigned char *got = d->area;
	const size_t bytes = DEV_PAGE << 5;
	struct dev before;
	size_t i;

	memset(got, 0xff, bytes);
	T_EQ(dev_open(&before, 0), 0);
	T_EQ(dev_setup(&before, 4, 2), 0);
	T_EQ(pwrite(before.fd, got, bytes, 0), bytes);
	dev_close(&before);
	T_EQ(dev_setup(d, 4, 2), 0);
	T_EQ(pread(d->fd, got, bytes, 0), bytes);
	for (i = 0; i < bytes; i++)
		T_EQ(got[i], 0);
	return TAP_PASS;
}

static enum tap_result mode_bad(struct dev *d)
{
	static const struct pagecopy_mode bad[] = {
		{ .repeat = 0 },
		{ .repeat = PAGECOPY_REPEAT_MAX + 1 },
		{ .repeat = 0xffffffff },
		{ .repeat = 0x80000000 },
		{ .repeat = 1, .flags = (PAGECOPY_MODE_ALL << 1) & ~PAGECOPY_MODE_ALL },
		{ .repeat = 1, .flags = 0x80 },
		{ .repeat = 1, .resv = 1 },
		{ .repeat = 1, .resv = 0x8000 },
	};
	size_t i;

	for (i = 0; i < ARRAY_SIZE(bad); i++)
		T_EQ(dev_ioctl(d, PAGECOPY_IOC_MODE, &bad[i]), -EINVAL);
	T_EQ(dev_ioctl(d, PAGECOPY_IOC_MODE, bad_pointer()), -EFAULT);
	T_EQ(dev_mode(d, PAGECOPY_REPEAT_MAX, PAGECOPY_MODE_ALL), 0);
	return TAP_PASS;
}

static enum tap_result mode_completion(struct dev *d)
{
	struct pagecopy_mode mode = { .repeat = 1 };
	unsigned int how;

	for (how = 0; how < 256; how++) {
		mode.completion = how;
		T_EQ(dev_ioctl(d, PAGECOPY_IOC_MODE, &mode),
		     how > PAGECOPY_COMPLETE_POLL ? -EINVAL : 0);
	}
	return TAP_PASS;
}

static enum tap_result mode_refused_changes_nothing(struct dev *d)
{
	T_EQ(dev_mode(d, 3, 0), 0);
	T_EQ(dev_mode(d, 0, 0), -EINVAL);
	T_EQ(dev_copy(d, PAGECOPY_OP_READ, PAGECOPY_BUF_USER,
		      dev_addr(d->area), 64), 64);
	T_EQ(dev_stats(d).copies, 3);
	return TAP_PASS;
}

static enum tap_result unknown_ioctl(struct dev *d)
{
	char arg[256] = {};

	T_EQ(dev_ioctl(d, 0, arg), -ENOTTY);
	T_EQ(dev_ioctl(d, _IO('P', 0x80), arg), -ENOTTY);
	T_EQ(dev_ioctl(d, _IO('P', 0x84), arg), -ENOTTY);
	T_EQ(dev_ioctl(d, _IOW('P', 0x81, struct pagecopy_mode), arg),
	     -ENOTTY);
	T_EQ(dev_ioctl(d, _IOR('Q', 0x80, struct pagecopy_info), arg),
	     -ENOTTY);
	T_EQ(dev_ioctl(d, PAGECOPY_IOC_INFO, bad_pointer()), -EFAULT);
	T_EQ(dev_ioctl(d, PAGECOPY_IOC_STATS, bad_pointer()), -EFAULT);
	return TAP_PASS;
}

static enum tap_result file_before_setup(struct dev *d)
{
	T_EQ(read(d->fd, d->area, 1) < 0 ? -errno : 0, -ENXIO);
	T_EQ(write(d->fd, d->area, 1) < 0 ? -errno : 0, -ENXIO);
	T_EQ(lseek(d->fd, 0, SEEK_END) < 0 ? -errno : 0, -ENXIO);
	return TAP_PASS;
}

static enum tap_result file_round_trip(struct dev *d)
{
	const size_t bytes = TESTS_PAGES * DEV_PAGE;
	unsigned char *out = d->area, *in = d->area + bytes;
	size_t i;

	for (i = 0; i < bytes; i++)
		out[i] = i * 31 + i / 251;
	T_EQ(pwrite(d->fd, out, 777, 0), 777);
	T_EQ(pwrite(d->fd, out + 777, bytes - 777, 777), bytes - 777);
	T_EQ(pread(d->fd, in, bytes + 1, 0), bytes);
	T_EQ(memcmp(in, out, bytes), 0);
	T_EQ(pread(d->fd, in, 5000, DEV_PAGE - 7), 5000);
	T_EQ(memcmp(in, out + DEV_PAGE - 7, 5000), 0);
	return TAP_PASS;
}

static enum tap_result file_ends(struct dev *d)
{
	const off_t end = TESTS_PAGES * DEV_PAGE;

	T_EQ(lseek(d->fd, 0, SEEK_END), end);
	T_EQ(read(d->fd, d->area, 1), 0);
	T_EQ(write(d->fd, d->area, 1) < 0 ? -errno : 0, -ENOSPC);
	T_EQ(pread(d->fd, d->area, 10, end - 3), 3);
	T_EQ(pwrite(d->fd, d->area, 10, end - 3), 3);
	T_EQ(pread(d->fd, d->area, 10, INT64_MAX - 10), 0);
	T_EQ(pwrite(d->fd, d->area, 0, end), 0);
	T_EQ(pread(d->fd, bad_pointer(), 10, 0) < 0 ? -errno : 0, -EFAULT);
	T_EQ(pwrite(d->fd, bad_pointer(), 10, 0) < 0 ? -errno : 0, -EFAULT);
	return TAP_PASS;
}

const struct test tests_setup[] = {
	TEST("setup: bad values are EINVAL", setup_bad, .bare = true),
	TEST("setup: a second time is EBUSY", setup_twice, .bare = true),
	TEST("setup: above the cap is EDQUOT", setup_above_the_cap,
	     .bare = true),
	TEST("setup: pages start as zeroes", setup_zeroes, .bare = true),
	TEST("mode: bad values are EINVAL", mode_bad),
	TEST("mode: every completion there is, and no other", mode_completion),
	TEST("mode: refused, the old one stays", mode_refused_changes_nothing),
	TEST("ioctl: unknown is ENOTTY", unknown_ioctl),
	TEST("file: before SETUP is ENXIO", file_before_setup, .bare = true),
	TEST("file: write and read back", file_round_trip),
	TEST("file: ends with the last page", file_ends),
	{ }
};
