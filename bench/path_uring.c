// SPDX-License-Identifier: MIT
/* The module, reached through uring_cmd. */
#include <string.h>

#include "path_device.h"

void uring_fill(const struct run *run, struct io_uring_sqe *sqe, uint32_t page,
		uint32_t i, uint32_t slot)
{
	struct pagecopy_cmd cmd;

	sqe->opcode = IORING_OP_URING_CMD;
	sqe->flags = IOSQE_FIXED_FILE;
	sqe->cmd_op = device_cmd(run, page, i, slot, &cmd);
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

static void fill_place(struct worker *w, unsigned int slot, uint32_t page,
		       uint32_t place)
{
	uring_fill(w->run, ring_slot(w->r, slot),
		   w->side[SIDE_PAGE].first + page,
		   w->side[SIDE_BUFFER].first + page, place);
}

/* The command in this slot becomes that of the next place. */
static void refill(void *arg, unsigned int slot)
{
	const uint32_t place = device_place(arg);

	fill_place(arg, slot, LAP_PAGE(place), LAP_SLOT(place));
}

static int uring_slice(struct worker *w, struct slice *s)
{
	unsigned int slot;

	if (w->lap) {
		device_prepare(w);
		for (slot = 0; slot < w->r->slots; slot++)
			refill(w, slot);
	}
	return path_ring_slice(w, s);
}

/* As many places at once as there are slots. */
static int uring_once(struct worker *w, unsigned int first, unsigned int nr,
		      struct outcome *bad)
{
	const uint32_t slots = w->run->layout.slots;
	uint32_t i, at = first * slots, n;
	const uint32_t end = at + nr * slots;
	int ret = 0;

	if (!w->lap)
		return path_ring_once(w, first, nr, bad);
	for (; at < end && !ret; at += n) {
		n = end - at < w->r->slots ? end - at : w->r->slots;
		for (i = 0; i < n; i++)
			fill_place(w, i, (at + i) / slots, (at + i) % slots);
		ret = path_ring_once(w, 0, n, bad);
	}
	return ret;
}

static int uring_aim(struct worker *w)
{
	uint32_t slot, k;

	device_aim(w);
	w->r->refill = w->lap ? refill : NULL;
	w->r->arg = w;
	w->r->expect = device_expect(w->run);
	if (w->lap)
		return 0;

	for (slot = 0; slot < w->r->slots; slot++) {
		k = slot % w->run->layout.buffers;
		uring_fill(w->run, ring_slot(w->r, slot),
			   w->side[SIDE_PAGE].first + k,
			   w->side[SIDE_BUFFER].first + k, 0);
	}
	return 0;
}

static void uring_close(struct worker *w)
{
	w->r->refill = NULL;
	ring_file(w->r, -1);
	device_close(w);
}

const struct path_ops path_uring = {
	.desc = "the module, reached through uring_cmd",
	.open = uring_open,
	.aim = uring_aim,
	.once = uring_once,
	.slice = uring_slice,
	.stats = device_stats,
	.kernel = kernel_time,
	.close = uring_close,
};
