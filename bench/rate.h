/* SPDX-License-Identifier: MIT */
/* Cells with a rate: what each thread has to do, and what became of it. */
#ifndef PAGECOPY_RATE_H
#define PAGECOPY_RATE_H

#include "run.h"

/*
 * The slice where a rate is asked for: a stall must find those who wait for it
 * in the same turn.
 */
#define RATE_SLICE_MS	200

/** rate_any() - is there a rate among those asked for? */
bool rate_any(const struct options *o);

/**
 * rate_check() - is there time for some commands in every slice?
 * @errors: takes a line per mistake
 *
 * Return: how many mistakes.
 */
unsigned int rate_check(const struct options *o, FILE *errors);

/** rate_start() - a row with a rate begins */
void rate_start(struct run *run);

/** rate_take() - the slices since rate_start() are the row's */
void rate_take(struct run *run);

/**
 * rate_slice() - a slice of commands that are done when they return
 * @one: runs a command
 * @arg: for it
 */
void rate_slice(struct slice *s, void (*one)(void *arg), void *arg);

#endif
