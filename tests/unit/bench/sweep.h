/* SPDX-License-Identifier: MIT */
/* A sweep of every kind of cell, for the tests of what becomes of it. */
#ifndef SWEEP_H
#define SWEEP_H

#include "test.h"

#include <string.h>

#include "matrix.h"

static struct options o;
static struct matrix m;

/* Cells without the twins. */
#define REAL	m.left_out[CELL_REAL]

static const struct pagecopy_info everything = {
	.strategies = { ~0ULL, ~0ULL, ~0ULL, ~0ULL },
};

static void set_axis(enum axis axis, unsigned int nr, const uint64_t *value)
{
	o.axis[axis].nr = nr;
	memcpy(o.axis[axis].value, value, nr * sizeof(*value));
}

#define AXIS(axis, ...)							\
	set_axis(axis,							\
		 ARRAY_SIZE(((const uint64_t[]){ __VA_ARGS__ })),	\
		 (const uint64_t[]){ __VA_ARGS__ })

static int setup(void **state)
{
	(void)state;
	memset(&o, 0, sizeof(o));
	o.pair = AXIS_STRATEGY;
	AXIS(AXIS_PATH, PATH_URING, PATH_NULL, PATH_NOP, PATH_USER);
	AXIS(AXIS_OP, PAGECOPY_OP_READ, PAGECOPY_OP_TOUCH, PAGECOPY_OP_NOP);
	AXIS(AXIS_STRATEGY, PAGECOPY_S_nop, PAGECOPY_S_raw, PAGECOPY_S_memcpy);
	AXIS(AXIS_SIZE, 64, 4096, 65536, 2 << 20);
	AXIS(AXIS_DEPTH, 1, 8);
	AXIS(AXIS_BUFFER, PAGECOPY_BUF_FIXED, PAGECOPY_BUF_USER);
	AXIS(AXIS_RING, RING_DEFER);
	AXIS(AXIS_COMPLETION, PAGECOPY_COMPLETE_INLINE);
	AXIS(AXIS_OFFSET, 0);
	AXIS(AXIS_PAGES, MEMORY_4K);
	AXIS(AXIS_BUF_OFFSET, 0);
	AXIS(AXIS_BATCH, BATCH_ALL);
	AXIS(AXIS_THREADS, 1);
	AXIS(AXIS_RATE, RATE_CLOSED);
	AXIS(AXIS_MUTATORS, MUTATORS_NONE);
	AXIS(AXIS_CACHE, CACHE_HOT);
	matrix_init(&m, &o, &everything);
	return 0;
}

#endif
