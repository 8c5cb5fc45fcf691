/* SPDX-License-Identifier: MIT */
/* What the bytes of one copy say about how it was made. */
#ifndef PAGECOPY_TEAR_LOOK_H
#define PAGECOPY_TEAR_LOOK_H

#include <stddef.h>
#include <stdint.h>

#include "generation.h"

/* Boundaries at multiples of 1, 2, 4, ... 64. */
#define TEARS	7

/**
 * struct tear_counts - what was seen in many copies
 * @copies:   how many
 * @whole:    all bytes were of one generation
 * @tear:     the finest boundary between two generations was at a multiple of
 *	      2^index and of no larger power of 2 up to 64
 * @thin_air: bytes, not copies, of no generation at all
 */
struct tear_counts {
	uint64_t copies;
	uint64_t whole;
	uint64_t tear[TEARS];
	uint64_t thin_air;
};

/**
 * tear_look() - add one copy
 * @bytes: of it
 * @len:   of them
 * @at:    where the first one was in its source
 *
 * What counts is where a boundary is in the source: the mutator writes whole
 * lines there, so a boundary within a line was made by the copy. A byte out of
 * thin air is of a generation of its own.
 */
void tear_look(struct tear_counts *counts, const struct generations *g,
	       const void *bytes, size_t len, size_t at);

/** tear_finest() - bytes of the finest tear; 0 when there is none */
unsigned int tear_finest(const struct tear_counts *counts);

#endif
