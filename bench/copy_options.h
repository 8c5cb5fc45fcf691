/* SPDX-License-Identifier: MIT */
#ifndef PAGECOPY_COPY_OPTIONS_H
#define PAGECOPY_COPY_OPTIONS_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "options.h"

/**
 * struct copy_options - what `pagecopy copy` was asked to do
 * @run:     a sweep of one cell: every axis has one value
 * @count:   copies
 * @verbose: say what was done
 */
struct copy_options {
	struct options run;
	uint64_t count;
	bool verbose;
};

/* The options of `pagecopy copy`. */
extern const struct opts copy_opts;

/** copy_options_parse() - as options_parse() */
unsigned int copy_options_parse(struct copy_options *o, int argc, char **argv,
				FILE *errors);

#endif
