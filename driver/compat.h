/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What differs between kernels from 6.1 on, each with its reason. The rest of
 * the module reads as if only the newest existed. Where a change left a macro
 * behind, the macro is asked and not the version: vendor trees carry changes
 * back.
 */
#ifndef PC_COMPAT_H
#define PC_COMPAT_H

#include "pagecopy/abi.h"

#include <linux/io_uring_types.h>
#include <linux/uio.h>
#include <linux/version.h>

/* The header was split from linux/io_uring.h in 6.8. */
#if __has_include(<linux/io_uring/cmd.h>)
#include <linux/io_uring/cmd.h>
#else
#include <linux/io_uring.h>
#endif

#ifndef CONFIG_64BIT
#error "pagecopy needs a 64-bit kernel: pages are reached without a mapping"
#endif

/*
 * The payload of a command, in memory that user space may still be writing.
 * 7.0 made the accessor typed; 6.5 replaced the payload pointer by the SQE.
 */
static inline const void *pc_cmd_payload(const struct io_uring_cmd *ioucmd)
{
#if defined(io_uring_sqe128_cmd)
	return io_uring_sqe_cmd(ioucmd->sqe, struct pagecopy_cmd);
#elif LINUX_VERSION_CODE >= KERNEL_VERSION(6, 5, 0)
	return io_uring_sqe_cmd(ioucmd->sqe);
#else
	return ioucmd->cmd;
#endif
}

/*
 * May the handler just return this result? Before 6.11 io_uring took a positive
 * one for an error: links were cancelled, and from a worker no CQE was posted.
 * The fix left no macro; the one asked for is of 6.12, and before it the other
 * way to complete is always right. So it is for an IOPOLL ring, where 6.1 also
 * polls for a command whose result was returned.
 */
static inline bool pc_cmd_may_return(int ret, unsigned int issue_flags)
{
	if (issue_flags & IO_URING_F_IOPOLL)
		return false;
#ifdef io_uring_cmd_to_pdu
	return true;
#else
	return ret <= 0;
#endif
}

/*
 * Complete a command that is not completed by returning its result. A ring with
 * 16-byte CQEs drops @res2. 6.18 dropped the word from io_uring_cmd_done() and
 * gave it a function of its own; CQE_MIXED came in the same merge window.
 */
static inline void pc_compat_done(struct io_uring_cmd *ioucmd, s32 ret,
				  u64 res2, unsigned int issue_flags)
{
#ifdef IORING_SETUP_CQE_MIXED
	io_uring_cmd_done32(ioucmd, ret, res2, issue_flags);
#else
	io_uring_cmd_done(ioucmd, ret, res2, issue_flags);
#endif
}

/*
 * The private area of a command as a @type; too large a type does not compile.
 * 6.12 brought the macro, the 32 bytes were always there.
 */
#ifdef io_uring_cmd_to_pdu
#define pc_cmd_pdu(ioucmd, type)	io_uring_cmd_to_pdu(ioucmd, type)
#else
#define pc_cmd_pdu(ioucmd, type) ({					\
	BUILD_BUG_ON(sizeof(type) > sizeof((ioucmd)->pdu));		\
	(type *)(ioucmd)->pdu;						\
})
#endif

/*
 * Define task work of a command: a function of (struct io_uring_cmd *ioucmd,
 * unsigned int issue_flags), where the flags are those of the completing
 * context. 6.19 hands over a request and keeps the flags in a constant.
 */
#ifdef IO_URING_CMD_TASK_WORK_ISSUE_FLAGS
#define PC_TASK_WORK(name)						\
static void name##_body(struct io_uring_cmd *ioucmd,			\
			unsigned int issue_flags);			\
static void name(struct io_tw_req req, io_tw_token_t tw)		\
{									\
	name##_body(io_uring_cmd_from_tw(req),				\
		    IO_URING_CMD_TASK_WORK_ISSUE_FLAGS);		\
}									\
static void name##_body(struct io_uring_cmd *ioucmd,			\
			unsigned int issue_flags)
typedef void pc_task_work_fn(struct io_tw_req req, io_tw_token_t tw);
#else
#define PC_TASK_WORK(name)						\
static void name(struct io_uring_cmd *ioucmd, unsigned int issue_flags)
typedef void pc_task_work_fn(struct io_uring_cmd *ioucmd,
			     unsigned int issue_flags);
#endif

/* 6.5 can wait until the task looks for completions anyway; no macro tells. */
static inline void pc_compat_in_task(struct io_uring_cmd *ioucmd,
				     pc_task_work_fn *fn)
{
#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 5, 0)
	io_uring_cmd_do_in_task_lazy(ioucmd, fn);
#else
	io_uring_cmd_complete_in_task(ioucmd, fn);
#endif
}

/*
 * Mark a command that a worker will issue again. 6.12 then still has the payload
 * where user space may have put the next command, so the first issue has to keep
 * it; later kernels copy it in time, and since 6.17 mark the command themselves.
 * The upper byte of the flags is the kernel's: no SQE can set a bit there.
 */
#define PC_CMD_AGAIN	(1U << 24)

static inline void pc_cmd_mark_again(struct io_uring_cmd *ioucmd)
{
	ioucmd->flags |= PC_CMD_AGAIN;
}

static inline bool pc_cmd_is_again(const struct io_uring_cmd *ioucmd)
{
	return ioucmd->flags & PC_CMD_AGAIN;
}

/*
 * The ring of a command: to be compared, and for nothing else. There is a
 * function for it since some release before 6.18, and no macro tells.
 */
static inline const void *pc_cmd_ring(struct io_uring_cmd *ioucmd)
{
#ifdef IORING_SETUP_CQE_MIXED
	return io_uring_cmd_ctx_handle(ioucmd);
#else
	return cmd_to_io_kiocb(ioucmd)->ctx;
#endif
}

/* From 6.7 on io_uring calls again for a command whose ring or task ends. */
static inline bool pc_cmd_is_cancel(unsigned int issue_flags)
{
#ifdef IORING_URING_CMD_CANCELABLE
	return issue_flags & IO_URING_F_CANCEL;
#else
	return false;
#endif
}

static inline void pc_cmd_mark_cancelable(struct io_uring_cmd *ioucmd,
					  unsigned int issue_flags)
{
#ifdef IORING_URING_CMD_CANCELABLE
	io_uring_cmd_mark_cancelable(ioucmd, issue_flags);
#endif
}

/* 6.15 asks for the issue flags; no macro tells. */
static inline int pc_cmd_import_fixed(struct io_uring_cmd *ioucmd, u64 addr,
				      size_t len, int direction,
				      struct iov_iter *iter,
				      unsigned int issue_flags)
{
#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 15, 0)
	return io_uring_cmd_import_fixed(addr, len, direction, iter, ioucmd,
					 issue_flags);
#else
	return io_uring_cmd_import_fixed(addr, len, direction, iter, ioucmd);
#endif
}

#endif /* PC_COMPAT_H */
