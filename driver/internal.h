/* SPDX-License-Identifier: GPL-2.0-only */
/* What the files of the module share; the interface to users is abi.h. */
#ifndef PC_INTERNAL_H
#define PC_INTERNAL_H

#include "pagecopy/abi.h"
#include "pagecopy/strategy.h"

#include <linux/fs.h>
#include <linux/list.h>
#include <linux/mutex.h>
#include <linux/percpu.h>
#include <linux/sched.h>
#include <linux/sched/signal.h>
#include <linux/spinlock.h>
#include <linux/uidgid.h>

#include "buffer.h"
#include "cmd.h"
#include "walk.h"

/* Who completes a command does it by its ticket, and nobody but cmd.c. */
#pragma GCC poison io_uring_cmd_done io_uring_cmd_done32
#pragma GCC poison pc_compat_done pc_compat_in_task

/**
 * struct pc_pages - the device pages of an open file, immutable once published
 * @order: of every page
 * @nr:    how many
 * @page:  the pages
 */
struct pc_pages {
	unsigned int order;
	unsigned int nr;
	struct page *page[];
};

/**
 * union pc_mode - a mode and the word it is stored as
 * @mode: what the fields mean
 * @word: read and written in one access
 */
union pc_mode {
	struct pagecopy_mode mode;
	u64 word;
};

/**
 * struct pc_user - what the open files of one user hold together
 * @list:  all users
 * @uid:   who opened the files
 * @files: how many; the last one ends the user
 * @pages: of order 0, held by files or pinned by commands in the workqueue
 */
struct pc_user {
	struct list_head list;
	kuid_t uid;
	unsigned int files;
	atomic_long_t pages;
};

/**
 * struct pc_file - an open file
 * @pages:  NULL until SETUP; published with release, read with acquire
 * @mode:   union pc_mode, from now on
 * @stats:  counted per CPU, summed when asked
 * @setup:  serialises SETUP
 * @user:   who opened it
 * @walk:   the place that the next walk begins at; whoever writes last is right
 * @queued: commands in the workqueue
 * @polled: commands that wait for a poll, under @poll_lock
 * @poll_lock: not taken in interrupts
 */
struct pc_file {
	struct pc_pages *pages;
	u64 mode;
	struct pagecopy_stats __percpu *stats;
	struct mutex setup;
	struct pc_user *user;
	u32 walk;
	atomic_t queued;
	struct list_head polled;
	spinlock_t poll_lock;
};

/**
 * struct pc_live - what exists now, per CPU; only the sum means anything
 * @files: open files
 * @pages: device memory in pages of order 0
 * @pins:  user pages pinned
 * @cmds:  commands given up and not completed
 *
 * In the order of the live_ fields of struct pagecopy_info.
 */
struct pc_live {
	u64 files;
	u64 pages;
	u64 pins;
	u64 cmds;
};

/**
 * struct pc_cmd - one command, decoded; user space cannot reach it
 * @file:	 the open file it came by
 * @ioucmd:	 as io_uring handed it over; NULL for PAGECOPY_IOC_RUN
 * @issue_flags: of the context that runs the command
 * @mode:	 of the file when the command was issued
 * @op:		 enum pagecopy_op
 * @buffer:	 enum pagecopy_buffer
 * @strategy:	 a number that pagecopy_strategies[] can run here; 0 if the
 *		 buffer is PAGECOPY_BUF_COPY
 * @page:	 number of the device page, not yet checked
 * @arg:	 snapshot of the payload, not yet checked; unset for NOP
 */
struct pc_cmd {
	struct pc_file *file;
	struct io_uring_cmd *ioucmd;
	unsigned int issue_flags;
	struct pagecopy_mode mode;
	unsigned int op;
	unsigned int buffer;
	unsigned int strategy;
	unsigned int page;
	struct pagecopy_cmd arg;
};

/**
 * struct pc_outcome - what a command did
 * @ns:	    in-kernel time, if the mode asks for it
 * @res:    for the CQE: bytes copied, or a negative errno
 * @copies: how often the range was copied
 * @len:    bytes of each copy
 */
struct pc_outcome {
	u64 ns;
	s32 res;
	u32 copies;
	u32 len;
};

/**
 * struct pc_copy - a strategy and what it copies
 * @strategy: number, checked
 * @to_dev:   from the buffer to the device page, else the other way
 * @dev:      first byte of the device page concerned
 * @buf:      the buffer, mapped
 * @len:      bytes on either side
 * @walk:     another place for each copy; NULL for the same one
 * @task:     stop when this task is killed
 * @stop:     stop when this becomes true; may be NULL
 */
struct pc_copy {
	unsigned int strategy;
	bool to_dev;
	void *dev;
	const struct pc_buffer *buf;
	u32 len;
	struct pc_walk *walk;
	struct task_struct *task;
	const bool *stop;
};

/**
 * struct pc_transfer - a READ, WRITE or TOUCH between its beginning and its end
 * @copy: what to copy
 * @walk: with PAGECOPY_MODE_WALK
 * @buf:  the buffer, mapped; @copy points to both, so none may move
 */
struct pc_transfer {
	struct pc_copy copy;
	struct pc_walk walk;
	struct pc_buffer buf;
};

/**
 * pc_task_gone() - nobody waits for what this task has submitted
 * @task: referenced, alive or not
 *
 * A task that dies takes the fatal signal off its list, so what it does later
 * is asked as well. A worker of io_uring may leave although its process goes on.
 * The task changes its flags meanwhile: an old answer costs one more batch.
 */
static inline bool pc_task_gone(struct task_struct *task)
{
	const unsigned int flags = READ_ONCE(task->flags);

	return data_race(fatal_signal_pending(task)) ||
	       READ_ONCE(task->signal->flags) & SIGNAL_GROUP_EXIT ||
	       (flags & PF_EXITING && !(flags & PF_IO_WORKER));
}

/* main.c */

DECLARE_PER_CPU(struct pc_live, pc_live);

/* Count something that now exists (@n > 0) or no longer does (@n < 0). */
#define pc_live_add(what, n)	this_cpu_add(pc_live.what, (n))

/* Add to a counter of struct pagecopy_stats. */
#define pc_count(file, counter, n) \
	this_cpu_add((file)->stats->counter, (n))

/* user.c */

/**
 * pc_user_get() - the account of the current user, for a file being opened
 *
 * May sleep. Return: the account, or NULL without memory.
 */
struct pc_user *pc_user_get(void);

/**
 * pc_user_put() - undo pc_user_get()
 * @user: the account
 */
void pc_user_put(struct pc_user *user);

/**
 * pc_user_charge() - put pages on the account
 * @user:  the account
 * @pages: of order 0
 *
 * Any context. Return: 0, or -EDQUOT above the cap of a user.
 */
int pc_user_charge(struct pc_user *user, unsigned long pages);

/**
 * pc_user_uncharge() - undo pc_user_charge()
 * @user:  the account
 * @pages: as charged
 */
void pc_user_uncharge(struct pc_user *user, unsigned long pages);

/* op.c */

/**
 * pc_cmd_decode_word() - take the command word apart
 * @cmd:   @ioucmd set, or NULL; gets op, buffer, strategy and page
 * @word:  sqe->cmd_op
 * @flags: those of the SQE
 *
 * Return: 0, -ENOTTY (no such op or strategy), -EOPNOTSUPP (strategy not here)
 * or -EINVAL (no such buffer, or flags that do not go with it).
 */
int pc_cmd_decode_word(struct pc_cmd *cmd, u32 word, u32 flags);

/**
 * pc_cmd_do() - run a decoded command from beginning to end
 * @cmd: the command
 * @out: filled in
 *
 * May sleep; in a task whose memory the command may name.
 */
void pc_cmd_do(const struct pc_cmd *cmd, struct pc_outcome *out);

/**
 * pc_transfer_begin() - check a READ, WRITE or TOUCH and map its buffer
 * @t:	 filled in; pc_transfer_end() undoes it after success only
 * @cmd: the command
 * @out: gets the time it took
 *
 * May sleep; in a task whose memory the command may name.
 *
 * Return: 0; -ENXIO (no such page), -EINVAL (range), -E2BIG (too much work),
 * -EINTR (killed), or what pc_buffer_map() returns.
 */
int pc_transfer_begin(struct pc_transfer *t, const struct pc_cmd *cmd,
		      struct pc_outcome *out);

/**
 * pc_transfer_copy() - copy what was mapped
 * @t:	 from pc_transfer_begin()
 * @cmd: the command
 * @out: gets result, copies and time
 *
 * May sleep; in any task, unless the buffer is PAGECOPY_BUF_COPY.
 */
void pc_transfer_copy(const struct pc_transfer *t, const struct pc_cmd *cmd,
		      struct pc_outcome *out);

/**
 * pc_transfer_end() - undo pc_transfer_begin()
 * @t:	 from pc_transfer_begin()
 * @cmd: the command
 *
 * In any task.
 */
void pc_transfer_end(struct pc_transfer *t, const struct pc_cmd *cmd);

/* complete.c */

int pc_uring_cmd(struct io_uring_cmd *ioucmd, unsigned int issue_flags);

/**
 * pc_res2() - the second word of a completion
 * @cmd: the command
 * @out: what it did
 * @how: where it completes
 *
 * Return: 0 unless the mode asks for PAGECOPY_MODE_TIME.
 */
u64 pc_res2(const struct pc_cmd *cmd, const struct pc_outcome *out,
	    enum pagecopy_completion how);

/**
 * pc_answer_here() - complete a command in the call that issued it
 * @ticket: of the command
 * @cmd:    the command
 * @out:    what it did; counted here
 */
struct pc_answer pc_answer_here(struct pc_ticket *ticket,
				const struct pc_cmd *cmd,
				const struct pc_outcome *out);

/**
 * pc_run_ioctl() - one command without io_uring
 * @file: the open file
 * @arg:  struct pagecopy_run
 *
 * May sleep. Return: what a CQE would carry, or -EFAULT for a bad @arg.
 */
int pc_run_ioctl(struct pc_file *file, void __user *arg);

/**
 * pc_count_work() - count what a command did
 * @file: the open file
 * @out:  what it did
 */
void pc_count_work(struct pc_file *file, const struct pc_outcome *out);

/**
 * pc_count_end() - count that a command is about to complete
 * @file: the open file
 * @res:  its result
 * @how:  where it completes
 *
 * Before it does: whoever sees the CQE may ask for the counters.
 */
void pc_count_end(struct pc_file *file, s32 res, enum pagecopy_completion how);

/* poll.c */

int pc_uring_cmd_iopoll(struct io_uring_cmd *ioucmd, struct io_comp_batch *iob,
			unsigned int poll_flags);

/**
 * pc_poll_answer() - run a command and let the poll of its ring complete it
 * @ticket: of the command
 * @cmd:    decoded, of an IOPOLL ring
 *
 * May sleep; in a task whose memory the command may name.
 */
struct pc_answer pc_poll_answer(struct pc_ticket *ticket,
				const struct pc_cmd *cmd);

/* work.c */

int pc_work_init(void);
void pc_work_exit(void);

/**
 * pc_work_answer() - give a command up to the workqueue
 * @ticket: of the command
 * @cmd:    decoded
 *
 * May sleep. What cannot be queued is completed at once.
 */
struct pc_answer pc_work_answer(struct pc_ticket *ticket,
				const struct pc_cmd *cmd);

/**
 * pc_work_cancel() - the ring or the task of a command is ending
 * @ioucmd:	 a command that pc_work_answer() marked
 * @issue_flags: of this call
 */
void pc_work_cancel(struct io_uring_cmd *ioucmd, unsigned int issue_flags);

/* pages.c */

/**
 * pc_pages_alloc() - allocate zeroed device pages
 * @setup:     what was asked for, untrusted
 * @max_bytes: the cap of a file
 * @user:      charged
 *
 * Return: the pages, or -EINVAL (bad order, number or reserved field), -EDQUOT
 * (above the cap of the file or of the user) or -ENOMEM as ERR_PTR().
 */
struct pc_pages *pc_pages_alloc(const struct pagecopy_setup *setup,
				u64 max_bytes, struct pc_user *user);

/**
 * pc_pages_free() - undo pc_pages_alloc()
 * @pages: may be NULL
 * @user:  as given there
 */
void pc_pages_free(struct pc_pages *pages, struct pc_user *user);

/**
 * pc_pages_of() - the pages of an open file
 * @file: the open file
 *
 * Return: the pages, which stay until release; NULL before SETUP.
 */
static inline const struct pc_pages *pc_pages_of(const struct pc_file *file)
{
	/* Pairs with the release in pc_file_setup(). */
	return smp_load_acquire(&file->pages);
}

/**
 * pc_pages_range() - check a range of a device page
 * @pages:  of the open file, or NULL
 * @nr:     number of the page, any value
 * @offset: first byte
 * @len:    number of bytes
 *
 * Return: the address of the first byte; -ENXIO when there is no such page, or
 * -EINVAL when the range leaves it, as ERR_PTR().
 */
void *pc_pages_range(const struct pc_pages *pages, u64 nr, u32 offset, u32 len);

loff_t pc_llseek(struct file *filp, loff_t offset, int whence);
ssize_t pc_read(struct file *filp, char __user *to, size_t count, loff_t *pos);
ssize_t pc_write(struct file *filp, const char __user *from, size_t count,
		 loff_t *pos);

/* run.c */

/**
 * pc_run() - run a strategy over mapped memory, several times
 * @copy:   what to copy
 * @repeat: how many times, at least 1
 * @copies: gets how often everything was copied
 *
 * Lets others run between copies.
 *
 * Return: 0; -EINTR if the task was killed, -ECANCELED if it was told to stop,
 * -EFAULT if user memory could not be reached.
 */
int pc_run(const struct pc_copy *copy, u32 repeat, u32 *copies);

/* info.c */

/**
 * pc_info_fill() - describe the module
 * @info:      filled in
 * @max_bytes: device memory one open file may hold
 */
void pc_info_fill(struct pagecopy_info *info, u64 max_bytes);
/* Answer PAGECOPY_IOC_WHY: 0 or the errno of it. */
int pc_info_why(struct pagecopy_why *why);

#endif /* PC_INTERNAL_H */
