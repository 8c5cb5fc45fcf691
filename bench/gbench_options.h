/* SPDX-License-Identifier: MIT */
#ifndef PAGECOPY_GBENCH_OPTIONS_H
#define PAGECOPY_GBENCH_OPTIONS_H

#include <stdbool.h>

#include "cpu.h"
#include "parse.h"

#define GBENCH_SIZE_MAX		(8U << 20)

enum gbench_align {
	/* Source and destination begin at the same place within a word. */
	ALIGN_SAME,
	/* The destination is ALIGN_SHIFT bytes further than that. */
	ALIGN_MUTUAL,
};

#define ALIGN_SHIFT	3U

extern const struct names names_align;
/* Of enum cache, those that there are here. */
extern const struct names names_gbench_cache;

/**
 * struct gbench_options - what pagecopy-gbench was asked to do
 *
 * One field per line of the table in gbench_options.c, and:
 *
 * @help: print what there is, and nothing else
 * @argc: of @argv
 * @argv: for the library: its flags, after the defaults that are ours
 */
struct gbench_options {
	struct list strategy;
	struct list size;
	struct list align;
	struct list offset;
	struct list cache;
	uint64_t cpu;
	bool list;
	bool help;
	int argc;
	char **argv;
};

/**
 * gbench_parse() - read the arguments
 * @o:    filled in
 * @cpus: this process may use
 *
 * Hands the library its flags. Every mistake is named on standard error.
 *
 * Return: true; false when there were mistakes, or no memory.
 */
bool gbench_parse(struct gbench_options *o, int argc, char **argv,
		  const struct cpus *cpus);

/** gbench_usage() - what --help prints */
void gbench_usage(void);

#endif
