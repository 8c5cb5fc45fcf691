// SPDX-License-Identifier: GPL-2.0-only
/* What a command means and does, whoever completes it. */
#include "internal.h"

#include <linux/err.h>
#include <linux/ktime.h>
#include <linux/nospec.h>
#include <linux/sched/signal.h>

/* The upper flags belong to io_uring; these come from the SQE. */
#define PC_SQE_FLAGS	GENMASK(23, 0)
/* A command that copied this much lets others run before it returns. */
#define PC_LONG_BYTES	(128 << 10)

/* Without PAGECOPY_MODE_TIME no clock is read. */
static u64 pc_clock(struct pagecopy_mode mode)
{
	return mode.flags & PAGECOPY_MODE_TIME ? ktime_get_ns() : 0;
}

static int pc_decode_strategy(struct pc_cmd *cmd, unsigned int nr)
{
	cmd->strategy = PAGECOPY_S_NONE;
	if (cmd->buffer == PAGECOPY_BUF_COPY)
		return nr == PAGECOPY_S_NONE ? 0 : -EINVAL;
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

static int pc_decode_buffer(const struct pc_cmd *cmd, u32 flags)
{
	const bool fixed = flags & IORING_URING_CMD_FIXED;

	flags &= PC_SQE_FLAGS;
	if (cmd->buffer > PAGECOPY_BUF_COPY)
		return -EINVAL;
	if (flags & ~IORING_URING_CMD_FIXED)
		return -EINVAL;
	if (cmd->buffer == PAGECOPY_BUF_COPY && cmd->op == PAGECOPY_OP_TOUCH)
		return -EINVAL;
	return fixed == (cmd->buffer == PAGECOPY_BUF_FIXED) ? 0 : -EINVAL;
}

int pc_cmd_decode_word(struct pc_cmd *cmd, u32 word, u32 flags)
{
	int ret;

	cmd->op = PAGECOPY_CMD_OP_OP(word);
	cmd->buffer = PAGECOPY_CMD_OP_BUFFER(word);
	cmd->page = PAGECOPY_CMD_OP_PAGE(word);
	if (PAGECOPY_CMD_OP_MAGIC(word) != PAGECOPY_CMD_MAGIC ||
	    cmd->op < PAGECOPY_OP_READ || cmd->op > PAGECOPY_OP_NOP)
		return -ENOTTY;
	ret = pc_decode_strategy(cmd, PAGECOPY_CMD_OP_STRATEGY(word));
	return ret ?: pc_decode_buffer(cmd, flags);
}

int pc_transfer_begin(struct pc_transfer *t, const struct pc_cmd *cmd,
		      struct pc_outcome *out)
{
	const struct pagecopy_cmd *arg = &cmd->arg;
	u64 start;
	int ret;

	t->copy = (struct pc_copy){
		.strategy = cmd->strategy,
		.to_dev = cmd->op == PAGECOPY_OP_WRITE,
		.dev = pc_pages_range(pc_pages_of(cmd->file), cmd->page,
				      arg->offset, arg->len),
		.buf = &t->buf,
		.len = arg->len,
		.task = current,
	};
	if (IS_ERR(t->copy.dev))
		return PTR_ERR(t->copy.dev);
	if ((u64)arg->len * cmd->mode.repeat > PAGECOPY_CMD_BYTES_MAX)
		return -E2BIG;
	if (fatal_signal_pending(current))
		return -EINTR;
	if (cmd->mode.flags & PAGECOPY_MODE_WALK &&
	    cmd->op != PAGECOPY_OP_TOUCH) {
		ret = pc_walk_start(&t->walk, cmd);
		if (ret)
			return ret;
		t->copy.walk = &t->walk;
	}
	start = pc_clock(cmd->mode);
	ret = pc_buffer_map(&t->buf, cmd);
	out->ns = pc_clock(cmd->mode) - start;
	return ret;
}

void pc_transfer_copy(const struct pc_transfer *t, const struct pc_cmd *cmd,
		      struct pc_outcome *out)
{
	const struct pc_copy *copy = &t->copy;
	u64 start;

	out->res = copy->len;
	out->len = copy->len;
	if (cmd->op == PAGECOPY_OP_TOUCH)
		return;
	start = pc_clock(cmd->mode);
	if (copy->len) {
		int ret = pc_run(copy, cmd->mode.repeat, &out->copies);

		out->res = ret ?: out->res;
	}
	if (copy->walk)
		WRITE_ONCE(cmd->file->walk, copy->walk->at);
	out->ns = pc_clock(cmd->mode) - start;
	if ((u64)copy->len * cmd->mode.repeat >= PC_LONG_BYTES)
		cond_resched();
}

void pc_transfer_end(struct pc_transfer *t, const struct pc_cmd *cmd)
{
	pc_buffer_unmap(&t->buf, cmd);
}

/* Its time is that of reading the clock. */
static void pc_nop(const struct pc_cmd *cmd, struct pc_outcome *out)
{
	const u64 start = pc_clock(cmd->mode);

	out->ns = pc_clock(cmd->mode) - start;
}

void pc_cmd_do(const struct pc_cmd *cmd, struct pc_outcome *out)
{
	struct pc_transfer t;

	if (cmd->op == PAGECOPY_OP_NOP) {
		pc_nop(cmd, out);
		return;
	}
	out->res = pc_transfer_begin(&t, cmd, out);
	if (out->res)
		return;
	pc_transfer_copy(&t, cmd, out);
	pc_transfer_end(&t, cmd);
}
