// SPDX-License-Identifier: MIT
/* Commands: mostly sensible with something wrong, sometimes nonsense. */
#include "fuzz.h"

#include "pagecopy/strategy.h"

#include <string.h>

#define REPEAT_MANY	PAGECOPY_REPEAT_MAX

/*
 * Which flags the SQEs of a batch may have. io_uring counts CQEs to know when a
 * drained command may run, and waits for ever if a later one was refused by
 * io_uring itself and so completed before: the two do not go into one batch.
 */
enum style { STYLE_PLAIN, STYLE_FLAGS, STYLE_DRAIN };

static uint32_t pick(struct fz_world *w, const uint32_t *from, unsigned int n)
{
	return from[fz_below(w, n)];
}

#define PICK(w, array)	pick(w, array, ARRAY_SIZE(array))

static unsigned int make_strategy(struct fz_world *w)
{
	return fz_chance(w, 40) ? fz_below(w, 256) :
	       1 + fz_below(w, PAGECOPY_S_MAX - 1);
}

static unsigned int make_page(struct fz_world *w, const struct fz_cmd *c)
{
	const unsigned int nr = w->file[c->file].nr_pages;

	if (!nr || fz_chance(w, 30))
		return fz_below(w, 256);
	return fz_below(w, nr);
}

/* One word in twenty is wrong in one bit, one in a hundred in all of them. */
static uint32_t make_word(struct fz_world *w, const struct fz_cmd *c)
{
	static const uint32_t ops[] = { 1, 1, 1, 2, 2, 2, 3, 4 };
	static const uint32_t buffers[] = { 0, 0, 0, 1, 1, 1, 2, 2, 3, 3 };
	const unsigned int op = PICK(w, ops);
	const unsigned int buffer = PICK(w, buffers);
	unsigned int strategy = make_strategy(w);
	uint32_t word;

	if (buffer == PAGECOPY_BUF_COPY && !fz_chance(w, 20))
		strategy = PAGECOPY_S_NONE;
	word = PAGECOPY_CMD_OP(op, buffer, strategy, make_page(w, c));
	if (fz_chance(w, 100))
		return fz_random(w);
	if (fz_chance(w, 20))
		word ^= 1U << fz_below(w, 32);
	return word;
}

static uint32_t make_len(struct fz_world *w, const struct fz_cmd *c)
{
	const uint32_t page = w->file[c->file].page_bytes ?: FZ_PAGE;
	const uint32_t edges[] = {
		0, 1, 7, 8, 4095, 4096, 4097, page - 1, page, page + 1,
		0x7fffffff, 0x80000000, 0xffffffff,
	};
	uint32_t len;

	if (w->mode.repeat == REPEAT_MANY) {
		/* So large that none of them is allowed, or nothing at all. */
		const uint32_t large[] = { 0, 1025, 4096, page, 0xffffffff };

		return PICK(w, large);
	}
	if (fz_chance(w, 5))
		return PICK(w, edges);
	len = fz_below(w, fz_chance(w, 4) ? page + 1 : 300);
	return len;
}

static uint32_t make_offset(struct fz_world *w, const struct fz_cmd *c)
{
	const uint32_t page = w->file[c->file].page_bytes ?: FZ_PAGE;
	const uint32_t edges[] = {
		0, 1, page - 1, page, page + 1, page - c->arg.len,
		page - c->arg.len + 1, 0x80000000, 0xffffffff,
		0u - c->arg.len,
	};

	if (fz_chance(w, 4))
		return PICK(w, edges);
	if (c->arg.len < page)
		return fz_below(w, page - c->arg.len + 1);
	return 0;
}

/* An address no process may use, or that means something to the kernel. */
static uint64_t hostile_address(struct fz_world *w)
{
	static const uint64_t bad[] = {
		0, 1, 0xfff, ~0ULL, ~0ULL - 4095, 1ULL << 63, 1ULL << 47,
		(1ULL << 47) - 1, (1ULL << 47) - 4096, 1ULL << 56,
		0xffff888000000000ULL, 0xffffffff81000000ULL,
		0xffffea0000000000ULL, 0x0000800000000000ULL,
		0xffff7fffffffffffULL, 0xffffffffff600000ULL,
	};

	return bad[fz_below(w, ARRAY_SIZE(bad))];
}

static unsigned int make_segment(struct fz_world *w, const struct fz_cmd *c)
{
	const unsigned int op = PAGECOPY_CMD_OP_OP(c->cmd_op);
	static const uint32_t all[] = {
		SEG_MAIN, SEG_MAIN, SEG_MAIN, SEG_MAIN, SEG_MAIN, SEG_RO,
		SEG_EDGE, SEG_HUGE, SEG_HUGE, SEG_RING,
	};
	unsigned int seg = PICK(w, all);

	/* Only to be read: a ring that is overwritten proves nothing. */
	if (seg == SEG_RING && op != PAGECOPY_OP_WRITE)
		seg = SEG_MAIN;
	return w->space[SPACE_SEG(seg)].bytes ? seg : SEG_MAIN;
}

/* Mostly inside a segment, often at one of its ends or just outside. */
static uint64_t address_in(struct fz_world *w, const struct fz_cmd *c,
			   unsigned int seg)
{
	const struct fz_space *s = &w->space[SPACE_SEG(seg)];
	const uint64_t start = (uintptr_t)s->mem, end = start + s->bytes;

	/* Around these something is mapped, so their edges are none. */
	if (seg == SEG_HUGE || seg == SEG_RING)
		return start + fz_below(w, c->arg.len < s->bytes ?
					s->bytes - c->arg.len + 1 : 1);
	/* Too long for the segment: it must not begin before it. */
	if (c->arg.len > s->bytes)
		return start + fz_below(w, s->bytes);
	switch (fz_below(w, 24)) {
	case 0:
		return start;
	case 1:
		return end - c->arg.len;
	case 2:
		return end - c->arg.len + 1;
	case 3:
		return start - 1;
	case 4:
		return end - 1;
	case 5:
		return end;
	}
	return start + fz_below(w, s->bytes - c->arg.len + 1);
}

static uint64_t make_second_page(struct fz_world *w, const struct fz_cmd *c)
{
	const uint64_t wrong[] = {
		PAGECOPY_CMD_OP_PAGE(c->cmd_op), w->file[c->file].nr_pages,
		255, 256, 1ULL << 32, (1ULL << 32) + 1, ~0ULL, 1ULL << 63,
	};

	if (fz_chance(w, 10))
		return wrong[fz_below(w, ARRAY_SIZE(wrong))];
	return fz_below(w, w->file[c->file].nr_pages ?: 1);
}

static void make_fixed(struct fz_world *w, struct fz_cmd *c)
{
	static const uint32_t wrong[] = { 100, 0x7fff, 0xffff };
	static const uint32_t seg[] = { SEG_MAIN, SEG_EDGE, SEG_HUGE };

	c->cmd_flags = IORING_URING_CMD_FIXED;
	c->buf_index = fz_below(w, w->nr_bufs);
	c->arg.addr = address_in(w, c, seg[c->buf_index]);
	if (fz_chance(w, 25))
		c->buf_index = fz_chance(w, 2) ? PICK(w, wrong) :
			       fz_below(w, w->nr_bufs + 1);
}

static void make_address(struct fz_world *w, struct fz_cmd *c)
{
	switch (PAGECOPY_CMD_OP_BUFFER(c->cmd_op)) {
	case PAGECOPY_BUF_KERNEL:
		c->arg.addr = make_second_page(w, c);
		break;
	case PAGECOPY_BUF_FIXED:
		make_fixed(w, c);
		break;
	default:
		c->arg.addr = address_in(w, c, make_segment(w, c));
	}
	if (fz_chance(w, 25))
		c->arg.addr = hostile_address(w);
	if (fz_chance(w, 50))
		c->cmd_flags ^= fz_chance(w, 2) ? IORING_URING_CMD_FIXED :
				1U << fz_below(w, 32);
	if (fz_chance(w, 40))
		c->tail = 1 + fz_below(w, 255);
}

static void make_model(struct fz_world *w, struct fz_cmd *c)
{
	static const uint32_t files[] = {
		FILE_SMALL, FILE_SMALL, FILE_SMALL, FILE_LARGE, FILE_LARGE,
	};

	c->file = fz_chance(w, 50) ? FILE_BARE : PICK(w, files);
	c->cmd_op = make_word(w, c);
	c->arg.len = make_len(w, c);
	c->arg.offset = make_offset(w, c);
	make_address(w, c);
}

/* One of the payloads a raced command changes between; any mix is in bounds. */
static struct pagecopy_cmd raced_payload(struct fz_world *w)
{
	const uint64_t mem = (uintptr_t)w->space[SPACE_SEG(SEG_RACED)].mem;
	const uint64_t addr[] = {
		mem + 2 * FZ_PAGE, mem + 2 * FZ_PAGE + 100, mem + 3 * FZ_PAGE,
		hostile_address(w), 2, 3,
	};
	static const uint32_t len[] = { 1, 64, 4000, 4096, 0xffffffff, 8192 };
	static const uint32_t offset[] = { 0, 96, 4000, 4095, 0xfffff000 };

	return (struct pagecopy_cmd){
		.addr = addr[fz_below(w, ARRAY_SIZE(addr))],
		.len = PICK(w, len),
		.offset = PICK(w, offset),
	};
}

static uint32_t raced_word(struct fz_world *w)
{
	const unsigned int op = PAGECOPY_OP_READ + fz_below(w, 3);
	const unsigned int page = fz_below(w, 2);

	if (fz_chance(w, 4) && op != PAGECOPY_OP_TOUCH)
		return PAGECOPY_CMD_OP(op, PAGECOPY_BUF_COPY, 0, page);
	return PAGECOPY_CMD_OP(op, fz_chance(w, 3) ? PAGECOPY_BUF_KERNEL :
			       PAGECOPY_BUF_USER, PAGECOPY_S_raw, page);
}

static void make_raced(struct fz_world *w, struct fz_cmd *c)
{
	c->kind = KIND_RACED;
	c->file = FILE_RACED;
	c->cmd_op = raced_word(w);
	c->other_op = raced_word(w);
	c->arg = raced_payload(w);
	c->other = raced_payload(w);
}

static void make_moving(struct fz_world *w, struct fz_cmd *c)
{
	static const uint32_t buffers[] = { PAGECOPY_BUF_USER,
					    PAGECOPY_BUF_COPY };
	const unsigned int buffer = PICK(w, buffers);
	const unsigned int op = PAGECOPY_OP_READ + fz_below(w, 2);

	c->kind = KIND_MOVING;
	c->file = fz_below(w, 2) ? FILE_LARGE : FILE_SMALL;
	c->cmd_op = PAGECOPY_CMD_OP(op, buffer,
				    buffer == PAGECOPY_BUF_COPY ? 0 :
				    PAGECOPY_S_raw,
				    fz_below(w, w->file[c->file].nr_pages));
	c->arg.len = fz_below(w, w->file[c->file].page_bytes + 1);
	if (w->mode.repeat == REPEAT_MANY)
		c->arg.len = 0;
	c->arg.addr = address_in(w, c, SEG_MOVING);
}

static void make_flags(struct fz_world *w, const struct fz_ring *r,
		       struct fz_cmd *c, enum style style)
{
	static const uint32_t flags[] = {
		IOSQE_ASYNC, IOSQE_ASYNC, IOSQE_IO_LINK, IOSQE_IO_HARDLINK,
		IOSQE_ASYNC | IOSQE_IO_LINK, IOSQE_IO_DRAIN,
		IOSQE_IO_DRAIN | IOSQE_ASYNC,
	};

	if (style == STYLE_PLAIN)
		return;
	if (r->skip) {
		/* With this flag a ring takes no drained command any more. */
		c->pair = fz_chance(w, 2);
		c->sqe_flags = fz_chance(w, 4) ? IOSQE_ASYNC : 0;
		if (c->pair)
			c->sqe_flags |= IOSQE_CQE_SKIP_SUCCESS |
					IOSQE_IO_HARDLINK;
		return;
	}
	if (fz_chance(w, 6))
		c->sqe_flags = pick(w, flags, style == STYLE_DRAIN ? 7 : 5);
}

static bool fails_in_io_uring(const struct fz_world *w, const struct fz_cmd *c)
{
	return c->garbage || c->cmd_flags & ~IORING_URING_CMD_FIXED ||
	       (c->cmd_flags & IORING_URING_CMD_FIXED &&
		c->buf_index >= w->nr_bufs);
}

static void make_one(struct fz_world *w, const struct fz_ring *r,
		     struct fz_cmd *c)
{
	memset(c, 0, sizeof(*c));
	if (w->mode.repeat != REPEAT_MANY && !(r->flags & FZ_BY_IOCTL) &&
	    fz_chance(w, 12)) {
		make_raced(w, c);
		return;
	}
	if (fz_chance(w, 20)) {
		make_moving(w, c);
	} else {
		make_model(w, c);
		if (r->flags & FZ_BY_IOCTL)
			c->cmd_flags = 0;
		else if (fz_chance(w, 60)) {
			c->kind = KIND_GARBAGE;
			c->garbage = 1 + fz_below(w, 5);
		}
	}
}

/* A linked command names the one behind it, so that one may be cancelled too. */
static void spread_links(struct fz_world *w)
{
	const uint8_t link = IOSQE_IO_LINK | IOSQE_IO_HARDLINK;
	unsigned int i;

	for (i = 1; i < w->nr; i++)
		if (w->cmd[i - 1].sqe_flags & link && !w->cmd[i - 1].pair)
			w->cmd[i].want |= WANT_ECANCELED;
}

static enum style make_style(struct fz_world *w, const struct fz_ring *r)
{
	if (r->flags & FZ_BY_IOCTL || fz_chance(w, 3))
		return STYLE_PLAIN;
	return !r->skip && fz_chance(w, 5) ? STYLE_DRAIN : STYLE_FLAGS;
}

/* The request after a drained one is run late as well, also in a later batch. */
static bool settled(struct fz_ring *r, enum style style)
{
	if (style == STYLE_DRAIN)
		r->drain = 3;
	else if (r->drain)
		r->drain--;
	return !r->drain;
}

void fz_make(struct fz_world *w, struct fz_ring *r)
{
	const enum style style = make_style(w, r);
	unsigned int i;

	w->nr = 1 + fz_below(w, r->flags & FZ_BY_IOCTL ? 8 : FZ_BATCH);
	w->plain = settled(r, style) && style == STYLE_PLAIN;
	w->ordered = w->plain && !(r->flags & IORING_SETUP_SQPOLL);
	if (!(r->flags & FZ_BY_IOCTL) &&
	    w->mode.completion != PAGECOPY_COMPLETE_INLINE &&
	    w->mode.completion != PAGECOPY_COMPLETE_POLL)
		w->ordered = false;
	for (i = 0; i < w->nr; i++) {
		do
			make_one(w, r, &w->cmd[i]);
		while (style == STYLE_DRAIN &&
		       fails_in_io_uring(w, &w->cmd[i]));
		if (w->cmd[i].kind != KIND_RACED)
			make_flags(w, r, &w->cmd[i], style);
		fz_predict(w, r, &w->cmd[i]);
	}
	spread_links(w);
}
