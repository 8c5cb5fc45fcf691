// SPDX-License-Identifier: MIT
/*
 * What a command must do, from docs/abi.md alone: its result, what it reads and
 * what it writes. The order of the checks is part of the interface.
 */
#include "fuzz.h"

#include "pagecopy/strategy.h"

#include <errno.h>

static const int errnos[WANT_BITS] = {
	0, -ENOTTY, -EOPNOTSUPP, -EINVAL, -ENXIO, -E2BIG, -EFAULT, -ECANCELED,
	-EBADF, -ENOBUFS, -ENOMEM,
};

uint32_t fz_result_bit(int res, int len)
{
	unsigned int i;

	if (res == len)
		return WANT_LEN;
	for (i = 1; i < WANT_BITS; i++)
		if (res == errnos[i])
			return 1U << i;
	return WANT_OTHER;
}

static bool is_here(const struct fz_world *w, unsigned int nr)
{
	return w->here[nr / 64] >> nr % 64 & 1;
}

static uint32_t predict_strategy(const struct fz_world *w, unsigned int buffer,
				 unsigned int nr)
{
	if (buffer == PAGECOPY_BUF_COPY)
		return nr == PAGECOPY_S_NONE ? 0 : WANT_EINVAL;
	if (nr >= PAGECOPY_S_MAX || !pagecopy_strategies[nr].name)
		return WANT_ENOTTY;
	return is_here(w, nr) ? 0 : WANT_EOPNOTSUPP;
}

/* The command word and the flags. */
static uint32_t predict_word(const struct fz_world *w, const struct fz_cmd *c)
{
	const unsigned int op = PAGECOPY_CMD_OP_OP(c->cmd_op);
	const unsigned int buffer = PAGECOPY_CMD_OP_BUFFER(c->cmd_op);
	const bool fixed = c->cmd_flags & IORING_URING_CMD_FIXED;
	uint32_t bad;

	if (PAGECOPY_CMD_OP_MAGIC(c->cmd_op) != PAGECOPY_CMD_MAGIC ||
	    op < PAGECOPY_OP_READ || op > PAGECOPY_OP_NOP)
		return WANT_ENOTTY;
	bad = predict_strategy(w, buffer, PAGECOPY_CMD_OP_STRATEGY(c->cmd_op));
	if (bad)
		return bad;
	if (buffer > PAGECOPY_BUF_COPY ||
	    c->cmd_flags & ~IORING_URING_CMD_FIXED ||
	    fixed != (buffer == PAGECOPY_BUF_FIXED))
		return WANT_EINVAL;
	if (buffer == PAGECOPY_BUF_COPY && op == PAGECOPY_OP_TOUCH)
		return WANT_EINVAL;
	return 0;
}

/* Which completions a ring, and a buffer, can have. */
static uint32_t predict_completion(const struct fz_world *w,
				   const struct fz_ring *r,
				   const struct fz_cmd *c)
{
	const bool iopoll = r->flags & IORING_SETUP_IOPOLL;

	if (r->flags & FZ_BY_IOCTL)
		return 0;
	switch (w->mode.completion) {
	case PAGECOPY_COMPLETE_INLINE:
		return 0;
	case PAGECOPY_COMPLETE_POLL:
		return iopoll ? 0 : WANT_EOPNOTSUPP;
	case PAGECOPY_COMPLETE_WORK:
		if (PAGECOPY_CMD_OP_BUFFER(c->cmd_op) == PAGECOPY_BUF_COPY)
			return WANT_EOPNOTSUPP;
		break;
	}
	return iopoll ? WANT_EOPNOTSUPP : 0;
}

static uint32_t predict_range(const struct fz_world *w, const struct fz_cmd *c)
{
	const struct fz_file *f = &w->file[c->file];

	if (PAGECOPY_CMD_OP_PAGE(c->cmd_op) >= f->nr_pages)
		return WANT_ENXIO;
	if (c->arg.offset > f->page_bytes ||
	    c->arg.len > f->page_bytes - c->arg.offset)
		return WANT_EINVAL;
	if ((uint64_t)c->arg.len * w->mode.repeat > PAGECOPY_CMD_BYTES_MAX)
		return WANT_E2BIG;
	return 0;
}

static uint64_t device_at(const struct fz_file *f, uint64_t page,
			  const struct fz_cmd *c)
{
	return page * f->page_bytes + c->arg.offset;
}

/* The segment that holds the whole range, or SEG_NR. */
static unsigned int find_segment(const struct fz_world *w, uint64_t addr,
				 uint64_t len)
{
	unsigned int seg;

	for (seg = 0; seg < SEG_NR; seg++) {
		const struct fz_space *s = &w->space[SPACE_SEG(seg)];
		const uint64_t start = (uintptr_t)s->mem;

		if (s->bytes && addr >= start && addr - start <= s->bytes &&
		    len <= s->bytes - (addr - start))
			return seg;
	}
	return SEG_NR;
}

static uint32_t predict_user(const struct fz_world *w, const struct fz_cmd *c,
			     struct fz_range *at)
{
	const bool writes = PAGECOPY_CMD_OP_OP(c->cmd_op) != PAGECOPY_OP_WRITE;
	unsigned int seg = find_segment(w, c->arg.addr, c->arg.len);

	/* What follows the entries of a ring is anybody's guess. */
	if (find_segment(w, c->arg.addr, 0) == SEG_RING)
		seg = SEG_RING;
	if (seg == SEG_NR || (seg == SEG_RO && writes))
		return WANT_EFAULT;
	*at = (struct fz_range){
		SPACE_SEG(seg),
		c->arg.addr - (uintptr_t)w->space[SPACE_SEG(seg)].mem,
		c->arg.len,
	};
	if (seg == SEG_MOVING || seg == SEG_RING)
		return WANT_LEN | WANT_EFAULT;
	return WANT_LEN;
}

static uint32_t predict_fixed(const struct fz_world *w, const struct fz_cmd *c,
			      struct fz_range *at)
{
	const struct iovec *iov = &w->bufs[c->buf_index];
	const uint64_t start = (uintptr_t)iov->iov_base;
	const uint64_t end = start + iov->iov_len;

	if (c->arg.addr < start || c->arg.addr > end ||
	    c->arg.len > end - c->arg.addr)
		return WANT_EFAULT;
	return predict_user(w, c, at);
}

static uint32_t predict_kernel(const struct fz_world *w, const struct fz_cmd *c,
			       struct fz_range *at)
{
	const struct fz_file *f = &w->file[c->file];

	if (c->arg.addr >= f->nr_pages)
		return WANT_ENXIO;
	if (c->arg.addr == PAGECOPY_CMD_OP_PAGE(c->cmd_op) &&
	    PAGECOPY_CMD_OP_OP(c->cmd_op) != PAGECOPY_OP_TOUCH)
		return WANT_EINVAL;
	*at = (struct fz_range){ c->file, device_at(f, c->arg.addr, c),
				 c->arg.len };
	return WANT_LEN;
}

static uint32_t predict_buffer(const struct fz_world *w, const struct fz_cmd *c,
			       struct fz_range *at)
{
	const unsigned int buffer = PAGECOPY_CMD_OP_BUFFER(c->cmd_op);

	if (buffer == PAGECOPY_BUF_KERNEL)
		return predict_kernel(w, c, at);
	if (!c->arg.len)
		return WANT_LEN;
	if (buffer == PAGECOPY_BUF_FIXED)
		return predict_fixed(w, c, at);
	return predict_user(w, c, at);
}

/* What of the range a copy may have reached before it met a fault. */
static struct fz_range reached(const struct fz_world *w, const struct fz_cmd *c)
{
	const unsigned int seg = find_segment(w, c->arg.addr, 0);
	const struct fz_space *s = &w->space[SPACE_SEG(seg)];
	uint64_t start;

	if (seg == SEG_NR || seg == SEG_RO)
		return (struct fz_range){};
	start = c->arg.addr - (uintptr_t)s->mem;
	return (struct fz_range){ SPACE_SEG(seg), start, s->bytes - start };
}

static bool copies_nothing(const struct fz_cmd *c)
{
	const unsigned int nr = PAGECOPY_CMD_OP_STRATEGY(c->cmd_op);

	return nr && !pagecopy_strategies[nr].copies;
}

static uint32_t predict_transfer(const struct fz_world *w, struct fz_cmd *c)
{
	const unsigned int op = PAGECOPY_CMD_OP_OP(c->cmd_op);
	struct fz_range dev, buf = {};
	uint32_t bad = predict_range(w, c);

	if (bad)
		return bad;
	dev = (struct fz_range){
		c->file, device_at(&w->file[c->file],
				   PAGECOPY_CMD_OP_PAGE(c->cmd_op), c),
		c->arg.len,
	};
	bad = predict_buffer(w, c, &buf);
	c->len = c->arg.len;
	if (bad == WANT_EFAULT &&
	    PAGECOPY_CMD_OP_BUFFER(c->cmd_op) == PAGECOPY_BUF_COPY)
		c->dst = op == PAGECOPY_OP_WRITE ? dev : reached(w, c);
	if (op == PAGECOPY_OP_TOUCH || !buf.len || copies_nothing(c))
		return bad;
	c->src = op == PAGECOPY_OP_WRITE ? buf : dev;
	c->dst = op == PAGECOPY_OP_WRITE ? dev : buf;
	return bad;
}

/* What io_uring refuses itself, before the module sees the command. */
static uint32_t predict_prep(const struct fz_world *w, const struct fz_ring *r,
			     const struct fz_cmd *c)
{
	const bool fixed = c->cmd_flags & IORING_URING_CMD_FIXED;
	const bool reserved = c->cmd_flags & ~IORING_URING_CMD_FIXED;

	if (r->flags & FZ_BY_IOCTL || !fixed || c->buf_index < w->nr_bufs)
		return 0;
	/* Which of the two is looked at first changed after 6.1. */
	return WANT_EFAULT | (reserved ? WANT_EINVAL : 0);
}

static uint32_t predict(const struct fz_world *w, const struct fz_ring *r,
			struct fz_cmd *c)
{
	uint32_t bad = predict_prep(w, r, c);
	bool nop;

	if (bad)
		return bad;
	bad = predict_word(w, c);
	/* Later kernels refuse flags they do not know before the word is read. */
	if (!(r->flags & FZ_BY_IOCTL) &&
	    c->cmd_flags & ~IORING_URING_CMD_FIXED)
		return bad | WANT_EINVAL;
	if (bad)
		return bad;
	nop = PAGECOPY_CMD_OP_OP(c->cmd_op) == PAGECOPY_OP_NOP;
	if (!nop && r->flags & IORING_SETUP_SQE128 && c->tail)
		return WANT_EINVAL;
	bad = predict_completion(w, r, c);
	if (bad || nop)
		return bad ?: WANT_LEN;
	return predict_transfer(w, c);
}

/* A raced command has bounds, not a result; they hold for either payload. */
static void predict_raced(const struct fz_world *w, struct fz_cmd *c)
{
	c->want = WANT_EINVAL | WANT_ENXIO | WANT_EFAULT | WANT_E2BIG |
		  WANT_EOPNOTSUPP;
	c->dst = (struct fz_range){ FILE_RACED, 0,
				    4 * w->file[FILE_RACED].page_bytes };
}

void fz_predict(const struct fz_world *w, const struct fz_ring *r,
		struct fz_cmd *c)
{
	c->len = 0;
	c->src = c->dst = (struct fz_range){};
	if (c->kind == KIND_RACED)
		predict_raced(w, c);
	else
		c->want = predict(w, r, c);
	if (c->kind == KIND_GARBAGE)
		c->want |= WANT_EINVAL | WANT_EOPNOTSUPP | WANT_EBADF |
			   WANT_EFAULT | WANT_ENOBUFS;
	/* One that failed may have cancelled those linked to it. */
	if (c->sqe_flags & (IOSQE_IO_LINK | IOSQE_IO_HARDLINK))
		c->want |= WANT_ECANCELED;
}
