/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The command object: what a driver needs to know of struct io_uring_cmd, and
 * the law of its completion. docs/uring-cmd.md explains it.
 *
 * A command is completed once, either by the answer to io_uring or later, by
 * whoever it was given up to. Here that right is a thing that can be held, used
 * and moved: struct pc_ticket. A handler answers with struct pc_answer, which
 * only the functions below make and only from a ticket. So
 *
 * - returning a bare errno does not compile;
 * - an answer without a ticket, a second completion, or a completion after an
 *   answer find the ticket empty: they warn, and io_uring hears nothing twice.
 *
 * Who may make a ticket is who was just called by io_uring: the entry points of
 * complete.c and work.c, and nobody else.
 */
#ifndef PC_CMD_H
#define PC_CMD_H

#include "pagecopy/abi.h"

#include <linux/types.h>

#include "compat.h"

/**
 * struct pc_ticket - the right to complete one command
 * @ioucmd: the command; NULL once the right was used or moved
 */
struct pc_ticket {
	struct io_uring_cmd *ioucmd;
};

/**
 * struct pc_answer - what ->uring_cmd() returns
 * @ret: a result, -EAGAIN, or -EIOCBQUEUED for a command given up
 */
struct pc_answer {
	int ret;
};

/**
 * pc_ticket_of() - the right to complete a command io_uring just called for
 * @ioucmd: the command
 */
static inline struct pc_ticket pc_ticket_of(struct io_uring_cmd *ioucmd)
{
	return (struct pc_ticket){ ioucmd };
}

/**
 * pc_answer_result() - complete a command where it was issued
 * @ticket:	 used up
 * @res:	 for the CQE
 * @res2:	 for the second half of a 32-byte CQE
 * @want_res2:	 whether that word is needed; without it returning is cheaper
 * @issue_flags: of this call
 */
struct pc_answer pc_answer_result(struct pc_ticket *ticket, s32 res, u64 res2,
				  bool want_res2, unsigned int issue_flags);

/**
 * pc_answer_again() - have a worker issue the command once more
 * @ticket: used up; the next issue comes with its own
 */
struct pc_answer pc_answer_again(struct pc_ticket *ticket);

/**
 * pc_answer_task() - give the command up to task work of its submitter
 * @ticket: used up; @fn makes its own
 * @fn:	    defined by PC_TASK_WORK()
 */
struct pc_answer pc_answer_task(struct pc_ticket *ticket, pc_task_work_fn *fn);

/**
 * pc_answer_kept() - give the command up to the holder of another ticket
 * @ticket: used up
 * @keep:   gets the right; must be in place before anyone can look for it
 */
struct pc_answer pc_answer_kept(struct pc_ticket *ticket,
				struct pc_ticket *keep);

/**
 * pc_answer_polled() - leave the command to the poll of its IOPOLL ring
 * @ticket: used up; ->uring_cmd_iopoll() makes its own
 */
struct pc_answer pc_answer_polled(struct pc_ticket *ticket);

/**
 * pc_complete() - complete a command that was given up
 * @ticket:	 used up
 * @res:	 for the CQE
 * @res2:	 for the second half of a 32-byte CQE
 * @issue_flags: of the context that completes, never saved from another
 */
void pc_complete(struct pc_ticket *ticket, s32 res, u64 res2,
		 unsigned int issue_flags);

/**
 * pc_complete_in_task() - complete a command from a context io_uring lacks
 * @ticket: used up; @fn makes its own
 * @fn:	    defined by PC_TASK_WORK()
 *
 * From any context that may not complete by itself, as a workqueue.
 */
void pc_complete_in_task(struct pc_ticket *ticket, pc_task_work_fn *fn);

/**
 * pc_cmd_payload_read() - snapshot the payload of a command
 * @ioucmd:	 the command
 * @issue_flags: tell whether the SQE has 128 bytes
 * @arg:	 filled in
 *
 * The payload lies in memory that user space may be writing, so each of its
 * words is read once, and what was read is all that is ever looked at. Only in
 * the call that issues the command: later the memory is gone.
 *
 * Return: 0, or -EINVAL if the 64 reserved bytes of a large SQE are not zero.
 */
int pc_cmd_payload_read(const struct io_uring_cmd *ioucmd,
			unsigned int issue_flags, struct pagecopy_cmd *arg);

#ifdef PC_KUNIT
void pc_ticket_empty(void);
void pc_post(struct io_uring_cmd *ioucmd, s32 res, u64 res2,
	     unsigned int issue_flags);
void pc_post_task(struct io_uring_cmd *ioucmd, pc_task_work_fn *fn);
#endif

#endif /* PC_CMD_H */
