// SPDX-License-Identifier: MIT
#include "gbench_options.h"

#include <errno.h>
#include <libgen.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "gbench_shim.h"
#include "gbench_subjects.h"
#include "opts.h"
#include "run.h"

#define FIELD(f)	offsetof(struct gbench_options, f)
#define ARRAY_SIZE(a)	(sizeof(a) / sizeof((a)[0]))
#define LIBRARY		"--benchmark_"

static const char *const align_table[] = {
	[ALIGN_SAME] = "same", [ALIGN_MUTUAL] = "mutual",
};
static const char *const cache_table[] = {
	[CACHE_HOT] = "hot", [CACHE_LLC] = "llc", [CACHE_DRAM] = "dram",
};
const struct names names_align = { align_table, ARRAY_SIZE(align_table), 0 };
const struct names names_gbench_cache = {
	cache_table, ARRAY_SIZE(cache_table), 0
};

static const struct opt table[] = {
	{ "strategy", "LIST", &kind_names, FIELD(strategy),
	  { &names_subject, 0, 0 }, "all", "ways to copy" },
	{ "size", "LIST", &kind_sizes, FIELD(size),
	  { NULL, 1, GBENCH_SIZE_MAX }, "64,512,4K,64K,2M",
	  "bytes of a copy" },
	{ "align", "LIST", &kind_names, FIELD(align),
	  { &names_align, 0, 0 }, "all", "same: source and destination are at "
	  "the same place within a page; mutual: the destination is 3 bytes "
	  "further" },
	{ "offset", "LIST", &kind_sizes, FIELD(offset),
	  { NULL, 0, 4095 }, "0", "first byte of both within a page (state "
	  "hot) or a cache line (the others)" },
	{ "cache", "LIST", &kind_names, FIELD(cache),
	  { &names_gbench_cache, 0, 0 }, "hot", "hot: the same bytes each "
	  "time; llc: others, which the second level cannot hold together; "
	  "dram: others, which no cache can" },
	{ "cpu", "N", &kind_number, FIELD(cpu),
	  { NULL, 0, CPUS_MAX - 1 }, NULL, "where to run; the last allowed "
	  "one when not given" },
	{ "list", NULL, &kind_flag, FIELD(list),
	  { NULL, 0, 0 }, NULL, "print the names, measure nothing" },
};

static const struct opts opts = {
	.command = "pagecopy-gbench",
	.about = "Measure every strategy in this process with Google "
		 "Benchmark, whose flags go beside these options."
		 "\vLIST is a comma list or `all`; sizes as 64,4K,2M. In "
		 "brackets: the default.",
	.opt = table,
	.nr = ARRAY_SIZE(table),
	.example = "pagecopy-gbench --strategy raw,words --size 4K --align same",
	.exits = "0 done; 1 failed; 2 usage",
};

/*
 * Flags of the library that have other defaults here. A repetition need not be
 * long, because many short ones in turns see the same moods of the machine.
 */
static const struct {
	const char *flag;
	const char *variable;
} ours[] = {
	{ LIBRARY "enable_random_interleaving=true",
	  "BENCHMARK_ENABLE_RANDOM_INTERLEAVING" },
	{ LIBRARY "repetitions=20", "BENCHMARK_REPETITIONS" },
	{ LIBRARY "min_time=0.01", "BENCHMARK_MIN_TIME" },
};

/* While the arguments are read: the result, and the number of mistakes. */
static struct parsing {
	struct gbench_options *o;
	unsigned int nr;
} parsing;

static void choose_cpu(const struct cpus *cpus)
{
	struct gbench_options *o = parsing.o;

	if (o->cpu == OPTION_UNSET)
		o->cpu = (uint64_t)cpus->cpu[cpus->nr - 1];
	else if (cpus_find(cpus, (int)o->cpu) < 0) {
		fprintf(stderr, "--cpu '%llu': not a CPU this process may use; "
			"allowed: see taskset -cp $$\n",
			(unsigned long long)o->cpu);
		parsing.nr++;
	}
}

/* The library would find out after the first mistake of another kind. */
static void check_output(const char *flag)
{
	const char *path = flag + strlen(LIBRARY "out=");
	char *copy, *folder;

	if (strncmp(flag, LIBRARY "out=", strlen(LIBRARY "out=")))
		return;
	copy = strdup(path);
	folder = copy ? dirname(copy) : NULL;
	if (!*path)
		errno = ENOENT;
	else if (!access(path, F_OK) ? !access(path, W_OK) :
		 folder && !access(folder, W_OK | X_OK))
		goto out_free;
	fprintf(stderr, "'%s': %s\n", flag, strerror(errno));
	parsing.nr++;
out_free:
	free(copy);
}

/* What the library left over: from argv[1] on. */
static void complain_of_rest(void)
{
	int i;

	for (i = 1; i < parsing.o->argc; i++) {
		fprintf(stderr, "'%s': Google Benchmark has no such flag, or "
			"does not take the value; see --help\n",
			parsing.o->argv[i]);
		parsing.nr++;
	}
}

static void refused(void)
{
	complain_of_rest();
	fputs("A flag of Google Benchmark has a value that it does not take; "
	      "allowed:\n", stderr);
	/* Standard output is for results. */
	dup2(STDERR_FILENO, STDOUT_FILENO);
	gbench_help();
	exit(EXIT_USAGE);
}

/* Flags of the library go to @o, ours to @own; --help has parts of both. */
static int divide(struct gbench_options *o, int argc, char **argv, char **own)
{
	int i, nr = 0;
	size_t k;

	own[nr++] = argv[0];
	o->argv[o->argc++] = argv[0];
	for (k = 0; k < ARRAY_SIZE(ours); k++)
		if (!getenv(ours[k].variable))
			o->argv[o->argc++] = (char *)ours[k].flag;
	for (i = 1; i < argc; i++) {
		if (!strncmp(argv[i], LIBRARY, strlen(LIBRARY))) {
			check_output(argv[i]);
			o->argv[o->argc++] = argv[i];
		} else if (!strcmp(argv[i], "--help")) {
			o->help = true;
		} else {
			own[nr++] = argv[i];
		}
	}
	return nr;
}

bool gbench_parse(struct gbench_options *o, int argc, char **argv,
		  const struct cpus *cpus)
{
	char **own = calloc((size_t)argc + 1, sizeof(*own));

	memset(o, 0, sizeof(*o));
	o->cpu = OPTION_UNSET;
	parsing.o = o;
	o->argv = calloc((size_t)argc + ARRAY_SIZE(ours) + 2,
			 sizeof(*o->argv));
	if (!own || !o->argv) {
		fprintf(stderr, "%s\n", strerror(ENOMEM));
		free(own);
		return false;
	}
	argc = divide(o, argc, argv, own);
	parsing.nr += opts_parse(&opts, o, argc, own, stderr, NULL);
	free(own);
	if (o->list)
		o->argv[o->argc++] = (char *)LIBRARY "list_tests=true";
	choose_cpu(cpus);
	gbench_init(&o->argc, o->argv, refused);
	complain_of_rest();
	return !parsing.nr;
}

void gbench_usage(void)
{
	size_t i;

	opts_help(&opts);
	puts("\nOf Google Benchmark's flags these differ from its own defaults:");
	for (i = 0; i < ARRAY_SIZE(ours); i++)
		printf("  %s\n", ours[i].flag);
	fputs("\nGoogle Benchmark: ", stdout);
	fflush(stdout);
	gbench_help();
}
