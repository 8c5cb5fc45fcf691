/* SPDX-License-Identifier: MIT */
#ifndef PAGECOPY_MEASURE_H
#define PAGECOPY_MEASURE_H

#include "run.h"

/**
 * measure() - one turn of run->cell, with all its threads, added to its shares
 * @turns: it will have
 *
 * Return: 0 or -errno; -ECANCELED when run_fail() has the reason.
 */
int measure(struct run *run, unsigned int turns);

/**
 * measure_count() - exactly @count copies of run->cell by its first thread
 *
 * Return: as measure().
 */
int measure_count(struct run *run, uint64_t count);

/** measure_finish() - what the turns gave, into run->row */
void measure_finish(struct run *run);

/**
 * measure_once() - every thread runs commands @first to @first + @nr - 1 once
 *
 * Return: as measure().
 */
int measure_once(struct run *run, unsigned int first, unsigned int nr);

/** measure_stats() - what the module counted for the cell; 0 or -errno */
int measure_stats(struct run *run, struct pagecopy_stats *stats);

#endif
