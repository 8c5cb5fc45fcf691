/* SPDX-License-Identifier: MIT */
#ifndef PAGECOPY_HEAD_H
#define PAGECOPY_HEAD_H

#include "run.h"

/**
 * head_put() - the `#key: value` lines and the column names
 * @argc: of @argv
 * @argv: the command line
 */
void head_put(const struct run *run, FILE *f, int argc, char **argv);

#endif
