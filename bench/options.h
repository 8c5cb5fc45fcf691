/* SPDX-License-Identifier: MIT */
#ifndef PAGECOPY_OPTIONS_H
#define PAGECOPY_OPTIONS_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "pagecopy/abi.h"
#include "opts.h"

/* What a sweep varies; the digits of a cell's index. */
enum axis {
	AXIS_PATH,
	AXIS_OP,
	AXIS_STRATEGY,
	AXIS_SIZE,
	AXIS_DEPTH,
	AXIS_BUFFER,
	AXIS_RING,
	AXIS_COMPLETION,
	AXIS_OFFSET,
	AXIS_PAGES,
	AXIS_BUF_OFFSET,
	AXIS_BATCH,
	AXIS_THREADS,
	AXIS_RATE,
	AXIS_MUTATORS,
	AXIS_CACHE,
	AXIS_NR,
};

/* KEY=VALUE pairs given with --env. */
#define ENV_MAX	64
/* Submitting threads, at most. */
#define THREADS_MAX	64
/* A size, and an offset with it, is not larger than the largest page. */
#define SIZE_LIMIT	(4096ULL << PAGECOPY_ORDER_MAX)

/**
 * struct options - what `pagecopy run` was asked to do
 *
 * One field per line of the table in options_table.c, which says what each means.
 */
struct options {
	struct list axis[AXIS_NR];
	uint64_t rounds;
	uint64_t slice_ms;
	uint64_t seed;
	uint64_t cpu;
	uint64_t sq_cpu;
	unsigned int pair;
	double precision;
	uint64_t budget_s;
	unsigned int disturbed;
	unsigned int latency;
	unsigned int counters;
	unsigned int platform;
	bool quick;
	bool full;
	bool allow_fallback;
	bool share_file;
	bool strict;
	bool resume;
	const char *csv;
	const char *dev;
	const char *perf_control;
	struct {
		unsigned int nr;
		const char *pair[ENV_MAX];
	} env;
};

/**
 * options_parse() - read the arguments that follow `run`
 * @o:      filled in
 * @argc:   of @argv
 * @argv:   argv[0] is the program's name
 * @errors: takes one line per mistake, all of them
 *
 * --help prints and exits.
 *
 * Return: the number of mistakes.
 */
unsigned int options_parse(struct options *o, int argc, char **argv,
			   FILE *errors);

/** options_check_offsets() - a line for each copy that ends past its page */
unsigned int options_check_offsets(const struct options *o,
				   const char *command, FILE *errors);

/** options_print() - every option as it took effect, on one line */
void options_print(const struct options *o, FILE *f);

#endif
