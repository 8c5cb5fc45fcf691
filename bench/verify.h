/* SPDX-License-Identifier: MIT */
/*
 * Does a cell copy what it should, and nothing else? The source is filled with
 * a pattern, where the copy goes with the pattern's inverse, everything around
 * with a third one; afterwards every byte of both sides is compared.
 */
#ifndef PAGECOPY_VERIFY_H
#define PAGECOPY_VERIFY_H

#include "run.h"

/** verify_scratch() - bytes of one image for pages up to @page_bytes */
size_t verify_scratch(uint32_t page_bytes);

/** verify_fill() - source and destination of @nr buffers of a thread; 0 or -ECANCELED */
int verify_fill(struct worker *w, uint32_t first, uint32_t nr);

/** verify_poison() - the destination again, as if nothing had been copied */
int verify_poison(struct worker *w, uint32_t first, uint32_t nr);

/**
 * verify_check() - compare every byte
 * @when: "before" or "after" the measurement
 *
 * A wrong byte is noted with run_note() and row.verified becomes false.
 *
 * Return: 0 or -ECANCELED when a side cannot be read.
 */
int verify_check(struct worker *w, uint32_t first, uint32_t nr,
		 const char *when);

#endif
