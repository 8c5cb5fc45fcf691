/* SPDX-License-Identifier: GPL-2.0-only */
/* A walk through the places of two ranges of device pages; see walk.c. */
#ifndef PC_WALK_H
#define PC_WALK_H

#include <linux/types.h>

struct pc_cmd;
struct pc_copy;
struct pc_pages;

/**
 * struct pc_walk - where the copies of a command are
 * @pages:	 of the open file
 * @page:	 first device page
 * @second:	 first page of the other side
 * @offset:	 within a block
 * @block_shift: log2 of the bytes of a block
 * @slots_shift: log2 of the blocks of a page
 * @nr:		 places
 * @step:	 from one to the next, prime to @nr
 * @at:		 the next one, below @nr
 */
struct pc_walk {
	const struct pc_pages *pages;
	u32 page;
	u32 second;
	u32 offset;
	u32 block_shift;
	u32 slots_shift;
	u32 nr;
	u32 step;
	u32 at;
};

/**
 * pc_walk_start() - the walk of a READ or WRITE
 * @walk: filled in
 * @cmd:  whose device page, offset and length are checked
 *
 * Return: 0; -EINVAL (no second page, or the same one), -ENXIO (one of the
 * pages it would come to is not there).
 */
int pc_walk_start(struct pc_walk *walk, const struct pc_cmd *cmd);

/**
 * pc_walk_run() - the next copies of a walk
 * @copy: with one
 * @nr:   how many
 */
void pc_walk_run(const struct pc_copy *copy, unsigned int nr);

#endif /* PC_WALK_H */
