// SPDX-License-Identifier: MIT
/*
 * The options of one cell: those of `pagecopy run` that make one, each with one
 * value. What they fill in is a sweep of that cell, so that all that prepares
 * a run prepares this.
 */
#include "copy_options.h"

#include <string.h>

#define ARRAY_SIZE(a)	(sizeof(a) / sizeof((a)[0]))

#define FIELD(f)	offsetof(struct copy_options, f)
#define AXIS(a)		offsetof(struct copy_options, run.axis[a])

#define COUNT_MAX	1000000000000ULL

static void parse_one(const struct value_kind *kind,
		      const struct value_range *r, struct list *l,
		      const char *text, struct value_sink *sink)
{
	if (!strchr(text, ','))
		kind->parse(r, l, text, sink);
	if (strchr(text, ',') || l->nr > 1)
		sink->bad(sink, text, strlen(text),
			  "one value only; pagecopy run takes lists");
}

/* A list of one: read and printed as that list, described as one value. */
#define ONE(kind, ALLOWED)						\
	static void one_##kind##_parse(const struct value_range *r,	\
				       void *field, const char *text,	\
				       struct value_sink *sink)		\
	{								\
		parse_one(&kind_##kind, r, field, text, sink);		\
	}								\
	static void one_##kind##_put(const struct value_range *r,	\
				     const void *field, FILE *f)	\
	{								\
		kind_##kind.print(r, field, f);				\
	}								\
	static const struct value_kind one_##kind = {			\
		one_##kind##_parse, one_##kind##_put, ALLOWED		\
	};

static void allowed_name(const struct value_range *r, FILE *f)
{
	kind_name.allowed(r, f);
}

static void allowed_size(const struct value_range *r, FILE *f)
{
	kind_size.allowed(r, f);
}

static void allowed_number(const struct value_range *r, FILE *f)
{
	kind_number.allowed(r, f);
}

static void allowed_special(const struct value_range *r, FILE *f)
{
	kind_number.allowed(r, f);
	fputs(", or ", f);
	names_print(r->names, f, " ");
}

static void allowed_ring(const struct value_range *r, FILE *f)
{
	(void)r;
	fputs("one of auto plain coop defer sqpoll, with any of +iopoll "
	      "+sqe128 +cqe32", f);
}

ONE(names, allowed_name)
ONE(sizes, allowed_size)
ONE(numbers, allowed_number)
ONE(specials, allowed_special)
ONE(rings, allowed_ring)

static const struct opt table[] = {
	{ "count", "N", &kind_number, FIELD(count), { NULL, 0, COUNT_MAX },
	  NULL, "copies, exactly; 0: all but the copies, for what starting and "
	  "ending cost. Must be given" },
	{ "path", "PATH", &one_names, AXIS(AXIS_PATH), { &names_path, 0, 0 },
	  "user", "how the copy is reached" },
	{ "op", "OP", &one_names, AXIS(AXIS_OP), { &names_op, 0, 0 }, "read",
	  "what a command does" },
	{ "strategy", "NAME", &one_names, AXIS(AXIS_STRATEGY),
	  { &names_strategy, 0, 0 }, "raw", "way to copy" },
	{ "size", "BYTES", &one_sizes, AXIS(AXIS_SIZE),
	  { NULL, 1, SIZE_LIMIT }, "4K", "of a copy" },
	{ "depth", "N", &one_numbers, AXIS(AXIS_DEPTH), { NULL, 1, 256 }, "1",
	  "commands in flight" },
	{ "batch", "N", &one_specials, AXIS(AXIS_BATCH),
	  { &names_batch, 1, 256 }, "all",
	  "commands submitted together, the last ones may be fewer; all: "
	  "whatever has completed" },
	{ "buffer", "KIND", &one_names, AXIS(AXIS_BUFFER),
	  { &names_buffer, 0, 0 }, "fixed",
	  "the user's side; paths without rings take user for fixed" },
	{ "ring", "RING", &one_rings, AXIS(AXIS_RING), { &names_ring, 0, 0 },
	  "auto", "set-up of the ring" },
	{ "completion", "HOW", &one_names, AXIS(AXIS_COMPLETION),
	  { &names_completion, 0, 0 }, "inline",
	  "how a command of path uring completes" },
	{ "offset", "BYTES", &one_sizes, AXIS(AXIS_OFFSET),
	  { NULL, 0, SIZE_LIMIT - 1 }, "0",
	  "first byte within page and buffer" },
	{ "buf-offset", "BYTES", &one_sizes, AXIS(AXIS_BUF_OFFSET),
	  { NULL, 0, SIZE_LIMIT - 1 }, "0",
	  "by which the user's buffer is moved further into its memory" },
	{ "pages", "KIND", &one_names, AXIS(AXIS_PAGES),
	  { &names_memory, 0, 0 }, "4k",
	  "what the user's memory is made of" },
	{ "seed", "N", &kind_number, FIELD(run.seed),
	  { NULL, 0, UINT64_MAX - 1 }, NULL,
	  "of the data; random when not given" },
	{ "cpu", "N", &kind_number, FIELD(run.cpu), { NULL, 0, 1023 }, NULL,
	  "where to run; the last allowed one when not given" },
	{ "sq-cpu", "N", &kind_number, FIELD(run.sq_cpu), { NULL, 0, 1023 },
	  NULL, "where the kernel thread of an sqpoll ring runs" },
	{ "dev", "PATH", &kind_text, FIELD(run.dev), { NULL, 0, 0 },
	  PAGECOPY_DEV_PATH, "node of the module" },
	{ "allow-fallback", NULL, &kind_flag, FIELD(run.allow_fallback),
	  { NULL, 0, 0 }, NULL,
	  "take a lesser ring when the kernel refuses the one asked for" },
	{ "verbose", NULL, &kind_flag, FIELD(verbose), { NULL, 0, 0 }, NULL,
	  "say what was done, and how long the copies took" },
};

const struct opts copy_opts = {
	.command = "pagecopy copy",
	.about = "Copy a number of times, then exit: fixed work, for whoever "
		 "times the whole command from outside (scripts/hyperfine). The "
		 "loop, and what is around it, is that of pagecopy run; bytes "
		 "are compared behind it.\v"
		 "Sizes as 64,4K,2M. In brackets: the default.",
	.opt = table,
	.nr = ARRAY_SIZE(table),
	.example = "pagecopy copy --path user --count 1000000 --strategy words "
		   "--size 4K",
	.exits = "0 done; 1 a copy failed or was wrong; 2 usage; "
		 "77 cannot be copied here",
};

_Static_assert(ARRAY_SIZE(table) <= OPTS_MAX, "raise OPTS_MAX");

static void set_axis(struct options *o, enum axis axis, uint64_t value)
{
	o->axis[axis].nr = 1;
	o->axis[axis].value[0] = value;
}

/* What a run has and one cell of it has not. */
static void set_rest(struct options *o)
{
	set_axis(o, AXIS_THREADS, 1);
	set_axis(o, AXIS_RATE, RATE_CLOSED);
	set_axis(o, AXIS_MUTATORS, MUTATORS_NONE);
	set_axis(o, AXIS_CACHE, CACHE_HOT);
	o->pair = AXIS_STRATEGY;
	o->latency = LATENCY_OFF;
	o->counters = COUNTERS_OFF;
	o->platform = PLATFORM_AUTO;
	o->seed = OPTION_UNSET;
	o->cpu = OPTION_UNSET;
	o->sq_cpu = OPTION_UNSET;
}

static unsigned int check_count(const struct copy_options *o, FILE *errors)
{
	if (o->count != OPTION_UNSET)
		return 0;
	fprintf(errors, "%s: --count: must be given; allowed: ",
		copy_opts.command);
	kind_number.allowed(&table[0].range, errors);
	fputc('\n', errors);
	return 1;
}

unsigned int copy_options_parse(struct copy_options *o, int argc, char **argv,
				FILE *errors)
{
	unsigned int nr;

	memset(o, 0, sizeof(*o));
	o->count = OPTION_UNSET;
	set_rest(&o->run);
	nr = opts_parse(&copy_opts, o, argc, argv, errors, NULL);
	nr += check_count(o, errors);
	return nr + options_check_offsets(&o->run, copy_opts.command, errors);
}
