/* SPDX-License-Identifier: MIT */
/* The file of the threads: a row for each thread of each row of the results. */
#ifndef PAGECOPY_CSV_THREADS_H
#define PAGECOPY_CSV_THREADS_H

#include "run.h"

/**
 * csv_threads_open() - NAME.threads.csv beside NAME.csv, with its header
 * @again: take it as it is
 *
 * Return: 0 or -errno; -EEXIST when it has content.
 */
int csv_threads_open(struct csv *csv, const char *results, bool again);

/** csv_threads_name() - what it is called; false when @size is too small */
bool csv_threads_name(const char *results, char *name, size_t size);

/** csv_threads_row() - what thread @thread did in the cell of @m */
void csv_threads_row(const struct run *run, const struct member *m,
		     unsigned int thread, FILE *f);

#endif
