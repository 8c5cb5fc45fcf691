// SPDX-License-Identifier: MIT
#include "head.h"

#include <inttypes.h>
#include <sys/utsname.h>

#include "absent.h"
#include "build_id.h"
#include "counters_run.h"
#include "cpu_id.h"
#include "memcpy_flags.h"
#include "setup.h"

#include "pagecopy/strategy.h"

static void put_command(FILE *f, int argc, char **argv)
{
	int i;

	fputs("#command:", f);
	for (i = 0; i < argc; i++)
		fprintf(f, " %s", argv[i]);
	fputc('\n', f);
}

static void put_rings(const struct run *run, FILE *f)
{
	const struct list *rings = &run->o->axis[AXIS_RING];
	const struct value_range range = { .names = &names_ring };
	const struct ring *r;
	bool sqpoll = false;
	unsigned int i;

	fputs("#ring: asked ", f);
	kind_rings.print(&range, &run->asked, f);
	fputs("; granted ", f);
	kind_rings.print(&range, rings, f);
	fputc('\n', f);
	for (i = 0; i < rings->nr; i++) {
		unsigned int kind = (unsigned int)rings->value[i];

		if (kind >= RING_NR || !run->worker[0]->ring[kind])
			continue;
		r = run->worker[0]->ring[kind];
		sqpoll |= (kind & RING_BASE) == RING_SQPOLL;
		fprintf(f, "#ring_%s: flags 0x%x, features 0x%x, registered "
			"descriptor %s\n", names_of(&names_ring, kind),
			r->u.flags, r->u.features, r->enter_flags &
			IORING_ENTER_REGISTERED_RING ? "yes" : "no");
	}
	if (!sqpoll)
		return;
	fputs("#sq_cpu: ", f);
	if (run->sq_cpu < 0)
		fputs("any", f);
	else
		fprintf(f, "%d", run->sq_cpu);
	fprintf(f, "; sleeps after %d ms\n", RING_SQ_IDLE_MS);
}

static void put_cpu(const struct run *run, FILE *f)
{
	char brand[49];
	unsigned int i;

	cpuid_brand(brand);
	fprintf(f, "#cpu: %d\n", run->cpu);
	if (run->crew.nr) {
		fputs("#thread_cpus:", f);
		for (i = 0; i <= run->crew.nr; i++)
			fprintf(f, " %d", run->worker[i]->cpu);
		fprintf(f, "; %s\n", run->o->share_file ?
			"one open file for all" : "one open file each");
	}
	if (brand[0])
		fprintf(f, "#cpu_model: %s\n", brand);
}

static void put_memory(const struct run *run, FILE *f)
{
	const int locked = setup_locked(run);
	unsigned int i;

	for (i = 0; i < MEMORY_NR; i++)
		if (run->no_memory[i][0])
			fprintf(f, "#pages_%s: %s\n",
				names_of(&names_memory, i), run->no_memory[i]);
	if (locked >= 0)
		fprintf(f, "#mlock: %s\n", locked ? "yes" : "no");
}

static void put_debug_kernel(FILE *f)
{
	char text[300];
	const char *found = doctor_debug_kernel("", text, sizeof(text));

	if (!found)
		fprintf(f, "#debug_kernel: unknown: %s\n", text);
	else
		fprintf(f, "#debug_kernel: %s\n", *found ? found : "no");
}

/* Who may be compared with whom: results.csv alone has only the names. */
static void put_traits(const struct run *run, FILE *f)
{
	const struct list *l = &run->o->axis[AXIS_STRATEGY];
	const struct pagecopy_strategy *s;
	const char *sep = " ";
	unsigned int i;

	fputs("#byte_atomic:", f);
	for (i = 0; i < l->nr; i++) {
		s = &pagecopy_strategies[l->value[i]];
		if (!s->byte_atomic)
			continue;
		fprintf(f, "%s%s", sep, s->name);
		sep = ", ";
	}
	fputs(*sep == ' ' ? " none\n" : "\n", f);
}

/* Which loop memcpy() is, and what a copy by vector registers includes. */
static void put_module(const struct run *run, FILE *f)
{
	const char *no_fpu = run->module_why[PAGECOPY_S_fpu];
	char flags[80];

	if (!run->info.abi)
		return;
	fprintf(f, "#memcpy_loop: %.16s\n", run->info.memcpy_loop);
	memcpy_flags(flags, sizeof(flags));
	if (flags[0])
		fprintf(f, "#memcpy_flags: %s\n", flags);
	fprintf(f, "#fpu_section: %s%s\n", no_fpu[0] ? "none: " : "yes",
		no_fpu);
}

static void put_lines(const struct run *run, FILE *f, int argc, char **argv)
{
	struct utsname u = { 0 };
	char build[BUILD_ID_LEN];

	uname(&u);
	fprintf(f, "#schema: %d\n", CSV_SCHEMA);
	fprintf(f, "#run_id: %s\n", run->run_id);
	fprintf(f, "#version: %s\n", PAGECOPY_VERSION);
	fprintf(f, "#build: %s\n", build_id(build));
	put_command(f, argc, argv);
	fputs("#options: ", f);
	options_print(run->o, f);
	fputc('\n', f);
	fprintf(f, "#seed: %" PRIu64 "\n", run->seed);
	fprintf(f, "#cells: %" PRIu64 "\n", run->m.cells);
	fprintf(f, "#groups: %" PRIu64 "\n", run->m.groups);
	fprintf(f, "#rounds: %" PRIu64 "\n", run->o->rounds);
	fprintf(f, "#pair: %s\n", names_of(&names_axis, run->o->pair));
	put_traits(run, f);
	fprintf(f, "#precision: %g %%; %s\n", run->o->precision,
		run->stop.on ? "cells stop when known so well" :
		"too many cells to keep account of, each has all its rounds");
	fprintf(f, "#platform: %s\n", names_of(&names_platform, run->platform));
	fprintf(f, "#emulated: %s\n", run->emulated ? "yes" : "no");
	fprintf(f, "#kernel: %s %s\n", u.release, u.version);
	put_debug_kernel(f);
	put_module(run, f);
	if (matrix_any_left_out(&run->m)) {
		fputs("#left_out: ", f);
		matrix_left_out(&run->m, f);
		fputc('\n', f);
	}
	put_rings(run, f);
	fprintf(f, "#clock: %s, %.9g ns a tick\n", clock_name(&run->clk),
		run->clk.ns_per_tick);
	put_cpu(run, f);
	put_memory(run, f);
	if (setup_has_cold(run->o))
		cold_head(&run->cold, f);
	fputs("#counters: ", f);
	counters_head(run, f);
	fputc('\n', f);
	absent_print(run, absent_why, "#empty: ", "\n", f);
}

void head_put(const struct run *run, FILE *f, int argc, char **argv)
{
	put_lines(run, f, argc, argv);
	csv_header(f);
}
