// SPDX-License-Identifier: MIT
/* IORING_OP_NOP: what a ring costs when nothing is done. */
#include "path.h"

static int nop_open(struct worker *w)
{
	unsigned int i;

	for (i = 0; i < w->r->slots; i++)
		ring_slot(w->r, i)->opcode = IORING_OP_NOP;
	w->r->expect = 0;
	return 0;
}

int path_ring_once(struct worker *w, unsigned int first, unsigned int nr,
		   struct outcome *bad)
{
	return ring_once(w->r, first, nr, bad);
}

int path_ring_slice(struct worker *w, struct slice *s)
{
	return s->pacing ? ring_rate_slice(w->r, s) : ring_slice(w->r, s);
}

static void nop_close(struct worker *w)
{
	(void)w;
}

const struct path_ops path_nop = {
	.desc = "IORING_OP_NOP: the cost of the ring",
	.open = nop_open,
	.once = path_ring_once,
	.slice = path_ring_slice,
	.close = nop_close,
};
