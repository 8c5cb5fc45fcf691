// SPDX-License-Identifier: MIT
/*
 * DOC: the life of a group
 *
 * What will be compared is measured within milliseconds of each other, under
 * the same conditions: the members of a group take short turns. A pass is a
 * random order of the members and then its mirror image (for two of them ABBA),
 * so that whatever changes linearly with time weighs the same on each of them.
 * Members of one place share the open file, its pages and the buffers, so that
 * no copy has the better memory.
 *
 * Only the measuring is inside the clock. In its first turn a member fills the
 * buffers, runs every command once, compares and poisons; in its last turn it
 * fills them again, measures, and compares. The first round checks every buffer
 * (of a walk by commands, one page), later rounds one of them in turn, so that
 * large cells do not spend their time on it.
 */
#include "visit.h"

#include <errno.h>
#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "contend.h"
#include "crew.h"
#include "done.h"
#include "measure.h"
#include "path.h"
#include "pattern.h"
#include "rate.h"
#include "verify.h"

/* Of one pass, that is of two turns of each member. */
#define PASS_MS	10

/* With a rate turns are long: what waits for a stall is in the turn it hits. */
static unsigned int nr_passes(const struct run *run)
{
	if (run->o->slice_ms < PASS_MS || rate_any(run->o))
		return 1;
	return (unsigned int)(run->o->slice_ms / PASS_MS);
}

static unsigned int most_members(const struct run *run)
{
	return run->o->axis[run->o->pair].nr + 1;
}

int visit_open(struct run *run)
{
	const unsigned int nr = most_members(run), threads = run->crew.nr + 1;
	unsigned int i;

	run->member = calloc(nr, sizeof(*run->member));
	if (!run->member)
		return -ENOMEM;
	for (i = 0; i < nr; i++) {
		run->member[i].share = calloc(threads,
					      sizeof(struct share));
		if (!run->member[i].share)
			return -ENOMEM;
	}
	return 0;
}

void visit_close(struct run *run)
{
	unsigned int i;

	for (i = 0; run->member && i < most_members(run); i++)
		free(run->member[i].share);
	free(run->member);
}

static void row_start(struct run *run, struct row *row,
		      const struct cell *cell)
{
	struct layout layout;

	row_clear(row);
	row->run_id = run->run_id;
	row->platform = names_of(&names_platform, run->platform);
	row->cell = *cell;
	row->verified = true;
	layout_of(cell, run->info.max_bytes, &layout);
	if (cell->buffer != BUFFER_NONE)
		row->buffers = layout_places(&layout);
	if (path_of(cell->path)->stats)
		memset(row->completed, 0, sizeof(row->completed));
}

static void member_start(struct run *run, struct member *m,
			 const struct cell *cell, uint64_t round,
			 uint64_t order)
{
	unsigned int i, k;

	m->cell = *cell;
	row_start(run, &m->row, cell);
	m->row.round = round;
	m->row.order = order;
	m->unit = 1;
	m->batch[0] = m->batch[1] = 0;
	memset(&m->times, 0, sizeof(m->times));
	memset(&m->disturbed, 0, sizeof(m->disturbed));
	for (i = 0; i < cell->threads; i++) {
		memset(&m->share[i].did, 0, sizeof(m->share[i].did));
		memset(m->share[i].counted, 0, sizeof(m->share[i].counted));
		memset(m->share[i].lost, 0, sizeof(m->share[i].lost));
		for (k = 0; k < 5; k++)
			m->share[i].did.lat[k] = NAN;
		hist_clear(&m->share[i].hist);
	}
}

static int open_one(struct worker *w)
{
	const struct cell *c = &w->run->cell;

	w->r = NULL;
	w->lap = NULL;
	memset(w->side, 0, sizeof(w->side));
	if (c->ring != RING_NR) {
		w->r = w->ring[c->ring];
		w->r->slots = c->depth;
		w->r->batch = c->batch;
	}
	return w->run->ops->open(w);
}

static int close_one(struct worker *w)
{
	w->run->ops->close(w);
	return 0;
}

static int aim_one(struct worker *w)
{
	return w->run->ops->aim(w);
}

/* Thread 0 first. */
static int each(struct run *run, crew_fn *fn)
{
	int ret = crew_call(run, 0, 1, fn);

	return ret ? ret : crew_call(run, 1, run->cell.threads, fn);
}

static void close_place(struct run *run)
{
	if (run->ops)
		crew_call(run, 0, run->cell.threads, close_one);
	run->ops = NULL;
}

/* What follows is about @m. */
static void take_up(struct run *run, struct member *m)
{
	unsigned int i;

	run->now = m;
	run->cell = m->cell;
	run->row = m->row;
	for (i = 0; i < run->cell.threads; i++)
		run->worker[i]->share = &m->share[i];
}

/* @m has its turn; its place is opened, unless it is the one at hand. */
static int enter(struct run *run, struct member *m)
{
	bool same = run->ops && cell_same_place(&run->cell, &m->cell);
	int ret = 0;

	if (!same)
		close_place(run);
	take_up(run, m);
	if (!same) {
		layout_of(&run->cell, run->info.max_bytes, &run->layout);
		run->ops = path_of(run->cell.path);
		/* What ran once was of the place before. */
		run->once = 0;
		ret = each(run, open_one);
	}
	return ret || !run->ops->aim ? ret : each(run, aim_one);
}

static void leave(struct run *run)
{
	run->now->row = run->row;
	run->now = NULL;
}

/* One of verify.h, for every thread. */
static int verify_each(struct run *run, uint32_t first, uint32_t nr,
		       int (*verify)(struct worker *w, uint32_t first,
				     uint32_t nr))
{
	unsigned int i;
	int ret = 0;

	for (i = 0; i < run->cell.threads && !ret; i++)
		ret = verify(run->worker[i], first, nr);
	return ret;
}

static int check_before(struct worker *w, uint32_t first, uint32_t nr)
{
	return verify_check(w, first, nr, "before");
}

static int check_after(struct worker *w, uint32_t first, uint32_t nr)
{
	return verify_check(w, first, nr, "after");
}

/**
 * struct stage - what a turn does beside measuring
 * @begin:  run every command once and compare
 * @end:    compare what the measuring leaves
 * @first:  buffer to look at, and
 * @nr:     how many from there
 * @before: what the module had counted at the beginning
 */
struct stage {
	bool begin;
	bool end;
	uint32_t first;
	uint32_t nr;
	struct pagecopy_stats before;
};

static int stage_begin(struct run *run, struct stage *s)
{
	int ret = 0;

	if (s->begin || s->end)
		ret = verify_each(run, s->first, s->nr, verify_fill);
	/* The slices of a walk do not come to all places. */
	if (!ret && (s->begin || (s->end && run->cell.cache != CACHE_HOT)))
		ret = measure_once(run, s->first, s->nr);
	if (ret || run->row.errors || !s->begin)
		return ret;
	ret = verify_each(run, s->first, s->nr, check_before);
	return ret ? ret : verify_each(run, s->first, s->nr, verify_poison);
}

/* @fn, while the mutators of the cell are at work. */
static int contended(struct run *run, int (*fn)(struct run *run))
{
	int ret = contend_start(run);

	if (!ret)
		ret = fn(run);
	contend_stop(run);
	return ret;
}

static int measure_turn(struct run *run)
{
	return measure(run, 2 * nr_passes(run));
}

/* The slices, and how the commands in them completed. */
static int counted(struct run *run, const struct stage *s)
{
	struct pagecopy_stats before, after;
	int ret;

	ret = measure_stats(run, &before);
	if (!ret)
		ret = contended(run, measure_turn);
	if (!ret)
		ret = measure_stats(run, &after);
	if (ret || !run->ops->stats)
		return ret;
	done_add(&run->row, &before, &after);
	done_check(run, &s->before, &after);
	return 0;
}

static int run_stage(struct run *run, struct stage *s)
{
	int ret;

	ret = measure_stats(run, &s->before);
	if (!ret)
		ret = stage_begin(run, s);
	if (ret || run->row.errors)
		return ret;
	ret = counted(run, s);
	if (!ret && s->end)
		ret = verify_each(run, s->first, s->nr, check_after);
	/* One thread alone would not be the cell. */
	if (!ret && run->ops->kernel && !run->row.errors &&
	    run->cell.threads == 1)
		ret = contended(run, run->ops->kernel);
	return ret;
}

/* A command for each of a hundred thousand places would take too long. */
static bool sampled(const struct run *run)
{
	return run->cell.cache != CACHE_HOT && run->cell.path != PATH_USER;
}

/* What failed once is not asked again in this round. */
static int turn(struct run *run, struct member *m)
{
	struct stage s = { 0 };
	int ret;

	if (m->row.errors)
		return 0;
	ret = enter(run, m);
	s.begin = run->row.turns == 0;
	s.end = run->row.turns == 2 * nr_passes(run) - 1;
	s.nr = run->layout.buffers;
	if (run->row.round || sampled(run)) {
		s.first = (uint32_t)(run->row.round % run->layout.buffers);
		s.nr = 1;
	}
	if (!ret)
		ret = run_stage(run, &s);
	leave(run);
	return ret;
}

unsigned int visit_turns(unsigned int *turns, unsigned int nr, uint64_t key)
{
	unsigned int i, k, other;

	for (i = 0; i < nr; i++)
		turns[i] = i;
	for (i = nr - 1; i > 0; i--) {
		key = pattern_mix(key + i);
		k = (unsigned int)(key % (i + 1));
		other = turns[k];
		turns[k] = turns[i];
		turns[i] = other;
	}
	for (i = 0; i < nr; i++)
		turns[nr + i] = turns[nr - 1 - i];
	return 2 * nr;
}

static int pass(struct run *run, unsigned int members, uint64_t key)
{
	unsigned int turns[2 * GROUP_MAX], i, nr;
	int ret = 0;

	nr = visit_turns(turns, members, key);
	for (i = 0; i < nr && !ret; i++)
		ret = turn(run, &run->member[turns[i]]);
	return ret;
}

static void note_crowd(struct run *run)
{
	if (run->cell.threads <= run->cpus.nr || run->row.notes[0])
		return;
	snprintf(run->row.notes, sizeof(run->row.notes),
		 "%u threads share %u CPU%s", run->cell.threads, run->cpus.nr,
		 run->cpus.nr == 1 ? "" : "s");
}

static void finish(struct run *run, struct member *m)
{
	take_up(run, m);
	measure_finish(run);
	kernel_time_finish(run);
	if (run->row.errors)
		run->row.verified = false;
	run->failed += !run->row.verified;
	note_crowd(run);
	leave(run);
}

static int failed(struct run *run, int err)
{
	char what[280];

	if (err == -ECANCELED && run->error[0])
		return err;
	run_describe(run, what, sizeof(what));
	return run_fail(run, EXIT_FAILED, "%s: %s", what, strerror(-err));
}

static int count_failed(struct run *run, uint64_t count,
			const struct counted *did)
{
	const uint64_t ops = run->worker[0]->share->did.ops;

	if (run->row.errors || !run->row.verified)
		return run_fail(run, EXIT_FAILED, "%s", run->first);
	if (ops == count && (did->module < 0 ||
			     (uint64_t)did->module == count))
		return 0;
	return run_fail(run, EXIT_FAILED, "asked for %" PRIu64 " copies, did %"
			PRIu64 "; the module counted %" PRId64, count, ops,
			did->module);
}

/* Buffers beyond the count are not copied. */
static int count_stage(struct run *run, uint64_t count, struct counted *did)
{
	const uint32_t all = run->layout.buffers;
	const uint32_t nr = count < all ? (uint32_t)count : all;
	struct pagecopy_stats before, after;
	int ret;

	ret = verify_each(run, 0, all, verify_fill);
	if (!ret)
		ret = measure_stats(run, &before);
	if (!ret && count)
		ret = measure_count(run, count);
	if (!ret)
		ret = measure_stats(run, &after);
	if (!ret && !run->row.errors)
		ret = verify_each(run, 0, nr, check_after);
	if (ret)
		return ret;
	did->seconds = run->worker[0]->share->did.seconds;
	did->module = -1;
	if (run->ops->stats) {
		did->module = (int64_t)(after.commands - before.commands);
		done_check(run, &before, &after);
	}
	return count_failed(run, count, did);
}

int visit_count(struct run *run, const struct cell *cell, uint64_t count,
		struct counted *did)
{
	struct member *m = &run->member[0];
	int ret;

	member_start(run, m, cell, 0, 0);
	/* Nobody has to find out how many fit between two looks at a clock. */
	m->batch[0] = m->batch[1] = 1;
	ret = enter(run, m);
	if (!ret)
		ret = count_stage(run, count, did);
	leave(run);
	close_place(run);
	return ret ? failed(run, ret) : 0;
}

int visit(struct run *run, const struct group *g, uint64_t number,
	  uint64_t round, uint64_t order)
{
	uint64_t key = pattern_mix(pattern_mix(run->seed ^ round) + number);
	unsigned int i;
	int ret = 0;

	for (i = 0; i < g->nr; i++)
		member_start(run, &run->member[i], &g->cell[i], round,
			     order + i);
	for (i = 0; i < nr_passes(run) && !ret; i++)
		ret = pass(run, g->nr, key + i);
	close_place(run);
	if (ret)
		return failed(run, ret);
	for (i = 0; i < g->nr; i++)
		finish(run, &run->member[i]);
	return 0;
}
