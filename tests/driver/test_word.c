// SPDX-License-Identifier: MIT
/* The command word, the flags beside it, and what is reserved. */
#include "tests.h"

#include "pagecopy/strategy.h"

#include <errno.h>
#include <string.h>

static int send_word(struct dev *d, uint32_t cmd_op)
{
	struct request r = dev_request(0, 0, 0, 0);

	r.cmd_op = cmd_op;
	r.arg.addr = dev_addr(d->area);
	r.arg.len = 64;
	return dev_cmd(d, &r);
}

static enum tap_result bad_magic(struct dev *d)
{
	const uint32_t good = PAGECOPY_CMD_OP(PAGECOPY_OP_READ,
					      PAGECOPY_BUF_USER,
					      PAGECOPY_S_raw, 0);

	T_EQ(send_word(d, good), 64);
	T_EQ(send_word(d, good & 0xffffff), -ENOTTY);
	T_EQ(send_word(d, good ^ 1U << 24), -ENOTTY);
	T_EQ(send_word(d, good | 0xffU << 24), -ENOTTY);
	T_EQ(send_word(d, 0), -ENOTTY);
	return TAP_PASS;
}

static enum tap_result unknown_op(struct dev *d)
{
	unsigned int op;

	for (op = 0; op < 16; op++) {
		if (op >= PAGECOPY_OP_READ && op <= PAGECOPY_OP_NOP)
			continue;
		T_EQ(send_word(d, PAGECOPY_CMD_OP(op, 0, PAGECOPY_S_raw, 0)),
		     -ENOTTY);
	}
	return TAP_PASS;
}

static bool strategy_is_known(unsigned int nr)
{
	return nr < PAGECOPY_S_MAX && pagecopy_strategies[nr].name;
}

static enum tap_result unknown_strategy(struct dev *d)
{
	unsigned int op, nr;

	for (nr = 0; nr < 256; nr++) {
		if (strategy_is_known(nr))
			continue;
		for (op = PAGECOPY_OP_READ; op <= PAGECOPY_OP_NOP; op++)
			T_EQ(send_word(d, PAGECOPY_CMD_OP(op, 0, nr, 0)),
			     -ENOTTY);
	}
	return TAP_PASS;
}

/* INFO says what is here; a command must agree with it. */
static enum tap_result unavailable_strategy(struct dev *d)
{
	struct pagecopy_info info = {};
	unsigned int nr, missing = 0;

	T_EQ(dev_ioctl(d, PAGECOPY_IOC_INFO, &info), 0);
	for (nr = 0; nr < 256; nr++) {
		const bool here = info.strategies[nr / 64] >> nr % 64 & 1;
		const uint32_t word = PAGECOPY_CMD_OP(PAGECOPY_OP_READ, 0, nr,
						      0);

		if (!strategy_is_known(nr)) {
			T_TRUE(!here);
			continue;
		}
		T_EQ(send_word(d, word), here ? 64 : -EOPNOTSUPP);
		missing += !here;
	}
	return missing ? TAP_PASS : tap_skip("every strategy works here");
}

static enum tap_result unknown_buffer(struct dev *d)
{
	unsigned int buf, op;

	for (op = PAGECOPY_OP_READ; op <= PAGECOPY_OP_NOP; op++)
		for (buf = PAGECOPY_BUF_KERNEL + 1; buf < 16; buf++)
			T_EQ(send_word(d, PAGECOPY_CMD_OP(op, buf,
							  PAGECOPY_S_raw, 0)),
			     -EINVAL);
	return TAP_PASS;
}

/* The flag says that buf_index counts, and the word must say so too. */
static enum tap_result fixed_mismatch(struct dev *d)
{
	unsigned int op, buf;
	struct request r;

	for (op = PAGECOPY_OP_READ; op <= PAGECOPY_OP_NOP; op++) {
		for (buf = 0; buf <= PAGECOPY_BUF_KERNEL; buf++) {
			r = dev_request(op, buf, PAGECOPY_S_raw, 0);
			r.arg.addr = dev_addr(d->area);
			r.arg.len = 64;
			r.cmd_flags ^= IORING_URING_CMD_FIXED;
			T_EQ(dev_cmd(d, &r), -EINVAL);
		}
	}
	return TAP_PASS;
}

static enum tap_result reserved_flags(struct dev *d)
{
	struct request r = dev_request(PAGECOPY_OP_READ, PAGECOPY_BUF_USER,
				       PAGECOPY_S_raw, 0);
	unsigned int bit;

	r.arg.addr = dev_addr(d->area);
	for (bit = 1; bit < 32; bit++) {
		r.cmd_flags = 1U << bit;
		T_EQ(dev_cmd(d, &r), -EINVAL);
	}
	return TAP_PASS;
}

static enum tap_result reserved_tail(struct dev *d)
{
	struct request r = dev_request(PAGECOPY_OP_READ, PAGECOPY_BUF_USER,
				       PAGECOPY_S_raw, 0);

	r.arg.addr = dev_addr(d->area);
	r.arg.len = 64;
	T_EQ(dev_cmd(d, &r), 64);
	r.tail = 1;
	T_EQ(dev_cmd(d, &r), -EINVAL);
	return TAP_PASS;
}

static enum tap_result nop_checks_the_word_only(struct dev *d)
{
	unsigned int buf;
	struct request r;

	for (buf = 0; buf <= PAGECOPY_BUF_KERNEL; buf++) {
		r = dev_request(PAGECOPY_OP_NOP, buf, PAGECOPY_S_nop, 255);
		memset(&r.arg, 0xff, sizeof(r.arg));
		T_EQ(dev_cmd(d, &r), 0);
	}
	return TAP_PASS;
}

static enum tap_result info_is_filled(struct dev *d)
{
	static const char *const loops[] = {
		"rep_movsb", "rep_movsq", "unrolled", "unknown",
	};
	struct pagecopy_info info = {};
	unsigned int i, found = 0;

	memset(&info, 0xff, sizeof(info));
	T_EQ(dev_ioctl(d, PAGECOPY_IOC_INFO, &info), 0);
	T_EQ(info.abi, PAGECOPY_ABI_VERSION);
	T_EQ(info.page_size, DEV_PAGE);
	T_TRUE(info.max_bytes);
	T_EQ(info.max_bytes % (1 << 20), 0);
	T_EQ(info.live_files, 1);
	T_EQ(info.live_pages, 0);
	T_EQ(info.live_pins, 0);
	T_EQ(info.live_cmds, 0);
	for (i = 0; i < 4; i++)
		found += !strncmp(info.memcpy_loop, loops[i],
				  sizeof(info.memcpy_loop));
	T_EQ(found, 1);
	tap_note("memcpy_loop %s", info.memcpy_loop);
	return TAP_PASS;
}

const struct test tests_word[] = {
	TEST("word: bad magic is ENOTTY", bad_magic),
	TEST("word: unknown op is ENOTTY", unknown_op),
	TEST("word: unknown strategy is ENOTTY", unknown_strategy),
	TEST("word: unavailable strategy is EOPNOTSUPP", unavailable_strategy),
	TEST("word: unknown buffer is EINVAL", unknown_buffer),
	TEST("word: CMD_FIXED against the buffer is EINVAL", fixed_mismatch),
	TEST("word: reserved flags are EINVAL", reserved_flags),
	TEST("word: reserved SQE128 bytes are EINVAL", reserved_tail,
	     .ring = IORING_SETUP_SQE128),
	TEST("word: nop checks the word only", nop_checks_the_word_only,
	     .bare = true),
	TEST("word: INFO is filled in", info_is_filled, .bare = true),
	{ }
};
