/* SPDX-License-Identifier: MIT */
/*
 * The order in which the copies of a cell walk through their places: each
 * place once, then again from the first, in an order without a pattern, so
 * that nothing can be fetched ahead of the copy that needs it.
 */
#ifndef PAGECOPY_LAP_H
#define PAGECOPY_LAP_H

#include <stdint.h>

#include "arena.h"
#include "options.h"

/* A place: number of the page, and of the place within it. */
#define LAP_PLACE(page, slot)	((page) << 16 | (slot))
#define LAP_PAGE(place)	((place) >> 16)
#define LAP_SLOT(place)	((place) & 0xffff)

/**
 * struct lap - the order of a layout
 * @next:    lap of another layout
 * @buffers: of the layout
 * @slots:   of the layout
 * @nr:      places
 * @cursor:  where each thread goes on: places behind it were touched longest ago
 * @place:   they, in order
 */
struct lap {
	struct lap *next;
	uint32_t buffers;
	uint32_t slots;
	uint32_t nr;
	uint32_t cursor[THREADS_MAX];
	uint32_t place[];
};

/**
 * lap_of() - the lap of @l, made when it is asked for first
 * @laps: those there are
 * @seed: of the order
 *
 * Return: NULL when there is no memory.
 */
struct lap *lap_of(struct lap **laps, const struct layout *l, uint64_t seed);

/** lap_free() - all of them */
void lap_free(struct lap *laps);

/** lap_offset() - where @place is, from the first page of the thread on */
static inline size_t lap_offset(const struct layout *l, uint32_t place)
{
	return (size_t)LAP_PAGE(place) * l->stride +
	       (size_t)LAP_SLOT(place) * l->step;
}

#endif
