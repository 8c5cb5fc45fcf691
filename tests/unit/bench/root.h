/* SPDX-License-Identifier: MIT */
/* A made-up machine: a folder in place of /, with a blank in its name. */
#ifndef PAGECOPY_BENCH_ROOT_H
#define PAGECOPY_BENCH_ROOT_H

#include <stddef.h>

extern char root[];

/* For cmocka: before and after a test. */
int root_make(void **state);
int root_remove(void **state);

/* A file below the root, with its folders; a folder if @name ends in a slash. */
void root_put(const char *name, const void *content, size_t len);

#endif
