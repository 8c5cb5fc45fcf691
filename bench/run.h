/* SPDX-License-Identifier: MIT */
#ifndef PAGECOPY_RUN_H
#define PAGECOPY_RUN_H

#include <stdbool.h>
#include <stdint.h>

#include "pagecopy/abi.h"
#include "arena.h"
#include "clock.h"
#include "cpu.h"
#include "csv.h"
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
 * @device: in the pages of run->fd from number @first on; if neither, the
 *	    cell has no such side
 */
struct side {
	const struct arena *arena;
	uint32_t shift;
	bool device;
	uint32_t first;
};

/**
 * struct run - one run of the sweep
 * @o:       what was asked for
 * @m:       the sweep
 * @clk:     ticks
 * @hist:    latencies of the slice at hand, in ticks
 * @ring:    one per kind in use; ring_up says which are
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
 * @asked:   the axis `ring` before it became what was granted
 * @seed:    of order and data
 * @cpus:    where it may run
 * @cpu:     where this runs
 * @sq_cpu:  where the threads of sqpoll rings run; -1 for anywhere
 * @emulated: the CPU is not a real one: numbers must not be compared
 * @cell:    the cell at hand, and what belongs to it:
 * @ops:     its path
 * @layout:  its pages and buffers
 * @side:    where they are
 * @r:       its ring; NULL for the path `user`
 * @fd:      its open file of the module; -1 without
 * @unit:    copies averaged in a latency sample
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
	struct hist hist;
	struct ring ring[RING_NR];
	bool ring_up[RING_NR];
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
	struct progress progress;
	char run_id[40];
	struct list asked;
	uint64_t seed;
	struct cpus cpus;
	int cpu;
	int sq_cpu;
	unsigned int platform;
	bool emulated;

	struct cell cell;
	const struct path_ops *ops;
	struct layout layout;
	struct side side[SIDE_NR];
	struct ring *r;
	int fd;
	unsigned int unit;
	struct row row;

	uint64_t failed;
	char first[600];
	int code;
	char error[800];
};

/**
 * run_fail() - the run ends here
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
