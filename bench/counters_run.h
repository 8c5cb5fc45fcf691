/* SPDX-License-Identifier: MIT */
/* The counters of all threads of a run, and what becomes of them. */
#ifndef PAGECOPY_COUNTERS_RUN_H
#define PAGECOPY_COUNTERS_RUN_H

#include <stdio.h>

#include "run.h"

/** counters_setup() - every thread opens its own, unless --counters off */
int counters_setup(struct run *run);

/** counters_setup_close() - undo it */
void counters_setup_close(struct run *run);

/** counters_start() - a turn begins: its threads have counted nothing yet */
void counters_start(struct run *run);

/** counters_add() - it is over: add the counts since then to the shares */
void counters_add(struct run *run);

/**
 * counters_take() - the counts of the shares become those of the row
 *
 * Those of the CPU are divided by row->ops, which must be known.
 */
void counters_take(struct run *run);

/** counters_why() - as absent_why() */
const char *counters_why(const struct run *run, const char *column);

/** counters_head() - what is counted, on one line */
void counters_head(const struct run *run, FILE *f);

#endif
