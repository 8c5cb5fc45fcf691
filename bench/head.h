/* SPDX-License-Identifier: MIT */
#ifndef PAGECOPY_HEAD_H
#define PAGECOPY_HEAD_H

#include "run.h"

/**
 * head_write() - the `#key: value` lines and the column names
 * @argc: of @argv
 * @argv: the command line
 *
 * Return: 0 or -errno.
 */
int head_write(struct run *run, int argc, char **argv);

#endif
