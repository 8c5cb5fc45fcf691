/* SPDX-License-Identifier: MIT */
#ifndef PAGECOPY_SETUP_H
#define PAGECOPY_SETUP_H

#include "run.h"

/**
 * setup_open() - everything a run needs before its first cell
 * @run: zeroed but for @o
 * @o:   the axis `ring` is replaced by what was granted
 *
 * Return: 0 or -ECANCELED with the reason in @run.
 */
int setup_open(struct run *run, struct options *o);

/** setup_close() - undo it, also when it went only half way */
void setup_close(struct run *run);

/** setup_has() - is @value on an axis? */
bool setup_has(const struct options *o, enum axis axis, uint64_t value);

/** setup_has_module() - is the module part of the run? */
bool setup_has_module(const struct options *o);

/** setup_has_cold() - is there a state of the caches other than hot? */
bool setup_has_cold(const struct options *o);

/*
 * setup_memory.c, as setup_open() and setup_close(). Pages that the kernel does
 * not give are no failure yet: run->no_memory says why.
 */
int setup_memory(struct run *run);
void setup_memory_close(struct run *run);

/** setup_without() - leave out the cells that need them; -ECANCELED if all */
int setup_without(struct run *run);

/** setup_locked() - is all of it locked? -1 when there is none */
int setup_locked(const struct run *run);

#endif
