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

static const struct option {
	const char *name;
	const char *arg;
	const struct value_kind *kind;
	size_t field;
	struct value_range range;
	const char *def;
	const char *help;
} options[] = {
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
	{ "help", NULL, &kind_flag, FIELD(help),
	  { NULL, 0, 0 }, NULL, "print this" },
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

/**
 * struct parsing - while the arguments are read
 * @o:    the result
 * @nr:   of mistakes
 * @seen: options that were given
 */
static struct parsing {
	struct gbench_options *o;
	unsigned int nr;
	bool seen[ARRAY_SIZE(options)];
} parsing;

static void complain(const struct option *opt, const char *value,
		     const char *why)
{
	fprintf(stderr, "--%s%s: %s; allowed: ", opt->name, value, why);
	opt->kind->allowed(&opt->range, stderr);
	fputc('\n', stderr);
	parsing.nr++;
}

struct option_sink {
	struct value_sink sink;
	const struct option *opt;
};

static void bad_value(struct value_sink *sink, const char *item, size_t len,
		      const char *why)
{
	const struct option_sink *s = (const struct option_sink *)sink;
	char value[80];

	snprintf(value, sizeof(value), " '%.*s'", (int)(len < 60 ? len : 60),
		 item);
	complain(s->opt, value, why);
}

static void take(const struct option *opt, const char *text)
{
	struct option_sink s = { { bad_value }, opt };

	opt->kind->parse(&opt->range, (char *)parsing.o + opt->field, text,
			 &s.sink);
}

static const struct option *find_option(const char *arg)
{
	const size_t len = strcspn(arg, "=");
	size_t i;

	for (i = 0; i < ARRAY_SIZE(options); i++)
		if (strlen(options[i].name) == len &&
		    !strncmp(options[i].name, arg, len))
			return &options[i];
	return NULL;
}

/* --NAME=VALUE or --NAME VALUE; returns how many arguments that took. */
static int take_option(int argc, char **argv)
{
	const bool dashes = !strncmp(argv[0], "--", 2);
	const struct option *opt = dashes ? find_option(argv[0] + 2) : NULL;
	const char *equals = strchr(argv[0], '=');

	if (!opt || (!opt->arg && equals)) {
		fprintf(stderr, "'%s': no such option; see --help\n", argv[0]);
		parsing.nr++;
		return 1;
	}
	if (parsing.seen[opt - options])
		complain(opt, "", "given a second time");
	else if (!opt->arg || equals)
		take(opt, equals ? equals + 1 : NULL);
	else if (argc > 1)
		take(opt, argv[1]);
	else
		complain(opt, "", "value missing");
	parsing.seen[opt - options] = true;
	return opt->arg && !equals ? 2 : 1;
}

static void set_defaults(void)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(options); i++)
		if (!parsing.seen[i] && options[i].def)
			take(&options[i], options[i].def);
}

static void choose_cpu(const struct cpus *cpus)
{
	struct gbench_options *o = parsing.o;

	if (!parsing.seen[find_option("cpu") - options])
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

bool gbench_parse(struct gbench_options *o, int argc, char **argv,
		  const struct cpus *cpus)
{
	size_t k;
	int i;

	memset(o, 0, sizeof(*o));
	parsing.o = o;
	o->argv = calloc((size_t)argc + ARRAY_SIZE(ours) + 2,
			 sizeof(*o->argv));
	if (!o->argv) {
		fprintf(stderr, "%s\n", strerror(ENOMEM));
		return false;
	}
	o->argv[o->argc++] = argv[0];
	for (k = 0; k < ARRAY_SIZE(ours); k++)
		if (!getenv(ours[k].variable))
			o->argv[o->argc++] = (char *)ours[k].flag;
	for (i = 1; i < argc;) {
		if (strncmp(argv[i], LIBRARY, strlen(LIBRARY))) {
			i += take_option(argc - i, argv + i);
			continue;
		}
		check_output(argv[i]);
		o->argv[o->argc++] = argv[i++];
	}
	if (o->list)
		o->argv[o->argc++] = (char *)LIBRARY "list_tests=true";
	set_defaults();
	choose_cpu(cpus);
	gbench_init(&o->argc, o->argv, refused);
	complain_of_rest();
	return !parsing.nr;
}

void gbench_usage(void)
{
	const struct option *opt;
	size_t i;

	puts("usage: pagecopy-gbench [OPTION...] [--benchmark_FLAG=VALUE...]\n"
	     "Measure every strategy in this process with Google Benchmark.\n");
	for (i = 0; i < ARRAY_SIZE(options); i++) {
		opt = &options[i];
		printf("  --%s%s%s: %s", opt->name, opt->arg ? " " : "",
		       opt->arg ? opt->arg : "", opt->help);
		if (opt->def)
			printf(" [%s]", opt->def);
		putchar('\n');
	}
	puts("\nLIST is a comma list or `all`; sizes as 64,4K,2M. In brackets: "
	     "the default.\nOf Google Benchmark's flags these differ from its "
	     "own defaults:");
	for (i = 0; i < ARRAY_SIZE(ours); i++)
		printf("  %s\n", ours[i].flag);
	fputs("\nGoogle Benchmark: ", stdout);
	fflush(stdout);
	gbench_help();
}
