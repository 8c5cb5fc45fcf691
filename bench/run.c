// SPDX-License-Identifier: MIT
/* Rounds, and the rows that they leave. */
#include "run.h"

#include <errno.h>
#include <inttypes.h>
#include <signal.h>
#include <stdarg.h>
#include <string.h>

#include "csv_threads.h"
#include "resume.h"
#include "visit.h"

int run_fail(struct run *run, int code, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	pthread_mutex_lock(&run->crew.lock);
	if (!run->error[0]) {
		vsnprintf(run->error, sizeof(run->error), fmt, args);
		run->code = code;
	}
	pthread_mutex_unlock(&run->crew.lock);
	va_end(args);
	return -ECANCELED;
}

void run_describe(const struct run *run, char *text, size_t size)
{
	const struct cell *c = &run->cell;

	snprintf(text, size, "path=%s op=%s strategy=%s size=%u offset=%u "
		 "buf_offset=%u pages=%s depth=%u batch=%u threads=%u "
		 "rate=%" PRIu64 " cache=%s buffer=%s completion=%s ring=%s "
		 "round=%" PRIu64,
		 names_of(&names_path, c->path), names_of(&names_op, c->op),
		 cell_strategy(c), c->size, c->offset, c->buf_offset,
		 names_of(&names_memory, c->memory), c->depth, c->batch,
		 c->threads, c->rate, names_of(&names_cache, c->cache),
		 names_of(&names_buffer, c->buffer),
		 names_of(&names_completion, c->completion),
		 names_of(&names_ring, c->ring), run->row.round);
}

void run_note(struct run *run, const char *fmt, ...)
{
	char what[280];
	va_list args;

	/* What went wrong first says most. */
	if (run->row.notes[0])
		return;
	va_start(args, fmt);
	vsnprintf(run->row.notes, sizeof(run->row.notes), fmt, args);
	va_end(args);
	if (run->first[0])
		return;
	run_describe(run, what, sizeof(what));
	snprintf(run->first, sizeof(run->first), "%s: %s", what,
		 run->row.notes);
}

/* What each thread did, in the file beside the other one, which it precedes. */
static int write_threads(struct run *run, unsigned int nr)
{
	unsigned int i, k;
	FILE *f;
	int ret;

	if (run->threads.fd < 0)
		return 0;
	f = csv_begin(&run->threads);
	if (!f)
		return run_fail(run, EXIT_FAILED, "%s", strerror(ENOMEM));
	for (i = 0; i < nr; i++) {
		const struct member *m = &run->member[i];

		for (k = 0; m->cell.threads > 1 && k < m->cell.threads; k++)
			csv_threads_row(run, m, k, f);
	}
	ret = csv_end(&run->threads);
	return ret ? run_fail(run, EXIT_FAILED, "rows of the threads: %s",
			      strerror(-ret)) : 0;
}

static int write_rows(struct run *run, unsigned int nr)
{
	unsigned int i;
	FILE *f;
	int ret;

	f = csv_begin(&run->csv);
	if (!f)
		return run_fail(run, EXIT_FAILED, "%s", strerror(ENOMEM));
	for (i = 0; i < nr; i++)
		csv_row(&run->member[i].row, f);
	ret = csv_end(&run->csv);
	return ret ? run_fail(run, EXIT_FAILED, "%s: %s; rows written before "
			      "are intact", run->o->csv, strerror(-ret)) : 0;
}

/* The signals that end a run are blocked, and looked for between cells. */
static bool interrupted(void)
{
	const struct timespec now = { 0 };
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGINT);
	sigaddset(&set, SIGTERM);
	return sigtimedwait(&set, NULL, &now) > 0;
}

/* One group in one round: from the file that is resumed, or measured. */
static int run_group(struct run *run, const struct group *g, uint64_t number,
		     uint64_t round, uint64_t order)
{
	unsigned int i;
	const char *why;
	int ret;

	ret = resume_visit(run, g, round, order);
	if (ret < 0)
		return ret;
	if (ret) {
		why = stop_add(&run->stop, run, number, g, false);
		if (run->member[0].row.stop[0])
			stop_over(&run->stop, number);
		/* Without an account of each, all end in the same round. */
		if (!run->stop.on && run->member[0].row.stop[0])
			run->last_round = true;
		progress_was(&run->progress, g->nr);
		ret = 0;
	} else {
		ret = visit(run, g, number, round, order);
		if (ret)
			return ret;
		why = stop_add(&run->stop, run, number, g, run->last_round);
		for (i = 0; i < g->nr; i++)
			run->member[i].row.stop = why;
		ret = write_threads(run, g->nr);
		if (!ret)
			ret = write_rows(run, g->nr);
	}
	progress_did(&run->progress, g->nr, round, *why);
	return ret;
}

static int run_round(struct run *run, uint64_t round, bool *any)
{
	uint64_t order = 0;
	struct walk walk;
	struct group g;
	int ret = 0;

	*any = false;
	walk_start(&walk, &run->m, run->seed, round);
	while (!ret && walk_next(&walk, &g)) {
		if (!stop_wanted(&run->stop, run, walk.at, round))
			continue;
		*any = true;
		progress_step(&run->progress, round);
		if (interrupted())
			return run_fail(run, EXIT_FAILED, "interrupted after "
					"%" PRIu64 " cells; --resume goes on",
					run->progress.done);
		ret = run_group(run, &g, walk.at, round, order);
		order += g.nr;
	}
	return ret;
}

/* After this round, is there time for another one? */
static bool is_last(const struct run *run, uint64_t round)
{
	const double budget = (double)run->o->budget_s * 1e9;
	double spent = (double)progress_spent(&run->progress), one;

	if (!run->o->budget_s)
		return false;
	one = round ? spent / (double)round :
	      (double)run->m.cells * (double)run->o->slice_ms * 1e6;
	return spent + 2 * one > budget;
}

int run_open(struct run *run)
{
	if (visit_open(run) || stop_open(&run->stop, run))
		return run_fail(run, EXIT_FAILED, "%s", strerror(ENOMEM));
	return 0;
}

void run_close(struct run *run)
{
	stop_close(&run->stop);
	visit_close(run);
}

int run_cells(struct run *run)
{
	uint64_t round;
	bool any = true;
	int ret;

	progress_start(&run->progress, run->m.cells, run->o->rounds,
		       run->o->slice_ms);
	for (round = 0, ret = 0; any && !ret && !run->last_round; round++) {
		run->last_round = is_last(run, round);
		ret = run_round(run, round, &any);
	}
	progress_end(&run->progress);
	if (!ret && run->failed)
		ret = run_fail(run, EXIT_FAILED, "%" PRIu64 " of %" PRIu64
			       " rows hold errors; the first: %s", run->failed,
			       run->progress.done, run->first);
	return ret;
}
