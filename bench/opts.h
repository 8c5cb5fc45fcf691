/* SPDX-License-Identifier: MIT */
/*
 * Options of a program, as data: one entry feeds the parser, --help, the
 * manual, the completion of a shell and the line of options in the head of
 * results. Every mistake is told, not the first
 * alone.
 */
#ifndef PAGECOPY_OPTS_H
#define PAGECOPY_OPTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include "parse.h"

/* Values of numbers that were left to the program. */
#define OPTION_UNSET	UINT64_MAX

/**
 * struct opt - one option
 * @name:  without the dashes before it
 * @arg:   what the help calls its value; NULL for a flag
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
 * struct opts_preset - another default
 * @flag: name of the option of kind_flag that brings it
 * @opt:  name of the option that has it
 * @def:  it
 */
struct opts_preset {
	const char *flag;
	const char *opt;
	const char *def;
};

/**
 * struct opts - the options of a program
 * @command: its name, for messages
 * @about:   what it does, for the help
 * @opt:     the table
 * @nr:      of options
 * @preset:  other defaults; of two for the same option the last one counts
 * @presets: how many
 * @repeats: kind of the options that may be given again; NULL for none
 * @example: a command line that does something here
 * @exits:   what its exit codes mean
 */
struct opts {
	const char *command;
	const char *about;
	const struct opt *opt;
	unsigned int nr;
	const struct opts_preset *preset;
	unsigned int presets;
	const struct value_kind *repeats;
	const char *example;
	const char *exits;
};

/* No fewer than there are options in any table. */
#define OPTS_MAX	64

/* Completion and the manual ask each command for its table by this. */
#define OPTS_LIST	"--list-options"

/**
 * opts_parse() - read the arguments behind argv[0]
 * @o:      takes the values
 * @errors: takes a line for each mistake
 * @seen:   takes which options were given, by place in the table; or NULL
 *
 * --help prints and exits; so does OPTS_LIST as the only argument, with
 * opts_list().
 *
 * Return: the number of mistakes.
 */
unsigned int opts_parse(const struct opts *opts, void *o, int argc,
			char **argv, FILE *errors, bool *seen);

/** opts_help() - what --help prints, to standard output */
void opts_help(const struct opts *opts);

/**
 * opts_list() - the table for other programs: #key: value lines of the command,
 * a header and a line for each option, separated by tabs
 */
void opts_list(const struct opts *opts, FILE *f);

/**
 * opts_print() - name=value of each option that has a value, on one line
 * @but: name of an option that is left out; or NULL
 */
void opts_print(const struct opts *opts, const void *o, const char *but,
		FILE *f);

#endif
