// SPDX-License-Identifier: GPL-2.0-only
/*
 * The completion modes: where io_uring calls in, and where each command runs
 * and completes. Workqueue and poll have files of their own, work.c and poll.c.
 */
#include "internal.h"

#include <linux/sched.h>
#include <linux/uaccess.h>

/**
 * struct pc_kept_pdu - a command on its way to task work or to a worker
 * @arg:  payload, read when the command was issued: the SQE is gone by then
 * @mode: of the file when the command was issued
 */
struct pc_kept_pdu {
	struct pagecopy_cmd arg;
	struct pagecopy_mode mode;
};

void pc_count_work(struct pc_file *file, const struct pc_outcome *out)
{
	if (out->copies) {
		pc_count(file, copies, out->copies);
		pc_count(file, bytes, (u64)out->copies * out->len);
	}
	if (out->ns)
		pc_count(file, kernel_ns, out->ns);
}

void pc_count_end(struct pc_file *file, s32 res, enum pagecopy_completion how)
{
	pc_count(file, commands, 1);
	pc_count(file, completed[how], 1);
	if (res < 0)
		pc_count(file, errors, 1);
	if (res == -ECANCELED)
		pc_count(file, canceled, 1);
}

u64 pc_res2(const struct pc_cmd *cmd, const struct pc_outcome *out,
	    enum pagecopy_completion how)
{
	if (!(cmd->mode.flags & PAGECOPY_MODE_TIME))
		return 0;
	return PAGECOPY_RES2(out->ns, how);
}

struct pc_answer pc_answer_here(struct pc_ticket *ticket,
				const struct pc_cmd *cmd,
				const struct pc_outcome *out)
{
	const unsigned int flags = cmd->issue_flags;
	const enum pagecopy_completion how = flags & IO_URING_F_UNLOCKED ?
		PAGECOPY_COMPLETE_IOWQ : PAGECOPY_COMPLETE_INLINE;
	const bool want_res2 = cmd->mode.flags & PAGECOPY_MODE_TIME &&
			       flags & IO_URING_F_CQE32;

	pc_count_work(cmd->file, out);
	pc_count_end(cmd->file, out->res, how);
	return pc_answer_result(ticket, out->res, pc_res2(cmd, out, how),
				want_res2, flags);
}

/* For another context; pc_kept() is its counterpart there. */
static void pc_keep(const struct pc_cmd *cmd)
{
	*pc_cmd_pdu(cmd->ioucmd, struct pc_kept_pdu) = (struct pc_kept_pdu){
		.arg = cmd->arg,
		.mode = cmd->mode,
	};
}

static void pc_kept(struct pc_cmd *cmd)
{
	const struct pc_kept_pdu *pdu = pc_cmd_pdu(cmd->ioucmd,
						   struct pc_kept_pdu);

	cmd->arg = pdu->arg;
	cmd->mode = pdu->mode;
}

static int pc_decode(struct pc_cmd *cmd)
{
	int ret;

	ret = pc_cmd_decode_word(cmd, cmd->ioucmd->cmd_op, cmd->ioucmd->flags);
	if (ret || cmd->op == PAGECOPY_OP_NOP || pc_cmd_is_again(cmd->ioucmd))
		return ret;
	return pc_cmd_payload_read(cmd->ioucmd, cmd->issue_flags, &cmd->arg);
}

/*
 * An IOPOLL ring is driven by polling: it runs no task work, and a worker would
 * wait for the poll as well. Only a task has the memory that COPY needs.
 */
static int pc_check_completion(const struct pc_cmd *cmd)
{
	const bool iopoll = cmd->issue_flags & IO_URING_F_IOPOLL;

	switch (cmd->mode.completion) {
	case PAGECOPY_COMPLETE_INLINE:
		return 0;
	case PAGECOPY_COMPLETE_POLL:
		return iopoll ? 0 : -EOPNOTSUPP;
	case PAGECOPY_COMPLETE_WORK:
		if (cmd->buffer == PAGECOPY_BUF_COPY)
			return -EOPNOTSUPP;
	}
	return iopoll ? -EOPNOTSUPP : 0;
}

/* Without memory the task is gone, and a kernel thread runs what it left. */
static void pc_task_do(struct pc_cmd *cmd, struct pc_outcome *out)
{
	pc_kept(cmd);
	out->res = current->mm ? 0 : -ECANCELED;
	if (!out->res)
		out->res = pc_cmd_decode_word(cmd, cmd->ioucmd->cmd_op,
					      cmd->ioucmd->flags);
	if (!out->res)
		pc_cmd_do(cmd, out);
}

PC_TASK_WORK(pc_task_work)
{
	struct pc_ticket ticket = pc_ticket_of(ioucmd);
	struct pc_cmd cmd = {
		.file = ioucmd->file->private_data,
		.ioucmd = ioucmd,
		.issue_flags = issue_flags,
	};
	struct pc_outcome out = {};

	pc_task_do(&cmd, &out);
	pc_count_work(cmd.file, &out);
	pc_count_end(cmd.file, out.res, PAGECOPY_COMPLETE_TASK);
	pc_live_add(cmds, -1);
	pc_complete(&ticket, out.res,
		    pc_res2(&cmd, &out, PAGECOPY_COMPLETE_TASK), issue_flags);
}

static struct pc_answer pc_task_answer(struct pc_ticket *ticket,
				       const struct pc_cmd *cmd)
{
	pc_keep(cmd);
	pc_live_add(cmds, 1);
	return pc_answer_task(ticket, pc_task_work);
}

static struct pc_answer pc_iowq_answer(struct pc_ticket *ticket,
				       const struct pc_cmd *cmd)
{
	pc_keep(cmd);
	pc_cmd_mark_again(cmd->ioucmd);
	return pc_answer_again(ticket);
}

static struct pc_answer pc_issue(struct pc_ticket *ticket, struct pc_cmd *cmd)
{
	struct pc_outcome out = {};

	out.res = pc_decode(cmd);
	if (!out.res)
		out.res = pc_check_completion(cmd);
	if (out.res)
		return pc_answer_here(ticket, cmd, &out);
	switch (cmd->mode.completion) {
	case PAGECOPY_COMPLETE_TASK:
		return pc_task_answer(ticket, cmd);
	case PAGECOPY_COMPLETE_WORK:
		return pc_work_answer(ticket, cmd);
	case PAGECOPY_COMPLETE_POLL:
		return pc_poll_answer(ticket, cmd);
	case PAGECOPY_COMPLETE_IOWQ:
		if (cmd->issue_flags & IO_URING_F_NONBLOCK)
			return pc_iowq_answer(ticket, cmd);
	}
	pc_cmd_do(cmd, &out);
	return pc_answer_here(ticket, cmd, &out);
}

int pc_uring_cmd(struct io_uring_cmd *ioucmd, unsigned int issue_flags)
{
	struct pc_file *file = ioucmd->file->private_data;
	const union pc_mode now = { .word = READ_ONCE(file->mode) };
	struct pc_ticket ticket = pc_ticket_of(ioucmd);
	struct pc_cmd cmd = {
		.file = file,
		.ioucmd = ioucmd,
		.issue_flags = issue_flags,
		.mode = now.mode,
	};

	if (pc_cmd_is_cancel(issue_flags)) {
		pc_work_cancel(ioucmd, issue_flags);
		return 0;
	}
	if (pc_cmd_is_again(ioucmd))
		pc_kept(&cmd);
	return pc_issue(&ticket, &cmd).ret;
}

static int pc_run_decode(struct pc_cmd *cmd, const struct pagecopy_run *run)
{
	int ret;

	if (run->resv)
		return -EINVAL;
	ret = pc_cmd_decode_word(cmd, run->cmd_op, 0);
	cmd->arg = run->arg;
	return ret;
}

int pc_run_ioctl(struct pc_file *file, void __user *arg)
{
	const union pc_mode now = { .word = READ_ONCE(file->mode) };
	struct pc_cmd cmd = { .file = file, .mode = now.mode };
	struct pagecopy_run run, __user *user = arg;
	struct pc_outcome out = {};

	if (copy_from_user(&run, user, sizeof(run)))
		return -EFAULT;
	out.res = pc_run_decode(&cmd, &run);
	if (!out.res)
		pc_cmd_do(&cmd, &out);
	pc_count_work(file, &out);
	pc_count_end(file, out.res, PAGECOPY_COMPLETE_INLINE);
	if (put_user(pc_res2(&cmd, &out, PAGECOPY_COMPLETE_INLINE),
		     &user->res2))
		return -EFAULT;
	return out.res;
}
