/* SPDX-License-Identifier: MIT */
/*
 * A thread that does one thing again and again while others are at work: to
 * see what a copy makes of it (rewrite.h), or what it costs (contend.h).
 */
#ifndef PAGECOPY_MUTATOR_H
#define PAGECOPY_MUTATOR_H

#include <pthread.h>
#include <semaphore.h>
#include <stdbool.h>
#include <stdint.h>

/* One turn, number @nr, counted from 1. */
typedef void mutator_fn(void *arg, uint64_t nr);

/**
 * struct mutator - one of them
 * @fn:     what it does
 * @arg:    to it
 * @cpu:    where it runs; -1 for anywhere
 * @turns:  that it has begun; its thread's
 * @stop:   asks it to end
 * @ret:    0, or why it could not start
 * @ready:  it has had a turn, or has failed
 * @thread: it
 */
struct mutator {
	mutator_fn *fn;
	void *arg;
	int cpu;
	uint64_t turns;
	bool stop;
	int ret;
	sem_t ready;
	pthread_t thread;
};

/**
 * mutator_start() - start a thread of its own, pinned to a CPU
 * @m:   filled in; stays where it is until mutator_stop()
 * @fn:  is called until then
 * @arg: to it
 * @cpu: where it runs, which should not be where the caller does; -1 for
 *	 anywhere
 *
 * When it returns 0 the thread has had one turn and is at it.
 *
 * Return: 0 or -errno; -EINVAL for a CPU there is not.
 */
int mutator_start(struct mutator *m, mutator_fn *fn, void *arg, int cpu);

/**
 * mutator_stop() - end a thread that was started, between two turns
 *
 * Return: how many it had.
 */
uint64_t mutator_stop(struct mutator *m);

#endif
