// SPDX-License-Identifier: MIT
#include "disturb_run.h"

#include <errno.h>
#include <math.h>
#include <string.h>

int disturb_setup(struct run *run)
{
	int cpu[THREADS_MAX], ret;
	unsigned int i;

	for (i = 0; i <= run->crew.nr; i++)
		cpu[i] = run->worker[i]->cpu;
	ret = disturb_open(&run->disturb, "", cpu, run->crew.nr + 1);
	return ret ? run_fail(run, EXIT_FAILED, "%s", strerror(-ret)) : 0;
}

void disturb_setup_close(struct run *run)
{
	disturb_close(&run->disturb);
}

void disturb_start(struct run *run)
{
	unsigned int i;

	for (i = 0; i < run->cell.threads; i++)
		memset(&run->worker[i]->disturb, 0,
		       sizeof(run->worker[i]->disturb));
	disturb_begin(&run->disturb);
}

void disturb_add(struct run *run)
{
	struct disturbance *d = &run->now->disturbed;
	unsigned int i;

	disturb_end(&run->disturb, d);
	for (i = 0; i < run->cell.threads; i++) {
		d->preempted += run->worker[i]->disturb.preempted;
		d->migrated += run->worker[i]->disturb.migrated;
	}
}

/*
 * Do the threads of the cell, with those of the kernel that work for them,
 * have to take turns on a CPU?
 */
static bool takes_turns(const struct run *run)
{
	const struct cell *c = &run->cell;
	unsigned int threads = c->threads;

	if (c->ring != RING_NR && (c->ring & RING_BASE) == RING_SQPOLL)
		threads *= 2;
	return threads > run->cpus.nr ||
	       c->completion == PAGECOPY_COMPLETE_WORK ||
	       c->completion == PAGECOPY_COMPLETE_IOWQ;
}

void disturb_take(struct run *run)
{
	const struct disturbance *d = &run->now->disturbed;
	struct row *row = &run->row;

	row->preempted = d->preempted;
	if (!run->disturb.why[DISTURB_INTERRUPTS][0])
		row->interrupts = d->interrupts;
	if (!run->disturb.why[DISTURB_STEAL][0])
		row->steal_ns = d->steal_ns;
	row->cpu_mhz = d->readings ? d->mhz / d->readings : NAN;
	row->disturbed = d->steal_ns || d->migrated ||
			 (d->preempted && !takes_turns(run));
	if (d->migrated)
		row_remark(row, "a thread was moved to another CPU");
}

const char *disturb_why(const struct run *run, const char *column)
{
	static const char *const columns[DISTURB_SOURCES] = {
		[DISTURB_INTERRUPTS] = "interrupts",
		[DISTURB_STEAL] = "steal_ns",
		[DISTURB_MHZ] = "cpu_mhz",
	};
	unsigned int i;

	for (i = 0; i < DISTURB_SOURCES; i++)
		if (!strcmp(columns[i], column) && run->disturb.why[i][0])
			return run->disturb.why[i];
	return NULL;
}
