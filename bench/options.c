// SPDX-License-Identifier: MIT
#include "options.h"

#include <argp.h>
#include <errno.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "pagecopy/abi.h"
#include "rate.h"

#define SIZE_LIMIT	(4096ULL << PAGECOPY_ORDER_MAX)
#define FIELD(f)	offsetof(struct options, f)
#define ARRAY_SIZE(a)	(sizeof(a) / sizeof((a)[0]))

static const struct value_kind kind_pairs;

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
static const struct opt {
	const char *name;
	const char *arg;
	const struct value_kind *kind;
	size_t field;
	struct value_range range;
	const char *def;
	const char *quick;
	const char *full;
	const char *help;
} opts[] = {
	{ "path", "LIST", &kind_names, FIELD(axis[AXIS_PATH]),
	  { &names_path, 0, 0 }, "all", NULL, NULL,
	  "how the copy is reached" },
	{ "op", "LIST", &kind_names, FIELD(axis[AXIS_OP]),
	  { &names_op, 0, 0 }, "read,touch,nop", NULL, "all",
	  "what a command does" },
	{ "strategy", "LIST", &kind_names, FIELD(axis[AXIS_STRATEGY]),
	  { &names_strategy, 0, 0 },
	  "nop,raw,bytewise_atomic,memcpy,bytes,words,movsb", NULL, "all",
	  "ways to copy" },
	{ "size", "LIST", &kind_sizes, FIELD(axis[AXIS_SIZE]),
	  { NULL, 1, SIZE_LIMIT }, "64,512,4K,64K,2M", "64,4K,64K",
	  "64,256,1K,4K,16K,64K,256K,1M,2M", "bytes of a copy" },
	{ "depth", "LIST", &kind_numbers, FIELD(axis[AXIS_DEPTH]),
	  { NULL, 1, 256 }, "1,8,64", "1,64", "1,4,16,64,256",
	  "commands in flight" },
	{ "batch", "LIST", &kind_specials, FIELD(axis[AXIS_BATCH]),
	  { &names_batch, 1, 256 }, "all", NULL, NULL,
	  "n: commands are submitted n together, and when fewer than n are "
	  "ready, the program waits until n are; all: whatever has completed "
	  "is submitted again together, waiting for one" },
	{ "buffer", "LIST", &kind_names, FIELD(axis[AXIS_BUFFER]),
	  { &names_buffer, 0, 0 }, "fixed", NULL, "all", "the user's side; copy is "
	  "copy_to_user() and copy_from_user(), without strategy; path ioctl "
	  "takes user where fixed is asked" },
	{ "ring", "LIST", &kind_rings, FIELD(axis[AXIS_RING]),
	  { &names_ring, 0, 0 }, "auto", NULL, NULL,
	  "set-up of the ring: plain, coop, defer or sqpoll, each with any of "
	  "+iopoll +sqe128 +cqe32; auto is the best of defer, coop and plain "
	  "that the kernel grants; all is these four" },
	{ "completion", "LIST", &kind_names, FIELD(axis[AXIS_COMPLETION]),
	  { &names_completion, 0, 0 }, "inline", NULL, NULL,
	  "how a command of path uring completes; the others do it inline" },
	{ "cache", "LIST", &kind_names, FIELD(cache),
	  { &names_cache, 0, 0 }, "hot", NULL, NULL, "state of the cache" },
	{ "threads", "LIST", &kind_numbers, FIELD(axis[AXIS_THREADS]),
	  { NULL, 1, THREADS_MAX }, "1", NULL, NULL,
	  "submitters at once, each with its own ring and memory, on --cpu and "
	  "the allowed ones after it, in turn; what each did is in "
	  "NAME.threads.csv beside the results" },
	{ "rate", "LIST", &kind_specials, FIELD(axis[AXIS_RATE]),
	  { &names_rate, 0, 1000000000 }, "closed", NULL, NULL,
	  "closed or 0: a command follows when one has completed; n: n commands a "
	  "second, all threads together, each at its time, so that resp_* has "
	  "the response times that users of a server see" },
	{ "share-file", NULL, &kind_flag, FIELD(share_file),
	  { NULL, 0, 0 }, NULL, NULL, NULL,
	  "the threads share one open file of the module; otherwise each has "
	  "its own" },
	{ "offset", "LIST", &kind_sizes, FIELD(axis[AXIS_OFFSET]),
	  { NULL, 0, SIZE_LIMIT - 1 }, "0", NULL, NULL,
	  "first byte within page and buffer, which both begin where a page "
	  "of memory does" },
	{ "buf-offset", "LIST", &kind_sizes, FIELD(axis[AXIS_BUF_OFFSET]),
	  { NULL, 0, SIZE_LIMIT - 1 }, "0", NULL, NULL,
	  "bytes by which the user's buffer is moved further into its memory: "
	  "it then spans one page more" },
	{ "pages", "LIST", &kind_names, FIELD(axis[AXIS_PAGES]),
	  { &names_memory, 0, 0 }, "4k", NULL, NULL,
	  "what the user's memory is made of: normal, transparent huge, or "
	  "hugetlb pages" },
	{ "latency", "HOW", &kind_name, FIELD(latency),
	  { &names_latency, 0, 0 }, "split", NULL, NULL,
	  "split: half of each slice without time stamps gives ops_per_s, "
	  "half with them the percentiles; with: all of it with; off: none" },
	{ "counters", "HOW", &kind_name, FIELD(counters),
	  { &names_counters, 0, 0 }, "auto", NULL, NULL,
	  "auto: what the CPU and the kernel count while ops_per_s is "
	  "measured, as far as this machine lets the process see it; off: "
	  "nothing" },
	{ "rounds", "N", &kind_number, FIELD(rounds),
	  { NULL, 1, 100000 }, "100", "25", NULL,
	  "times that every cell is measured, at most" },
	{ "slice", "MS", &kind_number, FIELD(slice_ms),
	  { NULL, 1, 60000 }, "4", NULL, NULL,
	  "time of one cell in one round, in two turns or, if it is long, in turns "
	  "of 5 ms; with --rate always in two, and 200 when not given" },
	{ "pair", "AXIS", &kind_name, FIELD(pair),
	  { &names_axis, 0, 0 }, "strategy", NULL, NULL,
	  "cells that differ in this axis only take turns, so that they can be "
	  "compared" },
	{ "precision", "PCT", &kind_real, FIELD(precision),
	  { NULL, 0, 100 }, "1", NULL, NULL,
	  "a cell has had enough rounds (10 at least) when its ratio to the "
	  "first cell that it takes turns with is known to +-PCT %; 0: never" },
	{ "disturbed", "HOW", &kind_name, FIELD(disturbed),
	  { &names_disturbed, 0, 0 }, "again", NULL, NULL,
	  "again: cells have another round for each that was disturbed, up to "
	  "half as many again; keep: they have not" },
	{ "budget", "S", &kind_number, FIELD(budget_s),
	  { NULL, 0, 10000000 }, "0", NULL, NULL,
	  "seconds for all of it: no round is begun that would take longer; "
	  "0: no limit" },
	{ "seed", "N", &kind_number, FIELD(seed),
	  { NULL, 0, UINT64_MAX - 1 }, NULL, NULL, NULL,
	  "of order and data; random when not given, recorded always" },
	{ "cpu", "N", &kind_number, FIELD(cpu),
	  { NULL, 0, 1023 }, NULL, NULL, NULL,
	  "where to run; the last allowed one when not given" },
	{ "sq-cpu", "N", &kind_number, FIELD(sq_cpu),
	  { NULL, 0, 1023 }, NULL, NULL, NULL,
	  "where the kernel thread of an sqpoll ring runs; when not given, "
	  "the next allowed one after --cpu, or anywhere if there is only one" },
	{ "csv", "FILE", &kind_text, FIELD(csv),
	  { NULL, 0, 0 }, "results.csv", NULL, NULL,
	  "results; env.json is written beside it" },
	{ "resume", NULL, &kind_flag, FIELD(resume),
	  { NULL, 0, 0 }, NULL, NULL, NULL,
	  "go on with the run that --csv is of, after its last whole row: same "
	  "options, program and machine" },
	{ "dev", "PATH", &kind_text, FIELD(dev),
	  { NULL, 0, 0 }, PAGECOPY_DEV_PATH, NULL, NULL,
	  "node of the module" },
	{ "platform", "NAME", &kind_name, FIELD(platform),
	  { &names_platform, 0, 0 }, "auto", NULL, NULL,
	  "what to call this machine in the results" },
	{ "env", "KEY=VALUE", &kind_pairs, FIELD(env),
	  { NULL, 0, 0 }, NULL, NULL, NULL,
	  "a fact for env.json; may be repeated" },
	{ "allow-fallback", NULL, &kind_flag, FIELD(allow_fallback),
	  { NULL, 0, 0 }, NULL, NULL, NULL,
	  "take a lesser ring when the kernel refuses the one asked for" },
	{ "strict", NULL, &kind_flag, FIELD(strict),
	  { NULL, 0, 0 }, NULL, NULL, NULL,
	  "measure nothing when a check of pagecopy doctor fails" },
	{ "quick", NULL, &kind_flag, FIELD(quick),
	  { NULL, 0, 0 }, NULL, NULL, NULL,
	  "other defaults: fewer cells, shorter slices" },
	{ "full", NULL, &kind_flag, FIELD(full),
	  { NULL, 0, 0 }, NULL, NULL, NULL,
	  "other defaults: all ops, buffers and depths, more sizes" },
};

#define NR_OPTS	ARRAY_SIZE(opts)

/* Keys that no character has, so that there are long options only. */
#define KEY_OF(i)	((int)(i) + 0x100)

/**
 * struct parsing - while the arguments are read
 * @o:      the result
 * @errors: takes a line per mistake
 * @nr:     of mistakes
 * @seen:   options that were given
 */
struct parsing {
	struct options *o;
	FILE *errors;
	unsigned int nr;
	bool seen[NR_OPTS];
};

static void *field_of(struct options *o, const struct opt *opt)
{
	return (char *)o + opt->field;
}

static void pairs_parse(const struct value_range *r, void *field,
			const char *text, struct value_sink *sink)
{
	struct options *o = (void *)((char *)field - FIELD(env));
	const char *why = NULL;

	(void)r;
	if (!strchr(text, '=') || *text == '=')
		why = "no KEY=";
	else if (o->env.nr == ENV_MAX)
		why = "more than 64 pairs";
	if (why)
		sink->bad(sink, text, strlen(text), why);
	else
		o->env.pair[o->env.nr++] = text;
}

static void pairs_put(const struct value_range *r, const void *field, FILE *f)
{
	const struct options *o =
		(const void *)((const char *)field - FIELD(env));

	(void)r;
	fprintf(f, "%u", o->env.nr);
}

static void pairs_allowed(const struct value_range *r, FILE *f)
{
	(void)r;
	fputs("KEY=VALUE", f);
}

static const struct value_kind kind_pairs = {
	pairs_parse, pairs_put, pairs_allowed
};

static void complain(struct parsing *p, const struct opt *opt,
		     const char *value, const char *why)
{
	fprintf(p->errors, "--%s%s: %s; allowed: ", opt->name, value, why);
	opt->kind->allowed(&opt->range, p->errors);
	fputc('\n', p->errors);
	p->nr++;
}

/* The mistakes of one option. */
struct opt_sink {
	struct value_sink sink;
	struct parsing *p;
	const struct opt *opt;
};

static void bad_value(struct value_sink *sink, const char *item, size_t len,
		      const char *why)
{
	struct opt_sink *s = (struct opt_sink *)sink;
	char value[80];

	snprintf(value, sizeof(value), " '%.*s'", (int)(len < 60 ? len : 60),
		 item);
	complain(s->p, s->opt, value, why);
}

static void take(struct parsing *p, const struct opt *opt, const char *text)
{
	struct opt_sink s = { { bad_value }, p, opt };

	opt->kind->parse(&opt->range, field_of(p->o, opt), text, &s.sink);
}

static error_t parse_opt(int key, char *arg, struct argp_state *state)
{
	struct parsing *p = state->input;
	size_t i = (size_t)(key - KEY_OF(0));

	if (key == ARGP_KEY_ARG) {
		fprintf(p->errors, "'%s': options only; see --help\n", arg);
		p->nr++;
		return 0;
	}
	if (key < KEY_OF(0) || i >= NR_OPTS)
		return ARGP_ERR_UNKNOWN;
	if (p->seen[i] && opts[i].arg && opts[i].kind != &kind_pairs)
		complain(p, &opts[i], "", "given a second time");
	else
		take(p, &opts[i], arg);
	p->seen[i] = true;
	return 0;
}

/* --help shows the defaults of the table. */
static char *help_filter(int key, const char *text, void *input)
{
	const struct opt *opt = &opts[key - KEY_OF(0)];
	char *help;

	(void)input;
	if (key < KEY_OF(0) || key >= KEY_OF(NR_OPTS) || !opt->def)
		return (char *)text;
	if (asprintf(&help, "%s [%s%s%s%s%s]", text, opt->def,
		     opt->quick ? "; quick: " : "",
		     opt->quick ? opt->quick : "",
		     opt->full ? "; full: " : "",
		     opt->full ? opt->full : "") < 0)
		return (char *)text;
	return help;
}

/* The one option that @arg, of the form --name or --name=value, may mean. */
static const struct opt *find_opt(const char *arg)
{
	size_t len = strcspn(arg + 2, "=");
	const struct opt *found = NULL;
	size_t i;

	for (i = 0; i < NR_OPTS; i++) {
		if (strncmp(opts[i].name, arg + 2, len))
			continue;
		if (!opts[i].name[len])
			return &opts[i];
		if (found)
			return NULL;
		found = &opts[i];
	}
	return found;
}

static bool is_help(const char *arg)
{
	return !strcmp(arg, "--help") || !strcmp(arg, "--usage") ||
	       !strcmp(arg, "--version") || !strcmp(arg, "-?") ||
	       !strcmp(arg, "-V");
}

/*
 * Take out what argp would stop at: options nobody knows, values that are not
 * there. What is left it parses to the end, so that no mistake hides another.
 */
static int drop_unknown(struct parsing *p, int argc, char **argv, char **kept)
{
	int i, nr = 0;

	kept[nr++] = argv[0];
	for (i = 1; i < argc; i++) {
		const struct opt *opt;
		bool dashes = !strncmp(argv[i], "--", 2) && argv[i][2];

		if (argv[i][0] != '-' || is_help(argv[i])) {
			kept[nr++] = argv[i];
			continue;
		}
		opt = dashes ? find_opt(argv[i]) : NULL;
		if (!opt || (!opt->arg && strchr(argv[i], '='))) {
			fprintf(p->errors, "'%s': no such option; see --help\n",
				argv[i]);
			p->nr++;
			continue;
		}
		if (opt->arg && !strchr(argv[i], '=')) {
			if (i + 1 == argc) {
				complain(p, opt, "", "value missing");
				continue;
			}
			kept[nr++] = argv[i++];
		}
		kept[nr++] = argv[i];
	}
	kept[nr] = NULL;
	return nr;
}

static void set_defaults(struct parsing *p)
{
	size_t i;

	for (i = 0; i < NR_OPTS; i++) {
		const char *def = opts[i].def;

		if (p->o->quick && opts[i].quick)
			def = opts[i].quick;
		if (p->o->full && opts[i].full)
			def = opts[i].full;
		if (!p->seen[i] && def)
			take(p, &opts[i], def);
		if (!p->seen[i] && opts[i].field == FIELD(slice_ms) &&
		    rate_any(p->o))
			p->o->slice_ms = RATE_SLICE_MS;
	}
}

/* An offset or a size that is wrong by itself is on neither list. */
static void check_offsets(struct parsing *p)
{
	const struct list *sizes = &p->o->axis[AXIS_SIZE];
	const struct list *offsets = &p->o->axis[AXIS_OFFSET];
	unsigned int i, k;

	for (k = 0; k < offsets->nr; k++)
		for (i = 0; i < sizes->nr; i++) {
			if (offsets->value[k] + sizes->value[i] <= SIZE_LIMIT)
				continue;
			fputs("--offset ", p->errors);
			print_size(offsets->value[k], p->errors);
			fputs(" --size ", p->errors);
			print_size(sizes->value[i], p->errors);
			fputs(": past the page; allowed: offset + size up to ",
			      p->errors);
			print_size(SIZE_LIMIT, p->errors);
			fputc('\n', p->errors);
			p->nr++;
		}
}

static void check_together(struct parsing *p)
{
	if (p->o->quick && p->o->full) {
		fputs("--quick --full: only one of them\n", p->errors);
		p->nr++;
	}
	check_offsets(p);
	p->nr += rate_check(p->o, p->errors);
}

static void fill_argp_options(struct argp_option *a)
{
	size_t i;

	for (i = 0; i < NR_OPTS; i++) {
		a[i].name = opts[i].name;
		a[i].key = KEY_OF(i);
		a[i].arg = opts[i].arg;
		a[i].doc = opts[i].help;
	}
}

unsigned int options_parse(struct options *o, int argc, char **argv,
			   FILE *errors)
{
	struct argp_option options[NR_OPTS + 1] = { 0 };
	const struct argp argp = {
		.options = options,
		.parser = parse_opt,
		.doc = "Measure every cell of the sweep in shuffled rounds.\v"
		       "LIST is a comma list or `all`; sizes as 64,4K,2M. "
		       "In brackets: the default.",
		.help_filter = help_filter,
	};
	struct parsing p = { .o = o, .errors = errors };
	char **kept;

	memset(o, 0, sizeof(*o));
	o->seed = OPTION_UNSET;
	o->cpu = OPTION_UNSET;
	o->sq_cpu = OPTION_UNSET;
	fill_argp_options(options);
	kept = calloc((size_t)argc + 1, sizeof(*kept));
	if (!kept) {
		fprintf(errors, "%s\n", strerror(ENOMEM));
		return 1;
	}
	argc = drop_unknown(&p, argc, argv, kept);
	argp_parse(&argp, argc, kept, ARGP_IN_ORDER, NULL, &p);
	free(kept);
	set_defaults(&p);
	check_together(&p);
	return p.nr;
}

void options_print(const struct options *o, FILE *f)
{
	size_t i;

	for (i = 0; i < NR_OPTS; i++) {
		const void *field = (const char *)o + opts[i].field;

		if (opts[i].field == FIELD(resume) ||
		    (opts[i].field == FIELD(seed) && o->seed == OPTION_UNSET) ||
		    (opts[i].field == FIELD(cpu) && o->cpu == OPTION_UNSET) ||
		    (opts[i].field == FIELD(sq_cpu) &&
		     o->sq_cpu == OPTION_UNSET))
			continue;
		fprintf(f, "%s%s=", i ? " " : "", opts[i].name);
		opts[i].kind->print(&opts[i].range, field, f);
	}
}
