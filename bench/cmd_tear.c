// SPDX-License-Identifier: MIT
#include "cmd.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "pagecopy/strategy.h"
#include "run.h"
#include "tear.h"

static int open_results(struct tear *t, int argc, char **argv)
{
	int ret = csv_open(&t->csv, t->o->csv);
	FILE *f;

	if (ret == -EEXIST)
		return tear_fail(t, EXIT_USAGE, "--csv '%s': has content, and "
				 "results are never overwritten; give a new "
				 "file", t->o->csv);
	if (!ret) {
		f = csv_begin(&t->csv);
		if (f)
			tear_head(t, argc, argv, f);
		ret = f ? csv_end(&t->csv) : -ENOMEM;
	}
	return ret ? tear_fail(t, EXIT_FAILED, "%s: %s", t->o->csv,
			       strerror(-ret)) : 0;
}

/* What must never be: a claim of the table of strategies is wrong. */
static bool is_wrong(const struct tear *t, const struct tear_result *r)
{
	const unsigned int nr = t->cell.strategy;

	return r->errors || r->counts.thin_air ||
	       (r->again && nr != TEAR_CONTROL && pagecopy_strategies[nr].once);
}

static int measure(struct tear *t)
{
	struct tear_result r;
	int code, ret;
	FILE *f;

	if (t->cell.experiment == EXPERIMENT_ABA)
		code = tear_aba_run(t, &r);
	else
		code = tear_cell_run(t, &r);
	if (code)
		return code;
	tear_table_row(t, &r, stdout);
	fflush(stdout);
	t->failed += is_wrong(t, &r);
	f = csv_begin(&t->csv);
	if (f)
		tear_row(t, &r, f);
	ret = f ? csv_end(&t->csv) : -ENOMEM;
	return ret ? tear_fail(t, EXIT_FAILED, "%s: %s", t->o->csv,
			       strerror(-ret)) : 0;
}

/* All strategies at t->cell, the control first where it means something. */
static int sweep_strategies(struct tear *t, unsigned int *measured)
{
	const struct list *l = &t->o->strategy;
	unsigned int i;
	int code = 0;

	t->cell.strategy = TEAR_CONTROL;
	if (t->cell.path == PATH_USER &&
	    t->cell.experiment == EXPERIMENT_TEAR)
		code = measure(t);
	for (i = 0; i < l->nr && !code; i++) {
		t->cell.strategy = (unsigned int)l->value[i];
		if (tear_missing(t, &t->cell))
			continue;
		++*measured;
		code = measure(t);
	}
	return code;
}

static int sweep_places(struct tear *t, unsigned int *measured)
{
	const struct tear_options *o = t->o;
	unsigned int size, offset, shift;
	int code = 0;

	for (size = 0; size < o->size.nr; size++)
		for (offset = 0; offset < o->offset.nr; offset++)
			for (shift = 0; shift < o->buf_offset.nr; shift++) {
				t->cell.size = (uint32_t)o->size.value[size];
				t->cell.offset =
					(uint32_t)o->offset.value[offset];
				t->cell.buf_offset =
					(uint32_t)o->buf_offset.value[shift];
				code = sweep_strategies(t, measured);
				if (code)
					return code;
			}
	return code;
}

static int sweep(struct tear *t)
{
	const struct tear_options *o = t->o;
	unsigned int experiment, path, op, measured = 0;
	int code;

	for (experiment = 0; experiment < o->experiment.nr; experiment++) {
		t->cell.experiment =
			(unsigned int)o->experiment.value[experiment];
		tear_table_head(t->cell.experiment, stdout);
		for (path = 0; path < o->path.nr; path++)
			for (op = 0; op < o->op.nr; op++) {
				t->cell.path =
					(unsigned int)o->path.value[path];
				t->cell.op = (unsigned int)o->op.value[op];
				code = sweep_places(t, &measured);
				if (code)
					return code;
			}
	}
	return measured ? 0 : tear_fail(t, EXIT_SKIPPED,
					"none of the strategies is here");
}

/* Those asked for that cannot be had, once each. */
static void tell_left_out(const struct tear *t)
{
	const struct tear_options *o = t->o;
	struct tear_cell c = { 0 };
	unsigned int path, i;
	const char *why;

	for (path = 0; path < o->path.nr; path++)
		for (i = 0; i < o->strategy.nr; i++) {
			c.path = (unsigned int)o->path.value[path];
			c.strategy = (unsigned int)o->strategy.value[i];
			why = tear_missing(t, &c);
			if (why)
				fprintf(stderr, "pagecopy tear: left out: %s, "
					"path %s: %s\n", tear_strategy(&c),
					names_of(&names_path, c.path), why);
		}
}

static int run(struct tear *t, const struct tear_options *o, int argc,
	       char **argv)
{
	int code = tear_open(t, o);

	if (!code)
		code = open_results(t, argc, argv);
	if (!code) {
		tell_left_out(t);
		code = sweep(t);
	}
	tear_close(t);
	if (!code && t->failed)
		code = tear_fail(t, EXIT_FAILED, "%lu rows hold an error, a "
				 "byte out of thin air, or a byte stored twice "
				 "by a strategy that stores each once",
				 (unsigned long)t->failed);
	if (t->error[0])
		fprintf(stderr, "pagecopy tear: %s\n", t->error);
	return code;
}

int cmd_tear(int argc, char **argv)
{
	struct tear_options o;
	struct tear *t;
	int code;

	if (tear_options_parse(&o, argc, argv, stderr))
		return EXIT_USAGE;
	t = calloc(1, sizeof(*t));
	if (!t) {
		perror("pagecopy tear");
		return EXIT_FAILED;
	}
	code = run(t, &o, argc, argv);
	free(t);
	return code;
}
