// SPDX-License-Identifier: MIT
/* The table of strategies: what it promises to programs and to files. */
#include "pagecopy/strategy.h"

#include <limits.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>
/* cmocka.h wants those above. */
#include <cmocka.h>

#define ARRAY_SIZE(a)	(sizeof(a) / sizeof((a)[0]))

/*
 * The numbers on the wire, written out a second time: a line of
 * strategies.def that is renumbered, renamed or removed fails here. A new
 * strategy needs no line until it is released.
 */
static const struct frozen {
	unsigned int nr;
	const char *name;
	bool byte_atomic;
	bool once;
	bool stream;
} frozen[] = {
	{ 1, "nop", false, true, false },
	{ 2, "raw", false, false, false },
	{ 3, "bytewise_atomic", true, false, false },
	{ 4, "memcpy", false, false, false },
	{ 5, "bytes", true, true, false },
	{ 6, "words", true, true, false },
	{ 7, "movsb", true, true, false },
	{ 8, "movsq", true, true, false },
	{ 9, "movnti", true, true, true },
	{ 10, "nt", true, true, true },
	{ 11, "copy_page", true, false, false },
	{ 12, "flushcache", false, false, true },
	{ 13, "mc", false, false, false },
	{ 14, "nofault", false, false, false },
	{ 15, "unrolled", true, false, false },
	{ 16, "hybrid", true, false, false },
	{ 17, "bounce", true, false, false },
	{ 18, "sse2", true, true, false },
	{ 19, "avx2", true, true, false },
	{ 20, "avx512", true, true, false },
	{ 21, "fpu", false, true, false },
	{ 22, "words_aligned", true, true, false },
	{ 23, "words_shift", true, true, false },
};

static unsigned int nr_of(const struct pagecopy_strategy *s)
{
	return s - pagecopy_strategies;
}

static const struct frozen *frozen_by_nr(unsigned int nr)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(frozen); i++)
		if (frozen[i].nr == nr)
			return &frozen[i];
	return NULL;
}

static void test_numbers_are_frozen(void **state)
{
	const struct pagecopy_strategy *s;
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(frozen); i++) {
		assert_in_range(frozen[i].nr, 1, PAGECOPY_S_MAX - 1);
		s = &pagecopy_strategies[frozen[i].nr];
		if (!s->name || strcmp(s->name, frozen[i].name))
			fail_msg("number %u is %s, was %s", frozen[i].nr,
				 s->name ? s->name : "unused", frozen[i].name);
		assert_int_equal(s->byte_atomic, frozen[i].byte_atomic);
		assert_int_equal(s->once, frozen[i].once);
		assert_int_equal(s->stream, frozen[i].stream);
	}
}

static void test_new_numbers_come_after_the_frozen(void **state)
{
	const unsigned int last = frozen[ARRAY_SIZE(frozen) - 1].nr;
	const struct pagecopy_strategy *s;

	(void)state;
	pagecopy_for_each_strategy(s) {
		if (!frozen_by_nr(nr_of(s)) && nr_of(s) <= last)
			fail_msg("%s takes number %u: reused or in between",
				 s->name, nr_of(s));
	}
}

static void test_zero_is_nobody(void **state)
{
	(void)state;
	assert_null(pagecopy_strategies[PAGECOPY_S_NONE].name);
	assert_null(pagecopy_strategies[PAGECOPY_S_NONE].copy);
	assert_int_equal(PAGECOPY_S_NONE, 0);
}

static void test_names_are_unique(void **state)
{
	const struct pagecopy_strategy *s, *other;

	(void)state;
	pagecopy_for_each_strategy(s) {
		pagecopy_for_each_strategy(other) {
			if (s < other && !strcmp(s->name, other->name))
				fail_msg("%s: numbers %u and %u", s->name,
					 nr_of(s), nr_of(other));
		}
	}
}

/* A name is a file name, a CSV value and an element of a comma list. */
static void test_names_are_plain(void **state)
{
	static const char plain[] = "abcdefghijklmnopqrstuvwxyz0123456789_";
	const struct pagecopy_strategy *s;

	(void)state;
	pagecopy_for_each_strategy(s) {
		assert_in_range(strlen(s->name), 1, 31);
		if (s->name[strspn(s->name, plain)])
			fail_msg("%s: a-z, 0-9 and _ only", s->name);
		/* `all` selects every one of them on the command line. */
		assert_string_not_equal(s->name, "all");
	}
}

static void test_descriptions_are_one_line(void **state)
{
	const struct pagecopy_strategy *s;

	(void)state;
	pagecopy_for_each_strategy(s) {
		assert_non_null(s->desc);
		assert_in_range(strlen(s->desc), 1, 60);
		assert_in_range(strlen(s->why), 1, 72);
		if (strpbrk(s->desc, "\t\n") || strpbrk(s->why, "\t\n"))
			fail_msg("%s: its description breaks a table", s->name);
	}
}

static void test_here_refuses_what_is_not_there(void **state)
{
	static const unsigned int wrong[] = {
		0, PAGECOPY_S_MAX, PAGECOPY_S_MAX + 1, 255, 256, 257, INT_MAX,
		(unsigned int)INT_MAX + 1, UINT_MAX,
	};
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(wrong); i++)
		if (wrong[i] >= PAGECOPY_S_MAX || !wrong[i])
			assert_null(pagecopy_strategy_here(wrong[i]));
	for (i = 0; i < PAGECOPY_S_MAX; i++)
		if (!pagecopy_strategies[i].name)
			assert_null(pagecopy_strategy_here(i));
}

static void test_here_is_the_table_entry(void **state)
{
	const struct pagecopy_strategy *s, *here;

	(void)state;
	pagecopy_for_each_strategy(s) {
		here = pagecopy_strategy_here(nr_of(s));
		if (here)
			assert_ptr_equal(here, s);
		if (!s->copy || s->needs == PAGECOPY_NEEDS_ANY)
			assert_int_equal(!here, !s->copy);
	}
}

static void test_here_matches_the_machine(void **state)
{
	(void)state;
#ifdef __x86_64__
	assert_non_null(pagecopy_strategy_here(PAGECOPY_S_movsb));
	assert_non_null(pagecopy_strategy_here(PAGECOPY_S_sse2));
	assert_non_null(pagecopy_strategy_here(PAGECOPY_S_nt));
	/* The compiler's library asks CPUID and XCR0 too. */
	assert_int_equal(!pagecopy_strategy_here(PAGECOPY_S_avx2),
			 !__builtin_cpu_supports("avx2"));
	assert_int_equal(!pagecopy_strategy_here(PAGECOPY_S_avx512),
			 !__builtin_cpu_supports("avx512f"));
#else
	assert_null(pagecopy_strategy_here(PAGECOPY_S_movsb));
	assert_null(pagecopy_strategy_here(PAGECOPY_S_sse2));
	assert_null(pagecopy_strategy_here(PAGECOPY_S_avx2));
#endif
	assert_non_null(pagecopy_strategy_here(PAGECOPY_S_nop));
	assert_non_null(pagecopy_strategy_here(PAGECOPY_S_bytewise_atomic));
}

/* A reason fits struct pagecopy_why and a column, and is given in full. */
static void test_reasons_are_words(void **state)
{
	const size_t most = sizeof(((struct pagecopy_why *)0)->why) - 1;
	const struct pagecopy_strategy *s;
	const char *why;

	(void)state;
	pagecopy_for_each_strategy(s) {
		why = pagecopy_strategy_missing(nr_of(s));
		assert_int_equal(!why, !!pagecopy_strategy_here(nr_of(s)));
		if (!why)
			continue;
		assert_in_range(strlen(why), 1, most);
		if (strpbrk(why, "\t\n,;()"))
			fail_msg("%s: '%s' breaks a list", s->name, why);
	}
	assert_string_equal(pagecopy_strategy_missing(PAGECOPY_S_copy_page),
			    "in the kernel only");
	assert_string_equal(pagecopy_strategy_missing(PAGECOPY_S_NONE),
			    "no such strategy");
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_numbers_are_frozen),
		cmocka_unit_test(test_new_numbers_come_after_the_frozen),
		cmocka_unit_test(test_zero_is_nobody),
		cmocka_unit_test(test_names_are_unique),
		cmocka_unit_test(test_names_are_plain),
		cmocka_unit_test(test_descriptions_are_one_line),
		cmocka_unit_test(test_here_refuses_what_is_not_there),
		cmocka_unit_test(test_here_is_the_table_entry),
		cmocka_unit_test(test_here_matches_the_machine),
		cmocka_unit_test(test_reasons_are_words),
	};

	return cmocka_run_group_tests_name("table", tests, NULL, NULL);
}
