// SPDX-License-Identifier: MIT
#include "mutator.h"

#include <errno.h>

#include "cpu.h"

#define LINE	64U

/* The first byte of each line that the range has a byte in. */
#define for_each_line(m, p)						\
	for ((p) = (m)->mem; (p) < (m)->mem + (m)->len;			\
	     (p) += LINE - (uintptr_t)(p) % LINE)

static void write_lines(const struct mutator *m, uint64_t nr)
{
	unsigned char *p;

	for_each_line(m, p)
		__atomic_store_n(p, (unsigned char)nr, __ATOMIC_RELAXED);
}

static void read_lines(const struct mutator *m)
{
	const unsigned char *p;

	for_each_line(m, p)
		__atomic_load_n(p, __ATOMIC_RELAXED);
}

static void go_over(struct mutator *m, uint64_t nr)
{
	switch (m->how) {
	case MUTATOR_PATTERN:
		m->generations.write(&m->generations, m->mem, m->len, nr);
		break;
	case MUTATOR_WRITE:
		write_lines(m, nr);
		break;
	case MUTATOR_READ:
		read_lines(m);
		break;
	}
}

static void *mutate(void *arg)
{
	struct mutator *m = arg;

	if (m->cpu >= 0)
		m->ret = cpu_pin(m->cpu);
	if (!m->ret)
		go_over(m, ++m->rewrites);
	sem_post(&m->ready);
	while (!m->ret && !__atomic_load_n(&m->stop, __ATOMIC_RELAXED))
		go_over(m, ++m->rewrites);
	return NULL;
}

int mutator_start(struct mutator *m, void *mem, size_t len,
		  enum mutator_how how, int cpu)
{
	int ret;

	if (!len || (how == MUTATOR_PATTERN &&
		     (len % LINE || (uintptr_t)mem % LINE)))
		return -EINVAL;
	m->mem = mem;
	m->len = len;
	m->how = how;
	m->cpu = cpu;
	m->rewrites = 0;
	m->stop = false;
	m->ret = 0;
	if (how == MUTATOR_PATTERN) {
		generations_init(&m->generations);
		go_over(m, 0);
	}
	sem_init(&m->ready, 0, 0);
	ret = -pthread_create(&m->thread, NULL, mutate, m);
	if (!ret) {
		while (sem_wait(&m->ready) && errno == EINTR)
			;
		ret = m->ret;
		if (ret)
			pthread_join(m->thread, NULL);
	}
	sem_destroy(&m->ready);
	return ret;
}

uint64_t mutator_stop(struct mutator *m)
{
	__atomic_store_n(&m->stop, true, __ATOMIC_RELAXED);
	pthread_join(m->thread, NULL);
	return m->rewrites;
}
