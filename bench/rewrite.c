// SPDX-License-Identifier: MIT
#include "rewrite.h"

#include <errno.h>

static void write_next(void *arg, uint64_t nr)
{
	const struct rewrite *r = arg;

	r->g->write(r->g, r->mem, r->len, nr);
}

int rewrite_start(struct rewrite *r, const struct generations *g, void *mem,
		  size_t len, int cpu)
{
	if (!len || len % GENERATION_LINE || (uintptr_t)mem % GENERATION_LINE)
		return -EINVAL;
	r->g = g;
	r->mem = mem;
	r->len = len;
	write_next(r, 0);
	return mutator_start(&r->mutator, write_next, r, cpu);
}

uint64_t rewrite_stop(struct rewrite *r)
{
	return mutator_stop(&r->mutator);
}
