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

#endif
