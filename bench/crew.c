// SPDX-License-Identifier: MIT
#include "crew.h"

#include <errno.h>
#include <stdlib.h>

static void *work(void *arg)
{
	struct worker *w = arg;
	struct crew *c = &w->run->crew;

	w->ret = cpu_pin(w->cpu);
	pthread_mutex_lock(&c->lock);
	for (;;) {
		w->fn = NULL;
		if (!--c->busy)
			pthread_cond_signal(&c->done);
		while (!w->fn && !c->quit)
			pthread_cond_wait(&c->work, &c->lock);
		if (c->quit)
			break;
		pthread_mutex_unlock(&c->lock);
		w->ret = w->fn(w);
		pthread_mutex_lock(&c->lock);
	}
	pthread_mutex_unlock(&c->lock);
	return NULL;
}

static void wait_for_all(struct crew *c)
{
	pthread_mutex_lock(&c->lock);
	while (c->busy)
		pthread_cond_wait(&c->done, &c->lock);
	pthread_mutex_unlock(&c->lock);
}

static int first_error(const struct run *run, unsigned int first,
		       unsigned int nr)
{
	unsigned int i;

	for (i = first; i < nr; i++)
		if (run->worker[i]->ret)
			return run->worker[i]->ret;
	return 0;
}

static int add_worker(struct run *run, unsigned int i)
{
	struct worker *w = calloc(1, sizeof(*w));

	if (!w)
		return -ENOMEM;
	run->worker[i] = w;
	w->run = run;
	w->index = i;
	w->fd = -1;
	w->cpu = cpus_at(&run->cpus, run->cpu_at + i);
	w->sq_cpu = run->sq_cpu;
	if (run->o->sq_cpu == OPTION_UNSET && run->cpus.nr > 1)
		w->sq_cpu = cpus_at(&run->cpus, run->cpu_at + i + 1);
	return 0;
}

int crew_open(struct run *run, unsigned int nr)
{
	struct crew *c = &run->crew;
	unsigned int i;
	int ret;

	pthread_mutex_init(&c->lock, NULL);
	pthread_cond_init(&c->work, NULL);
	pthread_cond_init(&c->done, NULL);
	ret = add_worker(run, 0);
	for (i = 1; i < nr && !ret; i++) {
		ret = add_worker(run, i);
		if (ret)
			break;
		pthread_mutex_lock(&c->lock);
		c->busy++;
		pthread_mutex_unlock(&c->lock);
		ret = -pthread_create(&run->worker[i]->thread, NULL, work,
				      run->worker[i]);
		if (!ret)
			c->nr = i;
		else
			c->busy--;
	}
	wait_for_all(c);
	return ret ? ret : first_error(run, 0, nr);
}

int crew_call(struct run *run, unsigned int first, unsigned int nr,
	      crew_fn *fn)
{
	struct crew *c = &run->crew;
	unsigned int i = first ? first : 1;

	if (i < nr) {
		pthread_mutex_lock(&c->lock);
		for (; i < nr; i++) {
			run->worker[i]->fn = fn;
			c->busy++;
		}
		pthread_cond_broadcast(&c->work);
		pthread_mutex_unlock(&c->lock);
	}
	if (!first)
		run->worker[0]->ret = fn(run->worker[0]);
	if (nr > 1)
		wait_for_all(c);
	return first_error(run, first, nr);
}

void crew_close(struct run *run)
{
	struct crew *c = &run->crew;
	unsigned int i;

	pthread_mutex_lock(&c->lock);
	c->quit = true;
	pthread_cond_broadcast(&c->work);
	pthread_mutex_unlock(&c->lock);
	for (i = 1; i <= c->nr; i++)
		pthread_join(run->worker[i]->thread, NULL);
	for (i = 0; i < THREADS_MAX; i++)
		free(run->worker[i]);
}
