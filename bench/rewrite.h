/* SPDX-License-Identifier: MIT */
/* A thread that makes a range of memory one generation after the other. */
#ifndef PAGECOPY_REWRITE_H
#define PAGECOPY_REWRITE_H

#include <stddef.h>
#include <stdint.h>

#include "generation.h"
#include "mutator.h"

/**
 * struct rewrite - one of them
 * @g:       how generations are written
 * @mem:     first byte of its range
 * @len:     bytes of it
 * @mutator: the thread
 */
struct rewrite {
	const struct generations *g;
	void *mem;
	size_t len;
	struct mutator mutator;
};

/**
 * rewrite_start() - write generation 0, and let a thread write those after it
 * @r:   filled in; stays where it is until rewrite_stop()
 * @g:   stays there too
 * @mem: of the range, on a line of GENERATION_LINE bytes
 * @len: of the range, above 0, a multiple of that
 * @cpu: as mutator_start() takes it
 *
 * When it returns 0 generation 1 has been written.
 *
 * Return: 0 or -errno; -EINVAL for a range that generations cannot have, or a
 * CPU there is not.
 */
int rewrite_start(struct rewrite *r, const struct generations *g, void *mem,
		  size_t len, int cpu);

/**
 * rewrite_stop() - end it; the range is whole
 *
 * Return: the number of the generation it is.
 */
uint64_t rewrite_stop(struct rewrite *r);

#endif
