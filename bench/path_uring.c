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

static int uring_open(struct worker *w)
{
	int ret = device_open(w);

	return ret ? ret : ring_file(w->r, w->fd);
}

static int uring_aim(struct worker *w)
{
	uint32_t slot, k;

	for (slot = 0; slot < w->r->slots; slot++) {
		k = slot % w->run->layout.buffers;
		uring_fill(w->run, ring_slot(w->r, slot),
			   w->side[SIDE_PAGE].first + k,
			   w->side[SIDE_BUFFER].first + k);
	}
	w->r->expect = device_expect(w->run);
	return 0;
}

static void uring_close(struct worker *w)
{
	ring_file(w->r, -1);
	device_close(w);
}

const struct path_ops path_uring = {
	.desc = "the module, reached through uring_cmd",
	.open = uring_open,
	.aim = uring_aim,
	.once = path_ring_once,
	.slice = path_ring_slice,
	.stats = device_stats,
	.kernel = kernel_time,
	.close = uring_close,
};
