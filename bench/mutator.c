// SPDX-License-Identifier: MIT
#include "mutator.h"

#include <errno.h>

#include "cpu.h"

static void *mutate(void *arg)
{
	struct mutator *m = arg;

	if (m->cpu >= 0)
		m->ret = cpu_pin(m->cpu);
	if (!m->ret)
		m->fn(m->arg, ++m->turns);
	sem_post(&m->ready);
	while (!m->ret && !__atomic_load_n(&m->stop, __ATOMIC_RELAXED))
		m->fn(m->arg, ++m->turns);
	return NULL;
}

int mutator_start(struct mutator *m, mutator_fn *fn, void *arg, int cpu)
{
	int ret;

	m->fn = fn;
	m->arg = arg;
	m->cpu = cpu;
	m->turns = 0;
	m->stop = false;
	m->ret = 0;
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
	return m->turns;
}
