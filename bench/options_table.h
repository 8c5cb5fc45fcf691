/* SPDX-License-Identifier: MIT */
/*
 * The options of `pagecopy run`, as data: one entry feeds the parser, --help
 * and the line of options in the head of the results.
 */
#ifndef PAGECOPY_OPTIONS_TABLE_H
#define PAGECOPY_OPTIONS_TABLE_H

#include <stddef.h>

#include "options.h"

/* A size, and an offset with it, is not larger than the largest page. */
#define SIZE_LIMIT	(4096ULL << PAGECOPY_ORDER_MAX)
#define FIELD(f)	offsetof(struct options, f)
/* No fewer than there are options. */
#define OPTS_MAX	64

/**
 * struct opt - one option
 * @name:  with the dashes before it
 * @arg:   what --help calls its value; NULL for a flag
 * @kind:  of value
 * @field: in struct options
 * @range: of values
 * @def:   default; NULL when the program chooses
 * @quick: default with --quick, where it differs
 * @full:  default with --full, where it differs
 * @help:  one line
 */
struct opt {
	const char *name;
	const char *arg;
	const struct value_kind *kind;
	size_t field;
	struct value_range range;
	const char *def;
	const char *quick;
	const char *full;
	const char *help;
};

extern const struct opt opts[];
extern const unsigned int opts_nr;

/* The kind of --env. */
extern const struct value_kind kind_pairs;

#endif
