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
 * way to complete is always right.
 */
static inline bool pc_cmd_may_return(int ret)
{
#ifdef io_uring_cmd_to_pdu
	return true;
#else
	return ret <= 0;
#endif
}

/*
 * Complete a command that is not to be completed by returning its result. A
 * ring with 16-byte CQEs, where pc_cmd_may_return() said no, drops @res2.
 * 6.18 dropped the word from io_uring_cmd_done() and gave it a function of its
 * own; CQE_MIXED came in the same merge window.
 */
static inline void pc_cmd_done(struct io_uring_cmd *ioucmd, s32 ret, u64 res2,
			       unsigned int issue_flags)
{
#ifdef IORING_SETUP_CQE_MIXED
	io_uring_cmd_done32(ioucmd, ret, res2, issue_flags);
#else
	io_uring_cmd_done(ioucmd, ret, res2, issue_flags);
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
