// SPDX-License-Identifier: MIT
/*
 * DOC: the strategy called in this process, what a copy costs without a kernel
 *
 * Where the cache is hot, the buffers are copied in turn. Where it is not, the
 * copies walk through many places in an order without a pattern (lap.h), each
 * thread from where it stopped, so that what comes next was touched longest
 * ago. For llc a slice begins with a lap, which leaves the places in the last
 * level; for dram with all of them flushed when the place is opened, because
 * other cells use the same memory. For flushed a few places are flushed, then
 * copied, and the clock runs only while they are copied.
 */
#include "path.h"
#include "flush.h"
#include "rate.h"

#include <errno.h>

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
 * @lap:  order of the places; NULL where the cache is hot
 * @l:    the layout
 * @dst:  of each buffer; with a lap, of the first one
 * @src:  of each buffer; with a lap, of the first one
 * @len:  bytes
 * @nr:   buffers, or places of the lap
 * @next: buffer to copy next, or number in the lap
 */
struct copies {
	pagecopy_copy_fn *fn;
	const struct lap *lap;
	const struct layout *l;
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
	c->l = &run->layout;
	c->lap = w->lap;
	c->len = run->cell.size;
	c->nr = c->lap ? c->lap->nr : run->layout.buffers;
	c->next = c->lap ? c->lap->cursor[w->index] : 0;
	for (i = 0; i < (c->lap ? 1 : c->nr); i++) {
		const uint32_t at = w->side[SIDE_BUFFER].first + i;
		char *page = arena_at(&run->pages, &run->layout, at);
		char *buffer = arena_at(run_buffers(run), &run->layout, at);

		buffer += run->layout.shift;
		c->dst[i] = (read ? buffer : page) + run->cell.offset;
		c->src[i] = (read ? page : buffer) + run->cell.offset;
	}
}

static void copy_place(const struct copies *c, uint32_t place)
{
	const size_t at = lap_offset(c->l, place);

	c->fn(c->dst[0] + at, c->src[0] + at, c->len);
	keep(c->dst[0] + at);
}

static void copy_walk(struct copies *c, unsigned int batch)
{
	const uint32_t *const place = c->lap->place;
	const struct layout l = *c->l;
	pagecopy_copy_fn *fn = c->fn;
	const char *const src = c->src[0];
	char *const dst = c->dst[0];
	const unsigned int nr = c->nr;
	const size_t len = c->len;
	unsigned int next = c->next, i;

	for (i = 0; i < batch; i++) {
		const size_t at = lap_offset(&l, place[next]);

		fn(dst + at, src + at, len);
		keep(dst + at);
		next = next + 1 == nr ? 0 : next + 1;
	}
	c->next = next;
}

static void copy_buffers(struct copies *c, unsigned int batch)
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

static void copy_batch(struct copies *c, unsigned int batch)
{
	if (c->lap)
		copy_walk(c, batch);
	else
		copy_buffers(c, batch);
}

/* The next @batch places, both sides. */
static void flush_batch(const struct copies *c, unsigned int batch)
{
	unsigned int next = c->next, i;

	for (i = 0; i < batch; i++) {
		const size_t at = lap_offset(c->l, c->lap->place[next]);

		flush_range(c->dst[0] + at, c->len);
		flush_range(c->src[0] + at, c->len);
		next = next + 1 == c->nr ? 0 : next + 1;
	}
}

/* Pages @first to @first + @nr - 1 of a thread, both sides. */
static void flush_pages(const struct worker *w, uint32_t first, uint32_t nr)
{
	const struct layout *l = &w->run->layout;
	const uint32_t at = w->side[SIDE_PAGE].first + first;

	flush_range(arena_at(&w->run->pages, l, at), (size_t)nr * l->stride);
	flush_range(arena_at(run_buffers(w->run), l, at),
		    (size_t)nr * l->stride);
}

/* The caches are as the cell has them, for the copies that follow. */
static void prepare(struct worker *w, struct copies *c)
{
	switch (w->run->cell.cache) {
	case CACHE_DRAM:
		/* What was verified in this turn came into the cache. */
		flush_pages(w, w->run->once_first, w->run->once);
		break;
	case CACHE_FLUSHED:
		break;
	default:
		copy_batch(c, c->nr);
	}
}

/* The next slice goes on from here. */
static void go_on(struct worker *w, const struct copies *c)
{
	if (w->lap)
		w->lap->cursor[w->index] = c->next;
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
	prepare(w, &c);
	if (run->cell.cache == CACHE_FLUSHED) {
		run->now->batch[0] = run->now->batch[1] = c.nr;
	} else {
		batch_of(run, &c, SAMPLE_NS);
		run->now->batch[0] = batch_of(run, &c, CHECK_NS);
		run->now->batch[1] = batch_of(run, &c, SAMPLE_NS);
	}
	go_on(w, &c);
	if (run->o->latency != LATENCY_OFF && !run->cell.rate)
		run->now->unit = run->now->batch[1];
}

/* Thread 0 has made the lap when the others look for it. */
static int open_walk(struct worker *w)
{
	struct run *run = w->run;
	struct copies c;

	w->lap = lap_of(&run->laps, &run->layout, run->seed);
	if (!w->lap)
		return -ENOMEM;
	if (run->cell.cache != CACHE_DRAM)
		return 0;
	if (flush_here()) {
		flush_pages(w, 0, run->layout.buffers);
		return 0;
	}
	/* What other cells left there has gone when all was touched. */
	copies_init(&c, w);
	copy_batch(&c, c.nr);
	return 0;
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
	return run->cell.cache == CACHE_HOT ? 0 : open_walk(w);
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
	const uint32_t slots = w->run->layout.slots;
	struct copies c;
	uint32_t i, k;

	(void)bad;
	copies_init(&c, w);
	if (!c.lap) {
		c.next = first % c.nr;
		copy_batch(&c, nr);
		return 0;
	}
	for (i = first; i < first + nr; i++)
		for (k = 0; k < slots; k++)
			copy_place(&c, LAP_PLACE(i, k));
	return 0;
}

static void copy_one(void *arg)
{
	copy_batch(arg, 1);
}

/* Only the copies are inside the clock, with all that they store. */
static void flushed_slice(struct slice *s, struct copies *c,
			  unsigned int batch)
{
	uint64_t end, now, before;

	now = slice_begin(s, &end);
	while (now < end) {
		flush_batch(c, batch);
		before = clock_ticks_after(s->clk);
		copy_batch(c, batch);
		flush_stores();
		now = clock_ticks_after(s->clk);
		s->ops += batch;
		s->elapsed += now - before;
		if (s->hist)
			hist_record(s->hist, now - before, 1);
	}
}

/* A number of copies, whatever time that takes. */
static void counted_slice(struct slice *s, struct copies *c)
{
	uint64_t start, end, left;
	unsigned int batch;

	start = slice_begin(s, &end);
	for (left = s->count; left; left -= batch) {
		batch = left < BATCH_MAX ? (unsigned int)left : BATCH_MAX;
		copy_batch(c, batch);
		s->ops += batch;
	}
	s->elapsed = clock_ticks_after(s->clk) - start;
}

static int user_slice(struct worker *w, struct slice *s)
{
	const unsigned int batch = w->run->now->batch[!!s->hist];
	uint64_t start, end, now, before;
	struct copies c;

	copies_init(&c, w);
	if (s->count) {
		counted_slice(s, &c);
		go_on(w, &c);
		return 0;
	}
	prepare(w, &c);
	if (w->run->cell.cache == CACHE_FLUSHED) {
		flushed_slice(s, &c, batch);
		return 0;
	}
	if (s->pacing) {
		rate_slice(s, copy_one, &c);
		go_on(w, &c);
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
	go_on(w, &c);
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
