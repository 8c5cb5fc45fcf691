/* SPDX-License-Identifier: MIT */
/*
 * The threads of a run. Thread 0 is the one that runs everything else; the
 * others exist from the start to the end of the run, each pinned to its CPU, and
 * sleep until they are called. A ring belongs to the thread that opened it.
 */
#ifndef PAGECOPY_CREW_H
#define PAGECOPY_CREW_H

#include "run.h"

/** crew_open() - start threads, @nr of them with this one; 0 or -errno */
int crew_open(struct run *run, unsigned int nr);

/**
 * crew_call() - threads @first to @nr - 1 call @fn, each with its worker
 *
 * Return: 0 when all of them have returned 0, or what the first that did not
 * returned.
 */
int crew_call(struct run *run, unsigned int first, unsigned int nr,
	      crew_fn *fn);

/** crew_close() - end them, also when crew_open() went only half way */
void crew_close(struct run *run);

#endif
