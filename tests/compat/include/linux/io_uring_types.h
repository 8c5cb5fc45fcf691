/* SPDX-License-Identifier: MIT */
/* A stand-in, see io_uring/cmd.h. The values are not the kernel's. */
#ifndef STAND_IN_IO_URING_TYPES_H
#define STAND_IN_IO_URING_TYPES_H

#include <linux/types.h>

struct io_kiocb;

enum io_uring_cmd_flags {
	IO_URING_F_COMPLETE_DEFER	= 1 << 0,
	IO_URING_F_UNLOCKED		= 1 << 1,
	IO_URING_F_MULTISHOT		= 1 << 2,
	IO_URING_F_IOWQ			= 1 << 3,
	IO_URING_F_INLINE		= 1 << 4,
	IO_URING_F_NONBLOCK		= 1 << 5,
	IO_URING_F_SQE128		= 1 << 6,
	IO_URING_F_CQE32		= 1 << 7,
	IO_URING_F_IOPOLL		= 1 << 8,
	IO_URING_F_CANCEL		= 1 << 9,
	IO_URING_F_COMPAT		= 1 << 10,
};

struct io_tw_state {
	bool cancel;
};

typedef struct io_tw_state io_tw_token_t;

struct io_tw_req {
	struct io_kiocb *req;
};

#endif /* STAND_IN_IO_URING_TYPES_H */
