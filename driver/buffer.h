/* SPDX-License-Identifier: GPL-2.0-only */
/* The buffer of a command, whatever it names. */
#ifndef PC_BUFFER_H
#define PC_BUFFER_H

#include <linux/bvec.h>
#include <linux/types.h>

struct pc_cmd;

/* Entries of a buffer that need no allocation: 32 KiB at any alignment. */
#define PC_BUFFER_INLINE	9

/**
 * struct pc_buffer - the other side of a copy, mapped
 * @bvec:	  its memory
 * @iter:	  which part of @bvec a command uses
 * @linear:	  kernel memory, to be copied in one call; NULL otherwise
 * @by_address:	  user memory, to be copied by copy_to_user() to @user
 * @user:	  any address, not checked
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
	bool by_address;
	void __user *user;
	struct page **pages;
	unsigned int nr_pinned;
	void *heap;
	struct bio_vec inline_bvec[PC_BUFFER_INLINE];
	struct page *inline_pages[PC_BUFFER_INLINE];
};

/**
 * pc_buffer_map() - make the buffer of a command reachable
 * @buf:   filled in; pc_buffer_unmap() undoes it after success only
 * @cmd:   the command, its range already checked against the device page
 *
 * May sleep. A buffer of no bytes is neither pinned nor looked up, apart from
 * the page number of PAGECOPY_BUF_KERNEL.
 *
 * Return: 0, or -EFAULT (not mapped, not writable where the command writes, not
 * within the registered buffer), -ENXIO (no such second page), -EINVAL (second
 * page is the first), -ENOMEM, or -EINTR (killed while faulting pages in).
 */
int pc_buffer_map(struct pc_buffer *buf, const struct pc_cmd *cmd);

/**
 * pc_buffer_unmap() - undo pc_buffer_map()
 * @buf:  as pc_buffer_map() left it
 * @cmd:  as given there
 */
void pc_buffer_unmap(struct pc_buffer *buf, const struct pc_cmd *cmd);

#endif /* PC_BUFFER_H */
