// SPDX-License-Identifier: MIT
#include "contend.h"

#include "pagecopy/port.h"

static bool stores(const struct cell *c)
{
	return c->mutators == MUTATORS_W1 || c->mutators == MUTATORS_W2;
}

/* The side that is copied from, or the one that is copied to. */
static enum side_nr used_side(const struct cell *c)
{
	const bool read = c->op == PAGECOPY_OP_READ;

	return read == stores(c) ? SIDE_PAGE : SIDE_BUFFER;
}

/* A byte of each line. Return: how many there are. */
static uint64_t touch(unsigned char *p, size_t len, bool store)
{
	unsigned char *end = p + len;
	uint64_t lines;

	for (lines = 0; p < end; lines++) {
		unsigned char byte = READ_ONCE(*p);

		if (store)
			WRITE_ONCE(*p, byte);
		p += LINE - (uintptr_t)p % LINE;
	}
	return lines;
}

static uint64_t touch_all(const struct run *run)
{
	const struct cell *c = &run->cell;
	uint64_t lines = 0;
	unsigned int i, k;

	for (i = 0; i < c->threads; i++) {
		const struct side *s = &run->worker[i]->side[used_side(c)];

		for (k = 0; k < run->layout.buffers; k++)
			lines += touch((unsigned char *)
				       arena_at(s->arena, &run->layout,
						s->first + k) +
				       s->shift + c->offset, c->size,
				       stores(c));
	}
	return lines;
}

static void go_round(void *arg, uint64_t nr)
{
	struct rival *r = arg;

	(void)nr;
	r->lines += touch_all(r->run);
}

int contend_start(struct run *run)
{
	const unsigned int nr = cell_mutators(&run->cell);
	struct rival *r;
	unsigned int at;
	int ret;

	for (run->rivals = 0; run->rivals < nr; run->rivals++) {
		at = run->cpu_at + run->cell.threads + run->rivals;
		r = &run->rival[run->rivals];
		r->run = run;
		r->lines = 0;
		ret = mutator_start(&r->mutator, go_round, r,
				    cpus_at(&run->cpus, at));
		if (ret)
			return ret;
	}
	return 0;
}

void contend_stop(struct run *run)
{
	struct rival *r;

	while (run->rivals) {
		r = &run->rival[--run->rivals];
		mutator_stop(&r->mutator);
		run->row.mutations += r->lines;
	}
}
