/* SPDX-License-Identifier: MIT */
#ifndef PAGECOPY_RUN_H
#define PAGECOPY_RUN_H

#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>

#include "pagecopy/abi.h"
#include "arena.h"
#include "clock.h"
#include "cold.h"
#include "counters.h"
#include "cpu.h"
#include "csv.h"
#include "disturb.h"
#include "doctor.h"
#include "hist.h"
#include "lap.h"
#include "matrix.h"
#include "mutator.h"
#include "options.h"
#include "perf_control.h"
#include "progress.h"
#include "ring.h"
#include "stop.h"

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

/**
 * struct resume - the results of a run that goes on
 * @file:   read up to the first row that is missing
 * @at:     where the visit at hand begins in it
 * @run_id: of that run
 */
struct resume {
	FILE *file;
	off_t at;
	char run_id[40];
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
 * struct share - the part of one thread in a member
 * @did:     what it did, all turns together
 * @hist:    its latencies, in ticks
 * @resp:    its response times, in ticks, where the cell has a rate
 * @pacing:  when its commands are due, where the cell has a rate
 * @counted: by its counters, enum counter
 * @lost:    groups of them that did not count all the time
 */
struct share {
	struct figures did;
	struct hist hist;
	struct hist resp;
	struct pacing pacing;
	uint64_t counted[COUNTER_NR];
	bool lost[COUNTERS_GROUPS];
};

/* U copies against 2U, in a row. */
#define KERNEL_PAIRS_MAX	32

/**
 * struct kernel_times - what the kernel's clock said in the turns of a member
 * @repeat:   U; 0 before it is known
 * @pairs:    taken
 * @kernel:   longer less shorter command of each, in ns, by the module's clock
 * @user:     the same by the clock of this program
 * @commands: of one copy
 * @sum:      they took, in ns
 */
struct kernel_times {
	unsigned int repeat;
	unsigned int pairs;
	double kernel[KERNEL_PAIRS_MAX];
	double user[KERNEL_PAIRS_MAX];
	unsigned int commands;
	int64_t sum;
};

/**
 * struct member - a cell while its group is measured
 * @cell:  it
 * @row:   its results
 * @unit:  copies averaged in a latency sample
 * @batch: copies between two looks at the clock, without stamps and with;
 *	   0 before they are known
 * @times: in the kernel
 * @disturbed: what else the CPUs did
 * @share: by number of the thread
 */
struct member {
	struct cell cell;
	struct row row;
	unsigned int unit;
	unsigned int batch[2];
	struct kernel_times times;
	struct disturbance disturbed;
	struct share *share;
};

/**
 * struct worker - one submitting thread
 * @run:    the run
 * @index:  number of the thread, from 0
 * @cpu:    where it runs
 * @sq_cpu: where the threads of its sqpoll rings run; -1 for anywhere
 * @ring:   by enum ring_kind: those it has opened
 * @counters: of this thread
 * @disturb: what disturbed it in the turn at hand
 * @r:      ring of the cell; NULL for paths without
 * @fd:     open file of the module; -1 without
 * @owner:  it has opened it, and closes it
 * @side:   of the cell
 * @lap:    order of the places; NULL where the cache is hot
 * @prepared: the caches are as the cell has them, as far as the module goes
 * @slice:  at hand
 * @bad:    results of single commands that were not the expected one
 * @share:  in the cell at hand
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
	struct counters counters;
	struct disturb_own disturb;
	struct ring *r;
	int fd;
	bool owner;
	struct side side[SIDE_NR];
	struct lap *lap;
	bool prepared;
	struct slice slice;
	struct outcome bad;
	struct share *share;
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

#define MUTATORS_MAX	2

/**
 * struct rival - a thread that uses the memory of the copies, see contend.h
 * @run:     of the cell
 * @lines:   it has used
 * @mutator: the thread
 */
struct rival {
	const struct run *run;
	uint64_t lines;
	struct mutator mutator;
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
 * @cold:    the caches, and what is had of them
 * @evict:   memory that pushes the module's out of the caches
 * @laps:    orders of the walks, by layout
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
 * @control: perf, to be told of the slices
 * @doctor:  what would spoil the numbers, as found before anything ran
 * @member:  of the group at hand
 * @now:     the one that has its turn, NULL between them; while it has:
 * @cell:    its cell
 * @row:     its results
 * @ops:     its path
 * @layout:  its pages and buffers
 * @once:    commands that each thread runs once, from number @once_first on
 * @rival:   the mutators of the cell, and
 * @rivals:  how many of them run
 * @stop:    which groups have been measured often enough
 * @last_round: there is no time for another one
 * @resume:  the run that goes on; its file is NULL without or behind it
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
	struct cold cold;
	struct arena evict;
	struct lap *laps;
	char *scratch[2];
	struct pagecopy_info info;
	reasons module_why;
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
	struct perf_control control;
	struct doctor_report doctor;

	struct member *member;
	struct member *now;
	struct cell cell;
	struct row row;
	const struct path_ops *ops;
	struct layout layout;
	unsigned int once;
	unsigned int once_first;
	struct rival rival[MUTATORS_MAX];
	unsigned int rivals;

	struct stop stop;
	bool last_round;
	struct resume resume;
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

/** run_describe() - the cell at hand, for a person */
void run_describe(const struct run *run, char *text, size_t size);

/** run_open() - room for what run_cells() has to know; 0 or -ECANCELED */
int run_open(struct run *run);
void run_close(struct run *run);

/** run_cells() - measure every cell in every round; 0 or -ECANCELED */
int run_cells(struct run *run);

#endif
