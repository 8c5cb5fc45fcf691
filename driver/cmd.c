// SPDX-License-Identifier: GPL-2.0-only
/**
 * DOC: The life of one command
 *
 * 1. io_uring calls pc_uring_cmd() in the context of the submitter, with its
 *    ring locked, or from a worker if the submitter asked for one.
 * 2. Decode: the command word and flags are io_uring's own copies. The payload
 *    still lies in memory that user space shares, so every field is read once,
 *    by READ_ONCE(), into struct pc_cmd. From here on only that snapshot is
 *    looked at: what was checked is what is used.
 * 3. Check: page number, range and amount of work, without overflow.
 * 4. Do: map the buffer, copy, unmap on every way out.
 * 5. Complete: exactly once, in pc_cmd_complete() and nowhere else. Either the
 *    result is returned and io_uring posts the CQE, or the command is handed
 *    over to io_uring_cmd_done() and -EIOCBQUEUED is returned, after which it
 *    is not touched again. The flags are those of the completing context, which
 *    is the submitting one here.
 *
 * Nothing outlives the call. So no command is marked cancelable, the private
 * area of struct io_uring_cmd is not used, and a file that is being released
 * has no command in flight.
 */
#include "internal.h"

#include <linux/ktime.h>
#include <linux/nospec.h>
#include <linux/sched/signal.h>

/* The upper flags belong to io_uring; these come from the SQE. */
#define PC_SQE_FLAGS	GENMASK(23, 0)
/* Words of the command area of a 128-byte SQE. */
#define PC_SQE128_WORDS	(80 / sizeof(u64))
/* A command that copied this much lets others run before it returns. */
#define PC_LONG_BYTES	(128 << 10)

/**
 * struct pc_outcome - what a command did, beside its result
 * @copies: how often the range was copied
 * @ns:	    in-kernel time, if the mode asks for it
 */
struct pc_outcome {
	u32 copies;
	u64 ns;
};

/* Without PAGECOPY_MODE_TIME no clock is read. */
static u64 pc_clock(struct pagecopy_mode mode)
{
	return mode.flags & PAGECOPY_MODE_TIME ? ktime_get_ns() : 0;
}

static int pc_decode_strategy(struct pc_cmd *cmd, unsigned int nr)
{
	if (nr >= PAGECOPY_S_MAX)
		return -ENOTTY;
	nr = array_index_nospec(nr, PAGECOPY_S_MAX);
	if (!pagecopy_strategies[nr].name)
		return -ENOTTY;
	if (!pagecopy_strategy_here(nr))
		return -EOPNOTSUPP;
	cmd->strategy = nr;
	return 0;
}

static int pc_decode_buffer(struct pc_cmd *cmd)
{
	const u32 flags = cmd->ioucmd->flags & PC_SQE_FLAGS;
	const bool fixed = flags & IORING_URING_CMD_FIXED;

	if (cmd->buffer > PAGECOPY_BUF_KERNEL)
		return -EINVAL;
	if (flags & ~IORING_URING_CMD_FIXED)
		return -EINVAL;
	return fixed == (cmd->buffer == PAGECOPY_BUF_FIXED) ? 0 : -EINVAL;
}

/* What a 128-byte SQE offers beyond the payload is reserved. */
static int pc_decode_payload(struct pc_cmd *cmd)
{
	const struct pagecopy_cmd *shared = pc_cmd_payload(cmd->ioucmd);
	const u64 *word = (const u64 *)shared;
	unsigned int i;

	cmd->arg.addr = READ_ONCE(shared->addr);
	cmd->arg.len = READ_ONCE(shared->len);
	cmd->arg.offset = READ_ONCE(shared->offset);
	if (!(cmd->issue_flags & IO_URING_F_SQE128))
		return 0;
	for (i = sizeof(*shared) / sizeof(*word); i < PC_SQE128_WORDS; i++)
		if (READ_ONCE(word[i]))
			return -EINVAL;
	return 0;
}

static int pc_cmd_decode(struct pc_cmd *cmd)
{
	const u32 word = cmd->ioucmd->cmd_op;
	int ret;

	cmd->op = PAGECOPY_CMD_OP_OP(word);
	cmd->buffer = PAGECOPY_CMD_OP_BUFFER(word);
	cmd->page = PAGECOPY_CMD_OP_PAGE(word);
	if (PAGECOPY_CMD_OP_MAGIC(word) != PAGECOPY_CMD_MAGIC ||
	    cmd->op < PAGECOPY_OP_READ || cmd->op > PAGECOPY_OP_NOP)
		return -ENOTTY;
	ret = pc_decode_strategy(cmd, PAGECOPY_CMD_OP_STRATEGY(word));
	if (!ret)
		ret = pc_decode_buffer(cmd);
	if (!ret && cmd->op != PAGECOPY_OP_NOP)
		ret = pc_decode_payload(cmd);
	return ret;
}

static int pc_cmd_copy(const struct pc_cmd *cmd, struct pagecopy_mode mode,
		       const struct pc_copy *copy, struct pc_outcome *outcome)
{
	const u64 start = pc_clock(mode);

	if (copy->len)
		outcome->copies = pc_run(copy, mode.repeat);
	outcome->ns = pc_clock(mode) - start;
	if (copy->len && outcome->copies < mode.repeat)
		return -EINTR;
	if ((u64)copy->len * mode.repeat >= PC_LONG_BYTES)
		cond_resched();
	return copy->len;
}

/* READ, WRITE and TOUCH. */
static int pc_cmd_transfer(struct pc_file *file, const struct pc_cmd *cmd,
			   struct pagecopy_mode mode,
			   struct pc_outcome *outcome)
{
	const struct pagecopy_cmd *arg = &cmd->arg;
	struct pc_buffer buf;
	struct pc_copy copy = {
		.strategy = cmd->strategy,
		.to_dev = cmd->op == PAGECOPY_OP_WRITE,
		.buf = &buf,
		.len = arg->len,
	};
	u64 start;
	int ret;

	copy.dev = pc_pages_range(pc_pages_of(file), cmd->page, arg->offset,
				  arg->len);
	if (IS_ERR(copy.dev))
		return PTR_ERR(copy.dev);
	if ((u64)arg->len * mode.repeat > PAGECOPY_CMD_BYTES_MAX)
		return -E2BIG;
	if (fatal_signal_pending(current))
		return -EINTR;

	start = pc_clock(mode);
	ret = pc_buffer_map(&buf, file, cmd);
	outcome->ns = pc_clock(mode) - start;
	if (ret)
		return ret;
	ret = arg->len;
	if (cmd->op != PAGECOPY_OP_TOUCH)
		ret = pc_cmd_copy(cmd, mode, &copy, outcome);
	pc_buffer_unmap(&buf, file, cmd);
	return ret;
}

static int pc_cmd_nop(struct pagecopy_mode mode, struct pc_outcome *outcome)
{
	const u64 start = pc_clock(mode);

	outcome->ns = pc_clock(mode) - start;
	return 0;
}

static void pc_cmd_count(struct pc_file *file, const struct pc_cmd *cmd,
			 int ret, const struct pc_outcome *outcome,
			 enum pagecopy_completion how)
{
	pc_count(file, commands, 1);
	pc_count(file, completed[how], 1);
	if (ret < 0)
		pc_count(file, errors, 1);
	if (outcome->copies) {
		pc_count(file, copies, outcome->copies);
		pc_count(file, bytes, (u64)outcome->copies * cmd->arg.len);
	}
	if (outcome->ns)
		pc_count(file, kernel_ns, outcome->ns);
}

/* The one place where a command completes. Counted first: a CQE tells all. */
static int pc_cmd_complete(struct pc_file *file, const struct pc_cmd *cmd,
			   struct pagecopy_mode mode, int ret,
			   const struct pc_outcome *outcome)
{
	const enum pagecopy_completion how =
		cmd->issue_flags & IO_URING_F_UNLOCKED ?
		PAGECOPY_COMPLETE_IOWQ : PAGECOPY_COMPLETE_INLINE;
	const bool res2 = mode.flags & PAGECOPY_MODE_TIME &&
			  cmd->issue_flags & IO_URING_F_CQE32;

	pc_cmd_count(file, cmd, ret, outcome, how);
	if (!res2 && pc_cmd_may_return(ret))
		return ret;
	pc_cmd_done(cmd->ioucmd, ret, PAGECOPY_RES2(outcome->ns, how),
		    cmd->issue_flags);
	return -EIOCBQUEUED;
}

int pc_uring_cmd(struct io_uring_cmd *ioucmd, unsigned int issue_flags)
{
	struct pc_file *file = ioucmd->file->private_data;
	const union pc_mode now = { .word = READ_ONCE(file->mode) };
	struct pc_cmd cmd = { .ioucmd = ioucmd, .issue_flags = issue_flags };
	struct pc_outcome outcome = {};
	int ret;

	ret = pc_cmd_decode(&cmd);
	if (!ret && cmd.op == PAGECOPY_OP_NOP)
		ret = pc_cmd_nop(now.mode, &outcome);
	else if (!ret)
		ret = pc_cmd_transfer(file, &cmd, now.mode, &outcome);
	return pc_cmd_complete(file, &cmd, now.mode, ret, &outcome);
}
