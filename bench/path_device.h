/* SPDX-License-Identifier: MIT */
/* What the paths to the module share: an open file, its pages, its commands. */
#ifndef PAGECOPY_PATH_DEVICE_H
#define PAGECOPY_PATH_DEVICE_H

#include "path.h"

/** device_open() - a file with the pages and the mode of run->cell */
int device_open(struct worker *w);

/** device_close() - undo it, also when it went only half way */
void device_close(struct worker *w);

/** device_stats() - the @stats of the paths to the module */
int device_stats(struct worker *w, struct pagecopy_stats *stats);

/** device_aim() - what follows is for run->cell */
int device_aim(struct worker *w);

/**
 * device_prepare() - the caches are as the cell has them, for what follows
 *
 * The first time after device_aim(). What the module has cannot be flushed from
 * here, so it is pushed out by other memory.
 */
void device_prepare(struct worker *w);

/** device_place() - the next place of the thread's walk */
uint32_t device_place(struct worker *w);

/**
 * device_cmd() - a command of run->cell
 * @page: device page
 * @i:    buffer; with buffers in the kernel the number of the second page
 * @slot: place within them
 * @arg:  filled in
 *
 * Return: the command word.
 */
uint32_t device_cmd(const struct run *run, uint32_t page, uint32_t i,
		    uint32_t slot, struct pagecopy_cmd *arg);

/** device_expect() - what a command of run->cell results in */
int device_expect(const struct run *run);

#endif
