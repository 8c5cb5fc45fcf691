/* SPDX-License-Identifier: MIT */
/*
 * A thread that goes over a range of memory again and again while others use
 * it: to see what a copy makes of it (pagecopy tear), or what it costs.
 */
#ifndef PAGECOPY_MUTATOR_H
#define PAGECOPY_MUTATOR_H

#include <pthread.h>
#include <semaphore.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "generation.h"

/**
 * enum mutator_how - what it does to its range
 * @MUTATOR_PATTERN: writes one generation after the other, from number 1 on;
 *		     generation 0 is there when it starts
 * @MUTATOR_WRITE:   stores a byte to each cache line, each time another one
 * @MUTATOR_READ:    loads a byte of each cache line
 */
enum mutator_how {
	MUTATOR_PATTERN,
	MUTATOR_WRITE,
	MUTATOR_READ,
};

/**
 * struct mutator - one of them
 * @mem:      first byte of its range
 * @len:      bytes of it
 * @how:      what it does to it
 * @cpu:      where it runs; -1 for anywhere
 * @generations: those it writes
 * @rewrites: times it has gone over the whole range; its thread's
 * @stop:     asks it to end
 * @ret:      0, or why it could not start
 * @ready:    it has gone over the range once, or has failed
 * @thread:   it
 */
struct mutator {
	unsigned char *mem;
	size_t len;
	enum mutator_how how;
	int cpu;
	struct generations generations;
	uint64_t rewrites;
	bool stop;
	int ret;
	sem_t ready;
	pthread_t thread;
};

/**
 * mutator_start() - start a thread of its own, pinned to a CPU
 * @m:   filled in; stays where it is until mutator_stop()
 * @mem: of the range; for MUTATOR_PATTERN on a line of GENERATION_LINE bytes
 * @len: of the range, above 0; for MUTATOR_PATTERN a multiple of that
 * @how: what it does to it
 * @cpu: where it runs, which should not be where the caller does; -1 for
 *	 anywhere
 *
 * When it returns 0 the thread has gone over the range once and is at it.
 *
 * Return: 0 or -errno; -EINVAL for a range that the pattern cannot have, or a
 * CPU there is not.
 */
int mutator_start(struct mutator *m, void *mem, size_t len,
		  enum mutator_how how, int cpu);

/**
 * mutator_stop() - end a thread that was started
 *
 * Return: how often it went over the whole range.
 */
uint64_t mutator_stop(struct mutator *m);

#endif
