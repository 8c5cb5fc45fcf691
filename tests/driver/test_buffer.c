// SPDX-License-Identifier: MIT
/*
 * Buffers that begin anywhere in a page and span many, of small pages and of
 * huge ones, in every completion; and the form that is copied without pinning.
 */
#include "tests.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#define HUGE	(2UL << 20)
#define ORDER	4
#define PAGE	(DEV_PAGE << ORDER)
#define EDGE	64

/* Where a buffer lies, and how it is named. */
struct spot {
	unsigned char *mem;
	unsigned int buffer;
	uint32_t len;
};

static uint8_t device_byte(uint32_t i)
{
	return (i * 31 + i / 127) & 0x7f;
}

static int command(struct dev *d, unsigned int op, const struct spot *s)
{
	const unsigned int strategy = s->buffer == PAGECOPY_BUF_COPY ?
				      PAGECOPY_S_NONE : PAGECOPY_S_words;
	struct request r = dev_request(op, s->buffer, strategy, 0);

	r.arg.addr = dev_addr(s->mem);
	r.arg.len = s->len;
	r.arg.offset = 5;
	return dev_cmd(d, &r);
}

/* Read it, with untouched edges; then write something else back. */
static bool round_trip(struct dev *d, const struct spot *s)
{
	static unsigned char page[PAGE];
	unsigned char *from = s->mem - EDGE;
	uint32_t i;

	for (i = 0; i < PAGE; i++)
		page[i] = device_byte(i);
	if (pwrite(d->fd, page, PAGE, 0) != (ssize_t)PAGE)
		return false;
	memset(from, 0xff, s->len + 2 * EDGE);
	if (command(d, PAGECOPY_OP_READ, s) != (int)s->len)
		return false;
	for (i = 0; i < EDGE; i++)
		if (from[i] != 0xff || s->mem[s->len + i] != 0xff)
			return false;
	if (memcmp(s->mem, page + 5, s->len))
		return false;
	for (i = 0; i < s->len; i++)
		page[5 + i] = s->mem[i] = device_byte(i) | 0x80;
	if (command(d, PAGECOPY_OP_WRITE, s) != (int)s->len)
		return false;
	memset(s->mem, 0, s->len);
	if (pread(d->fd, d->area + DEV_AREA - PAGE, PAGE, 0) != (ssize_t)PAGE)
		return false;
	return !memcmp(d->area + DEV_AREA - PAGE, page, PAGE);
}

/* Every kind of buffer at every alignment, in @mem and around its page edges. */
static enum tap_result spans(struct dev *d, unsigned char *mem, bool fixed)
{
	static const unsigned int starts[] = {
		64, 65, 71, 511, 2048, 4000, 4095, 4096, 4097,
	};
	static const uint32_t lens[] = {
		1, 7, 97, 4095, 4096, 4097, 8192, 12289, 28672, 32767, 32768,
		32769, 36864, 40961, PAGE - 5,
	};
	static const unsigned int kinds[] = {
		PAGECOPY_BUF_USER, PAGECOPY_BUF_FIXED, PAGECOPY_BUF_COPY,
	};
	size_t i, j, k;

	for (i = 0; i < ARRAY_SIZE(starts) * ARRAY_SIZE(lens); i++) {
		j = i % ARRAY_SIZE(starts);
		for (k = 0; k < ARRAY_SIZE(kinds); k++) {
			const struct spot s = { mem + starts[j], kinds[k],
						lens[i / ARRAY_SIZE(starts)] };

			if (s.buffer == PAGECOPY_BUF_FIXED && !fixed)
				continue;
			if (s.buffer == PAGECOPY_BUF_COPY && d->completion ==
			    PAGECOPY_COMPLETE_WORK)
				continue;
			if (round_trip(d, &s))
				continue;
			tap_note("start %u len %u buffer %u", starts[j], s.len,
				 s.buffer);
			return TAP_FAIL;
		}
	}
	return TAP_PASS;
}

static enum tap_result spans_small_pages(struct dev *d)
{
	T_EQ(dev_setup(d, ORDER, 1), 0);
	return spans(d, d->area, true);
}

/* The buffer begins just before a small page, in the middle of a huge one. */
static enum tap_result spans_huge_page(struct dev *d, unsigned char *mem)
{
	const struct iovec iov = { mem, HUGE };
	enum tap_result result;

	T_EQ(dev_setup(d, ORDER, 1), 0);
	T_EQ(io_uring_unregister_buffers(&d->ring), 0);
	T_EQ(io_uring_register_buffers(&d->ring, &iov, 1), 0);
	result = spans(d, mem + HUGE / 2 - DEV_PAGE, true);
	if (result == TAP_PASS)
		result = spans(d, mem + HUGE - PAGE - 8 * DEV_PAGE, true);
	return result;
}

static bool want_huge_pages(void)
{
	int fd = open("/proc/sys/vm/nr_hugepages", O_WRONLY | O_CLOEXEC);
	bool ok = fd >= 0 && write(fd, "4", 1) == 1;

	if (fd >= 0)
		close(fd);
	return ok;
}

static enum tap_result spans_hugetlb(struct dev *d)
{
	enum tap_result result;
	unsigned char *mem;

	if (!want_huge_pages())
		return tap_skip("this kernel has no hugetlb");
	mem = mmap(NULL, HUGE, PROT_READ | PROT_WRITE, MAP_PRIVATE |
		   MAP_ANONYMOUS | MAP_HUGETLB | MAP_POPULATE, -1, 0);
	if (mem == MAP_FAILED)
		return tap_skip("no huge page is free");
	result = spans_huge_page(d, mem);
	munmap(mem, HUGE);
	return result;
}

static enum tap_result spans_thp(struct dev *d)
{
	unsigned char *mem = mmap(NULL, 2 * HUGE, PROT_READ | PROT_WRITE,
				  MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	unsigned char *huge = (unsigned char *)
		(((uintptr_t)mem + HUGE - 1) & ~(HUGE - 1));
	enum tap_result result;

	T_TRUE(mem != MAP_FAILED);
	if (madvise(huge, HUGE, MADV_HUGEPAGE))
		return tap_skip("this kernel has no transparent huge pages");
	memset(huge, 0, HUGE);
	result = spans_huge_page(d, huge);
	munmap(mem, 2 * HUGE);
	return result;
}

/* A range of memory that ends in the middle of what a command names. */
static unsigned char *half_mapped(void)
{
	unsigned char *mem = mmap(NULL, 2 * DEV_PAGE, PROT_READ | PROT_WRITE,
				  MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (mem != MAP_FAILED)
		mprotect(mem + DEV_PAGE, DEV_PAGE, PROT_NONE);
	return mem;
}

static int copy_at(struct dev *d, unsigned int op, uint64_t addr, uint32_t len)
{
	struct request r = dev_request(op, PAGECOPY_BUF_COPY, PAGECOPY_S_NONE,
				       0);

	r.arg.addr = addr;
	r.arg.len = len;
	r.arg.offset = 100;
	return dev_cmd(d, &r);
}

static enum tap_result copy_faults(struct dev *d)
{
	static const uint64_t bad[] = {
		0, 1, 4095, ~0ULL, ~0ULL - 4095, 1ULL << 63, 1ULL << 47,
		0xffff888000000000ULL, 0xffffffff81000000ULL,
	};
	unsigned char *ro = mmap(NULL, DEV_PAGE, PROT_READ,
				 MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	size_t i;

	for (i = 0; i < ARRAY_SIZE(bad); i++) {
		T_EQ(copy_at(d, PAGECOPY_OP_READ, bad[i], 64), -EFAULT);
		T_EQ(copy_at(d, PAGECOPY_OP_WRITE, bad[i], 64), -EFAULT);
		T_EQ(copy_at(d, PAGECOPY_OP_READ, bad[i], 0), 0);
	}
	T_EQ(copy_at(d, PAGECOPY_OP_READ, dev_addr(ro), 64), -EFAULT);
	T_EQ(copy_at(d, PAGECOPY_OP_WRITE, dev_addr(ro), 64), 64);
	T_EQ(dev_stats(d).pinned, 0);
	munmap(ro, DEV_PAGE);
	return TAP_PASS;
}

/* Some was copied before the fault; nothing outside the range was. */
static enum tap_result copy_faults_midway(struct dev *d)
{
	unsigned char *mem = half_mapped(), *page = d->area;
	const uint64_t addr = dev_addr(mem + DEV_PAGE - 300);
	size_t i;

	T_TRUE(mem != MAP_FAILED);
	memset(mem, 0x77, DEV_PAGE);
	memset(page, 0x55, DEV_PAGE);
	T_EQ(pwrite(d->fd, page, DEV_PAGE, 0), DEV_PAGE);
	T_EQ(copy_at(d, PAGECOPY_OP_READ, addr, 600), -EFAULT);
	for (i = 0; i < DEV_PAGE - 300; i++)
		T_EQ(mem[i], 0x77);
	T_EQ(copy_at(d, PAGECOPY_OP_WRITE, addr, 600), -EFAULT);
	T_EQ(pread(d->fd, page, DEV_PAGE, 0), DEV_PAGE);
	for (i = 0; i < DEV_PAGE; i++)
		if (i < 100 || i >= 700)
			T_EQ(page[i], 0x55);
	munmap(mem, 2 * DEV_PAGE);
	return TAP_PASS;
}

static enum tap_result copy_has_no_strategy(struct dev *d)
{
	unsigned int op, nr;
	struct request r;

	for (op = PAGECOPY_OP_READ; op <= PAGECOPY_OP_NOP; op++) {
		for (nr = 1; nr < 256; nr++) {
			r = dev_request(op, PAGECOPY_BUF_COPY, nr, 0);
			r.arg.addr = dev_addr(d->area);
			T_EQ(dev_cmd(d, &r), -EINVAL);
		}
	}
	r = dev_request(PAGECOPY_OP_TOUCH, PAGECOPY_BUF_COPY, 0, 0);
	T_EQ(dev_cmd(d, &r), -EINVAL);
	r = dev_request(PAGECOPY_OP_NOP, PAGECOPY_BUF_COPY, 0, 0);
	T_EQ(dev_cmd(d, &r), 0);
	return TAP_PASS;
}

static enum tap_result copy_repeats(struct dev *d)
{
	T_EQ(dev_mode(d, 700, 0), 0);
	T_EQ(copy_at(d, PAGECOPY_OP_READ, dev_addr(d->area), 1000), 1000);
	T_EQ(dev_stats(d).copies, 700);
	T_EQ(dev_stats(d).bytes, 700000);
	return TAP_PASS;
}

const struct test tests_buffer[] = {
	TEST_EACH("buffer: any alignment and span", spans_small_pages,
		  .bare = true),
	TEST_EACH("buffer: in a hugetlb page", spans_hugetlb, .bare = true),
	TEST_EACH("buffer: in a transparent huge page", spans_thp,
		  .bare = true),
	TEST("buffer: copy from and to nowhere is EFAULT", copy_faults),
	TEST("buffer: copy, task, from and to nowhere is EFAULT", copy_faults,
	     .completion = PAGECOPY_COMPLETE_TASK),
	TEST("buffer: copy, iowq, from and to nowhere is EFAULT", copy_faults,
	     .completion = PAGECOPY_COMPLETE_IOWQ),
	TEST("buffer: copy that meets a fault", copy_faults_midway),
	TEST("buffer: copy, task, that meets a fault", copy_faults_midway,
	     .completion = PAGECOPY_COMPLETE_TASK),
	TEST("buffer: copy has no strategy", copy_has_no_strategy),
	TEST("buffer: copy repeats", copy_repeats),
	{ }
};
