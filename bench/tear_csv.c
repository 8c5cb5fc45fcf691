// SPDX-License-Identifier: MIT
#include "tear.h"

#include <inttypes.h>
#include <string.h>
#include <sys/utsname.h>

#include "build_id.h"
#include "cpu_id.h"
#include "names.h"

static bool is_tear(const struct tear *t)
{
	return t->cell.experiment == EXPERIMENT_TEAR;
}

#define COUNT(name, when, value)					\
	static void put_##name(const struct tear *t,			\
			       const struct tear_result *r, FILE *f)	\
	{								\
		(void)r;						\
		if (when)						\
			fprintf(f, "%" PRIu64, (uint64_t)(value));	\
	}
#define WORD(name, value)						\
	static void put_##name(const struct tear *t,			\
			       const struct tear_result *r, FILE *f)	\
	{								\
		(void)r;						\
		fputs(value, f);					\
	}

COUNT(schema, t, TEAR_SCHEMA)
WORD(run_id, t->run_id)
WORD(platform, names_of(&names_platform, t->platform))
WORD(experiment, names_of(&names_experiment, t->cell.experiment))
WORD(path, names_of(&names_path, t->cell.path))
WORD(op, names_of(&names_op, t->cell.op))
WORD(strategy, tear_strategy(&t->cell))
COUNT(size, t, t->cell.size)
COUNT(offset, t, t->cell.offset)
COUNT(buf_offset, t, t->cell.buf_offset)
COUNT(copies, t, r->counts.copies)
COUNT(whole, is_tear(t), r->counts.whole)
COUNT(torn, is_tear(t), r->counts.copies - r->counts.whole)
COUNT(tear_64, is_tear(t), r->counts.tear[6])
COUNT(tear_32, is_tear(t), r->counts.tear[5])
COUNT(tear_16, is_tear(t), r->counts.tear[4])
COUNT(tear_8, is_tear(t), r->counts.tear[3])
COUNT(tear_4, is_tear(t), r->counts.tear[2])
COUNT(tear_2, is_tear(t), r->counts.tear[1])
COUNT(tear_1, is_tear(t), r->counts.tear[0])
COUNT(thin_air, is_tear(t), r->counts.thin_air)
COUNT(mutations, is_tear(t), r->mutations)
WORD(mutator, names_of(&names_tear_mutator, t->o->mutator))
WORD(emulated, t->emulated ? "yes" : "no")
COUNT(errors, t, r->errors)
COUNT(probed, !is_tear(t), r->probed)
COUNT(again, !is_tear(t), r->again)
COUNT(copies_again, !is_tear(t), r->copies_again)

static void put_finest(const struct tear *t, const struct tear_result *r,
		       FILE *f)
{
	const unsigned int finest = tear_finest(&r->counts);

	if (!is_tear(t))
		return;
	if (finest)
		fprintf(f, "%u", finest);
	else
		fputs("none", f);
}

static void put_seconds(const struct tear *t, const struct tear_result *r,
			FILE *f)
{
	(void)t;
	fprintf(f, "%.6f", r->seconds);
}

/* New columns go to the end: readers go by name. */
static const struct column {
	const char *name;
	void (*put)(const struct tear *t, const struct tear_result *r, FILE *f);
} columns[] = {
#define COLUMN(name)	{ #name, put_##name }
	COLUMN(schema), COLUMN(run_id), COLUMN(platform), COLUMN(experiment),
	COLUMN(path), COLUMN(op), COLUMN(strategy), COLUMN(size),
	COLUMN(offset), COLUMN(buf_offset), COLUMN(copies), COLUMN(whole),
	COLUMN(torn), COLUMN(tear_64), COLUMN(tear_32), COLUMN(tear_16),
	COLUMN(tear_8), COLUMN(tear_4), COLUMN(tear_2), COLUMN(tear_1),
	COLUMN(finest), COLUMN(thin_air), COLUMN(mutations), COLUMN(seconds),
	COLUMN(mutator), COLUMN(emulated), COLUMN(errors), COLUMN(probed),
	COLUMN(again), COLUMN(copies_again),
#undef COLUMN
};

#define NR_COLUMNS	(sizeof(columns) / sizeof(columns[0]))

static void put_machine(const struct tear *t, FILE *f)
{
	struct utsname u = { 0 };
	char brand[49];

	uname(&u);
	cpuid_brand(brand);
	fprintf(f, "#platform: %s\n", names_of(&names_platform, t->platform));
	fprintf(f, "#emulated: %s\n", t->emulated ? "yes" : "no");
	fprintf(f, "#kernel: %s %s\n", u.release, u.version);
	if (t->info.abi)
		fprintf(f, "#memcpy_loop: %.16s\n", t->info.memcpy_loop);
	fprintf(f, "#cpu: %d\n", t->cpu);
	if (brand[0])
		fprintf(f, "#cpu_model: %s\n", brand);
	if (t->o->mutator == TEAR_THREAD)
		fprintf(f, "#mutator_cpu: %d\n", t->mutator_cpu);
	fprintf(f, "#mutator_store: %u\n", t->g.width);
}

void tear_head(const struct tear *t, int argc, char **argv, FILE *f)
{
	char build[BUILD_ID_LEN];
	unsigned int i;
	int arg;

	fprintf(f, "#schema: %d\n#results: tear\n#run_id: %s\n#version: %s\n"
		"#build: %s\n#command:", TEAR_SCHEMA, t->run_id,
		PAGECOPY_VERSION, build_id(build));
	for (arg = 0; arg < argc; arg++)
		fprintf(f, " %s", argv[arg]);
	fputs("\n#options: ", f);
	tear_options_print(t->o, f);
	fprintf(f, "\n#seed: %" PRIu64 "\n", t->seed);
	put_machine(t, f);
	for (i = 0; i < NR_COLUMNS; i++)
		fprintf(f, "%s%s", i ? "," : "", columns[i].name);
	fputc('\n', f);
}

void tear_row(const struct tear *t, const struct tear_result *r, FILE *f)
{
	unsigned int i;

	for (i = 0; i < NR_COLUMNS; i++) {
		if (i)
			fputc(',', f);
		columns[i].put(t, r, f);
	}
	fputc('\n', f);
}

void tear_table_head(unsigned int experiment, FILE *f)
{
	unsigned int i;

	fprintf(f, "%-5s %-5s %-16s %8s %9s", "path", "op", "strategy", "size",
		"copies");
	if (experiment == EXPERIMENT_ABA) {
		fprintf(f, " %10s %10s %12s\n", "probed", "again",
			"copies_again");
		return;
	}
	fprintf(f, " %8s", "whole");
	for (i = TEARS; i-- > 0;)
		fprintf(f, " %8u", 1U << i);
	fprintf(f, " %6s %8s %10s\n", "finest", "thin air", "mutations");
}

static void table_tear(const struct tear_result *r, FILE *f)
{
	const unsigned int finest = tear_finest(&r->counts);
	unsigned int i;

	fprintf(f, " %8" PRIu64, r->counts.whole);
	for (i = TEARS; i-- > 0;)
		fprintf(f, " %8" PRIu64, r->counts.tear[i]);
	if (finest)
		fprintf(f, " %6u", finest);
	else
		fprintf(f, " %6s", "none");
	fprintf(f, " %8" PRIu64 " %10" PRIu64, r->counts.thin_air,
		r->mutations);
}

void tear_table_row(const struct tear *t, const struct tear_result *r, FILE *f)
{
	fprintf(f, "%-5s %-5s %-16s %8" PRIu32 " %9" PRIu64,
		names_of(&names_path, t->cell.path),
		names_of(&names_op, t->cell.op), tear_strategy(&t->cell),
		t->cell.size, r->counts.copies);
	if (is_tear(t))
		table_tear(r, f);
	else
		fprintf(f, " %10" PRIu64 " %10" PRIu64 " %12" PRIu64, r->probed,
			r->again, r->copies_again);
	if (t->cell.offset || t->cell.buf_offset)
		fprintf(f, "  offset %" PRIu32 "+%" PRIu32, t->cell.offset,
			t->cell.buf_offset);
	if (r->errors)
		fprintf(f, "  %" PRIu64 " errors: %s", r->errors,
			strerror(-r->error));
	fputc('\n', f);
}
