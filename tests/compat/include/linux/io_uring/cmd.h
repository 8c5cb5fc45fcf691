/* SPDX-License-Identifier: MIT */
/*
 * A stand-in for the io_uring command interface of a newer kernel: names,
 * types and macros as a driver sees them, nothing that works. STAND_IN says
 * which kernel: 618, 619 or 700. Found instead of the kernel's own header.
 *
 * Functions are static here, so that a module of these links.
 */
#ifndef STAND_IN_IO_URING_CMD_H
#define STAND_IN_IO_URING_CMD_H

#include <linux/build_bug.h>
#include <linux/io_uring_types.h>
#include <linux/stddef.h>
#include <linux/types.h>
#include <uapi/linux/io_uring.h>

struct file;
struct iov_iter;

/* Of include/uapi/linux/io_uring.h. */
#define IORING_SETUP_CQE_MIXED		(1U << 18)
#define IORING_URING_CMD_MULTISHOT	(1U << 1)

#define IORING_URING_CMD_CANCELABLE	(1U << 30)
#define IORING_URING_CMD_REISSUE	(1U << 31)

struct io_uring_cmd {
	struct file *file;
	const struct io_uring_sqe *sqe;
	u32 cmd_op;
	u32 flags;
	u8 pdu[32];
	u8 unused[8];
};

#define io_uring_cmd_to_pdu(cmd, type) ({				\
	BUILD_BUG_ON(sizeof(type) > sizeof((cmd)->pdu));		\
	(type *)&(cmd)->pdu;						\
})

#if STAND_IN >= 700
#define io_uring_sqe_cmd(sqe, type) ({					\
	BUILD_BUG_ON(sizeof(type) > sizeof(struct io_uring_sqe) -	\
		     offsetof(struct io_uring_sqe, cmd));		\
	(const type *)(sqe)->cmd;					\
})
#define io_uring_sqe128_cmd(sqe, type) ({				\
	BUILD_BUG_ON(sizeof(type) > 2 * sizeof(struct io_uring_sqe) -	\
		     offsetof(struct io_uring_sqe, cmd));		\
	(const type *)(sqe)->cmd;					\
})
#else
static inline const void *io_uring_sqe_cmd(const struct io_uring_sqe *sqe)
{
	return sqe->cmd;
}
#endif

/* What runs in the task: a function of the request from 6.19 on. */
#if STAND_IN >= 619
#define IO_URING_CMD_TASK_WORK_ISSUE_FLAGS	IO_URING_F_COMPLETE_DEFER

typedef void (*io_uring_cmd_tw_t)(struct io_tw_req tw_req, io_tw_token_t tw);

static inline struct io_uring_cmd *io_uring_cmd_from_tw(struct io_tw_req req)
{
	return (struct io_uring_cmd *)req.req;
}
#else
typedef void (*io_uring_cmd_tw_t)(struct io_uring_cmd *cmd,
				  unsigned int issue_flags);
#endif

static inline void io_uring_cmd_do_in_task_lazy(struct io_uring_cmd *cmd,
						io_uring_cmd_tw_t work)
{
}

static inline void io_uring_cmd_complete_in_task(struct io_uring_cmd *cmd,
						 io_uring_cmd_tw_t work)
{
}

static inline void io_uring_cmd_done(struct io_uring_cmd *cmd, s32 ret,
				     unsigned int issue_flags)
{
}

static inline void io_uring_cmd_done32(struct io_uring_cmd *cmd, s32 ret,
				       u64 res2, unsigned int issue_flags)
{
}

static inline int io_uring_cmd_import_fixed(u64 addr, unsigned long len,
					    int rw, struct iov_iter *iter,
					    struct io_uring_cmd *cmd,
					    unsigned int issue_flags)
{
	return 0;
}

static inline void *io_uring_cmd_ctx_handle(struct io_uring_cmd *cmd)
{
	return cmd;
}

static inline void io_uring_cmd_mark_cancelable(struct io_uring_cmd *cmd,
						unsigned int issue_flags)
{
}

#endif /* STAND_IN_IO_URING_CMD_H */
