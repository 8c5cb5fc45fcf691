// SPDX-License-Identifier: MIT
#include "options_table.h"

#include <string.h>

#include "pagecopy/abi.h"

#define ARRAY_SIZE(a)	(sizeof(a) / sizeof((a)[0]))

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

static const struct opt table[] = {
	{ "path", "LIST", &kind_names, FIELD(axis[AXIS_PATH]),
	  { &names_path, 0, 0 }, "all",
	  "how the copy is reached" },
	{ "op", "LIST", &kind_names, FIELD(axis[AXIS_OP]),
	  { &names_op, 0, 0 }, "read,touch,nop",
	  "what a command does" },
	{ "strategy", "LIST", &kind_names, FIELD(axis[AXIS_STRATEGY]),
	  { &names_strategy, 0, 0 },
	  "nop,raw,bytewise_atomic,memcpy,bytes,words,movsb",
	  "ways to copy" },
	{ "size", "LIST", &kind_sizes, FIELD(axis[AXIS_SIZE]),
	  { NULL, 1, SIZE_LIMIT }, "64,512,4K,64K,2M", "bytes of a copy" },
	{ "depth", "LIST", &kind_numbers, FIELD(axis[AXIS_DEPTH]),
	  { NULL, 1, 256 }, "1,8,64",
	  "commands in flight" },
	{ "batch", "LIST", &kind_specials, FIELD(axis[AXIS_BATCH]),
	  { &names_batch, 1, 256 }, "all",
	  "n: commands are submitted n together, and when fewer than n are "
	  "ready, the program waits until n are; all: whatever has completed "
	  "is submitted again together, waiting for one" },
	{ "buffer", "LIST", &kind_names, FIELD(axis[AXIS_BUFFER]),
	  { &names_buffer, 0, 0 }, "fixed", "the user's side; copy is "
	  "copy_to_user() and copy_from_user(), without strategy; path ioctl "
	  "takes user where fixed is asked" },
	{ "ring", "LIST", &kind_rings, FIELD(axis[AXIS_RING]),
	  { &names_ring, 0, 0 }, "auto",
	  "set-up of the ring: plain, coop, defer or sqpoll, each with any of "
	  "+iopoll +sqe128 +cqe32; auto is the best of defer, coop and plain "
	  "that the kernel grants; all is these four" },
	{ "completion", "LIST", &kind_names, FIELD(axis[AXIS_COMPLETION]),
	  { &names_completion, 0, 0 }, "inline",
	  "how a command of path uring completes; the others do it inline" },
	{ "cache", "LIST", &kind_names, FIELD(axis[AXIS_CACHE]),
	  { &names_cache, 0, 0 }, "hot",
	  "where the bytes of a copy are before it, both sides: hot: the same "
	  "few buffers again and again; llc: out of L2, in the last level; "
	  "dram: in no cache; flushed: as dram, by flushing them before each "
	  "copy, outside the clock" },
	{ "threads", "LIST", &kind_numbers, FIELD(axis[AXIS_THREADS]),
	  { NULL, 1, THREADS_MAX }, "1",
	  "submitters at once, each with its own ring and memory, on --cpu and "
	  "the allowed ones after it, in turn; what each did is in "
	  "NAME.threads.csv beside the results" },
	{ "rate", "LIST", &kind_specials, FIELD(axis[AXIS_RATE]),
	  { &names_rate, 0, 1000000000 }, "closed",
	  "closed or 0: a command follows when one has completed; n: n commands a "
	  "second, all threads together, each at its time, so that resp_* has "
	  "the response times that users of a server see" },
	{ "mutators", "LIST", &kind_names, FIELD(axis[AXIS_MUTATORS]),
	  { &names_mutators, 0, 0 }, "none",
	  "threads that use the memory of the copies meanwhile, each on a CPU "
	  "of its own: w1 and w2 store into every cache line that is copied "
	  "from, r1 and r2 load from every one that is copied to" },
	{ "share-file", NULL, &kind_flag, FIELD(share_file),
	  { NULL, 0, 0 }, NULL,
	  "the threads share one open file of the module; otherwise each has "
	  "its own" },
	{ "offset", "LIST", &kind_sizes, FIELD(axis[AXIS_OFFSET]),
	  { NULL, 0, SIZE_LIMIT - 1 }, "0",
	  "first byte within page and buffer, which both begin where a page "
	  "of memory does" },
	{ "buf-offset", "LIST", &kind_sizes, FIELD(axis[AXIS_BUF_OFFSET]),
	  { NULL, 0, SIZE_LIMIT - 1 }, "0",
	  "bytes by which the user's buffer is moved further into its memory: "
	  "it then spans one page more" },
	{ "pages", "LIST", &kind_names, FIELD(axis[AXIS_PAGES]),
	  { &names_memory, 0, 0 }, "4k",
	  "what the user's memory is made of: normal, transparent huge, or "
	  "hugetlb pages" },
	{ "latency", "HOW", &kind_name, FIELD(latency),
	  { &names_latency, 0, 0 }, "split",
	  "split: half of each slice without time stamps gives ops_per_s, "
	  "half with them the percentiles; with: all of it with; off: none" },
	{ "counters", "HOW", &kind_name, FIELD(counters),
	  { &names_counters, 0, 0 }, "auto",
	  "auto: what the CPU and the kernel count while ops_per_s is "
	  "measured, as far as this machine lets the process see it; off: "
	  "nothing" },
	{ "rounds", "N", &kind_number, FIELD(rounds),
	  { NULL, 1, 100000 }, "100",
	  "times that every cell is measured, at most" },
	{ "slice", "MS", &kind_number, FIELD(slice_ms),
	  { NULL, 1, 60000 }, "4",
	  "time of one cell in one round, in two turns or, if it is long, in turns "
	  "of 5 ms; with --rate always in two, and 200 when not given" },
	{ "pair", "AXIS", &kind_name, FIELD(pair),
	  { &names_axis, 0, 0 }, "strategy",
	  "cells that differ in this axis only take turns, so that they can be "
	  "compared" },
	{ "precision", "PCT", &kind_real, FIELD(precision),
	  { NULL, 0, 100 }, "1",
	  "a cell has had enough rounds (10 at least) when its ratio to the "
	  "first cell that it takes turns with is known to +-PCT %; 0: never" },
	{ "disturbed", "HOW", &kind_name, FIELD(disturbed),
	  { &names_disturbed, 0, 0 }, "again",
	  "again: cells have another round for each that was disturbed, up to "
	  "half as many again; keep: they have not" },
	{ "budget", "S", &kind_number, FIELD(budget_s),
	  { NULL, 0, 10000000 }, "0",
	  "seconds for all of it: no round is begun that would take longer; "
	  "0: no limit" },
	{ "seed", "N", &kind_number, FIELD(seed),
	  { NULL, 0, UINT64_MAX - 1 }, NULL,
	  "of order and data; random when not given, recorded always" },
	{ "cpu", "N", &kind_number, FIELD(cpu),
	  { NULL, 0, 1023 }, NULL,
	  "where to run; the last allowed one when not given" },
	{ "sq-cpu", "N", &kind_number, FIELD(sq_cpu),
	  { NULL, 0, 1023 }, NULL,
	  "where the kernel thread of an sqpoll ring runs; when not given, "
	  "the next allowed one after --cpu, or anywhere if there is only one" },
	{ "csv", "FILE", &kind_text, FIELD(csv),
	  { NULL, 0, 0 }, "results.csv",
	  "results; env.json is written beside it" },
	{ "resume", NULL, &kind_flag, FIELD(resume),
	  { NULL, 0, 0 }, NULL,
	  "go on with the run that --csv is of, after its last whole row: same "
	  "options, program and machine" },
	{ "dev", "PATH", &kind_text, FIELD(dev),
	  { NULL, 0, 0 }, PAGECOPY_DEV_PATH,
	  "node of the module" },
	{ "perf-control", "FIFO[,ACK]", &kind_text, FIELD(perf_control),
	  { NULL, 0, 0 }, NULL,
	  "perf is to record or count in the slices alone: they are told to "
	  "the fifos of its --control" },
	{ "platform", "NAME", &kind_name, FIELD(platform),
	  { &names_platform, 0, 0 }, "auto",
	  "what to call this machine in the results" },
	{ "env", "KEY=VALUE", &kind_pairs, FIELD(env),
	  { NULL, 0, 0 }, NULL,
	  "a fact for env.json; may be repeated" },
	{ "allow-fallback", NULL, &kind_flag, FIELD(allow_fallback),
	  { NULL, 0, 0 }, NULL,
	  "take a lesser ring when the kernel refuses the one asked for" },
	{ "strict", NULL, &kind_flag, FIELD(strict),
	  { NULL, 0, 0 }, NULL,
	  "measure nothing when a check of pagecopy doctor fails" },
	{ "quick", NULL, &kind_flag, FIELD(quick),
	  { NULL, 0, 0 }, NULL,
	  "other defaults: fewer cells, shorter slices" },
	{ "full", NULL, &kind_flag, FIELD(full),
	  { NULL, 0, 0 }, NULL,
	  "other defaults: all ops, buffers and depths, more sizes" },
};

static const struct opts_preset presets[] = {
	{ "full", "op", "all" },
	{ "full", "strategy", "all" },
	{ "quick", "size", "64,4K,64K" },
	{ "full", "size", "64,256,1K,4K,16K,64K,256K,1M,2M" },
	{ "quick", "depth", "1,64" },
	{ "full", "depth", "1,4,16,64,256" },
	{ "full", "buffer", "all" },
	{ "quick", "rounds", "25" },
};

const struct opts run_opts = {
	.command = "pagecopy run",
	.about = "Measure every cell of the sweep in shuffled rounds.\v"
		 "LIST is a comma list or `all`; sizes as 64,4K,2M. In "
		 "brackets: the default.",
	.opt = table,
	.nr = ARRAY_SIZE(table),
	.preset = presets,
	.presets = ARRAY_SIZE(presets),
	.repeats = &kind_pairs,
	.example = "pagecopy run --path user --strategy raw,words --size 4K "
		   "--depth 1 --rounds 20",
	.exits = "0 measured; 1 a cell failed or was not verified; 2 usage; "
		 "77 cannot be measured here",
};

_Static_assert(ARRAY_SIZE(table) <= OPTS_MAX, "raise OPTS_MAX");
