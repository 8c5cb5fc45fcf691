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
#include <signal.h>
#include <stdarg.h>
#include <string.h>

#include "done.h"
#include "path.h"
#include "verify.h"

int run_fail(struct run *run, int code, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	vsnprintf(run->error, sizeof(run->error), fmt, args);
	va_end(args);
	run->code = code;
	return -ECANCELED;
}

static void describe(const struct run *run, char *text, size_t size)
{
	const struct cell *c = &run->cell;

	snprintf(text, size, "path=%s op=%s strategy=%s size=%u offset=%u "
		 "buf_offset=%u pages=%s depth=%u batch=%u buffer=%s "
		 "completion=%s ring=%s round=%" PRIu64,
		 names_of(&names_path, c->path), names_of(&names_op, c->op),
		 cell_strategy(c), c->size, c->offset, c->buf_offset,
		 names_of(&names_memory, c->memory), c->depth, c->batch,
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

static void count_bad(struct run *run, const struct outcome *bad)
{
	const char *what = bad->res < 0 ? strerror(-bad->res) : "bytes";

	if (!bad->errors)
		return;
	if (!run->row.errors)
		run_note(run, "command %u resulted in %d (%s); expected %d",
			 bad->slot, bad->res, what,
			 run->r ? run->r->expect : (int)run->cell.size);
	run->row.errors += bad->errors;
}

static void take_throughput(struct run *run, const struct slice *s)
{
	struct row *row = &run->row;

	row->ops = s->ops;
	row->seconds = (double)s->elapsed * run->clk.ns_per_tick / 1e9;
	row->ops_per_s = (double)s->ops / row->seconds;
	if (!cell_copies(&run->cell))
		return;
	row->bytes = s->ops * run->cell.size;
	row->gb_per_s = (double)row->bytes / row->seconds / 1e9;
}

static void take_latency(struct run *run, const struct hist *h)
{
	double ns = run->clk.ns_per_tick / run->unit;
	struct row *row = &run->row;

	row->lat_batch = run->unit;
	row->lat_mean_ns = hist_mean(h) * ns;
	row->lat_p50_ns = hist_quantile(h, 0.5) * ns;
	row->lat_p90_ns = hist_quantile(h, 0.9) * ns;
	row->lat_p99_ns = hist_quantile(h, 0.99) * ns;
	row->lat_p999_ns = hist_quantile(h, 0.999) * ns;
	row->lat_max_ns = (double)h->max * ns;
}

static int read_stats(struct run *run, struct pagecopy_stats *stats)
{
	memset(stats, 0, sizeof(*stats));
	return run->ops->stats ? run->ops->stats(run, stats) : 0;
}

/* A slice, and how the commands in it completed. */
static int counted_slice(struct run *run, struct slice *s)
{
	struct pagecopy_stats before, after;
	int ret;

	ret = read_stats(run, &before);
	if (!ret)
		ret = run->ops->slice(run, s);
	if (!ret)
		ret = read_stats(run, &after);
	if (!ret && run->ops->stats)
		done_add(&run->row, &before, &after);
	return ret;
}

/* One slice of @share of the cell's time. */
static int one_slice(struct run *run, double share, bool stamps,
		     bool throughput)
{
	struct slice s = {
		.clk = &run->clk,
		.ticks = clock_ticks_of_ns(&run->clk, share * 1e6 *
					   (double)run->o->slice_ms),
		.hist = stamps ? &run->hist : NULL,
	};
	int ret;

	if (stamps)
		hist_clear(&run->hist);
	ret = counted_slice(run, &s);
	if (ret)
		return ret;
	count_bad(run, &s.bad);
	if (throughput)
		take_throughput(run, &s);
	if (stamps)
		take_latency(run, &run->hist);
	return 0;
}

static int check_completion(struct run *run)
{
	struct pagecopy_stats stats;
	int ret;

	if (!run->ops->stats)
		return 0;
	ret = read_stats(run, &stats);
	if (!ret)
		done_check(run, &stats);
	return ret;
}

static int measure(struct run *run)
{
	/* Neither half is always the one that finds the caches warm. */
	bool first = (run->row.round + run->row.order) % 2;
	int ret;

	switch (run->o->latency) {
	case LATENCY_WITH:
		return one_slice(run, 1, true, true);
	case LATENCY_OFF:
		return one_slice(run, 1, false, true);
	}
	ret = one_slice(run, 0.5, first, !first);
	return ret ? ret : one_slice(run, 0.5, !first, first);
}

/* Between open and close. */
static int check_and_measure(struct run *run)
{
	bool all = run->row.round == 0;
	uint32_t nr = all ? run->layout.buffers : 1;
	uint32_t first = all ? 0 : (uint32_t)(run->row.round %
					      run->layout.buffers);
	struct outcome bad = { 0 };
	int ret;

	ret = verify_fill(run, first, nr);
	if (!ret)
		ret = run->ops->once(run, first, nr, &bad);
	if (ret)
		return ret;
	count_bad(run, &bad);
	if (run->row.errors)
		return 0;
	ret = verify_check(run, first, nr, "before");
	if (!ret)
		ret = verify_poison(run, first, nr);
	if (!ret)
		ret = measure(run);
	if (!ret)
		ret = verify_check(run, first, nr, "after");
	if (!ret)
		ret = check_completion(run);
	if (!ret && run->ops->kernel && !run->row.errors)
		ret = run->ops->kernel(run);
	return ret;
}

static void cell_start(struct run *run, uint64_t round, uint64_t order)
{
	struct row *row = &run->row;

	row_clear(row);
	row->run_id = run->run_id;
	row->platform = names_of(&names_platform, run->platform);
	row->cell = run->cell;
	row->round = round;
	row->order = order;
	row->verified = true;
	run->ops = path_of(run->cell.path);
	run->fd = -1;
	run->unit = 1;
	run->r = NULL;
	memset(run->side, 0, sizeof(run->side));
	layout_of(&run->cell, run->info.max_bytes, &run->layout);
	if (run->cell.buffer != BUFFER_NONE)
		row->buffers = run->layout.buffers;
	if (run->cell.ring != RING_NR) {
		run->r = &run->ring[run->cell.ring];
		run->r->slots = run->cell.depth;
		run->r->batch = run->cell.batch;
	}
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

static int run_cell(struct run *run, uint64_t round, uint64_t order)
{
	char what[280];
	int ret;

	cell_start(run, round, order);
	ret = run->ops->open(run);
	if (!ret)
		ret = check_and_measure(run);
	run->ops->close(run);
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
	return write_row(run);
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
