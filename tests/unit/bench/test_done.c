// SPDX-License-Identifier: MIT
#include "test.h"

#include <stdlib.h>
#include <string.h>

#include "done.h"

static struct run *run;
static const struct pagecopy_stats none;

static int setup(void **state)
{
	(void)state;
	run = calloc(1, sizeof(*run));
	run->cell.completion = PAGECOPY_COMPLETE_WORK;
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	free(run);
	return 0;
}

static void test_as_asked_is_no_error(void **state)
{
	struct pagecopy_stats stats = { .commands = 9 };

	(void)state;
	stats.completed[PAGECOPY_COMPLETE_WORK] = 9;
	done_check(run, &none, &stats);
	assert_int_equal(run->row.errors, 0);
	assert_string_equal(run->row.notes, "");
}

static void test_one_command_done_otherwise_is_an_error(void **state)
{
	struct pagecopy_stats stats = { .commands = 9 };

	(void)state;
	stats.completed[PAGECOPY_COMPLETE_WORK] = 8;
	stats.completed[PAGECOPY_COMPLETE_IOWQ] = 1;
	done_check(run, &none, &stats);
	assert_int_equal(run->row.errors, 1);
	assert_string_equal(run->row.notes, "1 of 9 commands completed as iowq; "
			    "asked for work");
	/* What the run says at its end. */
	assert_non_null(strstr(run->first, "completion=work"));
}

static void test_a_failed_command_is_counted_once(void **state)
{
	struct pagecopy_stats stats = { .commands = 9 };

	(void)state;
	stats.completed[PAGECOPY_COMPLETE_INLINE] = 9;
	run->row.errors = 9;
	done_check(run, &none, &stats);
	assert_int_equal(run->row.errors, 9);
}

static void test_what_an_earlier_turn_did_is_not_counted_again(void **state)
{
	struct pagecopy_stats before = { .commands = 5 };
	struct pagecopy_stats after = { .commands = 9 };

	(void)state;
	before.completed[PAGECOPY_COMPLETE_IOWQ] = 2;
	after.completed[PAGECOPY_COMPLETE_IOWQ] = 2;
	after.completed[PAGECOPY_COMPLETE_WORK] = 4;
	done_check(run, &before, &after);
	assert_int_equal(run->row.errors, 0);
}

static void test_only_what_is_between_two_looks_is_added(void **state)
{
	struct pagecopy_stats before = { 0 }, after = { 0 };

	(void)state;
	before.completed[PAGECOPY_COMPLETE_POLL] = 5;
	after.completed[PAGECOPY_COMPLETE_POLL] = 12;
	done_add(&run->row, &before, &after);
	done_add(&run->row, &before, &after);
	assert_int_equal(run->row.completed[PAGECOPY_COMPLETE_POLL], 14);
	assert_int_equal(run->row.completed[PAGECOPY_COMPLETE_INLINE], 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_as_asked_is_no_error,
						setup, teardown),
		cmocka_unit_test_setup_teardown(
			test_one_command_done_otherwise_is_an_error, setup,
			teardown),
		cmocka_unit_test_setup_teardown(
			test_a_failed_command_is_counted_once, setup,
			teardown),
		cmocka_unit_test_setup_teardown(
			test_what_an_earlier_turn_did_is_not_counted_again,
			setup, teardown),
		cmocka_unit_test_setup_teardown(
			test_only_what_is_between_two_looks_is_added, setup,
			teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
