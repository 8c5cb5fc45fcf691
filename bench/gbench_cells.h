/* SPDX-License-Identifier: MIT */
#ifndef PAGECOPY_GBENCH_CELLS_H
#define PAGECOPY_GBENCH_CELLS_H

#include "arena.h"
#include "cold.h"
#include "counters.h"
#include "gbench_options.h"
#include "gbench_subjects.h"

/**
 * struct place - where the copies of a size are made, whatever makes them
 * @cache:  enum cache
 * @align:  enum gbench_align
 * @size:   bytes of a copy
 * @offset: first byte within a slot
 * @shift:  the destination is further into its slot by so many
 * @first:  from the start of an arena to slot 0
 * @stride: from a slot to the next
 * @slots:  that are copied in turn; a power of two
 * @need:   bytes of an arena that has them all
 */
struct place {
	unsigned int cache;
	unsigned int align;
	size_t size;
	size_t offset;
	size_t shift;
	size_t first;
	size_t stride;
	size_t slots;
	size_t need;
};

/**
 * struct gbench - a run
 * @o:        asked for
 * @cpu:      that it is pinned to
 * @cold:     the caches of @cpu, and what copies go through for a state
 * @src:      what is copied, as side SIDE_PAGE of `pagecopy run`
 * @dst:      where to, as side SIDE_BUFFER
 * @counters: of this thread
 * @cells:    as registered
 * @nr:       of @cells
 * @no_cache: why a state, or some of its cells, are left out, by enum cache; "" if it is not
 * @failed:   a copy was wrong
 */
struct gbench {
	struct gbench_options o;
	int cpu;
	struct cold cold;
	struct arena src;
	struct arena dst;
	struct counters counters;
	struct gbench_cell *cells;
	size_t nr;
	char no_cache[CACHE_NR][200];
	bool failed;
};

/* Events that become columns, per copy. */
extern const enum counter gbench_counters[];
extern const unsigned int gbench_nr_counters;

/** place_of() - fill in the rest of @p */
void place_of(const struct cold *c, struct place *p);

/**
 * cells_register() - a benchmark for each cell, and memory for them
 *
 * Return: 0; -ENOENT when none is left; or -errno, with a message on standard
 * error.
 */
int cells_register(struct gbench *g);

/** cells_close() - undo cells_register(), after gbench_run() */
void cells_close(struct gbench *g);

#endif
