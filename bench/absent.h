/* SPDX-License-Identifier: MIT */
#ifndef PAGECOPY_ABSENT_H
#define PAGECOPY_ABSENT_H

#include "run.h"

/**
 * absent_why() - why @column has no value in any row of this run
 *
 * Return: the reason; NULL when nothing keeps it from having values.
 */
const char *absent_why(const struct run *run, const char *column);

typedef const char *absent_fn(const struct run *run, const char *column);

/**
 * absent_print() - the columns without values, those of one reason together
 * @why:    as absent_why()
 * @before: each reason and its columns
 * @after:  them
 */
void absent_print(const struct run *run, absent_fn *why, const char *before,
		  const char *after, FILE *f);

#endif
