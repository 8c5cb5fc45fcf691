/* SPDX-License-Identifier: MIT */
/*
 * The price of contention: other threads use the memory of the copies while
 * these are measured. They go round all buffers of the cell, line by line, as
 * fast as they can. A store writes the byte that is there already: the line
 * changes hands as with any store, and what is copied can still be verified.
 */
#ifndef PAGECOPY_CONTEND_H
#define PAGECOPY_CONTEND_H

#include "run.h"

/**
 * contend_start() - the mutators of run->cell begin, each on its CPU
 *
 * All of them have gone round once and are at work when it returns 0.
 *
 * Return: 0 or -errno.
 */
int contend_start(struct run *run);

/**
 * contend_stop() - they end; what they did is added to run->row
 *
 * Also after a contend_start() that failed.
 */
void contend_stop(struct run *run);

#endif
