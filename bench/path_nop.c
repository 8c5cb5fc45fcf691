// SPDX-License-Identifier: MIT
/* IORING_OP_NOP: what a ring costs when nothing is done. */
#include "path.h"

static int nop_open(struct run *run)
{
	unsigned int i;

	for (i = 0; i < run->r->slots; i++)
		ring_slot(run->r, i)->opcode = IORING_OP_NOP;
	run->r->expect = 0;
	return 0;
}

int path_ring_once(struct run *run, unsigned int first, unsigned int nr,
		   struct outcome *bad)
{
	return ring_once(run->r, first, nr, bad);
}

int path_ring_slice(struct run *run, struct slice *s)
{
	return ring_slice(run->r, s);
}

static void nop_close(struct run *run)
{
	(void)run;
}

const struct path_ops path_nop = {
	.desc = "IORING_OP_NOP: the cost of the ring",
	.open = nop_open,
	.once = path_ring_once,
	.slice = path_ring_slice,
	.close = nop_close,
};
