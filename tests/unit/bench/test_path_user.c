// SPDX-License-Identifier: MIT
/* Which places path `user` copies, and what it flushes before. */
#include "test.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "flush.h"
#include "path.h"
#include "pagecopy/strategy.h"

#define SIZE	4096U

static struct run *run;
static struct worker w;
static struct member member;
static struct options o;

/* Bytes flushed of each side since the slice began. */
static size_t flushed[2];

void __wrap_flush_range(const void *start, size_t len);

/* Whole places, of either side. */
void __wrap_flush_range(const void *start, size_t len)
{
	const char *at = start;
	const struct arena *sides[] = { &run->pages, &run->buffers[0] };
	unsigned int i;

	for (i = 0; i < 2; i++)
		if (at >= sides[i]->base &&
		    at + len <= sides[i]->base + sides[i]->bytes)
			flushed[i] += len;
}

/* Calls of the strategy of the cell, while they are counted. */
static uint64_t calls;
static bool counting;

static void count_call(void *dst, const void *src, size_t len)
{
	calls++;
	memcpy(dst, src, len);
}

const struct pagecopy_strategy *
__real_pagecopy_strategy_here(unsigned int nr);
const struct pagecopy_strategy *
__wrap_pagecopy_strategy_here(unsigned int nr);

const struct pagecopy_strategy *__wrap_pagecopy_strategy_here(unsigned int nr)
{
	static struct pagecopy_strategy s;

	if (!counting)
		return __real_pagecopy_strategy_here(nr);
	s = *__real_pagecopy_strategy_here(nr);
	s.copy = count_call;
	return &s;
}

static char *dst_of(uint32_t place)
{
	return (char *)arena_at(&run->buffers[0], &run->layout, 0) +
	       lap_offset(&run->layout, place);
}

static void start(enum cache cache, uint64_t set)
{
	char why[100];

	run = calloc(1, sizeof(*run));
	memset(&member, 0, sizeof(member));
	memset(&w, 0, sizeof(w));
	run->o = &o;
	run->now = &member;
	run->seed = 7;
	run->cell = (struct cell) {
		.path = PATH_USER, .op = PAGECOPY_OP_READ,
		.strategy = PAGECOPY_S_raw, .buffer = PAGECOPY_BUF_USER,
		.size = SIZE, .depth = 1, .threads = 1, .cache = cache,
		.set = set,
	};
	w.run = run;
	clock_open(&run->clk);
	layout_of(&run->cell, 0, &run->layout);
	assert_int_equal(arena_open(&run->pages, arena_need(&run->layout),
				    MEMORY_4K, why, sizeof(why)), 0);
	assert_int_equal(arena_open(&run->buffers[0],
				    arena_need(&run->layout), MEMORY_4K, why,
				    sizeof(why)), 0);
	memset(run->pages.base, 1, run->pages.bytes);
	flushed[0] = flushed[1] = 0;
	assert_int_equal(path_user.open(&w), 0);
}

static int stop(void **state)
{
	(void)state;
	arena_close(&run->pages);
	arena_close(&run->buffers[0]);
	lap_free(run->laps);
	free(run);
	return 0;
}

static uint64_t slice(void)
{
	struct slice s = {
		.clk = &run->clk,
		.ticks = clock_ticks_of_ns(&run->clk, 50000),
	};

	flushed[0] = flushed[1] = 0;
	assert_int_equal(path_user.slice(&w, &s), 0);
	assert_true(s.ops);
	return s.ops;
}

/* Places that were copied since they were asked for last. */
static uint64_t copied(void)
{
	uint64_t nr = 0;
	uint32_t i;

	for (i = 0; i < w.lap->nr; i++) {
		char *dst = dst_of(w.lap->place[i]);

		nr += dst[0] && dst[SIZE - 1];
		memset(dst, 0, SIZE);
	}
	return nr;
}

static uint64_t least(uint64_t a, uint64_t b)
{
	return a < b ? a : b;
}

static void test_dram_copies_take_one_place_each(void **state)
{
	const uint64_t set = 256 << 20;
	uint64_t places;
	size_t pages;
	unsigned int i;

	(void)state;
	start(CACHE_DRAM, set);
	places = w.lap->nr;
	assert_int_equal(places, set / 2 / SIZE);
	pages = (size_t)run->layout.buffers * run->layout.stride;
	assert_int_equal(flushed[0], flush_here() ? pages : 0);
	assert_int_equal(flushed[1], flush_here() ? pages : 0);
	member.batch[0] = 8;
	copied();
	for (i = 0; i < 3; i++) {
		const uint64_t ops = slice();

		assert_int_equal(copied(), least(ops, places));
	}
}

static void test_slices_go_on_where_the_last_one_ended(void **state)
{
	uint64_t ops;

	(void)state;
	start(CACHE_DRAM, 256 << 20);
	member.batch[0] = 8;
	ops = slice();
	ops += slice();
	assert_int_equal(w.lap->cursor[0], ops % w.lap->nr);
	assert_int_equal(copied(), least(ops, w.lap->nr));
}

static void test_llc_begins_with_a_lap(void **state)
{
	(void)state;
	start(CACHE_LLC, 1 << 20);
	member.batch[0] = 1;
	slice();
	assert_int_equal(copied(), w.lap->nr);
	assert_int_equal(flushed[0] + flushed[1], 0);
}

static void test_both_sides_of_every_copy_are_flushed(void **state)
{
	uint64_t ops;

	(void)state;
	start(CACHE_FLUSHED, 0);
	assert_int_equal(path_user.aim(&w), 0);
	ops = slice();
	assert_int_equal(ops % w.lap->nr, 0);
	assert_int_equal(flushed[0], ops * SIZE);
	assert_int_equal(flushed[1], ops * SIZE);
	assert_int_equal(copied(), w.lap->nr);
}

static void test_what_was_verified_is_flushed_again(void **state)
{
	(void)state;
	start(CACHE_DRAM, 4 << 20);
	member.batch[0] = 8;
	run->once_first = 1;
	run->once = 1;
	slice();
	assert_int_equal(flushed[0], run->layout.stride);
	assert_int_equal(flushed[1], run->layout.stride);
}

/* Also one that no batch of the loop divides. */
static void test_a_count_is_that_many_calls(void **state)
{
	static const uint64_t counts[] = { 1, 2, 1000, 65536, 65537, 200003 };
	unsigned int i;

	(void)state;
	start(CACHE_HOT, 0);
	run->cell.depth = 3;
	/* As `pagecopy copy` has it: nothing is tried before. */
	member.batch[0] = 1;
	counting = true;
	for (i = 0; i < ARRAY_SIZE(counts); i++) {
		struct slice s = { .clk = &run->clk, .count = counts[i] };

		calls = 0;
		assert_int_equal(path_user.aim(&w), 0);
		assert_int_equal(path_user.slice(&w, &s), 0);
		assert_int_equal(calls, counts[i]);
		assert_int_equal(s.ops, counts[i]);
	}
	counting = false;
}

static void test_once_is_every_place_of_the_pages(void **state)
{
	struct outcome bad = { 0 };

	(void)state;
	start(CACHE_DRAM, 4 << 20);
	assert_int_equal(path_user.once(&w, 1, 2, &bad), 0);
	assert_int_equal(copied(), 2 * run->layout.slots);
}

int main(void)
{
#define T(f)	cmocka_unit_test_teardown(f, stop)
	const struct CMUnitTest tests[] = {
		T(test_dram_copies_take_one_place_each),
		T(test_slices_go_on_where_the_last_one_ended),
		T(test_llc_begins_with_a_lap),
		T(test_both_sides_of_every_copy_are_flushed),
		T(test_what_was_verified_is_flushed_again),
		T(test_a_count_is_that_many_calls),
		T(test_once_is_every_place_of_the_pages),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
