/* SPDX-License-Identifier: MIT */
/*
 * Memory for the user's side of the copies: one area for the whole run, cut
 * anew for every cell.
 */
#ifndef PAGECOPY_ARENA_H
#define PAGECOPY_ARENA_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "matrix.h"

/* Around each buffer; verified not to change. */
#define GUARD		64U
/* Between two buffers, and at both ends. */
#define ARENA_GAP	4096U
/* Buffers of one cell, in all. */
#define LAYOUT_BYTES	(32U << 20)

/**
 * struct layout - the pages and buffers of a cell
 * @order:      of a page: the smallest that holds offset and size
 * @page_bytes: of a page, and of a buffer
 * @shift:      from the start of a buffer's place to the buffer
 * @stride:     from one place to the next
 * @buffers:    how many of each a thread has; commands beyond share them
 * @total:      of all threads
 */
struct layout {
	unsigned int order;
	uint32_t page_bytes;
	uint32_t shift;
	uint32_t stride;
	uint32_t buffers;
	uint32_t total;
};

/**
 * layout_of() - what @c needs
 * @max_bytes: the device grants one open file; 0 where there is no device
 */
void layout_of(const struct cell *c, uint64_t max_bytes, struct layout *l);

/**
 * struct arena - the area
 * @base:   of it
 * @bytes:  of it
 * @locked: whether mlock() worked
 */
struct arena {
	char *base;
	size_t bytes;
	bool locked;
};

/** arena_need() - bytes that the buffers of @l take */
size_t arena_need(const struct layout *l);

/**
 * arena_open() - allocate, prefault and lock
 * @kind: of the pages; what the kernel gave is checked, not believed
 * @why:  takes the reason of a failure
 * @size: of @why
 *
 * Return: 0; -EOPNOTSUPP when there are no such pages here; or -errno.
 */
int arena_open(struct arena *a, size_t bytes, enum memory kind, char *why,
	       size_t size);
void arena_close(struct arena *a);

/** arena_at() - place number @i */
static inline void *arena_at(const struct arena *a, const struct layout *l,
			     uint32_t i)
{
	return a->base + ARENA_GAP + (size_t)i * l->stride;
}

#endif
