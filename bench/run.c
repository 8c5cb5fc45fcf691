// SPDX-License-Identifier: MIT
/*
 * DOC: the life of a cell
 *
 * open, fill, run every command once, compare, poison, measure, compare, time
 * in the kernel, close, write the row. Only the measuring is inside the
 * clock. The first round checks every buffer, later rounds one of them in
 * turn, so that large cells do not spend their time on it.
 */
#include "run.h"

#include <errno.h>
#include <inttypes.h>
#include <math.h>
#include <signal.h>
#include <stdarg.h>
#include <string.h>

#include "crew.h"
#include "csv_threads.h"
#include "done.h"
#include "measure.h"
#include "path.h"
#include "verify.h"

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

static void describe(const struct run *run, char *text, size_t size)
{
	const struct cell *c = &run->cell;

	snprintf(text, size, "path=%s op=%s strategy=%s size=%u offset=%u "
		 "buf_offset=%u pages=%s depth=%u batch=%u threads=%u "
		 "rate=%" PRIu64 " buffer=%s completion=%s ring=%s "
		 "round=%" PRIu64,
		 names_of(&names_path, c->path), names_of(&names_op, c->op),
		 cell_strategy(c), c->size, c->offset, c->buf_offset,
		 names_of(&names_memory, c->memory), c->depth, c->batch,
		 c->threads, c->rate,
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
	describe(run, what, sizeof(what));
	snprintf(run->first, sizeof(run->first), "%s: %s", what,
		 run->row.notes);
}

static int check_completion(struct run *run)
{
	struct pagecopy_stats stats;
	int ret;

	if (!run->ops->stats)
		return 0;
	ret = measure_stats(run, &stats);
	if (!ret)
		done_check(run, &stats);
	return ret;
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

/* Between open and close. */
static int check_and_measure(struct run *run)
{
	bool all = run->row.round == 0;
	uint32_t nr = all ? run->layout.buffers : 1;
	uint32_t first = all ? 0 : (uint32_t)(run->row.round %
					      run->layout.buffers);
	int ret;

	ret = verify_each(run, first, nr, verify_fill);
	if (!ret)
		ret = measure_once(run, first, nr);
	if (ret || run->row.errors)
		return ret;
	ret = verify_each(run, first, nr, check_before);
	if (!ret)
		ret = verify_each(run, first, nr, verify_poison);
	if (!ret)
		ret = measure(run);
	if (!ret)
		ret = verify_each(run, first, nr, check_after);
	if (!ret)
		ret = check_completion(run);
	/* One thread alone would not be the cell. */
	if (!ret && run->ops->kernel && !run->row.errors &&
	    run->cell.threads == 1)
		ret = run->ops->kernel(run);
	return ret;
}

static void worker_start(struct worker *w)
{
	const struct cell *c = &w->run->cell;
	unsigned int i;

	w->r = NULL;
	memset(w->side, 0, sizeof(w->side));
	memset(&w->did, 0, sizeof(w->did));
	for (i = 0; i < 5; i++)
		w->did.lat[i] = NAN;
	if (c->ring == RING_NR)
		return;
	w->r = w->ring[c->ring];
	w->r->slots = c->depth;
	w->r->batch = c->batch;
}

static void cell_start(struct run *run, uint64_t round, uint64_t order)
{
	struct row *row = &run->row;
	unsigned int i;

	row_clear(row);
	row->run_id = run->run_id;
	row->platform = names_of(&names_platform, run->platform);
	row->cell = run->cell;
	row->round = round;
	row->order = order;
	row->verified = true;
	run->ops = path_of(run->cell.path);
	run->unit = 1;
	layout_of(&run->cell, run->info.max_bytes, &run->layout);
	if (run->cell.buffer != BUFFER_NONE)
		row->buffers = run->layout.total;
	for (i = 0; i < run->cell.threads; i++)
		worker_start(run->worker[i]);
	if (run->ops->stats)
		memset(row->completed, 0, sizeof(row->completed));
}

static int write_row(struct run *run)
{
	FILE *f = csv_begin(&run->csv);
	int ret;

	if (!f)
		return run_fail(run, EXIT_FAILED, "%s", strerror(ENOMEM));
	csv_row(&run->row, f);
	ret = csv_end(&run->csv);
	return ret ? run_fail(run, EXIT_FAILED, "%s: %s; rows written before "
			      "are intact", run->o->csv, strerror(-ret)) : 0;
}

/* What each thread did, in the file beside the other one. */
static int write_threads(struct run *run)
{
	unsigned int i;
	FILE *f;
	int ret;

	if (run->cell.threads == 1 || run->threads.fd < 0)
		return 0;
	f = csv_begin(&run->threads);
	if (!f)
		return run_fail(run, EXIT_FAILED, "%s", strerror(ENOMEM));
	for (i = 0; i < run->cell.threads; i++)
		csv_threads_row(run->worker[i], f);
	ret = csv_end(&run->threads);
	return ret ? run_fail(run, EXIT_FAILED, "rows of the threads: %s",
			      strerror(-ret)) : 0;
}

static void note_crowd(struct run *run)
{
	if (run->cell.threads <= run->cpus.nr || run->row.notes[0])
		return;
	snprintf(run->row.notes, sizeof(run->row.notes),
		 "%u threads share %u CPU%s", run->cell.threads, run->cpus.nr,
		 run->cpus.nr == 1 ? "" : "s");
}

static int open_one(struct worker *w)
{
	return w->run->ops->open(w);
}

static int close_one(struct worker *w)
{
	w->run->ops->close(w);
	return 0;
}

static int run_cell(struct run *run, uint64_t round, uint64_t order)
{
	char what[280];
	int ret;

	cell_start(run, round, order);
	ret = crew_call(run, 0, 1, open_one);
	if (!ret)
		ret = crew_call(run, 1, run->cell.threads, open_one);
	if (!ret)
		ret = check_and_measure(run);
	crew_call(run, 0, run->cell.threads, close_one);
	if (ret == -ECANCELED && run->error[0])
		return ret;
	if (ret) {
		describe(run, what, sizeof(what));
		return run_fail(run, EXIT_FAILED, "%s: %s", what,
				strerror(-ret));
	}
	if (run->row.errors)
		run->row.verified = false;
	run->failed += !run->row.verified;
	note_crowd(run);
	ret = write_row(run);
	return ret ? ret : write_threads(run);
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

static int run_round(struct run *run, uint64_t round, uint64_t *done)
{
	struct walk walk;
	uint64_t order;
	int ret;

	walk_start(&walk, &run->m, run->seed, round);
	for (order = 0; walk_next(&walk, &run->cell); order++) {
		progress_step(&run->progress, *done, round);
		if (interrupted())
			return run_fail(run, EXIT_FAILED,
					"interrupted after %" PRIu64
					" of %" PRIu64 " cells", *done,
					run->progress.total);
		ret = run_cell(run, round, order);
		if (ret)
			return ret;
		(*done)++;
	}
	return 0;
}

int run_cells(struct run *run)
{
	uint64_t round, done = 0;
	int ret = 0;

	progress_start(&run->progress, run->m.cells, run->o->rounds);
	for (round = 0; round < run->o->rounds && !ret; round++)
		ret = run_round(run, round, &done);
	progress_end(&run->progress, done);
	if (!ret && run->failed)
		ret = run_fail(run, EXIT_FAILED, "%" PRIu64 " of %" PRIu64
			       " rows hold errors; the first: %s", run->failed,
			       done, run->first);
	return ret;
}
