/* SPDX-License-Identifier: MIT */
#ifndef PAGECOPY_RUN_H
#define PAGECOPY_RUN_H

#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>

#include "pagecopy/abi.h"
#include "arena.h"
#include "clock.h"
#include "counters.h"
#include "cpu.h"
#include "csv.h"
#include "disturb.h"
#include "doctor.h"
#include "hist.h"
#include "matrix.h"
#include "options.h"
#include "progress.h"
#include "ring.h"

#define EXIT_DONE	0
#define EXIT_FAILED	1
#define EXIT_USAGE	2
#define EXIT_SKIPPED	77

struct path_ops;

/* The two sides of a copy. */
enum side_nr {
	SIDE_PAGE,
	SIDE_BUFFER,
	SIDE_NR,
};

/**
 * struct side - where the bytes of one side are
 * @arena: in this area, @shift bytes behind the start of each place, or
 * @device: in the pages of the open file; if neither, the cell has no such side
 * @shift: see @arena
 * @first: number of the first place or page
 */
struct side {
	const struct arena *arena;
	bool device;
	uint32_t shift;
	uint32_t first;
};

struct worker;
typedef int crew_fn(struct worker *w);

/**
 * struct figures - what one thread did in a cell
 * @ops:     in the slice that gives the throughput
 * @seconds: they took
 * @rate:    ops/s
 * @errors:  results other than the expected one
 * @lat:     service time in ns: p50, p90, p99, p99.9, max; NaN without
 */
struct figures {
	uint64_t ops;
	double seconds;
	double rate;
	uint64_t errors;
	double lat[5];
};

/**
 * struct worker - one submitting thread
 * @run:    the run
 * @index:  number of the thread, from 0
 * @cpu:    where it runs
 * @sq_cpu: where the threads of its sqpoll rings run; -1 for anywhere
 * @ring:   by enum ring_kind: those it has opened
 * @hist:   latencies of the slice at hand, in ticks
 * @resp:   response times of the row at hand, in ticks, where it has a rate
 * @pacing: when its commands are due, where the cell has a rate
 * @counters: of this thread
 * @disturb: what disturbed it in the row at hand
 * @r:      ring of the cell; NULL for paths without
 * @fd:     open file of the module; -1 without
 * @owner:  it has opened it, and closes it
 * @side:   of the cell
 * @slice:  at hand
 * @bad:    results of single commands that were not the expected one
 * @did:    in the cell at hand
 * @thread: of the crew
 * @fn:     what it is to do
 * @ret:    what that returned
 */
struct worker {
	struct run *run;
	unsigned int index;
	int cpu;
	int sq_cpu;
	struct ring *ring[RING_NR];
	struct hist hist;
	struct hist resp;
	struct pacing pacing;
	struct counters counters;
	struct disturb_own disturb;
	struct ring *r;
	int fd;
	bool owner;
	struct side side[SIDE_NR];
	struct slice slice;
	struct outcome bad;
	struct figures did;
	pthread_t thread;
	crew_fn *fn;
	int ret;
};

/**
 * struct crew - the threads beside the first one
 * @lock: of what follows, of worker.fn and of run.error
 * @work: somebody has something to do
 * @done: nobody has
 * @nr:   how many there are
 * @busy: of them
 * @quit: they shall end
 */
struct crew {
	pthread_mutex_t lock;
	pthread_cond_t work;
	pthread_cond_t done;
	unsigned int nr;
	unsigned int busy;
	bool quit;
};

/**
 * struct run - one run of the sweep
 * @o:       what was asked for
 * @m:       the sweep
 * @clk:     ticks
 * @worker:  by number of the thread
 * @crew:    the threads
 * @timing:  rings with 32-byte CQEs, for the in-kernel times; the second one
 *	     has iopoll
 * @timing_fd: by order of the pages: files used with it; 0 is none
 * @timed_page: device page of the command that is timed
 * @timed_buffer: its buffer, or second page
 * @buffers: user memory that stands for buffers, by enum memory
 * @no_memory: why there is none, by enum memory
 * @pages:   user memory that stands for pages, for the path `user`
 * @scratch: two images of a page with its guards, for verification
 * @info:    what the module offers; zero without one
 * @csv:     results
 * @threads: results by thread; fd is -1 without
 * @asked:   the axis `ring` before it became what was granted
 * @seed:    of order and data
 * @cpus:    where this may run
 * @cpu_at:  place of @cpu among them
 * @cpu:     where the first thread runs
 * @sq_cpu:  where the threads of its sqpoll rings run; -1 for anywhere
 * @emulated: the CPU is not a real one: numbers must not be compared
 * @disturb: what else the CPUs do
 * @doctor:  what would spoil the numbers, as found before anything ran
 * @cell:    the cell at hand, and what belongs to it:
 * @ops:     its path
 * @layout:  its pages and buffers
 * @unit:    copies averaged in a latency sample
 * @batch:   copies between two looks at the clock, without stamps and with
 * @once:    commands that each thread runs once, from number @once_first on
 * @disturbed: what they did in its slices
 * @row:     its results
 * @failed:  rows that hold an error or a wrong byte
 * @first:   the first such error
 * @code:    exit code
 * @error:   why the run ended, "" when nothing is wrong
 */
struct run {
	const struct options *o;
	struct matrix m;
	struct clock clk;
	struct worker *worker[THREADS_MAX];
	struct crew crew;
	struct ring timing[2];
	bool timing_up[2];
	int timing_fd[PAGECOPY_ORDER_MAX + 1];
	uint32_t timed_page;
	uint32_t timed_buffer;
	struct arena buffers[MEMORY_NR];
	char no_memory[MEMORY_NR][300];
	struct arena pages;
	char *scratch[2];
	struct pagecopy_info info;
	struct csv csv;
	struct csv threads;
	struct progress progress;
	char run_id[40];
	struct list asked;
	uint64_t seed;
	struct cpus cpus;
	unsigned int cpu_at;
	int cpu;
	int sq_cpu;
	unsigned int platform;
	bool emulated;
	struct disturb disturb;
	struct doctor_report doctor;

	struct cell cell;
	const struct path_ops *ops;
	struct layout layout;
	unsigned int unit;
	unsigned int batch[2];
	unsigned int once;
	unsigned int once_first;
	struct disturbance disturbed;
	struct row row;

	uint64_t failed;
	char first[600];
	int code;
	char error[800];
};

/**
 * run_fail() - the run ends here; the first reason counts, from any thread
 * @code: exit code
 * @fmt:  why
 *
 * Return: -ECANCELED, to be passed on: everything has been said.
 */
int run_fail(struct run *run, int code, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));

/** run_note() - something is wrong with this cell; the run goes on */
void run_note(struct run *run, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));

/** run_buffers() - the user's side of run->cell; NULL where it has none */
static inline const struct arena *run_buffers(const struct run *run)
{
	return run->cell.memory < MEMORY_NR ? &run->buffers[run->cell.memory] :
	       NULL;
}

/** run_cells() - measure every cell in every round; 0 or -ECANCELED */
int run_cells(struct run *run);

#endif
