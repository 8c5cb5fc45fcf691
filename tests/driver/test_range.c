// SPDX-License-Identifier: MIT
/* Page numbers, ranges within a page, and addresses. */
#include "tests.h"

#include <errno.h>
#include <string.h>
#include <sys/mman.h>

#define ALL_OPS(op) \
	for ((op) = PAGECOPY_OP_READ; (op) <= PAGECOPY_OP_TOUCH; (op)++)

static enum tap_result no_setup(struct dev *d)
{
	unsigned int op, buf;
	struct request r;

	ALL_OPS(op) {
		for (buf = 0; buf <= PAGECOPY_BUF_KERNEL; buf++) {
			r = dev_request(op, buf, PAGECOPY_S_raw, 0);
			r.arg.addr = dev_addr(d->area);
			T_EQ(dev_cmd(d, &r), -ENXIO);
		}
	}
	return TAP_PASS;
}

static enum tap_result no_such_page(struct dev *d)
{
	static const unsigned int bad[] = { TESTS_PAGES, 5, 64, 128, 255 };
	struct request r;
	unsigned int op, i;

	ALL_OPS(op) {
		r = dev_request(op, PAGECOPY_BUF_USER, PAGECOPY_S_raw,
				TESTS_PAGES - 1);
		r.arg.addr = dev_addr(d->area);
		r.arg.len = 64;
		T_EQ(dev_cmd(d, &r), 64);
		for (i = 0; i < ARRAY_SIZE(bad); i++) {
			r.cmd_op = PAGECOPY_CMD_OP(op, 0, PAGECOPY_S_raw,
						   bad[i]);
			T_EQ(dev_cmd(d, &r), -ENXIO);
		}
	}
	return TAP_PASS;
}

static enum tap_result no_such_second_page(struct dev *d)
{
	static const uint64_t bad[] = {
		TESTS_PAGES, 255, 256, 1ULL << 32, (1ULL << 32) + 1,
		1ULL << 63, ~0ULL,
	};
	unsigned int op, i;

	ALL_OPS(op) {
		T_EQ(dev_copy(d, op, PAGECOPY_BUF_KERNEL, TESTS_PAGES - 1, 64),
		     64);
		for (i = 0; i < ARRAY_SIZE(bad); i++) {
			T_EQ(dev_copy(d, op, PAGECOPY_BUF_KERNEL, bad[i], 64),
			     -ENXIO);
			T_EQ(dev_copy(d, op, PAGECOPY_BUF_KERNEL, bad[i], 0),
			     -ENXIO);
		}
	}
	return TAP_PASS;
}

static enum tap_result second_page_is_the_first(struct dev *d)
{
	const unsigned int buf = PAGECOPY_BUF_KERNEL;

	T_EQ(dev_copy(d, PAGECOPY_OP_READ, buf, 0, 64), -EINVAL);
	T_EQ(dev_copy(d, PAGECOPY_OP_WRITE, buf, 0, 64), -EINVAL);
	T_EQ(dev_copy(d, PAGECOPY_OP_TOUCH, buf, 0, 64), 64);
	return TAP_PASS;
}

/* A range, relative to the page size @p, and whether it is inside. */
struct range {
	uint64_t offset;
	uint64_t len;
	bool inside;
};

static enum tap_result check_range(struct dev *d, const struct range *range)
{
	unsigned int op, buf;
	struct request r;

	ALL_OPS(op) {
		for (buf = 0; buf <= PAGECOPY_BUF_KERNEL; buf++) {
			r = dev_request(op, buf, PAGECOPY_S_raw, 0);
			r.arg.addr = buf == PAGECOPY_BUF_KERNEL ?
				     1 : dev_addr(d->area);
			r.arg.offset = range->offset;
			r.arg.len = range->len;
			T_EQ(dev_cmd(d, &r),
			     range->inside ? (long long)range->len : -EINVAL);
		}
	}
	return TAP_PASS;
}

static enum tap_result check_ranges(struct dev *d, uint32_t p)
{
	const struct range ranges[] = {
		{ 0, 0, true }, { 0, 1, true }, { 0, p, true },
		{ p, 0, true }, { p - 1, 1, true }, { 1, p - 1, true },
		{ p / 2, p / 2, true },
		{ 0, p + 1, false }, { p, 1, false }, { p - 1, 2, false },
		{ 1, p, false }, { p + 1, 0, false }, { p / 2, p, false },
		{ 0xffffffff, 0, false }, { 0, 0xffffffff, false },
		{ 1, 0xffffffff, false }, { 0xffffffff, 1, false },
		{ 0xffffffff, 0xffffffff, false }, { p, 0 - p, false },
		{ 64, 0xffffffff - 63, false }, { 0 - p, p, false },
		{ 0x80000000, 0x80000000, false },
	};
	size_t i;

	for (i = 0; i < ARRAY_SIZE(ranges); i++) {
		if (check_range(d, &ranges[i]) != TAP_PASS) {
			tap_note("offset %#llx, len %#llx of %#x",
				 (unsigned long long)ranges[i].offset,
				 (unsigned long long)ranges[i].len, p);
			return TAP_FAIL;
		}
	}
	return TAP_PASS;
}

static enum tap_result ranges_of_a_small_page(struct dev *d)
{
	return check_ranges(d, DEV_PAGE);
}

static enum tap_result ranges_of_a_large_page(struct dev *d)
{
	T_EQ(dev_setup(d, PAGECOPY_ORDER_MAX, 2), 0);
	return check_ranges(d, DEV_PAGE << PAGECOPY_ORDER_MAX);
}

/* Nothing there, in part or at all, and addresses no process can have. */
static enum tap_result bad_address(struct dev *d)
{
	unsigned char *hole = mmap(NULL, 2 * DEV_PAGE, PROT_READ | PROT_WRITE,
				   MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	uint64_t bad[7];
	unsigned int op, i;

	T_TRUE(hole != MAP_FAILED);
	T_EQ(munmap(hole + DEV_PAGE, DEV_PAGE), 0);
	bad[0] = dev_addr(hole + DEV_PAGE);
	bad[1] = dev_addr(hole + DEV_PAGE - 1);
	bad[2] = 0;
	bad[3] = ~0ULL;
	bad[4] = ~0ULL - 32;
	bad[5] = 1ULL << 63;
	bad[6] = 0xffff888000000000ULL;
	ALL_OPS(op)
		for (i = 0; i < ARRAY_SIZE(bad); i++)
			T_EQ(dev_copy(d, op, PAGECOPY_BUF_USER, bad[i], 64),
			     -EFAULT);
	/* One page was there; it must not have been left pinned. */
	T_TRUE(dev_stats(d).pinned);
	munmap(hole, DEV_PAGE);
	return TAP_PASS;
}

static enum tap_result partly_mapped_is_untouched(struct dev *d)
{
	unsigned char *hole = mmap(NULL, 2 * DEV_PAGE, PROT_READ | PROT_WRITE,
				   MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	size_t i;

	T_TRUE(hole != MAP_FAILED);
	T_EQ(munmap(hole + DEV_PAGE, DEV_PAGE), 0);
	memset(hole, 0xa5, DEV_PAGE);
	T_EQ(dev_copy(d, PAGECOPY_OP_READ, PAGECOPY_BUF_USER,
		      dev_addr(hole + 100), DEV_PAGE), -EFAULT);
	for (i = 0; i < DEV_PAGE; i++)
		T_EQ(hole[i], 0xa5);
	munmap(hole, DEV_PAGE);
	return TAP_PASS;
}

static enum tap_result read_only_mapping(struct dev *d)
{
	unsigned char *ro = mmap(NULL, DEV_PAGE, PROT_READ | PROT_WRITE,
				 MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	T_TRUE(ro != MAP_FAILED);
	memset(ro, 0x5a, DEV_PAGE);
	T_EQ(mprotect(ro, DEV_PAGE, PROT_READ), 0);
	T_EQ(dev_copy(d, PAGECOPY_OP_READ, PAGECOPY_BUF_USER, dev_addr(ro), 64),
	     -EFAULT);
	T_EQ(dev_copy(d, PAGECOPY_OP_TOUCH, PAGECOPY_BUF_USER, dev_addr(ro),
		      64), -EFAULT);
	T_EQ(dev_copy(d, PAGECOPY_OP_WRITE, PAGECOPY_BUF_USER, dev_addr(ro),
		      64), 64);
	T_EQ(ro[0], 0x5a);
	munmap(ro, DEV_PAGE);
	return TAP_PASS;
}

/* Nothing to reach, so nothing is looked up. */
static enum tap_result empty_needs_no_address(struct dev *d)
{
	unsigned int op;

	ALL_OPS(op) {
		T_EQ(dev_copy(d, op, PAGECOPY_BUF_USER, 0, 0), 0);
		T_EQ(dev_copy(d, op, PAGECOPY_BUF_FIXED, 0, 0), 0);
	}
	T_EQ(dev_stats(d).pinned, 0);
	return TAP_PASS;
}

static enum tap_result outside_the_registered_buffer(struct dev *d)
{
	const uint64_t start = dev_addr(d->area), end = start + DEV_AREA;
	const unsigned int buf = PAGECOPY_BUF_FIXED;
	unsigned int op;

	ALL_OPS(op) {
		T_EQ(dev_copy(d, op, buf, start, 64), 64);
		T_EQ(dev_copy(d, op, buf, end - 64, 64), 64);
		T_EQ(dev_copy(d, op, buf, start - 1, 64), -EFAULT);
		T_EQ(dev_copy(d, op, buf, end - 63, 64), -EFAULT);
		T_EQ(dev_copy(d, op, buf, end, 64), -EFAULT);
		T_EQ(dev_copy(d, op, buf, 0, 64), -EFAULT);
		T_EQ(dev_copy(d, op, buf, ~0ULL - 32, 64), -EFAULT);
	}
	return TAP_PASS;
}

static enum tap_result never_registered_index(struct dev *d)
{
	struct request r = dev_request(PAGECOPY_OP_READ, PAGECOPY_BUF_FIXED,
				       PAGECOPY_S_raw, 0);

	r.arg.addr = dev_addr(d->area);
	r.arg.len = 64;
	r.buf_index = 1;
	T_EQ(dev_cmd(d, &r), -EFAULT);
	r.buf_index = 0xffff;
	T_EQ(dev_cmd(d, &r), -EFAULT);
	T_EQ(io_uring_unregister_buffers(&d->ring), 0);
	r.buf_index = 0;
	T_EQ(dev_cmd(d, &r), -EFAULT);
	return TAP_PASS;
}

const struct test tests_range[] = {
	TEST("range: no SETUP is ENXIO", no_setup, .bare = true),
	TEST("range: no such page is ENXIO", no_such_page),
	TEST("range: no such second page is ENXIO", no_such_second_page),
	TEST("range: second page the first is EINVAL",
	     second_page_is_the_first),
	TEST("range: edges of 4 KiB", ranges_of_a_small_page),
	TEST("range: edges of 2 MiB", ranges_of_a_large_page, .bare = true),
	TEST("range: bad address is EFAULT", bad_address),
	TEST("range: partly mapped is untouched", partly_mapped_is_untouched),
	TEST("range: read-only is EFAULT for read", read_only_mapping),
	TEST("range: no bytes need no address", empty_needs_no_address),
	TEST("range: outside the registered buffer is EFAULT",
	     outside_the_registered_buffer),
	TEST("range: index never registered is EFAULT", never_registered_index),
	{ }
};
