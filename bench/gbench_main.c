// SPDX-License-Identifier: MIT
/*
 * pagecopy-gbench: the strategies in this process, measured by Google
 * Benchmark instead of by `pagecopy run --path user`.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "build_id.h"
#include "gbench_cells.h"
#include "gbench_shim.h"
#include "platform.h"
#include "run.h"

#include "pagecopy/atomic_memcpy.h"

/* A text that is written in pieces. */
struct text {
	char *at;
	size_t size;
	FILE *f;
};

static FILE *text_begin(struct text *t)
{
	t->at = NULL;
	t->f = open_memstream(&t->at, &t->size);
	if (t->f)
		return t->f;
	fprintf(stderr, "%s\n", strerror(errno));
	exit(EXIT_FAILED);
}

static void text_context(struct text *t, const char *key)
{
	fclose(t->f);
	gbench_context(key, t->at);
	free(t->at);
}

static void say_strategies(void)
{
	const struct pagecopy_strategy *s;
	const char *sep = "";
	struct text t;
	FILE *f = text_begin(&t);

	pagecopy_for_each_strategy(s) {
		fprintf(f, "%s%d %s", sep, (int)(s - pagecopy_strategies),
			s->name);
		sep = ", ";
	}
	text_context(&t, "strategies");
}

/* Strategies and states of the cache that were asked for and are not here. */
static void put_left_out(const struct gbench *g, const char *before,
			 const char *after, FILE *f)
{
	const struct subject *s;
	unsigned int i;

	for (i = 0; i < g->o.strategy.nr; i++) {
		s = subject_at((unsigned int)g->o.strategy.value[i]);
		if (s->missing)
			fprintf(f, "%sstrategy %s: %s%s", before, s->name,
				s->missing, after);
	}
	for (i = 0; i < CACHE_NR; i++)
		if (g->no_cache[i][0])
			fprintf(f, "%scache %s: %s%s", before,
				names_of(&names_gbench_cache, i),
				g->no_cache[i], after);
}

static void say_left_out(const struct gbench *g)
{
	struct text t;

	put_left_out(g, "", "; ", text_begin(&t));
	fflush(t.f);
	if (!t.size)
		fputs("nothing", t.f);
	text_context(&t, "left_out");
}

static void say_counters(const struct counters *c)
{
	const char *why = NULL, *sep = "";
	unsigned int i, which;
	struct text t;
	FILE *f = text_begin(&t);

	for (i = 0; i < gbench_nr_counters; i++) {
		which = gbench_counters[i];
		if (c->why[which][0])
			continue;
		fprintf(f, "%s%s", sep, counter_name(which));
		sep = ", ";
	}
	fputs(*sep ? "" : "none", f);
	for (i = 0; i < gbench_nr_counters; i++) {
		which = gbench_counters[i];
		if (!c->why[which][0] || (why && !strcmp(why, c->why[which])))
			continue;
		why = c->why[which];
		if (*sep)
			fprintf(f, "; not %s: %s", counter_name(which), why);
		else
			fprintf(f, ": %s", why);
	}
	text_context(&t, "perf_counters");
}

static void say_caches(const struct cold *c)
{
	struct text t;
	FILE *f = text_begin(&t);

	if (c->l2 && c->llc)
		fprintf(f, "level 2: %" PRIu64 " KiB, last level: %" PRIu64
			" KiB, %s", c->l2 >> 10, c->llc >> 10, c->source);
	else
		fputs("unknown", f);
	text_context(&t, "caches_used");
}

static void say_all(const struct gbench *g)
{
	unsigned int platform = PLATFORM_AUTO;
	char build[BUILD_ID_LEN], cpu[16];
	bool emulated;

	platform_detect(&platform, &emulated);
	gbench_context("platform", names_of(&names_platform, platform));
	gbench_context("emulated", emulated ? "yes" : "no");
	gbench_context("pagecopy_version", PAGECOPY_VERSION);
	gbench_context("pagecopy_build", build_id(build));
	snprintf(cpu, sizeof(cpu), "%d", g->cpu);
	gbench_context("cpu", cpu);
	gbench_context("pinned", "yes");
	gbench_context("mlock", g->src.locked && g->dst.locked ? "yes" : "no");
	gbench_context("align_mutual",
		       "the destination is 3 bytes further than the source");
	say_caches(&g->cold);
	say_counters(&g->counters);
	say_strategies();
	say_left_out(g);
}

static int run_all(struct gbench *g)
{
	int ret = cells_register(g);

	put_left_out(g, "left out: ", "\n", stderr);
	if (ret == -ENOENT)
		fputs("nothing is left to measure\n", stderr);
	if (ret)
		return ret == -ENOENT ? EXIT_SKIPPED : EXIT_FAILED;
	counters_open(&g->counters, &perf_real);
	say_all(g);
	if (!gbench_run()) {
		fputs("--benchmark_filter: no benchmark has such a name; see "
		      "--list\n", stderr);
		return EXIT_USAGE;
	}
	return g->failed ? EXIT_FAILED : EXIT_DONE;
}

static void copy_per_byte_store(void *dst, const void *src, size_t len)
{
	atomic_store_per_byte_memcpy(dst, src, len, memory_order_relaxed);
}

/* Its other half is the strategy per_byte. */
static const struct subject per_byte_store = {
	.name = "per_byte_store",
	.copy = copy_per_byte_store,
	.copies = true,
};

static int begin(struct gbench *g, int argc, char **argv)
{
	struct cpus cpus;
	int ret;

	ret = cpus_read(&cpus);
	if (!ret)
		ret = subjects_add_strategies();
	if (!ret)
		ret = subjects_add(&per_byte_store);
	if (ret) {
		fprintf(stderr, "pagecopy-gbench: %s\n", strerror(-ret));
		return EXIT_FAILED;
	}
	if (!gbench_parse(&g->o, argc, argv, &cpus))
		return EXIT_USAGE;
	if (g->o.help)
		return EXIT_DONE;
	g->cpu = (int)g->o.cpu;
	cold_read(&g->cold, "", g->cpu, 1);
	ret = cpu_pin(g->cpu);
	if (!ret)
		return EXIT_DONE;
	fprintf(stderr, "pinning to CPU %d: %s\n", g->cpu, strerror(-ret));
	return EXIT_FAILED;
}

int main(int argc, char **argv)
{
	static struct gbench g;
	int status;

	if (argc == 2 && !strcmp(argv[1], "--version")) {
		puts("pagecopy-gbench " PAGECOPY_VERSION);
		return EXIT_DONE;
	}
	status = begin(&g, argc, argv);
	if (g.o.help && status == EXIT_DONE)
		gbench_usage();
	else if (status == EXIT_DONE)
		status = run_all(&g);
	gbench_shutdown();
	counters_close(&g.counters);
	cells_close(&g);
	free(g.o.argv);
	return status;
}
