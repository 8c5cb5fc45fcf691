// SPDX-License-Identifier: MIT
#include "tear.h"

#include <string.h>

#include "options.h"

#define FIELD(f)	offsetof(struct tear_options, f)
#define ARRAY_SIZE(a)	(sizeof(a) / sizeof((a)[0]))

static const char *const experiment_table[] = {
	[EXPERIMENT_TEAR] = "tear",
	[EXPERIMENT_ABA] = "aba",
};
const struct names names_experiment = { experiment_table, 2, 0 };

static const char *const mutator_table[] = {
	[TEAR_THREAD] = "thread",
	[TEAR_OUTSIDE] = "outside",
	[TEAR_NONE] = "none",
};
const struct names names_tear_mutator = { mutator_table, 3, 0 };

/* Those that copy bytes of ours. */
static const char *const path_table[] = {
	[PATH_URING] = "uring",
	[PATH_IOCTL] = "ioctl",
	[PATH_USER] = "user",
};
static const struct names names_tear_path = {
	path_table, ARRAY_SIZE(path_table), 0
};

static const char *const op_table[] = {
	[PAGECOPY_OP_READ] = "read",
	[PAGECOPY_OP_WRITE] = "write",
};
static const struct names names_tear_op = {
	op_table, ARRAY_SIZE(op_table), 0
};

static const struct opt table[] = {
	{ "experiment", "LIST", &kind_names, FIELD(experiment),
	  { &names_experiment, 0, 0 }, "tear",
	  "tear: the source changes; aba: is a byte stored twice? (path user)" },
	{ "path", "LIST", &kind_names, FIELD(path),
	  { &names_tear_path, 0, 0 }, "user", "how the copy is reached" },
	{ "op", "LIST", &kind_names, FIELD(op), { &names_tear_op, 0, 0 },
	  "write", "write: the user's buffer is the source; read: the page is" },
	{ "strategy", "LIST", &kind_names, FIELD(strategy),
	  { &names_strategy, 0, 0 }, "all", "ways to copy" },
	{ "size", "LIST", &kind_sizes, FIELD(size), { NULL, 1, SIZE_LIMIT },
	  "64,256,4K,64K", "bytes of a copy" },
	{ "offset", "LIST", &kind_sizes, FIELD(offset),
	  { NULL, 0, SIZE_LIMIT - 1 }, "0",
	  "first byte within page and buffer" },
	{ "buf-offset", "LIST", &kind_sizes, FIELD(buf_offset),
	  { NULL, 0, SIZE_LIMIT - 1 }, "0",
	  "bytes by which the user's buffer is moved further" },
	{ "mutator", "WHO", &kind_name, FIELD(mutator),
	  { &names_tear_mutator, 0, 0 }, "thread",
	  "changes the source: a thread on another CPU, somebody outside the "
	  "guest (scripts/tear), or nobody" },
	{ "copies", "N", &kind_number, FIELD(copies),
	  { NULL, 0, UINT64_MAX - 1 }, "0", "of a cell, at most; 0: no limit" },
	{ "seconds", "S", &kind_real, FIELD(seconds), { NULL, 0, 100000 },
	  "0.5", "of a cell, at most; 0: no limit" },
	{ "seed", "N", &kind_number, FIELD(seed),
	  { NULL, 0, UINT64_MAX - 1 }, NULL,
	  "of what is random; itself random when not given" },
	{ "cpu", "N", &kind_number, FIELD(cpu), { NULL, 0, 1023 }, NULL,
	  "where the copies run; the last allowed one when not given" },
	{ "mutator-cpu", "N", &kind_number, FIELD(mutator_cpu),
	  { NULL, 0, 1023 }, NULL,
	  "where the thread runs; the next allowed one when not given" },
	{ "marker", "HEX", &kind_text, FIELD(marker), { NULL, 0, 0 }, NULL,
	  "32 digits that pagecopy mutate was given too" },
	{ "csv", "FILE", &kind_text, FIELD(csv), { NULL, 0, 0 }, "tear.csv",
	  "results" },
	{ "dev", "PATH", &kind_text, FIELD(dev), { NULL, 0, 0 },
	  PAGECOPY_DEV_PATH, "node of the module" },
	{ "platform", "NAME", &kind_name, FIELD(platform),
	  { &names_platform, 0, 0 }, "auto",
	  "what to call this machine in the results" },
};

static const struct opts opts = {
	.command = "pagecopy tear",
	.about = "Copy while the source is being changed, and say what came "
		 "out: how many copies were torn, and how finely. docs/tear.md "
		 "says what that shows and what not.\v"
		 "LIST is a comma list or `all`; sizes as 64,4K,2M. In "
		 "brackets: the default.",
	.opt = table,
	.nr = ARRAY_SIZE(table),
	.example = "pagecopy tear --strategy raw,bytes --size 4K --seconds 0.2",
	.exits = "0 done; 1 failed; 2 usage; 77 cannot run here, as where "
		 "there is only one CPU",
};

/* One line for each thing that does not go together. */
static unsigned int check(struct tear_options *o, FILE *f)
{
	const bool device = list_has(&o->path, PATH_URING) ||
			    list_has(&o->path, PATH_IOCTL);
	unsigned int nr = 0;

#define REFUSE(when, text) do {						\
	if (when) {							\
		fprintf(f, "pagecopy tear: %s\n", text);		\
		nr++;							\
	}								\
} while (0)
	REFUSE(list_largest(&o->offset) + list_largest(&o->size) > SIZE_LIMIT,
	       "--offset --size: past the page; allowed: their sum up to 2M");
	REFUSE(!o->copies && o->seconds == 0,
	       "--copies 0 --seconds 0: without end; give one of them");
	REFUSE(o->mutator == TEAR_OUTSIDE && !o->marker,
	       "--mutator outside: needs --marker; use scripts/tear, which "
	       "gives it to both sides");
	REFUSE(o->marker && marker_parse(o->marker, o->marker_bytes),
	       "--marker: not 32 digits of 0-9 and a-f");
	REFUSE(o->mutator == TEAR_THREAD && device &&
	       list_has(&o->op, PAGECOPY_OP_READ),
	       "--op read with --path uring or ioctl: the source is a page of "
	       "the module, which no thread can write; use --op write, or "
	       "--mutator outside");
	REFUSE(list_has(&o->experiment, EXPERIMENT_ABA) &&
	       (device || o->mutator != TEAR_THREAD),
	       "--experiment aba: needs a destination whose pages can go away; "
	       "use --path user --mutator thread");
	REFUSE(o->cpu != OPTION_UNSET && o->cpu == o->mutator_cpu,
	       "--cpu --mutator-cpu: the same; the mutator would never run "
	       "during a copy");
#undef REFUSE
	return nr;
}

unsigned int tear_options_parse(struct tear_options *o, int argc, char **argv,
				FILE *errors)
{
	unsigned int nr;

	memset(o, 0, sizeof(*o));
	o->seed = OPTION_UNSET;
	o->cpu = OPTION_UNSET;
	o->mutator_cpu = OPTION_UNSET;
	nr = opts_parse(&opts, o, argc, argv, errors, NULL);
	return nr + check(o, errors);
}

void tear_options_print(const struct tear_options *o, FILE *f)
{
	opts_print(&opts, o, NULL, f);
}
