// SPDX-License-Identifier: MIT
#include "path_device.h"

#include <string.h>
#include <unistd.h>

#include "dev.h"

static uint64_t address(const struct run *run, uint32_t i)
{
	if (run->cell.buffer == PAGECOPY_BUF_KERNEL)
		return i;
	if (run->cell.buffer == BUFFER_NONE)
		return 0;
	return (uintptr_t)arena_at(run_buffers(run), &run->layout, i) +
	       run->layout.shift + run->cell.offset;
}

uint32_t device_cmd(const struct run *run, uint32_t page, uint32_t i,
		    struct pagecopy_cmd *arg)
{
	const struct cell *c = &run->cell;
	unsigned int buffer = c->buffer;

	if (buffer == BUFFER_NONE)
		buffer = PAGECOPY_BUF_USER;
	arg->addr = address(run, i);
	arg->len = c->size;
	arg->offset = c->offset;
	return PAGECOPY_CMD_OP(c->op, buffer, c->strategy, page);
}

uint32_t device_second(const struct run *run)
{
	return run->side[SIDE_BUFFER].device ? run->layout.buffers : 0;
}

int device_expect(const struct run *run)
{
	return run->cell.op == PAGECOPY_OP_NOP ? 0 : (int)run->cell.size;
}

int device_open(struct run *run)
{
	const uint32_t nr = run->layout.buffers;
	bool pairs = run->cell.buffer == PAGECOPY_BUF_KERNEL;
	int ret;

	run->fd = dev_open(run->o->dev);
	if (run->fd < 0)
		return run_fail(run, EXIT_FAILED, "%s: %s", run->o->dev,
				strerror(-run->fd));
	ret = dev_setup(run->fd, run->layout.order, pairs ? 2 * nr : nr);
	if (ret)
		return run_fail(run, EXIT_FAILED,
				"%s: %u pages of %u bytes: %s", run->o->dev,
				pairs ? 2 * nr : nr, run->layout.page_bytes,
				strerror(-ret));
	ret = dev_mode(run->fd, 1, run->cell.completion, 0);
	if (ret)
		return run_fail(run, EXIT_FAILED, "%s: completion %s: %s",
				run->o->dev,
				names_of(&names_completion,
					 run->cell.completion),
				strerror(-ret));
	run->side[SIDE_PAGE].device = true;
	run->side[SIDE_BUFFER].device = pairs;
	run->side[SIDE_BUFFER].first = nr;
	run->side[SIDE_BUFFER].arena = run_buffers(run);
	run->side[SIDE_BUFFER].shift = run->layout.shift;
	return 0;
}

void device_close(struct run *run)
{
	if (run->fd >= 0)
		close(run->fd);
	run->fd = -1;
}

int device_stats(struct run *run, struct pagecopy_stats *stats)
{
	return dev_stats(run->fd, stats);
}
