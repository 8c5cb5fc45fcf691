// SPDX-License-Identifier: MIT
/*
 * Compare what happened with what should have. Every byte of every file and of
 * all memory is compared after each batch: what a command was to write with the
 * prediction, everything else with what it was before.
 */
#include "fuzz.h"

#include "../tap.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

/* Ranges whose content nobody can predict. */
struct wild {
	struct fz_range range[2 * FZ_BATCH + 2];
	unsigned int nr;
};

static const char *const kinds[KIND_NR] = {
	"model", "raced", "moving", "garbage",
};

void fz_print_cmd(const struct fz_world *w, unsigned int i)
{
	const struct fz_cmd *c = &w->cmd[i];

	tap_note("%u: %s file %u cmd_op %#x addr %#llx len %#x offset %#x flags %#x index %u "
		 "sqe_flags %#x tail %u garbage %u pair %d: want %#x len %d, got %d (%s)",
		 i, kinds[c->kind], c->file, c->cmd_op,
		 (unsigned long long)c->arg.addr, c->arg.len, c->arg.offset,
		 c->cmd_flags, c->buf_index, c->sqe_flags, c->tail, c->garbage,
		 c->pair, c->want, c->len, c->res,
		 c->cqe ? "CQE" : c->done ? "no CQE" : "not done");
	if (c->kind == KIND_RACED)
		tap_note("   rewritten as cmd_op %#x addr %#llx len %#x offset %#x",
			 c->other_op, (unsigned long long)c->other.addr,
			 c->other.len, c->other.offset);
}

void fz_print_batch(const struct fz_world *w, const struct fz_ring *r)
{
	static const char *const names[] = {
		"small", "large", "bare", "raced", "main", "ro", "edge",
		"raced", "huge", "moving", "ring",
	};
	unsigned int i;

	tap_note("seed %llu batch %u ring %s repeat %u completion %u flags %u %s",
		 (unsigned long long)w->seed, w->batch, r->name, w->mode.repeat,
		 w->mode.completion, w->mode.flags,
		 w->ordered ? "ordered" : "not ordered");
	for (i = FILE_NR; i < SPACE_NR; i++)
		tap_note("memory %s at %p, %zu bytes", names[i],
			 (void *)w->space[i].mem, w->space[i].bytes);
	for (i = 0; i < w->nr; i++)
		fz_print_cmd(w, i);
}

static bool is_wanted(const struct fz_cmd *c)
{
	if (c->pair && !c->cqe)
		return c->want & WANT_LEN;
	if (c->kind == KIND_RACED && c->res >= 0)
		return c->res <= (int)FZ_PAGE;
	return c->want & fz_result_bit(c->res, c->len);
}

/* A success that was timed says where it ran. */
static bool how_is_right(const struct fz_world *w, const struct fz_ring *r,
			 const struct fz_cmd *c)
{
	const bool timed = w->mode.flags & PAGECOPY_MODE_TIME;

	if (!(r->flags & IORING_SETUP_CQE32) || c->kind != KIND_MODEL ||
	    c->res < 0 || !w->plain)
		return true;
	if (!timed)
		return !c->how;
	return PAGECOPY_RES2_HOW(c->how) == w->mode.completion;
}

static bool results_are_right(struct fz_world *w, const struct fz_ring *r)
{
	unsigned int i;

	for (i = 0; i < w->nr; i++) {
		struct fz_cmd *c = &w->cmd[i];

		if (c->pair && !c->cqe)
			c->res = c->len;
		if (is_wanted(c) && how_is_right(w, r, c))
			continue;
		tap_note("command %u has the wrong result %d, second word %#llx",
			 i, c->res, (unsigned long long)c->how);
		fz_print_batch(w, r);
		return false;
	}
	return true;
}

static bool overlap(const struct fz_range *a, const struct fz_range *b)
{
	return a->space == b->space && a->len && b->len &&
	       a->start < b->start + b->len && b->start < a->start + a->len;
}

static bool is_wild(const struct wild *wild, const struct fz_range *r)
{
	unsigned int i;

	for (i = 0; i < wild->nr; i++)
		if (overlap(&wild->range[i], r))
			return true;
	return false;
}

static void add_wild(struct wild *wild, struct fz_range r)
{
	if (r.len)
		wild->range[wild->nr++] = r;
}

/* Without an order a range is known only if nobody else is near it. */
static bool is_alone(const struct fz_world *w, unsigned int me)
{
	const struct fz_cmd *c = &w->cmd[me];
	unsigned int i;

	for (i = 0; i < w->nr; i++)
		if (i != me && (overlap(&c->dst, &w->cmd[i].dst) ||
				overlap(&c->dst, &w->cmd[i].src) ||
				overlap(&c->src, &w->cmd[i].dst)))
			return false;
	return true;
}

static void add_raced(struct wild *wild, const struct fz_cmd *c)
{
	add_wild(wild, c->dst);
	add_wild(wild, (struct fz_range){ SPACE_SEG(SEG_RACED), 2 * FZ_PAGE,
					  2 * FZ_PAGE });
}

/* Do to the shadows what command @i did. */
static void apply(struct fz_world *w, unsigned int i, struct wild *wild)
{
	const struct fz_cmd *c = &w->cmd[i];
	const struct fz_space *from = &w->space[c->src.space];
	const struct fz_space *to = &w->space[c->dst.space];

	if (c->kind == KIND_RACED) {
		add_raced(wild, c);
		return;
	}
	if (!c->dst.len)
		return;
	if (c->res < 0) {
		/* A copy that met a fault has changed some of it. */
		if (c->res == -EFAULT && PAGECOPY_CMD_OP_BUFFER(c->cmd_op) ==
		    PAGECOPY_BUF_COPY)
			add_wild(wild, c->dst);
		return;
	}
	if (!from->shadow || is_wild(wild, &c->src) ||
	    !(w->ordered || is_alone(w, i))) {
		add_wild(wild, c->dst);
		return;
	}
	if (to->shadow)
		memcpy(to->shadow + c->dst.start, from->shadow + c->src.start,
		       c->dst.len);
}

static unsigned char *content(struct fz_world *w, unsigned int space)
{
	struct fz_space *s = &w->space[space];

	if (space >= FILE_NR)
		return s->mem;
	if (pread(w->file[space].fd, s->actual, s->bytes, 0) !=
	    (ssize_t)s->bytes)
		return NULL;
	return s->actual;
}

static bool space_is_right(struct fz_world *w, unsigned int space,
			   const struct wild *wild)
{
	struct fz_space *s = &w->space[space];
	const unsigned char *now;
	unsigned int i;
	size_t at;

	if (!s->bytes || !s->shadow)
		return true;
	now = content(w, space);
	if (!now)
		return false;
	for (i = 0; i < wild->nr; i++)
		if (wild->range[i].space == space)
			memcpy(s->shadow + wild->range[i].start,
			       now + wild->range[i].start, wild->range[i].len);
	if (!memcmp(s->shadow, now, s->bytes))
		return true;
	for (at = 0; now[at] == s->shadow[at]; at++)
		;
	tap_note("space %u byte %#zx is %#x, expected %#x", space, at, now[at],
		 s->shadow[at]);
	return false;
}

static bool memory_is_right(struct fz_world *w, const struct fz_ring *r)
{
	struct wild wild = { .nr = 0 };
	unsigned int i;

	/* Where only an error was predicted nothing may have been written. */
	for (i = 0; i < w->nr; i++)
		apply(w, i, &wild);
	for (i = 0; i < SPACE_NR; i++) {
		if (space_is_right(w, i, &wild))
			continue;
		fz_print_batch(w, r);
		return false;
	}
	return true;
}

static void count(struct fz_world *w, const struct fz_ring *r)
{
	unsigned int i, bit;

	w->by_ring[r - w->ring] += w->nr;
	w->by_mode[w->mode.completion] += w->nr;
	w->commands += w->nr;
	for (i = 0; i < w->nr; i++) {
		const struct fz_cmd *c = &w->cmd[i];

		w->kinds[c->kind]++;
		for (bit = 1; bit < WANT_BITS; bit++)
			if (fz_result_bit(c->res, 0) == 1U << bit)
				w->seen[bit]++;
		if (c->res >= 0)
			w->seen[c->res ? WANT_BITS : 0]++;
	}
}

/* New content at times, or after a while every byte were the same. */
static void refresh(struct fz_world *w)
{
	const unsigned int file = fz_below(w, 2);
	struct fz_space *s = &w->space[file], *m = &w->space[SPACE_SEG(SEG_MAIN)];
	size_t at = fz_below(w, s->bytes - 64), i;

	for (i = 0; i < 64; i++)
		s->shadow[at + i] = fz_random(w);
	if (pwrite(w->file[file].fd, s->shadow + at, 64, at) != 64)
		tap_note("pwrite failed");
	at = fz_below(w, m->bytes - 64);
	for (i = 0; i < 64; i++)
		m->shadow[at + i] = m->mem[at + i] = fz_random(w);
}

bool fz_judge(struct fz_world *w, const struct fz_ring *r)
{
	count(w, r);
	if (!results_are_right(w, r) || !memory_is_right(w, r))
		return false;
	refresh(w);
	return true;
}

bool fz_idle_is_clean(const struct fz_world *w)
{
	struct pagecopy_info info = {};
	struct pagecopy_stats stats;
	unsigned int i;

	if (ioctl(w->file[0].fd, PAGECOPY_IOC_INFO, &info))
		return false;
	if (info.live_pins || info.live_cmds) {
		tap_note("idle, but %llu pages pinned and %llu commands live",
			 (unsigned long long)info.live_pins,
			 (unsigned long long)info.live_cmds);
		return false;
	}
	for (i = 0; i < FILE_NR; i++) {
		if (ioctl(w->file[i].fd, PAGECOPY_IOC_STATS, &stats))
			return false;
		if (stats.pinned == stats.unpinned)
			continue;
		tap_note("file %u: %llu pages pinned, %llu unpinned", i,
			 (unsigned long long)stats.pinned,
			 (unsigned long long)stats.unpinned);
		return false;
	}
	return true;
}
