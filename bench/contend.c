// SPDX-License-Identifier: MIT
#include "contend.h"

#include <errno.h>

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

static void *mutate(void *arg)
{
	struct rival *r = arg;

	r->ret = cpu_pin(r->cpu);
	sem_post(&r->ready);
	while (!r->ret && !READ_ONCE(r->stop))
		r->lines += touch_all(r->run);
	return NULL;
}

static int start_one(struct run *run, struct rival *r, unsigned int i)
{
	int ret;

	*r = (struct rival) {
		.run = run,
		.cpu = cpus_at(&run->cpus,
			       run->cpu_at + run->cell.threads + i),
	};
	sem_init(&r->ready, 0, 0);
	ret = -pthread_create(&r->thread, NULL, mutate, r);
	if (ret) {
		sem_destroy(&r->ready);
		return ret;
	}
	run->rivals++;
	while (sem_wait(&r->ready) && errno == EINTR)
		;
	return r->ret;
}

int contend_start(struct run *run)
{
	const unsigned int nr = cell_mutators(&run->cell);
	unsigned int i;
	int ret = 0;

	run->rivals = 0;
	for (i = 0; i < nr && !ret; i++)
		ret = start_one(run, &run->rival[i], i);
	return ret;
}

void contend_stop(struct run *run)
{
	struct rival *r;

	while (run->rivals) {
		r = &run->rival[--run->rivals];
		WRITE_ONCE(r->stop, true);
		pthread_join(r->thread, NULL);
		sem_destroy(&r->ready);
		run->row.mutations += r->lines;
	}
}
