// SPDX-License-Identifier: MIT
#include "rate.h"

#include <inttypes.h>
#include <math.h>

/* Commands in a slice of a thread, at least: fewer say nothing. */
#define COMMANDS	10

bool rate_any(const struct options *o)
{
	const struct list *rates = &o->axis[AXIS_RATE];
	unsigned int i;

	for (i = 0; i < rates->nr; i++)
		if (rates->value[i] != RATE_CLOSED)
			return true;
	return false;
}

unsigned int rate_check(const struct options *o, FILE *errors)
{
	const struct list *rates = &o->axis[AXIS_RATE];
	const struct list *threads = &o->axis[AXIS_THREADS];
	unsigned int i, mistakes = 0;
	uint64_t most = list_largest(threads), least;

	if (!o->slice_ms)
		return 0;
	if (!most)
		most = 1;
	least = (COMMANDS * 1000 * most + o->slice_ms - 1) / o->slice_ms;
	for (i = 0; i < rates->nr; i++) {
		if (rates->value[i] == RATE_CLOSED || rates->value[i] >= least)
			continue;
		fprintf(errors, "pagecopy run: --rate '%" PRIu64 "': too slow "
			"for a slice of %" PRIu64 " ms; allowed: from %" PRIu64 ", which is "
			"%d commands in the slice of each thread, or a longer "
			"--slice\n", rates->value[i], o->slice_ms, least,
			COMMANDS);
		mistakes++;
	}
	return mistakes;
}

/* Each thread keeps its share, and they take turns within a step. */
void rate_start(struct run *run)
{
	const unsigned int nr = run->cell.threads;
	const double step = 1e9 / run->clk.ns_per_tick * nr /
			    (double)run->cell.rate;
	const bool stamps = run->o->latency != LATENCY_OFF;
	const double phase = run->worker[0]->share->pacing.phase;
	unsigned int i;

	for (i = 0; i < nr; i++) {
		struct worker *w = run->worker[i];

		w->share->pacing.phase = phase + (double)i / nr;
		pacing_start(&w->share->pacing, step,
			     stamps ? &w->share->resp : NULL);
	}
}

static void take_response(struct run *run)
{
	const double ns = run->clk.ns_per_tick;
	struct hist *h = &run->worker[0]->share->resp;
	struct row *row = &run->row;
	unsigned int i;

	for (i = 1; i < run->cell.threads; i++)
		hist_merge(h, &run->worker[i]->share->resp);
	row->resp_mean_ns = hist_mean(h) * ns;
	row->resp_p50_ns = hist_quantile(h, 0.5) * ns;
	row->resp_p90_ns = hist_quantile(h, 0.9) * ns;
	row->resp_p99_ns = hist_quantile(h, 0.99) * ns;
	row->resp_p999_ns = hist_quantile(h, 0.999) * ns;
	row->resp_max_ns = h->count ? (double)h->max * ns : NAN;
}

void rate_take(struct run *run)
{
	struct pacing sum = run->worker[0]->share->pacing;
	struct row *row = &run->row;
	unsigned int i;

	for (i = 1; i < run->cell.threads; i++)
		pacing_add(&sum, &run->worker[i]->share->pacing);
	row->rate_kept = pacing_kept(&sum);
	if (!row->rate_kept)
		row_remark(row, "rate not kept: asked for %" PRIu64 " ops/s, "
			   "achieved %.3g%s", run->cell.rate, row->ops_per_s,
			   sum.unsent ? "; commands that were never sent are "
			   "not in resp_*" : "");
	if (run->o->latency != LATENCY_OFF)
		take_response(run);
}

void rate_slice(struct slice *s, void (*one)(void *arg), void *arg)
{
	struct pacing *p = s->pacing;
	uint64_t start, end, now, at, sent;

	start = slice_begin(s, &end);
	pacing_begin(p, start, end);
	for (now = start; !pacing_over(p, now); now = clock_ticks(s->clk)) {
		if (!pacing_due(p, now)) {
			relax();
			continue;
		}
		at = pacing_take(p);
		sent = clock_ticks(s->clk);
		one(arg);
		now = clock_ticks_after(s->clk);
		if (s->hist)
			hist_record(s->hist, now - sent, 1);
		pacing_done(p, at, now);
		s->ops++;
	}
	pacing_end(p);
	s->elapsed = now - start;
}
