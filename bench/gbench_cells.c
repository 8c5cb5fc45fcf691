// SPDX-License-Identifier: MIT
#include "gbench_cells.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "gbench_shim.h"
#include "pattern.h"

/*
 * Slots that are not hot begin at a multiple of this: no two share a line, nor
 * a pair of lines that the CPU may fetch together.
 */
#define LINES		128U

/*
 * Turns go through the slots so that no prefetcher can follow: a linear
 * congruence modulo a power of two, which comes to every slot once before it
 * comes to the first one again, and takes no memory that would need cache.
 */
#define NEXT(n)		((n) * 1664525U + 1013904223U)

/**
 * struct gbench_cell - one benchmark
 * @g:     the run it belongs to
 * @s:     what copies
 * @place: where
 */
struct gbench_cell {
	struct gbench *g;
	const struct subject *s;
	struct place place;
};

const enum counter gbench_counters[] = {
	COUNTER_CYCLES_USER, COUNTER_INSTRUCTIONS_USER,
	COUNTER_LLC_MISSES_USER, COUNTER_CYCLES_KERNEL,
	COUNTER_INSTRUCTIONS_KERNEL, COUNTER_LLC_MISSES_KERNEL,
};
const unsigned int gbench_nr_counters =
	sizeof(gbench_counters) / sizeof(gbench_counters[0]);

/* The bytes at @p are looked at by someone, the compiler must assume. */
static inline void keep(const void *p)
{
	__asm__ volatile("" : : "r"(p) : "memory");
}

static size_t next_slot(const struct place *p, size_t slot)
{
	return NEXT(slot) & (p->slots - 1);
}

static char *dst_of(const struct gbench_cell *c, size_t slot)
{
	return c->g->dst.base + c->place.first + c->place.offset +
	       c->place.shift + slot * c->place.stride;
}

static const char *src_of(const struct gbench_cell *c, size_t slot)
{
	return c->g->src.base + c->place.first + c->place.offset +
	       slot * c->place.stride;
}

/* As path user of `pagecopy run` does it: nothing but the call is repeated. */
static void copy_slots(const struct gbench_cell *c, int64_t n)
{
	pagecopy_copy_fn *const fn = c->s->copy;
	const size_t mask = c->place.slots - 1, len = c->place.size;
	const size_t stride = c->place.stride;
	char *const dst = dst_of(c, 0);
	const char *const src = src_of(c, 0);
	size_t slot = 0;

	for (; n; n--) {
		fn(dst + slot * stride, src + slot * stride, len);
		keep(dst + slot * stride);
		slot = NEXT(slot) & mask;
	}
}

/* Is the copy of every slot that was used the original? */
static bool slots_good(const struct gbench_cell *c, int64_t n)
{
	const int64_t slots = (int64_t)c->place.slots;
	size_t slot = 0;

	for (n = n < slots ? n : slots; n; n--) {
		if (memcmp(dst_of(c, slot), src_of(c, slot), c->place.size))
			return false;
		slot = next_slot(&c->place, slot);
	}
	return true;
}

/* What is there before must not pass for a copy. */
static void spoil(const struct gbench_cell *c)
{
	const char *src = src_of(c, 0);
	char *dst = dst_of(c, 0);
	size_t i;

	for (i = 0; i < c->place.size; i++)
		dst[i] = (char)~src[i];
}

static void put_counters(struct gbench_state *state, const struct counters *c)
{
	unsigned int i;

	for (i = 0; i < gbench_nr_counters; i++)
		if (counters_has(c, gbench_counters[i]))
			gbench_counter(state, counter_name(gbench_counters[i]),
				       (double)c->sum[gbench_counters[i]]);
}

/*
 * All turns of a run are one call of gbench_keep(), so that nothing of the
 * library is inside the loop. The events are switched outside of what is
 * timed: of its own the library then adds about a thousand instructions to a
 * run of milliseconds, where the system calls would add microseconds.
 */
static void run_cell(struct gbench_state *state, void *arg)
{
	const struct gbench_cell *c = arg;
	struct counters *counters = &c->g->counters;
	const int64_t n = gbench_wanted(state);

	if (c->s->copies)
		spoil(c);
	/* The caches are as the copies of this cell leave them. */
	copy_slots(c, (int64_t)c->place.slots);
	counters_clear(counters);
	counters_on(counters);
	while (gbench_keep(state, n))
		copy_slots(c, n);
	counters_off(counters);
	put_counters(state, counters);
	if (!c->s->copies)
		return;
	gbench_bytes(state, gbench_turns(state) * (int64_t)c->place.size);
	if (slots_good(c, n))
		return;
	gbench_fail(state, "the copy differs from the original");
	c->g->failed = true;
}

/* One pair of buffers, placed as those of path user at depth 1 are. */
static void place_hot(struct place *p)
{
	const struct cell cell = {
		.size = (uint32_t)p->size,
		.offset = (uint32_t)p->offset,
		.buf_offset = (uint32_t)p->shift,
		.buffer = PAGECOPY_BUF_USER,
		.depth = 1,
		.threads = 1,
	};
	struct layout l;

	layout_of(&cell, 0, &l);
	p->first = ARENA_GAP;
	p->stride = l.stride;
	p->slots = l.buffers;
	p->need = arena_need(&l);
}

/* What is gone through, both sides together. */
static uint64_t set_of(const struct place *p)
{
	return 2 * (uint64_t)p->slots * p->stride;
}

static bool exceeds_llc(const struct cold *c, const struct place *p)
{
	return p->cache == CACHE_LLC && set_of(p) > c->llc / 2;
}

void place_of(const struct cold *c, struct place *p)
{
	p->shift = p->align == ALIGN_MUTUAL ? ALIGN_SHIFT : 0;
	if (p->cache == CACHE_HOT) {
		place_hot(p);
		return;
	}
	p->first = ARENA_GAP;
	p->stride = (p->offset + p->shift + p->size + LINES - 1) / LINES *
		    LINES;
	/* As much as path user goes through, or up to twice as much. */
	for (p->slots = 1; set_of(p) < c->set[p->cache]; p->slots *= 2)
		;
	if (exceeds_llc(c, p) && p->slots > 1)
		p->slots /= 2;
	p->need = 2 * ARENA_GAP + p->slots * p->stride;
}

/* Is there no such state here, or not for such copies? Then it is said why. */
static bool lacks_cache(struct gbench *g, const struct place *p)
{
	const struct cold *c = &g->cold;
	char why[sizeof(g->no_cache[0])] = "";

	if (p->cache == CACHE_HOT)
		return false;
	if (c->why[p->cache][0])
		snprintf(why, sizeof(why), "%s", c->why[p->cache]);
	else if (exceeds_llc(c, p) || (p->cache == CACHE_LLC &&
				       set_of(p) < COLD_LLC_LEAST * c->l2))
		snprintf(why, sizeof(why), "some sizes: copies of %zu bytes go "
			 "through %" PRIu64 " KiB, which is not between %d "
			 "times the second level and half of the last one",
			 p->size, (set_of(p) + 1023) >> 10, COLD_LLC_LEAST);
	else if (p->need > c->room)
		snprintf(why, sizeof(why), "some sizes: copies of %zu bytes "
			 "take 2 x %zu MiB, and 2 x %" PRIu64 " MiB are free",
			 p->size, p->need >> 20, c->room >> 20);
	if (why[0] && !g->no_cache[p->cache][0])
		memcpy(g->no_cache[p->cache], why, sizeof(why));
	return why[0];
}

/*
 * NAME:VALUE between slashes, as Google Benchmark itself names arguments. Each
 * value ends with a slash or the name, so that a filter can tell
 * strategy:words/ from strategy:words_aligned/ and size:64/ from size:640/, and
 * no character means anything in a regular expression. compare.py sets names
 * against each other that differ in the filters only: filters FILE
 * strategy:raw/ strategy:bytes/. Sizes are in bytes: nobody need parse units.
 */
static void register_cell(struct gbench_cell *c)
{
	char name[160];

	snprintf(name, sizeof(name),
		 "copy/strategy:%s/size:%zu/align:%s/offset:%zu/cache:%s",
		 c->s->name, c->place.size,
		 names_of(&names_align, c->place.align), c->place.offset,
		 names_of(&names_gbench_cache, c->place.cache));
	gbench_register(name, run_cell, c);
}

/* Number @at of all places, in the order of the options. */
static bool place_at(const struct gbench *g, size_t at, struct place *p)
{
	const struct gbench_options *o = &g->o;

	memset(p, 0, sizeof(*p));
	p->align = (unsigned int)o->align.value[at % o->align.nr];
	at /= o->align.nr;
	p->offset = o->offset.value[at % o->offset.nr];
	at /= o->offset.nr;
	p->size = o->size.value[at % o->size.nr];
	at /= o->size.nr;
	if (at == o->cache.nr)
		return false;
	p->cache = (unsigned int)o->cache.value[at];
	place_of(&g->cold, p);
	return true;
}

static size_t register_all(struct gbench *g)
{
	const struct list *strategies = &g->o.strategy;
	size_t at, need = 0;
	struct place p;
	unsigned int i;

	for (at = 0; place_at(g, at, &p); at++) {
		if (lacks_cache(g, &p))
			continue;
		if (p.need > need)
			need = p.need;
		for (i = 0; i < strategies->nr; i++) {
			struct gbench_cell *c = &g->cells[g->nr];

			c->g = g;
			c->s = subject_at((unsigned int)strategies->value[i]);
			c->place = p;
			if (!c->s->copy)
				continue;
			register_cell(c);
			g->nr++;
		}
	}
	return need;
}

/*
 * The same two arenas for all: a strategy has the very bytes that the others
 * have, so no chance of page placement favours one.
 */
static int open_arenas(struct gbench *g, size_t need)
{
	char why[300];
	int ret;

	ret = arena_open(&g->src, need, MEMORY_4K, why, sizeof(why));
	if (!ret)
		ret = arena_open(&g->dst, need, MEMORY_4K, why, sizeof(why));
	if (ret)
		fprintf(stderr, "2 x %zu MiB of buffers: %s\n", need >> 20,
			why);
	else
		pattern_fill(g->src.base, g->src.bytes, 1, 0);
	return ret;
}

int cells_register(struct gbench *g)
{
	const struct gbench_options *o = &g->o;
	size_t need;

	g->cells = calloc((size_t)o->strategy.nr * o->size.nr * o->align.nr *
			  o->offset.nr * o->cache.nr, sizeof(*g->cells));
	if (!g->cells) {
		fprintf(stderr, "%s\n", strerror(ENOMEM));
		return -ENOMEM;
	}
	need = register_all(g);
	if (!g->nr)
		return -ENOENT;
	if (o->list)
		return 0;
	return open_arenas(g, need);
}

void cells_close(struct gbench *g)
{
	arena_close(&g->src);
	arena_close(&g->dst);
	free(g->cells);
}
