// SPDX-License-Identifier: MIT
#include "measure.h"

#include <errno.h>
#include <math.h>
#include <string.h>

#include "counters_run.h"
#include "crew.h"
#include "disturb_run.h"
#include "path.h"
#include "rate.h"

static void count_bad(struct worker *w, const struct outcome *bad)
{
	const char *what = bad->res < 0 ? strerror(-bad->res) : "bytes";
	struct run *run = w->run;

	if (!bad->errors)
		return;
	run_note(run, "thread %u: command %u resulted in %d (%s); expected %d",
		 w->index, bad->slot, bad->res, what,
		 w->r ? w->r->expect : (int)run->cell.size);
	run->row.errors += bad->errors;
	w->share->did.errors += bad->errors;
}

int measure_stats(struct run *run, struct pagecopy_stats *stats)
{
	struct pagecopy_stats one;
	unsigned int i, k;
	int ret = 0;

	memset(stats, 0, sizeof(*stats));
	if (!run->ops->stats)
		return 0;
	for (i = 0; i < run->cell.threads && !ret; i++) {
		if (!run->worker[i]->owner)
			continue;
		ret = run->ops->stats(run->worker[i], &one);
		if (ret)
			break;
		stats->commands += one.commands;
		for (k = 0; k < COMPLETION_NR; k++)
			stats->completed[k] += one.completed[k];
	}
	return ret;
}

static int once(struct worker *w)
{
	return w->run->ops->once(w, w->run->once_first, w->run->once, &w->bad);
}

int measure_once(struct run *run, unsigned int first, unsigned int nr)
{
	unsigned int i;
	int ret;

	run->once_first = first;
	run->once = nr;
	for (i = 0; i < run->cell.threads; i++)
		memset(&run->worker[i]->bad, 0, sizeof(struct outcome));
	ret = crew_call(run, 0, run->cell.threads, once);
	for (i = 0; i < run->cell.threads && !ret; i++)
		count_bad(run->worker[i], &run->worker[i]->bad);
	return ret;
}

static int slice(struct worker *w)
{
	uint64_t end;
	int ret;

	disturb_own_begin(&w->disturb);
	ret = w->run->ops->slice(w, &w->slice);
	if (w->slice.control)
		perf_control_off(w->slice.control);
	w->slice.control = NULL;
	if (w->slice.counters)
		counters_off(w->slice.counters);
	disturb_own_end(&w->disturb, w->cpu);
	/* The others wait for this one, too. */
	if (!w->slice.begun)
		slice_begin(&w->slice, &end);
	return ret;
}

static void add_throughput(struct run *run)
{
	const struct slice *s;
	struct figures *did;
	unsigned int i;

	for (i = 0; i < run->cell.threads; i++) {
		s = &run->worker[i]->slice;
		did = &run->worker[i]->share->did;
		did->ops += s->ops;
		did->seconds += (double)s->elapsed * run->clk.ns_per_tick / 1e9;
	}
}

/* One slice of @share of the cell's time, by all threads. */
static int one_slice(struct run *run, double share, bool stamps,
		     bool throughput)
{
	const uint64_t ticks = clock_ticks_of_ns(&run->clk, share * 1e6 *
						 (double)run->o->slice_ms);
	const unsigned int nr = run->cell.threads;
	struct gate gate;
	unsigned int i;
	int ret;

	if (nr > 1)
		pthread_barrier_init(&gate.barrier, NULL, nr);
	for (i = 0; i < nr; i++) {
		struct worker *w = run->worker[i];

		w->slice = (struct slice) {
			.clk = &run->clk,
			.ticks = ticks,
			.hist = stamps ? &w->share->hist : NULL,
			.counters = throughput ? &w->counters : NULL,
			.pacing = run->cell.rate ? &w->share->pacing : NULL,
			.gate = nr > 1 ? &gate : NULL,
			.control = i ? NULL : &run->control,
		};
	}
	ret = crew_call(run, 0, nr, slice);
	if (nr > 1)
		pthread_barrier_destroy(&gate.barrier);
	if (ret)
		return ret;
	if (run->control.error[0])
		return run_fail(run, EXIT_FAILED, "--perf-control: %s",
				run->control.error);
	for (i = 0; i < nr; i++)
		count_bad(run->worker[i], &run->worker[i]->slice.bad);
	if (throughput)
		add_throughput(run);
	return 0;
}

static int both_halves(struct run *run, unsigned int turns)
{
	/* Neither half is always the one that finds the caches warm. */
	bool first = (run->row.round + run->row.order + run->row.turns) % 2;
	int ret;

	/* With a rate the clock is looked at all the time anyway. */
	if (run->cell.rate)
		return one_slice(run, 1.0 / turns,
				 run->o->latency != LATENCY_OFF, true);
	switch (run->o->latency) {
	case LATENCY_WITH:
		return one_slice(run, 1.0 / turns, true, true);
	case LATENCY_OFF:
		return one_slice(run, 1.0 / turns, false, true);
	}
	ret = one_slice(run, 0.5 / turns, first, !first);
	return ret ? ret : one_slice(run, 0.5 / turns, !first, first);
}

int measure(struct run *run, unsigned int turns)
{
	int ret = 0;

	if (run->cell.rate && !run->row.turns)
		rate_start(run);
	/* A slow rate does not come to all buffers, which are compared later. */
	if (run->cell.rate && run->cell.cache == CACHE_HOT)
		ret = measure_once(run, 0, run->layout.buffers);
	counters_start(run);
	disturb_start(run);
	if (!ret)
		ret = both_halves(run, turns);
	run->row.turns++;
	counters_add(run);
	disturb_add(run);
	return ret;
}

int measure_count(struct run *run, uint64_t count)
{
	struct worker *w = run->worker[0];
	int ret;

	w->slice = (struct slice) { .clk = &run->clk, .count = count };
	ret = crew_call(run, 0, 1, slice);
	if (ret)
		return ret;
	count_bad(w, &w->slice.bad);
	add_throughput(run);
	return 0;
}

/* Rates add up; the time is that of the thread that took longest. */
static void finish_throughput(struct run *run)
{
	struct row *row = &run->row;
	unsigned int i;

	row->ops_per_s = 0;
	for (i = 0; i < run->cell.threads; i++) {
		struct figures *did = &run->worker[i]->share->did;

		did->rate = did->ops ? (double)did->ops / did->seconds : 0;
		row->ops += did->ops;
		row->ops_per_s += did->rate;
		if (did->seconds > row->seconds)
			row->seconds = did->seconds;
	}
	if (!cell_copies(&run->cell))
		return;
	row->bytes = row->ops * run->cell.size;
	row->gb_per_s = row->ops_per_s * run->cell.size / 1e9;
}

static void quantiles(const struct hist *h, double ns, double *lat)
{
	lat[0] = hist_quantile(h, 0.5) * ns;
	lat[1] = hist_quantile(h, 0.9) * ns;
	lat[2] = hist_quantile(h, 0.99) * ns;
	lat[3] = hist_quantile(h, 0.999) * ns;
	lat[4] = h->count ? (double)h->max * ns : NAN;
}

static void finish_latency(struct run *run)
{
	const double ns = run->clk.ns_per_tick / run->now->unit;
	struct hist *h = &run->worker[0]->share->hist;
	struct row *row = &run->row;
	double lat[5];
	unsigned int i;

	for (i = 0; i < run->cell.threads; i++) {
		struct share *share = run->worker[i]->share;

		quantiles(&share->hist, ns, share->did.lat);
		if (i)
			hist_merge(h, &share->hist);
	}
	quantiles(h, ns, lat);
	row->lat_batch = run->now->unit;
	row->lat_mean_ns = hist_mean(h) * ns;
	row->lat_p50_ns = lat[0];
	row->lat_p90_ns = lat[1];
	row->lat_p99_ns = lat[2];
	row->lat_p999_ns = lat[3];
	row->lat_max_ns = lat[4];
}

void measure_finish(struct run *run)
{
	finish_throughput(run);
	if (run->o->latency != LATENCY_OFF)
		finish_latency(run);
	counters_take(run);
	disturb_take(run);
	if (run->cell.rate)
		rate_take(run);
}
