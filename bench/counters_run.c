// SPDX-License-Identifier: MIT
#include "counters_run.h"

#include <math.h>
#include <string.h>

#include "absent.h"
#include "crew.h"

static int open_one(struct worker *w)
{
	if (w->run->o->counters == COUNTERS_OFF)
		counters_none(&w->counters, "--counters off");
	else
		counters_open(&w->counters, &perf_real);
	return 0;
}

int counters_setup(struct run *run)
{
	return crew_call(run, 0, run->crew.nr + 1, open_one);
}

void counters_setup_close(struct run *run)
{
	unsigned int i;

	for (i = 0; i <= run->crew.nr; i++)
		if (run->worker[i])
			counters_close(&run->worker[i]->counters);
}

void counters_start(struct run *run)
{
	unsigned int i;

	for (i = 0; i < run->cell.threads; i++)
		counters_clear(&run->worker[i]->counters);
}

void counters_add(struct run *run)
{
	unsigned int i, k;

	for (i = 0; i < run->cell.threads; i++) {
		const struct counters *c = &run->worker[i]->counters;
		struct share *share = run->worker[i]->share;

		for (k = 0; k < COUNTER_NR; k++)
			share->counted[k] += c->sum[k];
		for (k = 0; k < COUNTERS_GROUPS; k++)
			share->lost[k] |= c->lost[k];
	}
}

/* The sum over the threads; NaN unless all of them have counted it. */
static double total(const struct run *run, enum counter which)
{
	double sum = 0;
	unsigned int i;

	for (i = 0; i < run->cell.threads; i++) {
		const struct share *share = run->worker[i]->share;

		if (run->worker[i]->counters.why[which][0] ||
		    share->lost[counter_group_of(which)])
			return NAN;
		sum += (double)share->counted[which];
	}
	return sum;
}

/* Counters that the run has, but that did not always count in this row. */
static void tell_lost(struct run *run)
{
	static const char *const what[COUNTERS_GROUPS] = {
		[COUNTERS_USER] = "user",
		[COUNTERS_KERNEL] = "kernel",
		[COUNTERS_SOFTWARE] = "software",
	};
	unsigned int i, group;

	for (group = 0; group < COUNTERS_GROUPS; group++)
		for (i = 0; i < run->cell.threads; i++) {
			if (!run->worker[i]->share->lost[group])
				continue;
			row_remark(&run->row, "%s counters left out: another "
				   "user had them for a time", what[group]);
			break;
		}
}

/* They count the flushing too, which is not what an op does. */
static void leave_out(struct row *row)
{
	bool any = false;
	unsigned int i;

	for (i = 0; i < COUNTER_SOFTWARE; i++) {
		any |= !isnan(row->counter[i]);
		row->counter[i] = NAN;
	}
	if (any)
		row_remark(row, "counters left out: they would count the "
			   "flushing");
}

void counters_take(struct run *run)
{
	struct row *row = &run->row;
	unsigned int i;

	for (i = 0; i < COUNTER_NR; i++) {
		row->counter[i] = total(run, i);
		if (i < COUNTER_SOFTWARE)
			row->counter[i] /= row->ops ? (double)row->ops : NAN;
	}
	if (row->cell.cache == CACHE_FLUSHED)
		leave_out(row);
	tell_lost(run);
}

const char *counters_why(const struct run *run, const char *column)
{
	unsigned int i, k;

	for (i = 0; i < COUNTER_NR; i++) {
		if (strcmp(counter_name(i), column))
			continue;
		for (k = 0; k <= run->crew.nr; k++)
			if (run->worker[k]->counters.why[i][0])
				return run->worker[k]->counters.why[i];
	}
	return NULL;
}

void counters_head(const struct run *run, FILE *f)
{
	const char *sep = "";
	unsigned int i;

	for (i = 0; i < COUNTER_NR; i++) {
		if (counters_why(run, counter_name(i)))
			continue;
		fprintf(f, "%s%s", sep, counter_name(i));
		sep = ", ";
	}
	fputs(*sep ? "; of the submitting threads, not of sqpoll, io-wq and "
	      "workqueue threads" : "none", f);
	absent_print(run, counters_why, "; not ", "", f);
}
