// SPDX-License-Identifier: MIT
/*
 * Does verification find what a wrong strategy does? The path `user` is cut
 * open: fill, copy by hand, spoil one byte, check.
 */
#include "test.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "run.h"
#include "verify.h"

#define OFFSET	100U
#define SIZE	1000U

/* From one place of a walk to the next; both sides allow no less. */
#define STEP	2048U

/* The second of two threads: the first places are not its own. */
#define MINE	3U

static struct run *run;
static struct worker w;

static char *page(uint32_t i)
{
	return arena_at(&run->pages, &run->layout, MINE + i);
}

static char *buffer(uint32_t i)
{
	return (char *)arena_at(&run->buffers[0], &run->layout, MINE + i) +
	       run->layout.shift;
}

static int setup_as(enum cache cache)
{
	char why[100];

	run = calloc(1, sizeof(*run));
	run->cell.cache = cache;
	/* Two places in each of three pages. */
	run->cell.set = cache == CACHE_HOT ? 0 : 2 * 6 * STEP;
	run->cell.path = PATH_USER;
	run->cell.op = PAGECOPY_OP_READ;
	run->cell.strategy = PAGECOPY_S_raw;
	run->cell.buffer = PAGECOPY_BUF_USER;
	run->cell.depth = 3;
	run->cell.size = SIZE;
	run->cell.offset = OFFSET;
	run->cell.buf_offset = 4090;
	run->cell.threads = 2;
	w.run = run;
	w.index = 1;
	layout_of(&run->cell, 0, &run->layout);
	row_clear(&run->row);
	run->row.verified = true;
	run->seed = 42;
	run->scratch[0] = malloc(verify_scratch(run->layout.page_bytes));
	run->scratch[1] = malloc(verify_scratch(run->layout.page_bytes));
	assert_int_equal(arena_open(&run->pages, arena_need(&run->layout),
				    MEMORY_4K, why, sizeof(why)), 0);
	assert_int_equal(arena_open(&run->buffers[0], arena_need(&run->layout),
				    MEMORY_4K, why, sizeof(why)), 0);
	w.side[SIDE_PAGE].arena = &run->pages;
	w.side[SIDE_BUFFER].arena = &run->buffers[0];
	w.side[SIDE_PAGE].first = MINE;
	w.side[SIDE_BUFFER].first = MINE;
	w.side[SIDE_BUFFER].shift = run->layout.shift;
	assert_int_equal(verify_fill(&w, 0, 3), 0);
	return 0;
}

static int setup(void **state)
{
	(void)state;
	return setup_as(CACHE_HOT);
}

static int setup_walk(void **state)
{
	(void)state;
	return setup_as(CACHE_DRAM);
}

static int teardown(void **state)
{
	(void)state;
	arena_close(&run->pages);
	arena_close(&run->buffers[0]);
	free(run->scratch[0]);
	free(run->scratch[1]);
	free(run);
	return 0;
}

static void copy_all(void)
{
	uint32_t i;

	for (i = 0; i < 3; i++)
		memcpy(buffer(i) + OFFSET, page(i) + OFFSET, SIZE);
	for (i = 0; i < 3 && run->layout.slots == 2; i++)
		memcpy(buffer(i) + OFFSET + STEP, page(i) + OFFSET + STEP,
		       SIZE);
}

static void expect(bool right, const char *note)
{
	assert_int_equal(verify_check(&w, 0, 3, "before"), 0);
	assert_int_equal(run->row.verified, right);
	if (!strstr(run->row.notes, note))
		fail_msg("note: %s; expected: %s", run->row.notes, note);
}

static void test_layout_is_as_small_as_it_goes(void **state)
{
	(void)state;
	assert_int_equal(run->layout.page_bytes, 4096);
	assert_int_equal(run->layout.buffers, 3);
}

static void test_right_copy_passes(void **state)
{
	(void)state;
	copy_all();
	expect(true, "");
}

static void test_no_copy_is_found(void **state)
{
	(void)state;
	expect(false, "buffer 0 offset 100:");
}

static void test_no_byte_of_poison_passes_for_a_copy(void **state)
{
	uint32_t i;

	(void)state;
	for (i = 0; i < SIZE; i++)
		assert_int_not_equal(buffer(0)[OFFSET + i],
				     page(0)[OFFSET + i]);
}

static void test_last_byte_is_found(void **state)
{
	(void)state;
	copy_all();
	buffer(1)[OFFSET + SIZE - 1] ^= 1;
	expect(false, "buffer 1 offset 1099: expected");
}

static void test_byte_too_far_is_found(void **state)
{
	(void)state;
	copy_all();
	buffer(0)[OFFSET + SIZE] ^= 1;
	expect(false, "buffer 0 offset 1100:");
}

static void test_byte_before_is_found(void **state)
{
	(void)state;
	copy_all();
	buffer(0)[OFFSET - 1] ^= 1;
	expect(false, "buffer 0 offset 99:");
}

static void test_guard_is_found(void **state)
{
	(void)state;
	copy_all();
	buffer(2)[-1] ^= 1;
	expect(false, "buffer 2 offset -1:");
}

static void test_changed_source_is_found(void **state)
{
	(void)state;
	copy_all();
	page(0)[OFFSET] ^= 1;
	expect(false, "page 0 offset 100:");
}

static void test_nop_must_not_copy(void **state)
{
	(void)state;
	run->cell.strategy = PAGECOPY_S_nop;
	expect(true, "");
	copy_all();
	expect(false, "buffer 0 offset 100:");
}

static void test_poison_undoes_a_copy(void **state)
{
	(void)state;
	copy_all();
	assert_int_equal(verify_poison(&w, 1, 1), 0);
	expect(false, "buffer 1 offset 100:");
}

static void test_threads_have_different_bytes(void **state)
{
	struct worker other = w;
	char mine[SIZE];

	(void)state;
	memcpy(mine, page(0) + OFFSET, SIZE);
	other.index = 0;
	assert_int_equal(verify_fill(&other, 0, 1), 0);
	assert_memory_not_equal(mine, page(0) + OFFSET, SIZE);
	copy_all();
	expect(false, "thread 1 page 0 offset");
}

static void test_every_place_of_a_walk_is_looked_at(void **state)
{
	(void)state;
	assert_int_equal(run->layout.slots, 2);
	assert_int_equal(run->layout.step, STEP);
	assert_int_equal(run->layout.buffers, 3);
	copy_all();
	expect(true, "");
	buffer(1)[OFFSET + STEP + SIZE - 1] ^= 1;
	expect(false, "buffer 1 offset 3147: expected");
}

static void test_a_place_that_was_not_copied_is_found(void **state)
{
	(void)state;
	copy_all();
	memset(buffer(2) + OFFSET + STEP, 0, SIZE);
	expect(false, "buffer 2 offset 2148:");
}

static void test_a_byte_between_places_is_found(void **state)
{
	(void)state;
	copy_all();
	buffer(0)[OFFSET + SIZE] ^= 1;
	expect(false, "buffer 0 offset 1100:");
}

static void test_places_have_different_bytes(void **state)
{
	(void)state;
	assert_memory_not_equal(page(0) + OFFSET, page(0) + OFFSET + STEP, SIZE);
	assert_memory_not_equal(page(1) + OFFSET, page(0) + OFFSET + STEP, SIZE);
}

int main(void)
{
#define W(f)	cmocka_unit_test_setup_teardown(f, setup_walk, teardown)
#define T(f)	cmocka_unit_test_setup_teardown(f, setup, teardown)
	const struct CMUnitTest tests[] = {
		T(test_layout_is_as_small_as_it_goes),
		T(test_right_copy_passes),
		T(test_no_copy_is_found),
		T(test_no_byte_of_poison_passes_for_a_copy),
		T(test_last_byte_is_found),
		T(test_byte_too_far_is_found),
		T(test_byte_before_is_found),
		T(test_guard_is_found),
		T(test_changed_source_is_found),
		T(test_nop_must_not_copy),
		T(test_poison_undoes_a_copy),
		T(test_threads_have_different_bytes),
		W(test_every_place_of_a_walk_is_looked_at),
		W(test_a_place_that_was_not_copied_is_found),
		W(test_a_byte_between_places_is_found),
		W(test_places_have_different_bytes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
