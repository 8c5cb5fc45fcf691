// SPDX-License-Identifier: MIT
/*
 * What is special about arm64: which strategies can be called here, and the
 * copy instructions of FEAT_MOPS, which an emulation in mops.c carries out
 * where the CPU has none.
 */
#include "mops.h"
#include "pagecopy/strategy.h"

#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>
/* cmocka.h wants those above. */
#include <cmocka.h>

#define LEN	1024
#define POISON	0xa5

static sigjmp_buf back;

static void on_illegal(int sig)
{
	(void)sig;
	siglongjmp(back, 1);
}

/* Does this CPU execute the instructions, whatever it says of itself? */
static bool mops_works(void)
{
	struct sigaction old, sa = { .sa_handler = on_illegal };
	unsigned char from[3] = { 1, 2, 3 }, to[3] = { 0 };
	volatile bool works = false;

	assert_int_equal(sigaction(SIGILL, &sa, &old), 0);
	if (!sigsetjmp(back, 1)) {
		pagecopy_copy_mops(to, from, sizeof(to));
		works = true;
	}
	assert_int_equal(sigaction(SIGILL, &old, NULL), 0);
	if (works)
		assert_memory_equal(to, from, sizeof(to));
	return works;
}

static void test_mops_is_here_when_it_works(void **state)
{
	const bool works = mops_works();

	(void)state;
	print_message("FEAT_MOPS %s on this CPU\n",
		      works ? "works" : "does not work");
	assert_int_equal(!pagecopy_strategy_missing(PAGECOPY_S_mops), works);
}

static void test_arm64_is_here(void **state)
{
	(void)state;
	assert_null(pagecopy_strategy_missing(PAGECOPY_S_ldp));
	assert_string_equal(pagecopy_strategy_missing(PAGECOPY_S_movsb),
			    "not an x86-64 CPU");
}

static void check_mops(size_t d, size_t s, size_t len)
{
	unsigned char from[LEN + 64], to[LEN + 64], want[LEN + 64];
	size_t i;

	for (i = 0; i < sizeof(from); i++)
		from[i] = i * 7 + 1;
	memset(to, POISON, sizeof(to));
	memset(want, POISON, sizeof(want));
	for (i = 0; i < len; i++)
		want[d + i] = from[s + i];
	pagecopy_copy_mops(to + d, from + s, len);
	for (i = 0; i < sizeof(to); i++)
		if (to[i] != want[i])
			fail_msg("len %zu, dst+%zu, src+%zu: byte %zd is %#x",
				 len, d, s, (ssize_t)i - (ssize_t)d, to[i]);
}

static void emulated(enum mops_option option)
{
	struct mops_seen seen;
	unsigned int nr = 0;
	size_t len;

	if (mops_works()) {
		print_message("the CPU has the real thing\n");
		skip();
	}
	mops_emulate(option);
	for (len = 0; len <= LEN; len += len < 70 ? 1 : 53, nr++)
		check_mops(len % 32, len % 31, len);
	seen = mops_stop();
	assert_false(seen.wrong);
	assert_int_equal(seen.nr, 3 * nr);
}

static void test_mops_copies_by_option_a(void **state)
{
	(void)state;
	emulated(MOPS_OPTION_A);
}

static void test_mops_copies_by_option_b(void **state)
{
	(void)state;
	emulated(MOPS_OPTION_B);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_mops_is_here_when_it_works),
		cmocka_unit_test(test_arm64_is_here),
		cmocka_unit_test(test_mops_copies_by_option_a),
		cmocka_unit_test(test_mops_copies_by_option_b),
	};

	return cmocka_run_group_tests_name("arm64", tests, NULL, NULL);
}
