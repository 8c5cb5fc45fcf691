/* SPDX-License-Identifier: MIT */
/*
 * The options of the smaller commands: a table, and one way to read it. Every
 * mistake is told, not the first alone.
 */
#ifndef PAGECOPY_OPTS_H
#define PAGECOPY_OPTS_H

#include <stddef.h>
#include <stdio.h>

#include "parse.h"

/**
 * struct opt - one option
 * @name:  without the dashes before it
 * @arg:   what the help calls its value
 * @kind:  of value
 * @field: where it goes, as offset
 * @range: of values
 * @def:   default; NULL when the field stays as it is
 * @help:  one line
 */
struct opt {
	const char *name;
	const char *arg;
	const struct value_kind *kind;
	size_t field;
	struct value_range range;
	const char *def;
	const char *help;
};

/**
 * struct opts - the options of a command
 * @command: its name, for messages
 * @about:   what it does, for the help
 * @opt:     the table
 * @nr:      of options
 */
struct opts {
	const char *command;
	const char *about;
	const struct opt *opt;
	unsigned int nr;
};

/* There are fewer options in any table. */
#define OPTS_MAX	64

/**
 * opts_parse() - read the arguments behind argv[0]
 * @o:      takes the values
 * @errors: takes a line for each mistake
 *
 * --help prints the help and exits.
 *
 * Return: the number of mistakes.
 */
unsigned int opts_parse(const struct opts *opts, void *o, int argc,
			char **argv, FILE *errors);

/** opts_print() - name=value of each option that has a default or was given */
void opts_print(const struct opts *opts, const void *o, FILE *f);

#endif
