// SPDX-License-Identifier: MIT
#include "test.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "pagecopy/abi.h"
#include "options.h"

static struct options o;
static char *errors;
/* What the options point into, as they do into a real command line. */
static char *words;

/* Parse the words of @line; the number of mistakes, their text in errors. */
static unsigned int parse(const char *line)
{
	char *argv[64] = { "pagecopy run" }, *rest;
	unsigned int mistakes;
	size_t len;
	int argc = 1;
	char *word;
	FILE *f;

	free(errors);
	free(words);
	errors = NULL;
	words = strdup(line);
	f = open_memstream(&errors, &len);
	assert_non_null(f);
	for (word = strtok_r(words, " ", &rest); word;
	     word = strtok_r(NULL, " ", &rest))
		argv[argc++] = word;
	mistakes = options_parse(&o, argc, argv, f);
	fclose(f);
	return mistakes;
}

static void expect_list(enum axis axis, unsigned int nr, uint64_t first,
			uint64_t last)
{
	assert_int_equal(o.axis[axis].nr, nr);
	assert_int_equal(o.axis[axis].value[0], first);
	assert_int_equal(o.axis[axis].value[nr - 1], last);
}

static void test_defaults_are_all_there(void **state)
{
	(void)state;
	assert_int_equal(parse(""), 0);
	assert_string_equal(errors, "");
	expect_list(AXIS_PATH, PATH_NR, PATH_URING, PATH_USER);
	expect_list(AXIS_SIZE, 5, 64, 2 << 20);
	expect_list(AXIS_DEPTH, 3, 1, 64);
	expect_list(AXIS_RING, 1, RING_AUTO, RING_AUTO);
	assert_true(o.rounds >= 10);
	assert_int_equal(o.seed, OPTION_UNSET);
	assert_int_equal(o.cpu, OPTION_UNSET);
	assert_string_equal(o.dev, PAGECOPY_DEV_PATH);
}

static void test_presets_change_only_what_was_left_out(void **state)
{
	(void)state;
	assert_int_equal(parse("--quick"), 0);
	expect_list(AXIS_SIZE, 3, 64, 64 << 10);
	assert_true(o.rounds >= 10);
	assert_int_equal(parse("--quick --size 512"), 0);
	expect_list(AXIS_SIZE, 1, 512, 512);
	assert_int_equal(parse("--full"), 0);
	expect_list(AXIS_DEPTH, 5, 1, 256);
	assert_int_equal(o.axis[AXIS_BUFFER].nr, 4);
	assert_int_equal(parse("--quick --full"), 1);
}

static void test_sizes_take_units(void **state)
{
	(void)state;
	assert_int_equal(parse("--size 64,4K,2M,4097"), 0);
	expect_list(AXIS_SIZE, 4, 64, 4097);
	assert_int_equal(o.axis[AXIS_SIZE].value[1], 4096);
	assert_int_equal(o.axis[AXIS_SIZE].value[2], 2 << 20);
	assert_int_equal(parse("--size=all"), 0);
	expect_list(AXIS_SIZE, 16, 64, 2 << 20);
	assert_int_equal(parse("--depth all"), 0);
	expect_list(AXIS_DEPTH, 9, 1, 256);
}

static void test_names_are_found(void **state)
{
	(void)state;
	assert_int_equal(parse("--strategy raw,bytewise_atomic --op write"), 0);
	expect_list(AXIS_STRATEGY, 2, PAGECOPY_S_raw,
		    PAGECOPY_S_bytewise_atomic);
	expect_list(AXIS_OP, 1, PAGECOPY_OP_WRITE, PAGECOPY_OP_WRITE);
	assert_int_equal(parse("--ring all"), 0);
	expect_list(AXIS_RING, 4, RING_PLAIN, RING_SQPOLL);
	assert_int_equal(parse("--batch 8,all"), 0);
	expect_list(AXIS_BATCH, 2, 8, BATCH_ALL);
	assert_int_equal(parse("--rate 5000,closed"), 0);
	expect_list(AXIS_RATE, 2, 5000, RATE_CLOSED);
	assert_int_equal(parse("--completion all"), 0);
	expect_list(AXIS_COMPLETION, COMPLETION_NR, PAGECOPY_COMPLETE_INLINE,
		    PAGECOPY_COMPLETE_POLL);
	assert_int_equal(parse("--cache dram,hot"), 0);
	expect_list(AXIS_CACHE, 2, CACHE_DRAM, CACHE_HOT);
	assert_int_equal(parse("--cache all"), 0);
	expect_list(AXIS_CACHE, 4, CACHE_HOT, CACHE_FLUSHED);
	assert_int_equal(parse("--full"), 0);
	expect_list(AXIS_CACHE, 1, CACHE_HOT, CACHE_HOT);
	assert_int_equal(parse("--latency with"), 0);
	assert_int_equal(o.latency, LATENCY_WITH);
}

static void test_rings_are_combined(void **state)
{
	(void)state;
	assert_int_equal(parse("--ring defer+sqe128,sqpoll+iopoll,"
			       "plain+cqe32+iopoll"), 0);
	expect_list(AXIS_RING, 3, RING_DEFER | RING_SQE128,
		    RING_PLAIN | RING_IOPOLL | RING_CQE32);
	assert_int_equal(o.axis[AXIS_RING].value[1],
			 RING_SQPOLL | RING_IOPOLL);
	assert_int_equal(parse("--ring plain+sqe128+cqe32,plain+cqe32+sqe128"),
			 1);
	assert_non_null(strstr(errors, "given twice"));
	assert_string_equal(names_of(&names_ring, RING_PLAIN | RING_IOPOLL |
				     RING_CQE32), "plain+iopoll+cqe32");
}

static void test_one_mistake_is_named(void **state)
{
	static const struct {
		const char *line, *value, *why;
	} cases[] = {
		{ "--size 0", "--size '0'", "too small" },
		{ "--size 3M", "'3M'", "too large" },
		{ "--size 4Q", "'4Q'", "not a size" },
		{ "--size 4KK", "'4KK'", "not a size" },
		{ "--size -1", "'-1'", "not a size" },
		{ "--size 99999999999999999999", "'9999", "not a size" },
		{ "--size 18014398509481985K", "'1801", "too large" },
		{ "--size K", "'K'", "not a size" },
		{ "--size 64,,4K", "''", "empty" },
		{ "--size 64,", "''", "empty" },
		{ "--size=", "''", "empty" },
		{ "--size 4K,4096", "'4096'", "given twice" },
		{ "--depth 0", "'0'", "too small" },
		{ "--depth 257", "'257'", "too large" },
		{ "--depth 1.5", "'1.5'", "not a number" },
		{ "--strategy nosuch", "'nosuch'", "unknown" },
		{ "--strategy raw,raw", "'raw'", "given twice" },
		{ "--completion later", "'later'", "unknown" },
		{ "--ring coop+sqpoll", "'coop+sqpoll'", "COOP_TASKRUN with" },
		{ "--ring sqpoll+defer", "'sqpoll+defer'", "DEFER_TASKRUN with" },
		{ "--ring plain+coop", "'plain+coop'", "two of" },
		{ "--ring iopoll", "'iopoll'", "none of" },
		{ "--ring plain+", "'plain+'", "unknown" },
		{ "--ring plain+iopoll+iopoll", "iopoll+iopoll'", "given twice" },
		{ "--ring plain+sqe64", "'plain+sqe64'", "unknown" },
		{ "--sq-cpu x", "'x'", "not a number" },
		{ "--cache cold", "'cold'", "unknown" },
		{ "--threads 65", "'65'", "too large" },
		{ "--rounds 0", "'0'", "too small" },
		{ "--rounds -3", "'-3'", "not a number" },
		{ "--slice 0", "'0'", "too small" },
		{ "--env nopair", "'nopair'", "no KEY=" },
		{ "--env =x", "'=x'", "no KEY=" },
		{ "--latency maybe", "'maybe'", "unknown" },
		{ "--offset 2M", "'2M'", "too large" },
		{ "--offset 1 --size 2M", "--offset 1 --size 2M", "past" },
		{ "--batch 0", "'0'", "too small" },
		{ "--batch all,all", "'all'", "given twice" },
		{ "--rate 0,closed", "'closed'", "given twice" },
		{ "--rate all", "'all'", "not a number" },
		{ "--rate 1000000001", "'1000000001'", "too large" },
		{ "--slice 10 --rate 999", "'999'", "from 1000, which" },
		{ "--slice 10 --threads 1,4 --rate 3999", "'3999'",
		  "from 4000, which" },
		{ "--counters on", "'on'", "unknown" },
		{ "--buf-offset 2M", "'2M'", "too large" },
		{ "--pages 1g", "'1g'", "unknown" },
		{ "--size 64 --size 4K", "--size", "second time" },
		{ "--resume=x", "'--resume=x'", "no such option" },
		{ "--pair colour", "'colour'", "unknown" },
		{ "--precision 2x", "'2x'", "not a number" },
		{ "--precision nan", "'nan'", "not a number" },
		{ "--precision -1", "'-1'", "out of range" },
		{ "--precision 101", "'101'", "out of range" },
		{ "--budget 1.5", "'1.5'", "not a number" },
		{ "--disturbed maybe", "'maybe'", "unknown" },
		{ "--quick=yes", "'--quick=yes'", "no such option" },
		{ "-x", "'-x'", "no such option" },
		{ "--version", "'--version'", "no such option" },
		{ "-V", "'-V'", "no such option" },
		{ "--bu=1", "'--bu=1'", "no such option" },
		{ "raw", "'raw'", "options only" },
		{ "--size", "--size", "value missing" },
	};
	unsigned int i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		unsigned int mistakes = parse(cases[i].line);

		if (mistakes != 1 || !strstr(errors, cases[i].value) ||
		    !strstr(errors, cases[i].why))
			fail_msg("%s: %u mistakes: %s", cases[i].line,
				 mistakes, errors);
	}
}

static void test_all_mistakes_are_named_at_once(void **state)
{
	(void)state;
	assert_int_equal(parse("--size 0,4Q --nosuch --depth 999 --strategy "
			       "foo,raw,bar what --rounds"), 8);
	assert_non_null(strstr(errors, "--size '0': too small; allowed: "));
	assert_non_null(strstr(errors, "--size '4Q': not a size"));
	assert_non_null(strstr(errors, "'--nosuch': no such option"));
	assert_non_null(strstr(errors, "--depth '999': too large; allowed: "
			       "all, or a comma list of numbers, each 1 to "
			       "256"));
	assert_non_null(strstr(errors, "'foo': unknown"));
	assert_non_null(strstr(errors, "'bar': unknown"));
	assert_non_null(strstr(errors, "bytewise_atomic"));
	assert_non_null(strstr(errors, "'what': options only"));
	assert_non_null(strstr(errors, "--rounds: value missing"));
}

static void test_more_than_a_list_holds_is_refused(void **state)
{
	char line[1024] = "--size 1";
	unsigned int i;

	(void)state;
	for (i = 2; i <= LIST_MAX + 1; i++)
		sprintf(line + strlen(line), ",%u", i);
	assert_int_equal(parse(line), 1);
	assert_non_null(strstr(errors, "more than 64"));
}

static void test_pairs_are_kept(void **state)
{
	(void)state;
	assert_int_equal(parse("--env a=1 --env b=x=y"), 0);
	assert_int_equal(o.env.nr, 2);
	assert_string_equal(o.env.pair[1], "b=x=y");
}

static void test_the_beginning_of_one_name_is_enough(void **state)
{
	(void)state;
	assert_int_equal(parse("--bud 7 --roun=9 --qu"), 0);
	assert_int_equal(o.budget_s, 7);
	assert_int_equal(o.rounds, 9);
	assert_true(o.quick);
	/* A whole name is itself, though another one begins so. */
	assert_int_equal(parse("--rate 0 --cpu 1"), 0);
	assert_int_equal(o.cpu, 1);
}

static void test_a_rate_has_a_longer_slice(void **state)
{
	(void)state;
	assert_int_equal(parse(""), 0);
	assert_int_equal(o.slice_ms, 4);
	assert_int_equal(parse("--rate 5000"), 0);
	assert_int_equal(o.slice_ms, 200);
	assert_int_equal(parse("--rate 5000 --slice 100"), 0);
	assert_int_equal(o.slice_ms, 100);
}

static void test_print_shows_what_took_effect(void **state)
{
	char *text = NULL;
	size_t len;
	FILE *f;

	(void)state;
	assert_int_equal(parse("--size 4096,64 --seed 7 --path nop --resume"),
			 0);
	f = open_memstream(&text, &len);
	options_print(&o, f);
	fclose(f);
	assert_non_null(strstr(text, "path=nop op="));
	assert_non_null(strstr(text, " size=4K,64 depth=1,8,64 "));
	assert_non_null(strstr(text, " seed=7 "));
	assert_non_null(strstr(text, " rate=closed "));
	assert_null(strstr(text, "cpu="));
	assert_null(strstr(text, "resume"));
	assert_null(strstr(text, "  "));
	free(text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_defaults_are_all_there),
		cmocka_unit_test(test_presets_change_only_what_was_left_out),
		cmocka_unit_test(test_sizes_take_units),
		cmocka_unit_test(test_names_are_found),
		cmocka_unit_test(test_rings_are_combined),
		cmocka_unit_test(test_one_mistake_is_named),
		cmocka_unit_test(test_all_mistakes_are_named_at_once),
		cmocka_unit_test(test_more_than_a_list_holds_is_refused),
		cmocka_unit_test(test_pairs_are_kept),
		cmocka_unit_test(test_the_beginning_of_one_name_is_enough),
		cmocka_unit_test(test_a_rate_has_a_longer_slice),
		cmocka_unit_test(test_print_shows_what_took_effect),
	};

	int failed = cmocka_run_group_tests(tests, NULL, NULL);

	free(errors);
	free(words);
	return failed;
}
