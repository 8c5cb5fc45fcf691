// SPDX-License-Identifier: MIT
/* What the caches are, what is walked through, and what becomes of a cell. */
#include "sweep.h"

#include <stdio.h>
#include <stdlib.h>

#include "arena.h"
#include "cold.h"
#include "flush.h"
#include "lap.h"
#include "root.h"

static struct cold cold;

static int make_root(void **state)
{
	memset(&cold, 0, sizeof(cold));
	return root_make(state) ? -1 : setup(state);
}

static void put_file(const char *name, const char *content)
{
	char line[80];

	snprintf(line, sizeof(line), "%s\n", content);
	root_put(name, line, strlen(line));
}

static void put_cache(unsigned int index, const char *level, const char *type,
		      const char *size, const char *shared)
{
	const char *const file[] = {
		"level", level, "type", type, "size", size,
		"shared_cpu_list", shared,
	};
	char name[200];
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(file); i += 2) {
		snprintf(name, sizeof(name), "sys/devices/system/cpu/cpu3/"
			 "cache/index%u/%s", index, file[i]);
		put_file(name, file[i + 1]);
	}
}

static void put_machine(const char *l2, const char *l3)
{
	put_cache(0, "1", "Data", "48K", "3");
	put_cache(1, "1", "Instruction", "32K", "3");
	put_cache(2, "2", "Unified", l2, "3");
	put_cache(3, "3", "Unified", l3, "0-7");
	put_file("proc/meminfo", "MemTotal:  1 kB\nMemAvailable:   1048576 kB");
}

static void test_sizes_are_those_of_the_cpu_that_measures(void **state)
{
	(void)state;
	put_machine("1024K", "32768K");
	cold_read(&cold, root, 3, 1);
	assert_int_equal(cold.l2, 1 << 20);
	assert_int_equal(cold.llc, 32 << 20);
	assert_string_equal(cold.source, "sysfs");
	assert_string_equal(cold.shared, "0-7");
	assert_int_equal(cold.set[CACHE_HOT], 0);
	assert_int_equal(cold.set[CACHE_LLC], 4 << 20);
	assert_int_equal(cold.set[CACHE_DRAM], 64 << 20);
	/* Three quarters of what is available, for two sides. */
	assert_int_equal(cold.room, 384 << 20);
	assert_string_equal(cold.why[CACHE_LLC], "");
	assert_string_equal(cold.why[CACHE_DRAM], "");
	assert_int_equal(cold.why[CACHE_FLUSHED][0] == '\0', flush_here());
}

static void test_levels_are_known_by_number_and_hold_data(void **state)
{
	(void)state;
	put_machine("1M", "32M");
	put_cache(2, "3", "Unified", "32M", "0-7");
	put_cache(3, "2", "Unified", "1280K", "3");
	put_cache(4, "3", "Instruction", "64M", "3");
	put_cache(5, "4", "Instruction", "900M", "3");
	cold_read(&cold, root, 3, 1);
	assert_int_equal(cold.l2, 1280 << 10);
	assert_int_equal(cold.llc, 32 << 20);
	assert_string_equal(cold.shared, "0-7");
	/* Nothing is said of this one, except by the CPU itself. */
	cold_read(&cold, root, 4, 1);
	assert_string_equal(cold.source, "CPUID");
	assert_string_equal(cold.shared, "");
	assert_int_equal(!cold.l2 || !cold.llc,
			 !!strstr(cold.why[CACHE_DRAM], "nor CPUID"));
}

static void test_a_last_level_hardly_larger_than_the_second(void **state)
{
	(void)state;
	put_machine("2048K", "8M");
	put_cache(4, "2", "Instruction", "64K", "3");
	cold_read(&cold, root, 3, 1);
	assert_int_equal(cold.l2, 2 << 20);
	/* As much as half of it. */
	assert_int_equal(cold.set[CACHE_LLC], 4 << 20);
	put_machine("2048K", "7M");
	cold_read(&cold, root, 3, 1);
	assert_int_equal(cold.set[CACHE_LLC], 0);
	assert_string_equal(cold.why[CACHE_LLC], "half of the last level, 3584 "
			    "KiB, is not 2 times the second one, 2048 KiB");
	assert_int_equal(cold.set[CACHE_DRAM], 14 << 20);
}

static void test_unknown_sizes_have_a_reason(void **state)
{
	(void)state;
	cold_choose(&cold);
	assert_non_null(strstr(cold.why[CACHE_LLC], "neither sysfs"));
	assert_non_null(strstr(cold.why[CACHE_DRAM], "nor CPUID"));
	assert_int_equal(cold.set[CACHE_DRAM], 0);
	/* The second level alone is not the last one above it. */
	cold.l2 = 1 << 20;
	cold_choose(&cold);
	assert_true(cold.why[CACHE_LLC][0]);
}

static struct cell a_cell(enum cache cache, uint64_t set, uint32_t size,
			  uint32_t offset, uint32_t shift)
{
	return (struct cell) {
		.threads = 1, .buffer = PAGECOPY_BUF_USER, .size = size,
		.offset = offset, .buf_offset = shift, .depth = 1,
		.cache = cache, .set = set,
	};
}

/* Lines that a copy at @at touches. */
static uint64_t first_line(uint64_t at)
{
	return at / LINE;
}

static void check_layout(const struct cell *c)
{
	const uint64_t small = c->offset % 4096, moved =
		((uint64_t)c->offset + c->buf_offset) % 4096;
	struct layout l;
	uint32_t k;

	layout_of(c, 0, &l);
	assert_true(layout_set(&l) >= c->set);
	assert_true(layout_places(&l) >= 2);
	/* And not needlessly more. */
	assert_true(layout_set(&l) <= 2 * c->set ||
		    l.buffers * l.slots <= 2 * l.slots);
	assert_true(c->offset + (l.slots - 1) * l.step + c->size <=
		    l.page_bytes);
	assert_true(l.buffers <= PAGECOPY_PAGES_MAX / 2);
	for (k = 0; k + 1 < l.slots; k++) {
		uint64_t at = c->offset + (uint64_t)k * l.step;

		assert_true(first_line(at + c->size - 1) <
			    first_line(at + l.step));
		at += c->buf_offset;
		assert_true(first_line(at + c->size - 1) <
			    first_line(at + l.step));
		if (small + c->size > 4096 || moved + c->size > 4096)
			continue;
		assert_true(at % 4096 + c->size <= 4096);
		at -= c->buf_offset;
		assert_true(at % 4096 + c->size <= 4096);
	}
}

static void test_a_walk_is_as_large_as_its_set(void **state)
{
	static const uint32_t sizes[] = { 1, 64, 65, 300, 4095, 4096, 4097,
					  65536, 1 << 20 };
	static const uint32_t offsets[] = { 0, 1, 63, 100, 4000, 4096 };
	static const uint32_t shifts[] = { 0, 1, 60, 4095, 5000 };
	unsigned int i, k, j;
	struct cell c;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(sizes); i++)
		for (k = 0; k < ARRAY_SIZE(offsets); k++)
			for (j = 0; j < ARRAY_SIZE(shifts); j++) {
				c = a_cell(CACHE_LLC, 4 << 20, sizes[i],
					   offsets[k], shifts[j]);
				check_layout(&c);
				c.set = 64 << 20;
				check_layout(&c);
			}
}

static void test_flushed_places_are_few(void **state)
{
	struct cell c = a_cell(CACHE_FLUSHED, 0, 64, 0, 0);
	struct layout l;

	(void)state;
	layout_of(&c, 0, &l);
	assert_int_equal(layout_places(&l), 64);
	assert_int_equal(l.slots, 1);
	c.size = 64 << 10;
	layout_of(&c, 0, &l);
	assert_int_equal(layout_places(&l), 4);
	c.size = 2 << 20;
	layout_of(&c, 0, &l);
	assert_int_equal(layout_places(&l), 1);
}

static void test_a_lap_has_every_place_once_in_no_order(void **state)
{
	struct cell c = a_cell(CACHE_DRAM, 16 << 20, 4096, 0, 0);
	unsigned int up = 0, i;
	struct lap *laps = NULL, *lap;
	struct layout l;
	char *seen;

	(void)state;
	layout_of(&c, 0, &l);
	lap = lap_of(&laps, &l, 42);
	assert_non_null(lap);
	assert_int_equal(lap->nr, 2048);
	seen = calloc(l.buffers, l.slots);
	for (i = 0; i < lap->nr; i++) {
		uint32_t page = LAP_PAGE(lap->place[i]);
		uint32_t slot = LAP_SLOT(lap->place[i]);

		assert_true(page < l.buffers && slot < l.slots);
		assert_false(seen[page * l.slots + slot]++);
		if (i)
			up += lap->place[i] > lap->place[i - 1];
	}
	free(seen);
	/* As often up as down. */
	assert_in_range(up, lap->nr * 4 / 10, lap->nr * 6 / 10);
	assert_ptr_equal(lap_of(&laps, &l, 42), lap);
	c.size = 64;
	layout_of(&c, 0, &l);
	assert_int_not_equal(lap_of(&laps, &l, 42)->nr, lap->nr);
	lap_free(laps);
}

static void expect_cold(const char *want)
{
	char *text = NULL;
	size_t len;
	FILE *f = open_memstream(&text, &len);

	assert_non_null(f);
	matrix_init(&m, &o, &everything);
	matrix_cold(&m, &cold);
	matrix_left_out(&m, f);
	fclose(f);
	assert_string_equal(text, want);
	free(text);
}

static void test_cells_that_the_caches_cannot_give(void **state)
{
	struct cell c;
	uint64_t i;

	(void)state;
	AXIS(AXIS_PATH, PATH_NULL, PATH_USER);
	AXIS(AXIS_CACHE, CACHE_HOT, CACHE_LLC, CACHE_DRAM);
	put_machine("1024K", "32768K");
	cold_read(&cold, root, 3, 1);
	expect_cold("");
	/* null twice; user: 3 strategies, 4 sizes; hot at both depths. */
	assert_int_equal(REAL, 2 + 12 * (2 + 1 + 1));
	for (i = 0; i < m.space; i++)
		if (matrix_cell(&m, i, &c) && c.cache != CACHE_HOT) {
			assert_int_equal(c.path, PATH_USER);
			assert_int_equal(c.depth, 1);
			assert_int_equal(c.set, cold.set[c.cache]);
		}
	/* Two copies of 2 MiB have 8 MiB, and half of 14 MiB is less. */
	put_machine("1024K", "14M");
	cold_read(&cold, root, 3, 1);
	expect_cold("3 cells: what the threads walk through does not fit into "
		    "half of the last level cache");
	AXIS(AXIS_SIZE, 64);
	AXIS(AXIS_THREADS, 1, 2);
	expect_cold("3 cells: what the threads walk through does not fit into "
		    "half of the last level cache");
	AXIS(AXIS_THREADS, 1);
	cold.room = 8 << 20;
	expect_cold("3 cells: too little memory is available for what the "
		    "threads walk through");
	strcpy(cold.why[CACHE_LLC], "so");
	strcpy(cold.why[CACHE_DRAM], "so");
	expect_cold("3 cells: cache llc cannot be had here; 3 cells: cache dram "
		    "cannot be had here");
}

static void test_flushing_has_no_time_within_a_rate(void **state)
{
	(void)state;
	AXIS(AXIS_PATH, PATH_USER);
	AXIS(AXIS_SIZE, 64);
	AXIS(AXIS_CACHE, CACHE_FLUSHED);
	AXIS(AXIS_RATE, RATE_CLOSED, 1000);
	put_machine("1024K", "32768K");
	cold_read(&cold, root, 3, 1);
	expect_cold("3 cells: with a rate there is no time outside the clock "
		    "to flush in");
}

static void test_commands_walk_as_far_as_their_file_goes(void **state)
{
	struct pagecopy_info info = everything;
	char *text = NULL;
	size_t len;
	FILE *f;

	(void)state;
	AXIS(AXIS_PATH, PATH_URING, PATH_IOCTL);
	AXIS(AXIS_OP, PAGECOPY_OP_READ);
	AXIS(AXIS_STRATEGY, PAGECOPY_S_raw);
	AXIS(AXIS_SIZE, 4096);
	AXIS(AXIS_DEPTH, 8);
	AXIS(AXIS_BUFFER, PAGECOPY_BUF_USER, PAGECOPY_BUF_KERNEL);
	AXIS(AXIS_CACHE, CACHE_LLC, CACHE_DRAM, CACHE_FLUSHED);
	AXIS(AXIS_RATE, RATE_CLOSED, 1000);
	put_machine("1024K", "32768K");
	cold_read(&cold, root, 3, 1);
	/* 32 MiB of pages a side: enough for one of them. */
	info.max_bytes = 63 << 20;
	matrix_init(&m, &o, &info);
	matrix_cold(&m, &cold);
	assert_int_equal(REAL, 2 * (2 + 1));
	f = open_memstream(&text, &len);
	assert_non_null(f);
	matrix_left_out(&m, f);
	fclose(f);
	assert_string_equal(text, "2 cells: an open file of the module has too "
			    "few pages for what the threads walk through "
			    "(max_mib); 8 cells: the module does not flush; 8 "
			    "cells: with a rate the commands of the module take "
			    "the same places again and again");
	free(text);
}

int main(void)
{
#define T(f)	cmocka_unit_test_setup_teardown(f, make_root, root_remove)
	const struct CMUnitTest tests[] = {
		T(test_sizes_are_those_of_the_cpu_that_measures),
		T(test_levels_are_known_by_number_and_hold_data),
		T(test_a_last_level_hardly_larger_than_the_second),
		T(test_unknown_sizes_have_a_reason),
		T(test_a_walk_is_as_large_as_its_set),
		T(test_flushed_places_are_few),
		T(test_a_lap_has_every_place_once_in_no_order),
		T(test_cells_that_the_caches_cannot_give),
		T(test_flushing_has_no_time_within_a_rate),
		T(test_commands_walk_as_far_as_their_file_goes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
