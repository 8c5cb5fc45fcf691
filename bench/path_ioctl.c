// SPDX-License-Identifier: MIT
/* The module, reached by one ioctl a command. */
#include "path_device.h"

#include "dev.h"

/* Between two looks at the clock where nobody needs stamps. */
#define CHECK_NS	20000


static void note_wrong(struct outcome *bad, int res)
{
	if (!bad->errors++)
		bad->res = res;
	bad->slot = 0;
}

static int ioctl_once(struct run *run, unsigned int first, unsigned int nr,
		      struct outcome *bad)
{
	struct pagecopy_run cmd = { 0 };
	unsigned int i;
	int ret;

	for (i = first; i < first + nr; i++) {
		cmd.cmd_op = device_cmd(run, i, i + device_second(run),
					&cmd.arg);
		ret = dev_run(run->fd, &cmd);
		if (ret != device_expect(run))
			note_wrong(bad, ret);
	}
	return 0;
}

static int ioctl_slice(struct run *run, struct slice *s)
{
	const uint64_t gap = clock_ticks_of_ns(s->clk, CHECK_NS);
	const int expect = device_expect(run);
	struct pagecopy_run cmd = { 0 };
	unsigned int every = 1, i;
	uint64_t start, end, now, before;
	int ret;

	cmd.cmd_op = device_cmd(run, 0, device_second(run), &cmd.arg);
	start = now = clock_ticks(s->clk);
	end = start + s->ticks;
	while (now < end) {
		before = now;
		for (i = 0; i < every; i++) {
			ret = dev_run(run->fd, &cmd);
			if (__builtin_expect(ret != expect, 0))
				note_wrong(&s->bad, ret);
		}
		now = clock_ticks(s->clk);
		s->ops += every;
		if (s->hist)
			hist_record(s->hist, now - before, 1);
		else if (now - before < gap / 2)
			every *= 2;
	}
	s->elapsed = now - start;
	return 0;
}

const struct path_ops path_ioctl = {
	.desc = "the module, reached by one ioctl a command",
	.open = device_open,
	.once = ioctl_once,
	.slice = ioctl_slice,
	.stats = device_stats,
	.kernel = kernel_time,
	.close = device_close,
};
