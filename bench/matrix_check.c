// SPDX-License-Identifier: MIT
/* Which cells cannot be, and why. */
#include "matrix.h"

#include <inttypes.h>

#include "pagecopy/strategy.h"
#include "arena.h"

/* Do they use memory of this process? Device pages they cannot reach. */
static bool in_reach(const struct cell *c)
{
	const bool stores = c->mutators == MUTATORS_W1 ||
			    c->mutators == MUTATORS_W2;

	return c->path == PATH_USER ||
	       (cell_has_memory(c) && stores == (c->op == PAGECOPY_OP_WRITE));
}

static bool in_module(const struct matrix *m, unsigned int strategy)
{
	return m->module[strategy / 64] >> strategy % 64 & 1;
}

static const char *const whys[WHY_NR] = {
	[WHY_POLL_RING] = "completion poll needs a ring with iopoll",
	[WHY_POLLED_LATE] = "a ring with iopoll completes inline or poll, "
			    "nothing else",
	[WHY_POLLED_NULL] = "/dev/null cannot be polled (path null, a ring "
			    "with iopoll)",
	[WHY_COPY_TOUCH] = "op touch maps and pins, which buffer copy does not",
	[WHY_COPY_WORK] = "buffer copy needs the submitting task, completion "
			  "work leaves it",
	[WHY_NO_THP] = "no transparent huge pages here",
	[WHY_NO_HUGE] = "no hugetlb pages here",
	[WHY_BATCH] = "a batch is not larger than the depth",
	[WHY_RATE_BATCH] = "with a rate each command is submitted at its own "
			   "time, not in a batch",
	[WHY_MUTATOR_SIDE] = "a mutator cannot reach device pages: those of "
			     "path uring and ioctl store into the buffer of op "
			     "write, or load from that of op read",
	[WHY_MUTATOR_CPU] = "a mutator needs a CPU of its own",
	[WHY_MUTATOR_COLD] = "lines that a mutator uses are in its cache; "
			     "combine mutators with cache hot",
	[WHY_USER_LACKS] = "path user lacks",
	[WHY_MODULE_LACKS] = "the module lacks",
	[WHY_NO_LLC] = "cache llc cannot be had here",
	[WHY_NO_DRAM] = "cache dram cannot be had here",
	[WHY_NO_FLUSH] = "cache flushed cannot be had here",
	[WHY_LLC_SIZE] = "what the threads walk through does not fit into half "
			 "of the last level cache",
	[WHY_RATE_FLUSH] = "with a rate there is no time outside the clock to "
			   "flush in",
	[WHY_COLD_ROOM] = "too little memory is available for what the "
			  "threads walk through",
	[WHY_COLD_PAGES] = "an open file of the module has too few pages for "
			   "what the threads walk through (max_mib)",
	[WHY_FLUSH_MODULE] = "the module does not flush",
	[WHY_RATE_WALK] = "with a rate the commands of the module take the same "
			  "places again and again",
};

/* Cells that these caches, or this memory, cannot give. */
static enum verdict check_cold(const struct matrix *m, const struct cell *c)
{
	static const enum verdict missing[CACHE_NR] = {
		[CACHE_LLC] = WHY_NO_LLC,
		[CACHE_DRAM] = WHY_NO_DRAM,
		[CACHE_FLUSHED] = WHY_NO_FLUSH,
	};
	struct layout l;

	if (c->cache == CACHE_HOT)
		return CELL_REAL;
	if (c->path != PATH_USER && c->cache == CACHE_FLUSHED)
		return WHY_FLUSH_MODULE;
	if (c->path != PATH_USER && c->rate != RATE_CLOSED)
		return WHY_RATE_WALK;
	if (c->cache == CACHE_FLUSHED && c->rate != RATE_CLOSED)
		return WHY_RATE_FLUSH;
	if (!m->cold)
		return CELL_REAL;
	if (m->cold->why[c->cache][0])
		return missing[c->cache];
	layout_of(c, 0, &l);
	if (c->cache == CACHE_LLC && layout_set(&l) > m->cold->llc / 2)
		return WHY_LLC_SIZE;
	if (c->path != PATH_USER && !layout_fits_file(c, &l, m->max_bytes))
		return WHY_COLD_PAGES;
	return arena_need(&l) > m->cold->room ? WHY_COLD_ROOM : CELL_REAL;
}

static enum verdict check_mutators(const struct matrix *m,
				   const struct cell *c)
{
	if (!c->mutators)
		return CELL_REAL;
	if (!in_reach(c))
		return WHY_MUTATOR_SIDE;
	if (c->cache != CACHE_HOT)
		return WHY_MUTATOR_COLD;
	return c->threads + cell_mutators(c) > m->cpus ? WHY_MUTATOR_CPU :
	       CELL_REAL;
}

/* Why path user or the module, as @verdict says, lacks a strategy; or NULL. */
static const char *lacking(const struct matrix *m, enum verdict verdict,
			   unsigned int nr)
{
	if (verdict == WHY_USER_LACKS)
		return pagecopy_strategy_missing(nr);
	if (nr == PAGECOPY_S_NONE || in_module(m, nr))
		return NULL;
	return m->module_why ? (*m->module_why)[nr] : "unknown to it";
}

/* What has to have the strategy of a cell. */
static enum verdict who_lacks(const struct cell *c)
{
	return c->path == PATH_USER ? WHY_USER_LACKS : WHY_MODULE_LACKS;
}

enum verdict matrix_check(const struct matrix *m, const struct cell *c)
{
	const bool polled = c->ring != RING_NR && c->ring & RING_IOPOLL;
	enum verdict verdict;

	if ((c->op == PAGECOPY_OP_READ || c->op == PAGECOPY_OP_WRITE) &&
	    lacking(m, who_lacks(c), c->strategy))
		return who_lacks(c);
	if (c->batch > c->depth)
		return WHY_BATCH;
	if (c->rate != RATE_CLOSED && c->batch != BATCH_ALL)
		return WHY_RATE_BATCH;
	verdict = check_mutators(m, c);
	if (verdict == CELL_REAL)
		verdict = check_cold(m, c);
	if (verdict != CELL_REAL)
		return verdict;
	if (m->no_memory >> c->memory & 1)
		return c->memory == MEMORY_THP ? WHY_NO_THP : WHY_NO_HUGE;
	if (polled && c->path == PATH_NULL)
		return WHY_POLLED_NULL;
	if (c->buffer == PAGECOPY_BUF_COPY) {
		if (c->op == PAGECOPY_OP_TOUCH)
			return WHY_COPY_TOUCH;
		if (c->completion == PAGECOPY_COMPLETE_WORK)
			return WHY_COPY_WORK;
	}
	switch (c->completion) {
	case PAGECOPY_COMPLETE_INLINE:
		return CELL_REAL;
	case PAGECOPY_COMPLETE_POLL:
		return polled ? CELL_REAL : WHY_POLL_RING;
	}
	return polled ? WHY_POLLED_LATE : CELL_REAL;
}

bool matrix_any_left_out(const struct matrix *m)
{
	unsigned int i;

	for (i = WHY_FIRST; i < WHY_NR; i++)
		if (m->left_out[i])
			return true;
	return false;
}

static void put_lacking(const struct matrix *m, enum verdict verdict, FILE *f)
{
	const struct list *asked = &m->axis[AXIS_STRATEGY];
	const char *sep = " ", *why;
	unsigned int i, nr;

	for (i = 0; i < asked->nr; i++) {
		nr = (unsigned int)asked->value[i];
		why = lacking(m, verdict, nr);
		if (!why)
			continue;
		fprintf(f, "%s%s (%s)", sep, names_of(&names_strategy, nr),
			why);
		sep = ", ";
	}
}

void matrix_left_out(const struct matrix *m, FILE *f)
{
	const char *sep = "";
	unsigned int i;

	for (i = WHY_FIRST; i < WHY_NR; i++) {
		if (!m->left_out[i])
			continue;
		fprintf(f, "%s%" PRIu64 " cell%s: %s", sep, m->left_out[i],
			m->left_out[i] == 1 ? "" : "s", whys[i]);
		if (i == WHY_USER_LACKS || i == WHY_MODULE_LACKS)
			put_lacking(m, i, f);
		sep = "; ";
	}
}
