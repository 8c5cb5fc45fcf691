// SPDX-License-Identifier: MIT
/* The module, reached by one ioctl a command. */
#include "path_device.h"

#include "dev.h"
#include "rate.h"

/* Between two looks at the clock where nobody needs stamps. */
#define CHECK_NS	20000
/* In a row, where nobody looks at the clock. */
#define CALLS_MAX	(1U << 16)

static void note_wrong(struct outcome *bad, int res)
{
	if (!bad->errors++)
		bad->res = res;
	bad->slot = 0;
}

static void fill(const struct worker *w, uint32_t place,
		 struct pagecopy_run *cmd)
{
	cmd->cmd_op = device_cmd(w->run,
				 w->side[SIDE_PAGE].first + LAP_PAGE(place),
				 w->side[SIDE_BUFFER].first + LAP_PAGE(place),
				 LAP_SLOT(place), &cmd->arg);
}

static int ioctl_once(struct worker *w, unsigned int first, unsigned int nr,
		      struct outcome *bad)
{
	const uint32_t slots = w->run->layout.slots;
	struct pagecopy_run cmd = { 0 };
	unsigned int i;
	int ret;

	for (i = first * slots; i < (first + nr) * slots; i++) {
		fill(w, LAP_PLACE(i / slots, i % slots), &cmd);
		ret = dev_run(w->fd, &cmd);
		if (ret != device_expect(w->run))
			note_wrong(bad, ret);
	}
	return 0;
}

/**
 * struct ioctl_call - a command to be run again and again
 * @cmd:    it
 * @fd:     where
 * @expect: its result
 * @bad:    takes others
 */
struct ioctl_call {
	struct pagecopy_run cmd;
	int fd;
	int expect;
	struct outcome *bad;
};

static void call_one(void *arg)
{
	struct ioctl_call *call = arg;
	int ret = dev_run(call->fd, &call->cmd);

	if (__builtin_expect(ret != call->expect, 0))
		note_wrong(call->bad, ret);
}

/* @nr commands, one after the other; each is to answer @expect. */
static inline void call_many(struct worker *w, struct slice *s,
			     struct pagecopy_run *cmd, unsigned int nr,
			     int expect)
{
	unsigned int i;
	int ret;

	for (i = 0; i < nr; i++) {
		if (w->lap)
			fill(w, device_place(w), cmd);
		ret = dev_run(w->fd, cmd);
		if (__builtin_expect(ret != expect, 0))
			note_wrong(&s->bad, ret);
	}
	s->ops += nr;
}

/* A number of commands, whatever time that takes. */
static void counted_slice(struct worker *w, struct slice *s,
			  struct pagecopy_run *cmd, int expect)
{
	uint64_t start, end, left;
	unsigned int nr;

	start = slice_begin(s, &end);
	for (left = s->count; left; left -= nr) {
		nr = left < CALLS_MAX ? (unsigned int)left : CALLS_MAX;
		call_many(w, s, cmd, nr, expect);
	}
	s->elapsed = clock_ticks(s->clk) - start;
}

static int ioctl_slice(struct worker *w, struct slice *s)
{
	const uint64_t gap = clock_ticks_of_ns(s->clk, CHECK_NS);
	const int expect = device_expect(w->run);
	struct pagecopy_run cmd = { 0 };
	unsigned int every = 1;
	uint64_t start, end, now, before;

	fill(w, 0, &cmd);
	device_prepare(w);
	if (s->pacing) {
		struct ioctl_call call = { cmd, w->fd, expect, &s->bad };

		rate_slice(s, call_one, &call);
		return 0;
	}
	if (s->count) {
		counted_slice(w, s, &cmd, expect);
		return 0;
	}
	start = now = slice_begin(s, &end);
	do {
		before = now;
		call_many(w, s, &cmd, every, expect);
		now = clock_ticks(s->clk);
		if (s->hist)
			hist_record(s->hist, now - before, 1);
		else if (now - before < gap / 2)
			every *= 2;
	} while (now < end);
	s->elapsed = now - start;
	return 0;
}

const struct path_ops path_ioctl = {
	.desc = "the module, reached by one ioctl a command",
	.open = device_open,
	.aim = device_aim,
	.once = ioctl_once,
	.slice = ioctl_slice,
	.stats = device_stats,
	.kernel = kernel_time,
	.close = device_close,
};
