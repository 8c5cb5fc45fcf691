// SPDX-License-Identifier: GPL-2.0-only
/* The command object: the right to complete, and the payload. */
#include "cmd.h"

#include <linux/bug.h>
#include <linux/build_bug.h>
#include <linux/compiler.h>
#include <linux/errno.h>

#include "testable.h"

/* Words of the command area of a 128-byte SQE. */
#define PC_SQE128_WORDS	(80 / sizeof(u64))

/* Beside an answer, the only ways in which io_uring is told anything. */

PC_STATIC void pc_post(struct io_uring_cmd *ioucmd, s32 res, u64 res2,
		       unsigned int issue_flags)
{
	PC_TESTABLE(pc_post, ioucmd, res, res2, issue_flags);
	pc_compat_done(ioucmd, res, res2, issue_flags);
}

PC_STATIC void pc_post_task(struct io_uring_cmd *ioucmd, pc_task_work_fn *fn)
{
	PC_TESTABLE(pc_post_task, ioucmd, fn);
	pc_compat_in_task(ioucmd, fn);
}

static struct pc_answer pc_return(int ret)
{
	return (struct pc_answer){ ret };
}

PC_STATIC void pc_ticket_empty(void)
{
	PC_TESTABLE(pc_ticket_empty);
	WARN_ONCE(1, "pagecopy: a command was to be completed twice\n");
}

/* NULL if the right was used before. */
static struct io_uring_cmd *pc_ticket_use(struct pc_ticket *ticket)
{
	struct io_uring_cmd *ioucmd = ticket->ioucmd;

	if (unlikely(!ioucmd))
		pc_ticket_empty();
	ticket->ioucmd = NULL;
	return ioucmd;
}

struct pc_answer pc_answer_result(struct pc_ticket *ticket, s32 res, u64 res2,
				  bool want_res2, unsigned int issue_flags)
{
	struct io_uring_cmd *ioucmd = pc_ticket_use(ticket);

	if (!ioucmd)
		return pc_return(-EIOCBQUEUED);
	if (!want_res2 && pc_cmd_may_return(res, issue_flags))
		return pc_return(res);
	pc_post(ioucmd, res, res2, issue_flags);
	return pc_return(-EIOCBQUEUED);
}

struct pc_answer pc_answer_again(struct pc_ticket *ticket)
{
	return pc_return(pc_ticket_use(ticket) ? -EAGAIN : -EIOCBQUEUED);
}

struct pc_answer pc_answer_task(struct pc_ticket *ticket, pc_task_work_fn *fn)
{
	pc_complete_in_task(ticket, fn);
	return pc_return(-EIOCBQUEUED);
}

struct pc_answer pc_answer_kept(struct pc_ticket *ticket,
				struct pc_ticket *keep)
{
	keep->ioucmd = pc_ticket_use(ticket);
	return pc_return(-EIOCBQUEUED);
}

struct pc_answer pc_answer_polled(struct pc_ticket *ticket)
{
	pc_ticket_use(ticket);
	return pc_return(-EIOCBQUEUED);
}

void pc_complete(struct pc_ticket *ticket, s32 res, u64 res2,
		 unsigned int issue_flags)
{
	struct io_uring_cmd *ioucmd = pc_ticket_use(ticket);

	if (ioucmd)
		pc_post(ioucmd, res, res2, issue_flags);
}

void pc_complete_in_task(struct pc_ticket *ticket, pc_task_work_fn *fn)
{
	struct io_uring_cmd *ioucmd = pc_ticket_use(ticket);

	if (ioucmd)
		pc_post_task(ioucmd, fn);
}

int pc_cmd_payload_read(const struct io_uring_cmd *ioucmd,
			unsigned int issue_flags, struct pagecopy_cmd *arg)
{
	const struct pagecopy_cmd *shared = pc_cmd_payload(ioucmd);
	const u64 *word = (const u64 *)shared;
	unsigned int i;

	arg->addr = READ_ONCE(shared->addr);
	arg->len = READ_ONCE(shared->len);
	arg->offset = READ_ONCE(shared->offset);
	if (!(issue_flags & IO_URING_F_SQE128))
		return 0;
	for (i = sizeof(*shared) / sizeof(*word); i < PC_SQE128_WORDS; i++)
		if (READ_ONCE(word[i]))
			return -EINVAL;
	return 0;
}
