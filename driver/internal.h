/* SPDX-License-Identifier: GPL-2.0-only */
/* What the files of the module share; the interface to users is abi.h. */
#ifndef PC_INTERNAL_H
#define PC_INTERNAL_H

#include "pagecopy/abi.h"
#include "pagecopy/strategy.h"

#include <linux/bvec.h>
#include <linux/fs.h>
#include <linux/mutex.h>
#include <linux/percpu.h>

#include "compat.h"

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
 * struct pc_file - an open file
 * @pages: NULL until SETUP; published with release, read with acquire
 * @mode:  union pc_mode, from now on
 * @stats: counted per CPU, summed when asked
 * @setup: serialises SETUP
 */
struct pc_file {
	struct pc_pages *pages;
	u64 mode;
	struct pagecopy_stats __percpu *stats;
	struct mutex setup;
};

/**
 * struct pc_cmd - one command, decoded; user space cannot reach it
 * @ioucmd:	 as io_uring handed it over
 * @issue_flags: of the context that runs the command
 * @op:		 enum pagecopy_op
 * @buffer:	 enum pagecopy_buffer
 * @strategy:	 a number that pagecopy_strategies[] can run here
 * @page:	 number of the device page, not yet checked
 * @arg:	 snapshot of the payload, not yet checked; unset for NOP
 */
struct pc_cmd {
	struct io_uring_cmd *ioucmd;
	unsigned int issue_flags;
	unsigned int op;
	unsigned int buffer;
	unsigned int strategy;
	unsigned int page;
	struct pagecopy_cmd arg;
};

/* Entries of a buffer that need no allocation: 32 KiB at any alignment. */
#define PC_BUFFER_INLINE	9

/**
 * struct pc_buffer - the other side of a copy, mapped
 * @bvec:	  its memory
 * @iter:	  which part of @bvec a command uses
 * @linear:	  kernel memory, to be copied in one call; NULL otherwise
 * @pages:	  the pages pinned for this command
 * @nr_pinned:	  how many
 * @heap:	  backs @bvec and @pages when the inline arrays are too small
 * @inline_bvec:  backs @bvec for few pages
 * @inline_pages: backs @pages for few pages
 */
struct pc_buffer {
	const struct bio_vec *bvec;
	struct bvec_iter iter;
	void *linear;
	struct page **pages;
	unsigned int nr_pinned;
	void *heap;
	struct bio_vec inline_bvec[PC_BUFFER_INLINE];
	struct page *inline_pages[PC_BUFFER_INLINE];
};

/**
 * struct pc_copy - a strategy and what it copies
 * @strategy: number, checked
 * @to_dev:   from the buffer to the device page, else the other way
 * @dev:      first byte of the device page concerned
 * @buf:      the buffer, mapped
 * @len:      bytes on either side
 */
struct pc_copy {
	unsigned int strategy;
	bool to_dev;
	void *dev;
	const struct pc_buffer *buf;
	u32 len;
};

/* main.c */

/* Add to a counter of struct pagecopy_stats. */
#define pc_count(file, counter, n) \
	this_cpu_add((file)->stats->counter, (n))

/* cmd.c */

int pc_uring_cmd(struct io_uring_cmd *ioucmd, unsigned int issue_flags);

/* pages.c */

/**
 * pc_pages_alloc() - allocate zeroed device pages
 * @setup:     what was asked for, untrusted
 * @max_bytes: the cap
 *
 * Return: the pages, or -EINVAL (bad order, number or reserved field), -EDQUOT
 * (above the cap) or -ENOMEM as ERR_PTR().
 */
struct pc_pages *pc_pages_alloc(const struct pagecopy_setup *setup,
				u64 max_bytes);

/**
 * pc_pages_free() - undo pc_pages_alloc()
 * @pages: may be NULL
 */
void pc_pages_free(struct pc_pages *pages);

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

/* buffer.c */

/**
 * pc_buffer_map() - make the buffer of a command reachable
 * @buf:   filled in; pc_buffer_unmap() undoes it after success only
 * @file:  whose page a PAGECOPY_BUF_KERNEL command names
 * @cmd:   the command, its range already checked against the device page
 *
 * May sleep. A buffer of no bytes is neither pinned nor looked up, apart from
 * the page number of PAGECOPY_BUF_KERNEL.
 *
 * Return: 0, or -EFAULT (not mapped, not writable where the command writes, not
 * within the registered buffer), -ENXIO (no such second page), -EINVAL (second
 * page is the first), -ENOMEM, or -EINTR (killed while faulting pages in).
 */
int pc_buffer_map(struct pc_buffer *buf, struct pc_file *file,
		  const struct pc_cmd *cmd);

/**
 * pc_buffer_unmap() - undo pc_buffer_map()
 * @buf:  as pc_buffer_map() left it
 * @file: as given there
 * @cmd:  as given there
 */
void pc_buffer_unmap(struct pc_buffer *buf, struct pc_file *file,
		     const struct pc_cmd *cmd);

/* run.c */

/**
 * pc_run() - run a strategy over mapped memory, several times
 * @copy:   what to copy
 * @repeat: how many times, at least 1
 *
 * Lets others run between copies and stops when the task is killed.
 *
 * Return: how often everything was copied; less than @repeat if killed.
 */
u32 pc_run(const struct pc_copy *copy, u32 repeat);

/* info.c */

/**
 * pc_info_fill() - describe the module
 * @info:      filled in
 * @max_bytes: device memory one open file may hold
 */
void pc_info_fill(struct pagecopy_info *info, u64 max_bytes);

#endif /* PC_INTERNAL_H */
