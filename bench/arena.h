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
/* Bytes of a cache line, or a divisor of it. */
#define LINE		64U
/* Buffers of one cell, in all, where the cache is hot. */
#define LAYOUT_BYTES	(32U << 20)

/**
 * struct layout - the pages and buffers of a cell
 * @order:      of a page: the smallest that holds offset and size
 * @page_bytes: of a page, and of a buffer
 * @shift:      from the start of a buffer's place to the buffer
 * @stride:     from one place to the next
 * @buffers:    how many of each a thread has; commands beyond share them
 * @slots:      places for copies within each; 1 where the cache is hot
 * @step:       from one of them to the next
 * @total:      of all threads
 */
struct layout {
	unsigned int order;
	uint32_t page_bytes;
	uint32_t shift;
	uint32_t stride;
	uint32_t buffers;
	uint32_t slots;
	uint32_t step;
	uint32_t total;
};

/**
 * layout_of() - what @c needs
 * @max_bytes: the device grants one open file; 0 where there is no device
 */
void layout_of(const struct cell *c, uint64_t max_bytes, struct layout *l);

/** layout_fits_file() - may an open file of the module have such pages? */
bool layout_fits_file(const struct cell *c, const struct layout *l,
		      uint64_t max_bytes);

/** layout_places() - of copies, of all threads */
static inline uint64_t layout_places(const struct layout *l)
{
	return (uint64_t)l->total * l->slots;
}

/** layout_set() - bytes of all of them, both sides together */
static inline uint64_t layout_set(const struct layout *l)
{
	return 2 * layout_places(l) * l->step;
}

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
