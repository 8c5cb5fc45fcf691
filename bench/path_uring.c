// SPDX-License-Identifier: MIT
/* The module, reached through uring_cmd. */
#include <string.h>

#include "path_device.h"

void uring_fill(const struct run *run, struct io_uring_sqe *sqe, uint32_t page,
		uint32_t i)
{
	struct pagecopy_cmd cmd;

	sqe->opcode = IORING_OP_URING_CMD;
	sqe->flags = IOSQE_FIXED_FILE;
	sqe->cmd_op = device_cmd(run, page, i, &cmd);
	if (run->cell.buffer == PAGECOPY_BUF_FIXED) {
		sqe->uring_cmd_flags = IORING_URING_CMD_FIXED;
		sqe->buf_index = (uint16_t)run->cell.memory;
	}
	memcpy(sqe->cmd, &cmd, sizeof(cmd));
}

static int uring_open(struct run *run)
{
	uint32_t slot, page, second;
	int ret;

	ret = device_open(run);
	if (!ret)
		ret = ring_file(run->r, run->fd);
	if (ret)
		return ret;
	second = device_second(run);
	for (slot = 0; slot < run->r->slots; slot++) {
		page = slot % run->layout.buffers;
		uring_fill(run, ring_slot(run->r, slot), page, page + second);
	}
	run->r->expect = device_expect(run);
	return 0;
}

static void uring_close(struct run *run)
{
	ring_file(run->r, -1);
	device_close(run);
}

const struct path_ops path_uring = {
	.desc = "the module, reached through uring_cmd",
	.open = uring_open,
	.once = path_ring_once,
	.slice = path_ring_slice,
	.stats = device_stats,
	.kernel = kernel_time,
	.close = uring_close,
};
