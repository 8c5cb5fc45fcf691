// SPDX-License-Identifier: MIT
/*
 * DOC: time inside the kernel
 *
 * A command that copies U times and one that copies 2U times differ by U
 * copies and by nothing else: entering, mapping, reading the clock all cancel.
 * Such pairs are run in the order U 2U 2U U, so that a drift cancels too, and
 * the median of their differences is taken.
 *
 * What a copy costs depends on where its two sides lie, too. So the pages are
 * kept for the whole run, and in a round all strategies of a size and depth
 * are timed between the same two places; the next round takes the next ones.
 *
 * Where the cache is not hot, every copy takes another place of the pages that
 * the cell has, by PAGECOPY_MODE_WALK, which there is for pages only.
 */
#include "path_device.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "dev.h"

/* A command of U copies takes this long or somewhat longer. */
#define COMMAND_NS	50000
/* In one turn: time, and pairs at least, so that both orders occur. */
#define BUDGET_NS	500000
#define PAIRS_MIN	2
/* Commands of one copy in one turn, without the first one, which warms up. */
#define COMMANDS	3

/* Pages of each order that rounds take in turn, if the device grants them. */
#define PLACES		8

/* How many of them there are. */
static uint32_t places(const struct run *run)
{
	uint64_t fit = run->info.max_bytes / run->layout.page_bytes;

	return fit < PLACES ? (uint32_t)fit : PLACES;
}

/* The open file that keeps pages of the order at hand. */
static int open_places(struct run *run)
{
	int *fd = &run->timing_fd[run->layout.order];
	int ret;

	if (*fd)
		return 0;
	ret = dev_open(run->o->dev);
	if (ret < 0)
		return ret;
	*fd = ret;
	return dev_setup(*fd, run->layout.order, places(run));
}

void kernel_time_close(struct run *run)
{
	unsigned int order;

	for (order = 0; order <= PAGECOPY_ORDER_MAX; order++)
		if (run->timing_fd[order])
			close(run->timing_fd[order]);
}

static bool walks(const struct run *run)
{
	return run->cell.cache != CACHE_HOT;
}

static int timing_file(const struct run *run)
{
	return walks(run) ? run->worker[0]->fd :
	       run->timing_fd[run->layout.order];
}

/* Why the module cannot walk through the places of this cell, or NULL. */
static const char *no_walk(const struct run *run)
{
	const uint32_t range = run->cell.offset + run->cell.size;
	uint32_t block = LINE;
	struct layout l;

	if (run->cell.buffer != PAGECOPY_BUF_KERNEL)
		return "the module walks through its own pages only";
	while (block < range)
		block *= 2;
	layout_of(&run->cell, run->info.max_bytes, &l);
	return block == l.step ? NULL :
	       "the module's places are others";
}

static struct ring *timing_ring(struct run *run)
{
	return &run->timing[!!(run->cell.ring & RING_IOPOLL)];
}

/* Point the command that is timed at the place of this round. */
static int choose_place(struct run *run)
{
	uint32_t page = (uint32_t)(run->row.round % places(run));
	uint32_t i = (uint32_t)(run->row.round % run->layout.buffers);
	int ret;

	if (walks(run)) {
		page = 0;
		i = run->layout.buffers;
	} else {
		ret = open_places(run);
		if (ret)
			return ret;
	}
	if (!walks(run) && run->cell.buffer == PAGECOPY_BUF_KERNEL)
		i = (page + places(run) / 2) % places(run);
	run->timed_page = page;
	run->timed_buffer = i;
	if (run->cell.path == PATH_IOCTL)
		return 0;
	uring_fill(run, ring_slot(timing_ring(run), 0), page, i, 0);
	return ring_file(timing_ring(run), timing_file(run));
}

/**
 * struct took - time of one command
 * @kernel: in ns, as the module says
 * @user:   in ns, from just before it was submitted until it was seen to be done
 */
struct took {
	int64_t kernel;
	double user;
};

static int ask(struct run *run, uint64_t *res2)
{
	struct pagecopy_run cmd = { 0 };
	int ret;

	if (run->cell.path != PATH_IOCTL)
		return ring_command(timing_ring(run), res2);
	cmd.cmd_op = device_cmd(run, run->timed_page, run->timed_buffer, 0,
				&cmd.arg);
	ret = dev_run(timing_file(run), &cmd);
	*res2 = cmd.res2;
	return ret;
}

/* Of a command() that completed in another way than asked. */
#define OTHER_WAY	(-EBADE)

static int other_way(struct run *run, uint64_t how)
{
	run_note(run, "timing in the kernel: completed as %s; asked for %s",
		 names_of(&names_completion, (unsigned int)how),
		 names_of(&names_completion, run->cell.completion));
	run->row.errors++;
	return OTHER_WAY;
}

/* One command of @repeat copies; 0 or -errno. */
static int command(struct run *run, unsigned int repeat, struct took *took)
{
	uint64_t res2 = 0, start;
	int ret;

	ret = dev_mode(timing_file(run), repeat, run->cell.completion,
		       PAGECOPY_MODE_TIME | (walks(run) ? PAGECOPY_MODE_WALK :
					     0));
	if (ret)
		return ret;
	start = clock_ticks(&run->clk);
	ret = ask(run, &res2);
	took->user = (double)(clock_ticks(&run->clk) - start) *
		     run->clk.ns_per_tick;
	if (ret < 0)
		return ret;
	if (ret != device_expect(run))
		return -EIO;
	if (PAGECOPY_RES2_HOW(res2) != run->cell.completion)
		return other_way(run, PAGECOPY_RES2_HOW(res2));
	took->kernel = (int64_t)PAGECOPY_RES2_NS(res2);
	return 0;
}

static bool may_repeat(const struct run *run, uint64_t repeat)
{
	return repeat <= PAGECOPY_REPEAT_MAX &&
	       repeat * run->cell.size <= PAGECOPY_CMD_BYTES_MAX;
}

/* U: enough copies for COMMAND_NS, if twice as many are allowed. */
static int choose_repeat(struct run *run, unsigned int *repeat)
{
	struct took took;
	int ret;

	for (*repeat = 1;; *repeat *= 2) {
		ret = command(run, *repeat, &took);
		if (ret || took.kernel >= COMMAND_NS ||
		    !may_repeat(run, 4ULL * *repeat))
			return ret;
	}
}

/* U and 2U, the longer one first every other time. */
static int one_pair(struct run *run, struct kernel_times *t)
{
	const bool swap = t->pairs % 2;
	struct took took[2];
	int ret;

	ret = command(run, t->repeat << swap, &took[swap]);
	if (!ret)
		ret = command(run, t->repeat << !swap, &took[!swap]);
	if (ret)
		return ret;
	t->kernel[t->pairs] = (double)(took[1].kernel - took[0].kernel);
	t->user[t->pairs++] = took[1].user - took[0].user;
	return 0;
}

static int time_copy(struct run *run)
{
	struct kernel_times *t = &run->now->times;
	uint64_t end = clock_ticks(&run->clk) +
		       clock_ticks_of_ns(&run->clk, BUDGET_NS);
	unsigned int nr = 0;
	int ret = 0;

	if (!t->repeat)
		ret = choose_repeat(run, &t->repeat);
	while (!ret && t->pairs < KERNEL_PAIRS_MAX &&
	       (nr < PAIRS_MIN || clock_ticks(&run->clk) < end)) {
		ret = one_pair(run, t);
		nr++;
	}
	return ret;
}

static int time_command(struct run *run)
{
	struct kernel_times *t = &run->now->times;
	struct took took;
	unsigned int i;
	int ret;

	ret = command(run, 1, &took);
	for (i = 0; i < COMMANDS && !ret; i++) {
		ret = command(run, 1, &took);
		if (ret)
			break;
		t->sum += took.kernel;
		t->commands++;
	}
	return ret;
}

/* The file is the cell's again. */
static int let_go(struct run *run, int ret)
{
	int mode = dev_mode(timing_file(run), 1, run->cell.completion, 0);

	if (run->cell.path != PATH_IOCTL)
		ring_file(timing_ring(run), -1);
	return ret ? ret : mode;
}

int kernel_time(struct run *run)
{
	bool copies = run->cell.op == PAGECOPY_OP_READ ||
		      run->cell.op == PAGECOPY_OP_WRITE;
	int ret;

	if (walks(run) && no_walk(run))
		return 0;
	ret = choose_place(run);
	if (!ret && walks(run)) {
		device_aim(run->worker[0]);
		device_prepare(run->worker[0]);
	}
	if (!ret)
		ret = time_command(run);
	if (!ret && copies)
		ret = time_copy(run);
	if (walks(run))
		ret = let_go(run, ret);
	if (!ret || ret == OTHER_WAY)
		return 0;
	return run_fail(run, EXIT_FAILED, "timing in the kernel: %s",
			strerror(-ret));
}

static int by_value(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

static double median(double *v, unsigned int nr)
{
	qsort(v, nr, sizeof(*v), by_value);
	return nr % 2 ? v[nr / 2] : (v[nr / 2 - 1] + v[nr / 2]) / 2;
}

void kernel_time_finish(struct run *run)
{
	struct kernel_times *t = &run->now->times;

	if (walks(run) && path_of(run->cell.path)->kernel && no_walk(run))
		row_remark(&run->row, "kernel_ns left out: %s", no_walk(run));
	if (t->commands)
		run->row.kernel_cmd_ns = (double)t->sum / t->commands;
	if (!t->pairs)
		return;
	run->row.kernel_ns = median(t->kernel, t->pairs) / t->repeat;
	run->row.kernel_ns_user = median(t->user, t->pairs) / t->repeat;
}
