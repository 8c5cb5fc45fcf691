/* SPDX-License-Identifier: MIT */
#ifndef PAGECOPY_MATRIX_H
#define PAGECOPY_MATRIX_H

#include <stdbool.h>
#include <stdint.h>

#include "pagecopy/abi.h"
#include "cold.h"
#include "options.h"
#include "reasons.h"

/**
 * struct cell - one point of the sweep
 * @path:     enum path_nr
 * @op:       enum pagecopy_op
 * @strategy: enum pagecopy_strategy_nr; PAGECOPY_S_NONE for buffer copy
 * @buffer:   enum pagecopy_buffer or BUFFER_NONE
 * @ring:     enum ring_kind as granted; RING_NR where there is no ring
 * @completion: enum pagecopy_completion
 * @depth:    commands in flight
 * @batch:    submitted together; BATCH_ALL for all that are ready
 * @size:     bytes of a copy; 0 where there is none
 * @threads:  submitters
 * @share:    they share one open file
 * @rate:     commands a second; RATE_CLOSED for a closed loop
 * @mutators: enum mutators
 * @memory:   enum memory behind the user's buffer
 * @offset:   first byte within page and buffer
 * @buf_offset: bytes by which the user's buffer is moved
 * @cache:    enum cache
 * @set:      bytes that each thread walks through; 0 where there is no walk
 * @twin:     the same cell under a second name: whatever differs is noise
 */
struct cell {
	unsigned int path;
	unsigned int op;
	unsigned int strategy;
	unsigned int buffer;
	unsigned int ring;
	unsigned int completion;
	uint32_t depth;
	uint32_t batch;
	uint32_t size;
	uint32_t threads;
	uint32_t share;
	uint64_t rate;
	unsigned int mutators;
	unsigned int memory;
	uint32_t offset;
	uint32_t buf_offset;
	unsigned int cache;
	uint64_t set;
	bool twin;
};

/* Cells of a group, at most: the values of an axis, and the twin. */
#define GROUP_MAX	(LIST_MAX + 1)

/**
 * struct group - cells that differ in one axis only, to be set against each
 * other
 * @nr:   how many there are
 * @base: number of the one that the others are compared with
 * @cell: they; the last one is the twin of the base
 */
struct group {
	unsigned int nr;
	unsigned int base;
	struct cell cell[GROUP_MAX];
};

/* What an index stands for. From WHY_FIRST on: a cell that is left out. */
enum verdict {
	CELL_REAL,
	/* Another index stands for the same cell. */
	CELL_SAME,
	/* The axes mean nothing together. */
	CELL_VOID,
	WHY_POLL_RING,
	WHY_POLLED_LATE,
	WHY_POLLED_NULL,
	WHY_COPY_TOUCH,
	WHY_COPY_WORK,
	WHY_NO_THP,
	WHY_NO_HUGE,
	WHY_BATCH,
	WHY_RATE_BATCH,
	WHY_MUTATOR_SIDE,
	WHY_MUTATOR_CPU,
	WHY_MUTATOR_COLD,
	WHY_USER_LACKS,
	WHY_MODULE_LACKS,
	WHY_NO_LLC,
	WHY_NO_DRAM,
	WHY_NO_FLUSH,
	WHY_LLC_SIZE,
	WHY_RATE_FLUSH,
	WHY_COLD_ROOM,
	WHY_COLD_PAGES,
	WHY_FLUSH_MODULE,
	WHY_RATE_WALK,
	WHY_NR,
	WHY_FIRST = WHY_POLL_RING,
};

/**
 * struct matrix - the sweep
 * @axis:   values of each axis
 * @pair:   the axis in which the cells of a group differ
 * @share:   of every cell
 * @no_memory: bit n is set when there is no enum memory n here
 * @cpus:   there are; mutators need their own
 * @cold:   what caches there are; NULL before that is known
 * @max_bytes: that an open file of the module may have
 * @module: strategies the module has, by number
 * @module_why: why it has not the others; NULL where nobody asked it
 * @space:  indices, canonical or not
 * @cells:  of them, the canonical ones, and a twin in each group
 * @groups: of cells
 * @left_out: canonical ones that cannot be, by enum verdict
 *
 * A cell is decoded from its index, so the sweep takes the same memory however
 * many cells it has. Where an axis means nothing to a cell (the size of a
 * `nop`), only the index with that digit zero is canonical: floors are
 * measured once.
 */
struct matrix {
	const struct list *axis;
	enum axis pair;
	uint32_t share;
	unsigned int no_memory;
	unsigned int cpus;
	const struct cold *cold;
	uint64_t max_bytes;
	uint64_t module[4];
	const reasons *module_why;
	uint64_t space;
	uint64_t cells;
	uint64_t groups;
	uint64_t left_out[WHY_NR];
};

/**
 * struct walk - one round through the groups in shuffled order
 * @m:    the matrix
 * @key:  of the shuffle
 * @half: bits of half an index, as the shuffle cuts it
 * @next: indices walked
 * @at:   number of the group at hand, below matrix_group_space()
 */
struct walk {
	const struct matrix *m;
	uint64_t key;
	unsigned int half;
	uint64_t next;
	uint64_t at;
};

/** matrix_init() - @info is zero, or NULL, without a module */
void matrix_init(struct matrix *m, const struct options *o,
		 const struct pagecopy_info *info);

/** matrix_cpus() - leave out what needs more than @nr CPUs */
void matrix_cpus(struct matrix *m, unsigned int nr);

/** matrix_without() - leave out what needs pages that are not to be had */
void matrix_without(struct matrix *m, enum memory kind);

/** matrix_cold() - leave out what these caches, or the memory, cannot give */
void matrix_cold(struct matrix *m, const struct cold *cold);

/** matrix_cell() - cell number @index; false if that is not a canonical one */
bool matrix_cell(const struct matrix *m, uint64_t index, struct cell *c);

/** matrix_check() - can a settled cell be, in any kernel, here, and now? */
enum verdict matrix_check(const struct matrix *m, const struct cell *c);

/** matrix_any_left_out() - was a cell asked for that cannot be? */
bool matrix_any_left_out(const struct matrix *m);

/** matrix_left_out() - which cells were asked for and cannot be, and why */
void matrix_left_out(const struct matrix *m, FILE *f);

/** walk_start() - the order is a function of @seed and @round alone */
void walk_start(struct walk *w, const struct matrix *m, uint64_t seed,
		uint64_t round);

/** walk_next() - false when every group has been seen */
bool walk_next(struct walk *w, struct group *g);

/** matrix_group_space() - numbers that groups may have */
uint64_t matrix_group_space(const struct matrix *m);

/** matrix_group() - group number @number; false if it has no cell */
bool matrix_group(const struct matrix *m, uint64_t number, struct group *g);

/** cell_strategy() - the name of what copies, be it a twin or not */
const char *cell_strategy(const struct cell *c);

/** cell_same_place() - do they differ in nothing but what copies? */
bool cell_same_place(const struct cell *a, const struct cell *b);

/** cell_has_memory() - is there a buffer in user memory? */
bool cell_has_memory(const struct cell *c);

/** cell_mutators() - how many threads use its memory meanwhile */
unsigned int cell_mutators(const struct cell *c);

/** cell_copies() - does this cell move bytes? */
bool cell_copies(const struct cell *c);

#endif
