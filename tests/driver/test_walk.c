// SPDX-License-Identifier: MIT
/* PAGECOPY_MODE_WALK: which places the repeats of a command take. */
#include "tests.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#define ORDER	1
#define BYTES	(DEV_PAGE << ORDER)
/* Pages 1 to 3 are one side, 4 to 6 the other; 0 and 7 are neighbours. */
#define NEAR	1
#define FAR	4
#define PAGES	8
#define SPAN	(FAR - NEAR)

#define OFFSET	100U
#define LEN	300U
#define BLOCK	512U
#define SLOTS	(BYTES / BLOCK)
#define PLACES	(SPAN * SLOTS)

static unsigned char was[PAGES * BYTES], is[PAGES * BYTES];

static bool fill(const struct dev *d)
{
	size_t i;

	for (i = 0; i < sizeof(was); i++)
		was[i] = (i * 31 + i / 253) | 1;
	/* Nothing on the far side is equal to anything on the near one. */
	for (i = FAR * BYTES; i < (FAR + SPAN) * BYTES; i++)
		was[i] &= ~1;
	return pwrite(d->fd, was, sizeof(was), 0) == sizeof(was);
}

static struct request walk(unsigned int op)
{
	struct request r = dev_request(op, PAGECOPY_BUF_KERNEL, PAGECOPY_S_raw,
				       NEAR);

	r.arg.addr = FAR;
	r.arg.offset = OFFSET;
	r.arg.len = LEN;
	return r;
}

/* Places that were copied to page @dst and on; -1 if any other byte changed. */
static int copied(const struct dev *d, size_t dst, size_t src)
{
	size_t i, at;
	int nr = 0;

	if (pread(d->fd, is, sizeof(is), 0) != sizeof(is))
		return -1;
	for (i = 0; i < PLACES; i++) {
		at = dst * BYTES + i * BLOCK + OFFSET;
		if (!memcmp(is + at, was + src * BYTES + i * BLOCK + OFFSET,
			    LEN)) {
			memcpy(is + at, was + at, LEN);
			nr++;
		}
	}
	return memcmp(is, was, sizeof(is)) ? -1 : nr;
}

static enum tap_result every_place_once(struct dev *d)
{
	struct request r = walk(PAGECOPY_OP_READ);
	int i;

	T_EQ(dev_setup(d, ORDER, PAGES), 0);
	T_TRUE(fill(d));
	T_EQ(dev_mode(d, 1, PAGECOPY_MODE_WALK), 0);
	for (i = 1; i <= (int)PLACES; i++) {
		T_EQ(dev_cmd(d, &r), LEN);
		T_EQ(copied(d, FAR, NEAR), i);
	}
	T_EQ(dev_cmd(d, &r), LEN);
	T_EQ(copied(d, FAR, NEAR), PLACES);
	return TAP_PASS;
}

static enum tap_result repeats_go_on(struct dev *d)
{
	struct request r = walk(PAGECOPY_OP_WRITE);

	T_EQ(dev_setup(d, ORDER, PAGES), 0);
	T_TRUE(fill(d));
	T_EQ(dev_mode(d, 20, PAGECOPY_MODE_WALK), 0);
	T_EQ(dev_cmd(d, &r), LEN);
	T_EQ(copied(d, NEAR, FAR), 20);
	T_EQ(dev_mode(d, PLACES - 20, PAGECOPY_MODE_WALK), 0);
	T_EQ(dev_cmd(d, &r), LEN);
	T_EQ(copied(d, NEAR, FAR), PLACES);
	T_EQ(dev_stats(d).copies, PLACES);
	T_EQ(dev_stats(d).bytes, PLACES * LEN);
	return TAP_PASS;
}

/* Whichever of the two numbers is the larger one. */
static enum tap_result backwards(struct dev *d)
{
	struct request r = walk(PAGECOPY_OP_READ);

	T_EQ(dev_setup(d, ORDER, PAGES), 0);
	T_TRUE(fill(d));
	r.cmd_op = PAGECOPY_CMD_OP(PAGECOPY_OP_READ, PAGECOPY_BUF_KERNEL,
				   PAGECOPY_S_raw, FAR);
	r.arg.addr = NEAR;
	T_EQ(dev_mode(d, PLACES, PAGECOPY_MODE_WALK), 0);
	T_EQ(dev_cmd(d, &r), LEN);
	T_EQ(copied(d, NEAR, FAR), PLACES);
	return TAP_PASS;
}

/* Ranges as large as the block, the page, or nothing; the last bytes of it. */
static enum tap_result ends_of_a_page(struct dev *d)
{
	static const struct { uint32_t offset, len; } ends[] = {
		{ 0, BYTES }, { BYTES - 1, 1 }, { BYTES, 0 }, { 0, 0 },
		{ 0, 64 }, { 63, 1 }, { 63, 2 }, { 1, BYTES - 1 },
	};
	struct request r = walk(PAGECOPY_OP_READ);
	size_t i;

	T_EQ(dev_setup(d, ORDER, PAGES), 0);
	for (i = 0; i < ARRAY_SIZE(ends); i++) {
		T_EQ(dev_mode(d, 1000, PAGECOPY_MODE_WALK), 0);
		T_TRUE(fill(d));
		r.arg.offset = ends[i].offset;
		r.arg.len = ends[i].len;
		T_EQ(dev_cmd(d, &r), ends[i].len);
		T_TRUE(pread(d->fd, is, sizeof(is), 0) == sizeof(is));
		/* The other side, and the neighbours. */
		T_EQ(memcmp(is, was, FAR * BYTES), 0);
		T_EQ(memcmp(is + 7 * BYTES, was + 7 * BYTES, BYTES), 0);
	}
	return TAP_PASS;
}

static enum tap_result one_place(struct dev *d)
{
	struct request r = walk(PAGECOPY_OP_READ);

	T_EQ(dev_setup(d, 0, 2), 0);
	T_EQ(dev_mode(d, 7, PAGECOPY_MODE_WALK), 0);
	r.cmd_op = PAGECOPY_CMD_OP(PAGECOPY_OP_READ, PAGECOPY_BUF_KERNEL,
				   PAGECOPY_S_raw, 0);
	r.arg.addr = 1;
	r.arg.offset = 0;
	r.arg.len = DEV_PAGE;
	T_EQ(dev_cmd(d, &r), DEV_PAGE);
	T_EQ(dev_stats(d).copies, 7);
	return TAP_PASS;
}

static enum tap_result refused(struct dev *d)
{
	struct request r = walk(PAGECOPY_OP_READ);

	T_EQ(dev_mode(d, 1, PAGECOPY_MODE_WALK), 0);
	T_EQ(dev_cmd(d, &r), -ENXIO);
	T_EQ(dev_setup(d, ORDER, PAGES), 0);
	/* 4 + 5 pages from 4 on would be needed. */
	r.arg.addr = PAGES;
	T_EQ(dev_cmd(d, &r), -ENXIO);
	r.arg.addr = 5;
	T_EQ(dev_cmd(d, &r), -ENXIO);
	r.arg.addr = 1ULL << 32 | FAR;
	T_EQ(dev_cmd(d, &r), -ENXIO);
	r.arg.addr = NEAR;
	T_EQ(dev_cmd(d, &r), -EINVAL);
	r = walk(PAGECOPY_OP_READ);
	r.arg.len = BYTES - OFFSET + 1;
	T_EQ(dev_cmd(d, &r), -EINVAL);
	r.arg.len = LEN;
	T_EQ(dev_mode(d, PAGECOPY_REPEAT_MAX, PAGECOPY_MODE_WALK), 0);
	r.arg.len = 1025;
	T_EQ(dev_cmd(d, &r), -E2BIG);
	T_EQ(dev_stats(d).copies, 0);
	return TAP_PASS;
}

static enum tap_result other_buffers(struct dev *d)
{
	const uint64_t addr = dev_addr(d->area);
	struct request r;

	T_EQ(dev_mode(d, 1, PAGECOPY_MODE_WALK), 0);
	T_EQ(dev_copy(d, PAGECOPY_OP_READ, PAGECOPY_BUF_USER, addr, 64),
	     -EINVAL);
	T_EQ(dev_copy(d, PAGECOPY_OP_WRITE, PAGECOPY_BUF_FIXED, addr, 64),
	     -EINVAL);
	T_EQ(dev_copy(d, PAGECOPY_OP_TOUCH, PAGECOPY_BUF_USER, addr, 64), 64);
	r = dev_request(PAGECOPY_OP_NOP, PAGECOPY_BUF_USER, PAGECOPY_S_nop, 0);
	T_EQ(dev_cmd(d, &r), 0);
	T_EQ(dev_mode(d, 1, 0), 0);
	T_EQ(dev_copy(d, PAGECOPY_OP_READ, PAGECOPY_BUF_USER, addr, 64), 64);
	return TAP_PASS;
}

const struct test tests_walk[] = {
	TEST_EACH("walk: every place once, and then again", every_place_once,
		  .bare = true),
	TEST_EACH("walk: the repeats of the next command go on", repeats_go_on,
		  .bare = true),
	TEST("walk: from the higher page to the lower", backwards,
	     .bare = true),
	TEST("walk: within the page", ends_of_a_page, .bare = true),
	TEST("walk: of one place", one_place, .bare = true),
	TEST_EACH("walk: refused", refused, .bare = true),
	TEST("walk: other buffers and ops", other_buffers),
	{ }
};
