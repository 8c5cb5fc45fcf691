// SPDX-License-Identifier: MIT
/* The module, reached through uring_cmd. */
#include "path.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "dev.h"

static bool is_fixed(const struct run *run)
{
	return run->cell.buffer == PAGECOPY_BUF_FIXED;
}

static uint64_t address(const struct run *run, uint32_t i)
{
	if (run->cell.buffer == PAGECOPY_BUF_KERNEL)
		return i;
	if (run->cell.buffer == BUFFER_NONE)
		return 0;
	return (uintptr_t)arena_at(&run->buffers, &run->layout, i) +
	       run->cell.offset;
}

void uring_fill(const struct run *run, struct io_uring_sqe *sqe, uint32_t page,
		uint32_t i)
{
	const struct cell *c = &run->cell;
	const struct pagecopy_cmd cmd = {
		.addr = address(run, i),
		.len = c->size,
		.offset = c->offset,
	};
	unsigned int buffer = c->buffer;

	if (buffer == BUFFER_NONE)
		buffer = PAGECOPY_BUF_USER;
	sqe->opcode = IORING_OP_URING_CMD;
	sqe->flags = IOSQE_FIXED_FILE;
	sqe->cmd_op = PAGECOPY_CMD_OP(c->op, buffer, c->strategy, page);
	if (is_fixed(run))
		sqe->uring_cmd_flags = IORING_URING_CMD_FIXED;
	memcpy(sqe->cmd, &cmd, sizeof(cmd));
}

int uring_expect(const struct run *run)
{
	return run->cell.op == PAGECOPY_OP_NOP ? 0 : (int)run->cell.size;
}

static int open_pages(struct run *run)
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
	if (!pairs && run->cell.buffer != BUFFER_NONE)
		run->side[SIDE_BUFFER].arena = &run->buffers;
	return 0;
}

static int uring_open(struct run *run)
{
	uint32_t slot, page, second;
	int ret;

	ret = open_pages(run);
	if (!ret)
		ret = ring_file(run->r, run->fd);
	if (ret)
		return ret;
	second = run->side[SIDE_BUFFER].device ? run->layout.buffers : 0;
	for (slot = 0; slot < run->r->slots; slot++) {
		page = slot % run->layout.buffers;
		uring_fill(run, ring_slot(run->r, slot), page, page + second);
	}
	run->r->expect = uring_expect(run);
	return 0;
}

static int uring_stats(struct run *run, struct pagecopy_stats *stats)
{
	return dev_stats(run->fd, stats);
}

static void uring_close(struct run *run)
{
	ring_file(run->r, -1);
	if (run->fd >= 0)
		close(run->fd);
	run->fd = -1;
}

const struct path_ops path_uring = {
	.desc = "the module, reached through uring_cmd",
	.open = uring_open,
	.once = path_ring_once,
	.slice = path_ring_slice,
	.stats = uring_stats,
	.kernel = uring_time,
	.close = uring_close,
};
