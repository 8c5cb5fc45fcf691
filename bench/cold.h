/* SPDX-License-Identifier: MIT */
/*
 * States of the caches other than hot: how large the caches are, how much
 * memory the copies of a cell walk through to get the state, and where it
 * cannot be had.
 */
#ifndef PAGECOPY_COLD_H
#define PAGECOPY_COLD_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "names.h"

/* The walk of `llc` is this many times L2, `dram` this many times the LLC. */
#define COLD_LLC	4
#define COLD_LLC_LEAST	2
#define COLD_DRAM	2
/* Places that are flushed together, at most, and bytes of their copies. */
#define FLUSH_PLACES	64U
#define FLUSH_BYTES	(256U << 10)

/**
 * struct cold - what this machine offers
 * @known:  the fields below are filled in
 * @l2:     bytes of the second level; 0 when unknown
 * @llc:    bytes of the last level, if it is above the second; 0 when unknown
 * @source: who says so
 * @shared: CPUs that share the last level, "" when unknown
 * @room:   memory that one side of the copies may take
 * @set:    bytes that the copies of a thread walk through, both sides
 *	    together, by enum cache; 0 where there is no walk
 * @why:    why a state cannot be had, by enum cache; "" if it can
 */
struct cold {
	bool known;
	uint64_t l2;
	uint64_t llc;
	const char *source;
	char shared[64];
	uint64_t room;
	uint64_t set[CACHE_NR];
	char why[CACHE_NR][200];
};

/**
 * cold_read() - ask the machine
 * @root:  what comes before each path; "" for this machine
 * @cpu:   that measures
 * @kinds: of memory that the run allocates for one side
 */
void cold_read(struct cold *c, const char *root, int cpu, unsigned int kinds);

/** cold_choose() - @set and @why of caches with the sizes @l2 and @llc */
void cold_choose(struct cold *c);

/** cold_evict() - bytes of other memory that push all out of what is above */
static inline size_t cold_evict(const struct cold *c, enum cache cache)
{
	return cache == CACHE_LLC ? 2 * c->l2 : 2 * c->llc;
}

/** cold_head() - lines for the head of the results */
void cold_head(const struct cold *c, FILE *f);

#endif
