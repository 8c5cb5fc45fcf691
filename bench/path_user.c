// SPDX-License-Identifier: MIT
/* The strategy called in this process: what the copy costs without a kernel. */
#include "path.h"
#include "rate.h"

#include "pagecopy/strategy.h"

/* A latency sample is this long at least, so that the clock weighs little. */
#define SAMPLE_NS	1000
#define BATCH_MAX	(1U << 16)
/* Between two looks at the clock where nobody needs stamps. */
#define CHECK_NS	20000

/* The bytes at @p are looked at by someone, the compiler must assume. */
static inline void keep(const void *p)
{
	__asm__ volatile("" : : "r"(p) : "memory");
}

/**
 * struct copies - the copies of a cell, in turn
 * @fn:   the strategy
 * @dst:  of each buffer
 * @src:  of each buffer
 * @len:  bytes
 * @nr:   buffers
 * @next: buffer to copy next
 */
struct copies {
	pagecopy_copy_fn *fn;
	char *dst[PAGECOPY_PAGES_MAX];
	const char *src[PAGECOPY_PAGES_MAX];
	size_t len;
	unsigned int nr;
	unsigned int next;
};

static void copies_init(struct copies *c, const struct worker *w)
{
	const struct run *run = w->run;
	const bool read = run->cell.op == PAGECOPY_OP_READ;
	unsigned int i;

	c->fn = pagecopy_strategy_here(run->cell.strategy)->copy;
	c->len = run->cell.size;
	c->nr = run->layout.buffers;
	c->next = 0;
	for (i = 0; i < c->nr; i++) {
		const uint32_t at = w->side[SIDE_BUFFER].first + i;
		char *page = arena_at(&run->pages, &run->layout, at);
		char *buffer = arena_at(run_buffers(run), &run->layout, at);

		buffer += run->layout.shift;
		c->dst[i] = (read ? buffer : page) + run->cell.offset;
		c->src[i] = (read ? page : buffer) + run->cell.offset;
	}
}

static void copy_batch(struct copies *c, unsigned int batch)
{
	pagecopy_copy_fn *fn = c->fn;
	const unsigned int nr = c->nr;
	const size_t len = c->len;
	unsigned int next = c->next, i;

	for (i = 0; i < batch; i++) {
		fn(c->dst[next], c->src[next], len);
		keep(c->dst[next]);
		next = next + 1 == nr ? 0 : next + 1;
	}
	c->next = next;
}

/* Copies that take as long as @ns at least. */
static unsigned int batch_of(const struct run *run, struct copies *c,
			     double ns)
{
	const uint64_t ticks = clock_ticks_of_ns(&run->clk, ns);
	unsigned int batch;
	uint64_t start;

	for (batch = 1; batch < BATCH_MAX; batch *= 2) {
		start = clock_ticks_after(&run->clk);
		copy_batch(c, batch);
		if (clock_ticks_after(&run->clk) - start >= ticks)
			break;
	}
	return batch;
}

/* One number for all threads, so that their samples can be put together. */
static void choose_batches(struct worker *w)
{
	struct run *run = w->run;
	struct copies c;

	copies_init(&c, w);
	/* Every buffer is in use before the clock starts. */
	copy_batch(&c, c.nr);
	batch_of(run, &c, SAMPLE_NS);
	run->now->batch[0] = batch_of(run, &c, CHECK_NS);
	run->now->batch[1] = batch_of(run, &c, SAMPLE_NS);
	if (run->o->latency != LATENCY_OFF && !run->cell.rate)
		run->now->unit = run->now->batch[1];
}

static int user_open(struct worker *w)
{
	struct run *run = w->run;
	const uint32_t first = w->index * run->layout.buffers;

	w->side[SIDE_PAGE].arena = &run->pages;
	w->side[SIDE_PAGE].first = first;
	w->side[SIDE_BUFFER].arena = run_buffers(run);
	w->side[SIDE_BUFFER].shift = run->layout.shift;
	w->side[SIDE_BUFFER].first = first;
	return 0;
}

static int user_aim(struct worker *w)
{
	if (!w->index && !w->run->now->batch[0])
		choose_batches(w);
	return 0;
}

static int user_once(struct worker *w, unsigned int first, unsigned int nr,
		     struct outcome *bad)
{
	struct copies c;

	(void)bad;
	copies_init(&c, w);
	c.next = first % c.nr;
	copy_batch(&c, nr);
	return 0;
}

static void copy_one(void *arg)
{
	copy_batch(arg, 1);
}

static int user_slice(struct worker *w, struct slice *s)
{
	const unsigned int batch = w->run->now->batch[!!s->hist];
	uint64_t start, end, now, before;
	struct copies c;

	copies_init(&c, w);
	copy_batch(&c, c.nr);
	if (s->pacing) {
		rate_slice(s, copy_one, &c);
		return 0;
	}
	start = now = slice_begin(s, &end);
	while (now < end) {
		before = now;
		copy_batch(&c, batch);
		now = clock_ticks_after(s->clk);
		s->ops += batch;
		if (s->hist)
			hist_record(s->hist, now - before, 1);
	}
	s->elapsed = now - start;
	return 0;
}

static void user_close(struct worker *w)
{
	(void)w;
}

const struct path_ops path_user = {
	.desc = "the strategy called in the process: no kernel",
	.open = user_open,
	.aim = user_aim,
	.once = user_once,
	.slice = user_slice,
	.close = user_close,
};
