/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/*
 * The binary interface of /dev/pagecopy: what a program puts into an SQE, what
 * it finds in the CQE, and the ioctls that set up an open file.
 *
 * Usable from the kernel, from C and from C++. Every number below is frozen:
 * new ones are added, old ones are never changed or reused. docs/abi.md lists
 * the errno of every refusal.
 */
#ifndef PAGECOPY_ABI_H
#define PAGECOPY_ABI_H

#include <linux/ioctl.h>
#include <linux/types.h>

#define PAGECOPY_ABI_VERSION	1
#define PAGECOPY_DEV_NAME	"pagecopy"
#define PAGECOPY_DEV_PATH	"/dev/" PAGECOPY_DEV_NAME

/* Largest page: order 9, 2 MiB where PAGE_SIZE is 4 KiB. */
#define PAGECOPY_ORDER_MAX	9
/* Pages of one open file; the page number in cmd_op is 8 bits wide. */
#define PAGECOPY_PAGES_MAX	256
/* Copies one command may make. */
#define PAGECOPY_REPEAT_MAX	(1U << 20)
/* Bytes one command may copy in all its repeats: about a second of `bytes`. */
#define PAGECOPY_CMD_BYTES_MAX	(1ULL << 30)

/**
 * enum pagecopy_strategy_nr - the number of a strategy on the wire
 *
 * One PAGECOPY_S_name per line of strategies.def. 0 is refused, so that a
 * field nobody set is caught.
 */
enum pagecopy_strategy_nr {
	PAGECOPY_S_NONE = 0,
#define STRATEGY(nr, where, name, ...) \
	PAGECOPY_S_##name = (nr),
#include "pagecopy/strategies.def"
#undef STRATEGY
	PAGECOPY_S_MAX
};

/**
 * enum pagecopy_op - what a command does
 * @PAGECOPY_OP_READ:  copy from the device page to the buffer
 * @PAGECOPY_OP_WRITE: copy from the buffer to the device page
 * @PAGECOPY_OP_TOUCH: check, map and pin as READ would, copy nothing
 * @PAGECOPY_OP_NOP:   check the command word only
 */
enum pagecopy_op {
	PAGECOPY_OP_READ = 1,
	PAGECOPY_OP_WRITE = 2,
	PAGECOPY_OP_TOUCH = 3,
	PAGECOPY_OP_NOP = 4,
};

/**
 * enum pagecopy_buffer - what the address of a command names
 * @PAGECOPY_BUF_USER:   user memory, pinned for the time of the command
 * @PAGECOPY_BUF_FIXED:  user memory inside the registered buffer that
 *			 sqe->buf_index names; needs IORING_URING_CMD_FIXED
 * @PAGECOPY_BUF_KERNEL: @addr is the number of a second device page, copied
 *			 to or from at the same offset
 * @PAGECOPY_BUF_COPY:   user memory, copied by copy_to_user() and
 *			 copy_from_user() without pinning it; the copy is the
 *			 kernel's own, so the strategy must be PAGECOPY_S_NONE
 */
enum pagecopy_buffer {
	PAGECOPY_BUF_USER = 0,
	PAGECOPY_BUF_FIXED = 1,
	PAGECOPY_BUF_KERNEL = 2,
	PAGECOPY_BUF_COPY = 3,
};

/*
 * sqe->cmd_op, 32 bits:
 *
 *	31    24 23    16 15  12 11   8 7       0
 *	| 'P'   | page   | buf  | op   | strategy |
 */
#define PAGECOPY_CMD_MAGIC	0x50U
#define PAGECOPY_CMD_OP(op, buf, strategy, page)			\
	(PAGECOPY_CMD_MAGIC << 24 | ((__u32)(page) & 0xff) << 16 |	\
	 ((__u32)(buf) & 0xf) << 12 | ((__u32)(op) & 0xf) << 8 |	\
	 ((__u32)(strategy) & 0xff))
#define PAGECOPY_CMD_OP_MAGIC(cmd_op)		((__u32)(cmd_op) >> 24)
#define PAGECOPY_CMD_OP_PAGE(cmd_op)		((__u32)(cmd_op) >> 16 & 0xff)
#define PAGECOPY_CMD_OP_BUFFER(cmd_op)		((__u32)(cmd_op) >> 12 & 0xf)
#define PAGECOPY_CMD_OP_OP(cmd_op)		((__u32)(cmd_op) >> 8 & 0xf)
#define PAGECOPY_CMD_OP_STRATEGY(cmd_op)	((__u32)(cmd_op) & 0xff)

/**
 * struct pagecopy_cmd - the payload in sqe->cmd
 * @addr:   user address of the buffer, or the number of the second page
 * @len:    bytes to copy
 * @offset: first byte within the device page
 *
 * @offset, @len and their sum must stay within the page, else -EINVAL. Sixteen
 * bytes is all that every kernel since 6.1 offers in a 64-byte SQE.
 */
struct pagecopy_cmd {
	__u64 addr;
	__u32 len;
	__u32 offset;
};

/**
 * enum pagecopy_completion - where a command runs and how it completes
 * @PAGECOPY_COMPLETE_INLINE: runs and completes where it is submitted
 * @PAGECOPY_COMPLETE_TASK:   runs and completes in task work of the submitter
 * @PAGECOPY_COMPLETE_WORK:   mapped where it is submitted, copied by a
 *			      workqueue, completed in task work
 * @PAGECOPY_COMPLETE_IOWQ:   refused once with -EAGAIN, then runs and completes
 *			      on a worker of io_uring
 * @PAGECOPY_COMPLETE_POLL:   runs where it is submitted, completed by the poll
 *			      of an IOPOLL ring
 */
enum pagecopy_completion {
	PAGECOPY_COMPLETE_INLINE = 0,
	PAGECOPY_COMPLETE_TASK = 1,
	PAGECOPY_COMPLETE_WORK = 2,
	PAGECOPY_COMPLETE_IOWQ = 3,
	PAGECOPY_COMPLETE_POLL = 4,
};

/*
 * The second result word of a 32-byte CQE (cqe->big_cqe[0]), present when the
 * file's mode asks for PAGECOPY_MODE_TIME: nanoseconds in the low 56 bits and
 * enum pagecopy_completion, as it really happened, above them. For READ and
 * WRITE the time is that of all repeats, without mapping and pinning; for
 * TOUCH that of mapping and pinning; for NOP that of reading the clock.
 */
#define PAGECOPY_RES2(ns, how) \
	((__u64)(how) << 56 | ((__u64)(ns) & ((1ULL << 56) - 1)))
#define PAGECOPY_RES2_NS(res2)		((__u64)(res2) & ((1ULL << 56) - 1))
#define PAGECOPY_RES2_HOW(res2)		((__u64)(res2) >> 56)

/**
 * struct pagecopy_info - what this module offers
 * @abi:	PAGECOPY_ABI_VERSION of the module
 * @page_size:	bytes in a page of order 0
 * @max_bytes:	device memory one open file may hold
 * @strategies:	bit n is set when strategy number n works here
 * @memcpy_loop: which loop the kernel's memcpy() is, read from its code:
 *		"rep_movsb", "rep_movsq", "unrolled" or "unknown"
 * @live_files:	open files, of all users
 * @live_pages:	device memory they hold now, in pages of order 0
 * @live_pins:	user pages pinned now
 * @live_cmds:	commands given up to complete later and not yet completed
 */
struct pagecopy_info {
	__u32 abi;
	__u32 page_size;
	__u64 max_bytes;
	__u64 strategies[4];
	char memcpy_loop[16];
	__u64 live_files;
	__u64 live_pages;
	__u64 live_pins;
	__u64 live_cmds;
};

/**
 * struct pagecopy_setup - allocate the pages of an open file, once
 * @order:    of each page: 0 to PAGECOPY_ORDER_MAX
 * @nr_pages: 1 to PAGECOPY_PAGES_MAX
 * @resv:     zero
 */
struct pagecopy_setup {
	__u32 order;
	__u32 nr_pages;
	__u64 resv[2];
};

/* Measure the in-kernel time of every command. */
#define PAGECOPY_MODE_TIME	(1U << 0)
/*
 * A READ or WRITE between pages (PAGECOPY_BUF_KERNEL) takes another place for
 * each repeat, and the next command goes on from there: the range named lies in
 * a block, the smallest power of two of bytes, 64 at least, that holds it from
 * the start of the page on, and the places are that range in each block of the
 * pages from the one named on, as many pages as the numbers of the two are
 * apart, every one once before any comes again.
 */
#define PAGECOPY_MODE_WALK	(1U << 1)
#define PAGECOPY_MODE_ALL	(PAGECOPY_MODE_TIME | PAGECOPY_MODE_WALK)

/**
 * struct pagecopy_mode - how the commands of an open file run, from now on
 * @repeat:	copies a command makes: 1 to PAGECOPY_REPEAT_MAX
 * @completion:	enum pagecopy_completion
 * @flags:	PAGECOPY_MODE_*
 * @resv:	zero
 *
 * Eight bytes, so that a command sees one mode or the next, never a mixture.
 */
struct pagecopy_mode {
	__u32 repeat;
	__u8 completion;
	__u8 flags;
	__u16 resv;
};

/**
 * struct pagecopy_stats - what happened on this open file since it was opened
 * @commands:	commands that reached the module
 * @errors:	of those, the ones that completed with a negative result
 * @copies:	strategy calls for a whole command, repeats counted
 * @bytes:	bytes those moved
 * @kernel_ns:	their in-kernel time, where the mode measured it
 * @pinned:	user pages pinned, in all
 * @unpinned:	user pages unpinned, in all; equals @pinned when idle
 * @completed:	completions by enum pagecopy_completion, as they happened
 * @canceled:	of those, the ones ended because their ring or task was ending
 * @resv:	zero
 */
struct pagecopy_stats {
	__u64 commands;
	__u64 errors;
	__u64 copies;
	__u64 bytes;
	__u64 kernel_ns;
	__u64 pinned;
	__u64 unpinned;
	__u64 completed[5];
	__u64 canceled;
	__u64 resv[3];
};

/**
 * struct pagecopy_run - one command without io_uring, by ioctl
 * @cmd_op: as in sqe->cmd_op; the buffer may not be PAGECOPY_BUF_FIXED
 * @resv:   zero
 * @arg:    as in sqe->cmd
 * @res2:   out: PAGECOPY_RES2() if the mode asks for PAGECOPY_MODE_TIME, else 0
 *
 * Runs in the caller whatever completion the mode names, and is counted as
 * PAGECOPY_COMPLETE_INLINE. The ioctl returns what the CQE would carry.
 */
struct pagecopy_run {
	__u32 cmd_op;
	__u32 resv;
	struct pagecopy_cmd arg;
	__u64 res2;
};

/**
 * struct pagecopy_why - why a strategy does not work here
 * @nr:	  of the strategy, enum pagecopy_strategy_nr
 * @resv: zero
 * @why:  out: the reason, in words; empty when it works
 *
 * Says in words what @strategies of struct pagecopy_info says in bits.
 */
struct pagecopy_why {
	__u32 nr;
	__u32 resv;
	char why[56];
};

#define PAGECOPY_IOC_INFO	_IOR('P', 0x80, struct pagecopy_info)
#define PAGECOPY_IOC_SETUP	_IOW('P', 0x81, struct pagecopy_setup)
#define PAGECOPY_IOC_MODE	_IOW('P', 0x82, struct pagecopy_mode)
#define PAGECOPY_IOC_STATS	_IOR('P', 0x83, struct pagecopy_stats)
#define PAGECOPY_IOC_RUN	_IOWR('P', 0x84, struct pagecopy_run)
#define PAGECOPY_IOC_WHY	_IOWR('P', 0x85, struct pagecopy_why)

#ifdef __cplusplus
#define PAGECOPY_ASSERT(expr, why)	static_assert(expr, why)
#else
#define PAGECOPY_ASSERT(expr, why)	_Static_assert(expr, why)
#endif

PAGECOPY_ASSERT(sizeof(struct pagecopy_cmd) == 16,
		"must fit the command area of a 64-byte SQE");
PAGECOPY_ASSERT(sizeof(struct pagecopy_info) == 96, "frozen");
PAGECOPY_ASSERT(sizeof(struct pagecopy_setup) == 24, "frozen");
PAGECOPY_ASSERT(sizeof(struct pagecopy_mode) == 8, "one atomic word");
PAGECOPY_ASSERT(sizeof(struct pagecopy_stats) == 128, "frozen");
PAGECOPY_ASSERT(sizeof(struct pagecopy_run) == 32, "frozen");
PAGECOPY_ASSERT(sizeof(struct pagecopy_why) == 64, "frozen");
PAGECOPY_ASSERT(PAGECOPY_S_MAX <= 256, "strategy numbers are 8 bits");

#endif /* PAGECOPY_ABI_H */
