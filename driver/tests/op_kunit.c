// SPDX-License-Identifier: GPL-2.0-only
/* The command word: every value of every field, against the documented rule. */
#include "../internal.h"

#include <kunit/test.h>

static int decode(u32 word, u32 flags, struct pc_cmd *cmd)
{
	*cmd = (struct pc_cmd){};
	return pc_cmd_decode_word(cmd, word, flags);
}

/* docs/abi.md in the order of its table of errors. */
static int expected(unsigned int op, unsigned int buffer,
		    unsigned int strategy, bool fixed)
{
	if (op < PAGECOPY_OP_READ || op > PAGECOPY_OP_NOP)
		return -ENOTTY;
	if (buffer == PAGECOPY_BUF_COPY) {
		if (strategy)
			return -EINVAL;
	} else if (!strategy || strategy >= PAGECOPY_S_MAX ||
		   !pagecopy_strategies[strategy].name) {
		return -ENOTTY;
	} else if (!pagecopy_strategy_here(strategy)) {
		return -EOPNOTSUPP;
	}
	if (buffer > PAGECOPY_BUF_COPY ||
	    fixed != (buffer == PAGECOPY_BUF_FIXED) ||
	    (buffer == PAGECOPY_BUF_COPY && op == PAGECOPY_OP_TOUCH))
		return -EINVAL;
	return 0;
}

/* All 2^17 words with page 0x5a, flag set or not. */
static void every_word(struct kunit *test)
{
	unsigned int op, buffer, strategy, fixed, wrong = 0;
	struct pc_cmd cmd;

	for (op = 0; op < 16; op++)
	for (buffer = 0; buffer < 16; buffer++)
	for (strategy = 0; strategy < 256; strategy++)
	for (fixed = 0; fixed < 2; fixed++) {
		const u32 word = PAGECOPY_CMD_OP(op, buffer, strategy, 0x5a);
		const int want = expected(op, buffer, strategy, fixed);

		if (decode(word, fixed ? IORING_URING_CMD_FIXED : 0, &cmd) !=
		    want)
			wrong++;
		if (!want && (cmd.op != op || cmd.buffer != buffer ||
			      cmd.strategy != strategy || cmd.page != 0x5a))
			wrong++;
	}
	KUNIT_EXPECT_EQ(test, wrong, 0);
}

static void every_magic(struct kunit *test)
{
	const u32 word = PAGECOPY_CMD_OP(PAGECOPY_OP_NOP, 0, PAGECOPY_S_nop, 0);
	unsigned int magic;
	struct pc_cmd cmd;

	for (magic = 0; magic < 256; magic++)
		KUNIT_EXPECT_EQ(test,
				decode((word & 0xffffff) | magic << 24, 0, &cmd),
				magic == PAGECOPY_CMD_MAGIC ? 0 : -ENOTTY);
}

/* Flags of the SQE are refused, those io_uring keeps there itself are not. */
static void every_flag(struct kunit *test)
{
	const u32 word = PAGECOPY_CMD_OP(PAGECOPY_OP_NOP, 0, PAGECOPY_S_nop, 0);
	struct pc_cmd cmd;
	unsigned int bit;

	for (bit = 0; bit < 32; bit++)
		KUNIT_EXPECT_EQ(test, decode(word, 1U << bit, &cmd),
				bit < 24 ? -EINVAL : 0);
}

static struct kunit_case op_cases[] = {
	KUNIT_CASE(every_word),
	KUNIT_CASE(every_magic),
	KUNIT_CASE(every_flag),
	{}
};

static struct kunit_suite op_suite = {
	.name = "pagecopy_op",
	.test_cases = op_cases,
};
kunit_test_suite(op_suite);
