// SPDX-License-Identifier: MIT
/* When is a group measured no longer? Rows are made up, round by round. */
#include "test.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "run.h"

#define MEMBERS	3U

static struct run *run;
static struct options o;
static struct stop stop;
static const struct group group = { .nr = MEMBERS };

static int setup(void **state)
{
	(void)state;
	run = calloc(1, sizeof(*run));
	run->member = calloc(MEMBERS, sizeof(*run->member));
	memset(&o, 0, sizeof(o));
	memset(&stop, 0, sizeof(stop));
	o.pair = AXIS_STRATEGY;
	o.axis[AXIS_STRATEGY].nr = 2;
	o.rounds = 40;
	o.precision = 1;
	run->o = &o;
	run->m.axis = o.axis;
	run->m.pair = AXIS_STRATEGY;
	run->m.space = 8;
	run->m.groups = 4;
	run->member[0].cell.strategy = PAGECOPY_S_raw;
	run->member[1].cell.strategy = PAGECOPY_S_words;
	run->member[2].cell = run->member[0].cell;
	run->member[2].cell.twin = true;
	assert_int_equal(stop_open(&stop, run), 0);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	stop_close(&stop);
	free(run->member);
	free(run);
	return 0;
}

/* A round in which words is @ratio times as fast as raw. */
static const char *round_of(uint64_t number, uint64_t round, double ratio)
{
	unsigned int i;

	for (i = 0; i < MEMBERS; i++) {
		row_clear(&run->member[i].row);
		run->member[i].row.round = round;
		/* What both have in common does not matter. */
		run->member[i].row.ops_per_s = 1000.0 * (double)(round % 7 + 1);
	}
	run->member[1].row.ops_per_s *= ratio;
	return stop_add(&stop, run, number, &group, false);
}

static void test_rank_is_that_of_the_binomial(void **state)
{
	(void)state;
	/* Any table of the sign test; 5 values cannot reach 95 %. */
	assert_int_equal(stop_rank(0), 0);
	assert_int_equal(stop_rank(5), 0);
	assert_int_equal(stop_rank(6), 1);
	assert_int_equal(stop_rank(8), 1);
	assert_int_equal(stop_rank(9), 2);
	assert_int_equal(stop_rank(10), 2);
	assert_int_equal(stop_rank(20), 6);
	assert_int_equal(stop_rank(40), 14);
	assert_int_equal(stop_rank(100), 40);
}

static void test_a_known_ratio_is_enough_after_ten_rounds(void **state)
{
	uint64_t i;

	(void)state;
	for (i = 0; i < 9; i++) {
		assert_true(stop_wanted(&stop, run, 2, i));
		assert_string_equal(round_of(2, i, 1.5), "");
	}
	assert_string_equal(round_of(2, i, 1.5), "precise");
	assert_false(stop_wanted(&stop, run, 2, i + 1));
	/* Another group knows nothing of it. */
	assert_true(stop_wanted(&stop, run, 3, i + 1));
}

static void test_a_vague_ratio_has_all_its_rounds(void **state)
{
	uint64_t i;

	(void)state;
	for (i = 0; i < 39; i++)
		assert_string_equal(round_of(1, i, i % 2 ? 1.03 : 0.98), "");
	assert_string_equal(round_of(1, i, 1), "rounds");
	assert_false(stop_wanted(&stop, run, 1, 40));
}

static void test_one_outlier_does_not_make_it_vague(void **state)
{
	uint64_t i;

	(void)state;
	for (i = 0; i < 9; i++)
		round_of(0, i, i == 4 ? 50 : 1);
	assert_string_equal(round_of(0, i, 1), "precise");
}

static void test_time_in_the_kernel_must_be_known_too(void **state)
{
	const char *why = "";
	unsigned int k;
	uint64_t i;

	(void)state;
	for (i = 0; i < 40 && !*why; i++) {
		for (k = 0; k < MEMBERS; k++)
			row_clear(&run->member[k].row);
		for (k = 0; k < MEMBERS; k++) {
			run->member[k].row.ops_per_s = 1;
			run->member[k].row.kernel_ns =
				1 + (k == 1) * 0.1 * (double)(i % 3);
		}
		why = stop_add(&stop, run, 0, &group, false);
	}
	assert_string_equal(why, "rounds");
}

static void test_disturbed_rounds_are_repeated_within_bounds(void **state)
{
	const char *why = "";
	uint64_t i;

	(void)state;
	o.precision = 0;
	for (i = 0; !*why; i++) {
		run->member[0].row.disturbed = i % 5 == 0;
		assert_true(stop_wanted(&stop, run, 0, i));
		run->member[1].row.ops_per_s = 1;
		run->member[0].row.ops_per_s = 1;
		why = stop_add(&stop, run, 0, &group, false);
	}
	assert_string_equal(why, "rounds");
	assert_int_equal(i, 50);
	run->member[0].row.disturbed = true;
	for (i = 0, why = ""; !*why; i++)
		why = stop_add(&stop, run, 1, &group, false);
	assert_string_equal(why, "budget");
	assert_int_equal(i, 60);
}

static void test_no_time_left_ends_every_group(void **state)
{
	(void)state;
	assert_string_equal(stop_add(&stop, run, 0, &group, true), "budget");
	assert_false(stop_wanted(&stop, run, 0, 1));
}

/* Past the bound nothing is kept, and every cell has all its rounds. */
static void test_a_large_sweep_takes_no_memory(void **state)
{
	struct stop large = { 0 };

	(void)state;
	run->m.space = 1 << 20;
	run->m.groups = 1 << 19;
	assert_int_equal(stop_open(&large, run), 0);
	assert_false(large.on);
	assert_null(large.ratio);
	assert_true(stop_wanted(&large, run, 1 << 18, 39));
	assert_false(stop_wanted(&large, run, 1 << 18, 40));
	run->member[0].row.round = 38;
	assert_string_equal(stop_add(&large, run, 9, &group, false), "");
	run->member[0].row.round = 39;
	assert_string_equal(stop_add(&large, run, 9, &group, false), "rounds");
	stop_close(&large);
}

int main(void)
{
#define T(f)	cmocka_unit_test_setup_teardown(f, setup, teardown)
	const struct CMUnitTest tests[] = {
		T(test_rank_is_that_of_the_binomial),
		T(test_a_known_ratio_is_enough_after_ten_rounds),
		T(test_a_vague_ratio_has_all_its_rounds),
		T(test_one_outlier_does_not_make_it_vague),
		T(test_time_in_the_kernel_must_be_known_too),
		T(test_disturbed_rounds_are_repeated_within_bounds),
		T(test_no_time_left_ends_every_group),
		T(test_a_large_sweep_takes_no_memory),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
