/* SPDX-License-Identifier: MIT */
/* The disturbances of the slices of a run, and which rows they spoil. */
#ifndef PAGECOPY_DISTURB_RUN_H
#define PAGECOPY_DISTURB_RUN_H

#include "run.h"

/** disturb_setup() - open the sources for all threads; 0 or -errno */
int disturb_setup(struct run *run);
void disturb_setup_close(struct run *run);

/** disturb_start() - a turn begins */
void disturb_start(struct run *run);

/** disturb_add() - it is over: add what was seen to the member */
void disturb_add(struct run *run);

/**
 * disturb_take() - what was seen in all turns becomes the row's
 *
 * The row is disturbed when somebody else had a CPU of ours for a time: another
 * thread, the hypervisor, or because ours was elsewhere. Interrupts do not
 * count, as the timer's always come; nor do threads that are part of what is
 * measured.
 */
void disturb_take(struct run *run);

/** disturb_why() - as absent_why() */
const char *disturb_why(const struct run *run, const char *column);

#endif
