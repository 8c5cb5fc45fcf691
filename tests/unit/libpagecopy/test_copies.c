// SPDX-License-Identifier: MIT
/*
 * Every variant of libpagecopy that this machine can run, and what the header
 * makes of the two functions: the bytes asked for arrive, no other byte
 * changes, nothing outside the two buffers is touched.
 */
#include "../lib/arena.h"
#include "variant.h"
#include "inline.h"

#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
/* cmocka.h wants those above. */
#include <cmocka.h>

#define ARRAY_SIZE(a)	(sizeof(a) / sizeof((a)[0]))
#define KIB		((size_t)1 << 10)
#define ARENA_LEN	(2048 * KIB + 4096)
/* Bytes on either side of the destination that are compared every time. */
#define CANARY		64
#define SMALL		300
#define LINE		64
#define NEVER		SIZE_MAX

/* A sanitizer makes a byte dearer: fewer pairs of alignments will do. */
#if defined(PAGECOPY_CHECK_RACES) || defined(PAGECOPY_CHECK_BOUNDS)
#define STEP		7
#else
#define STEP		1
#endif

static struct arena source, dest;
static unsigned char poison[CANARY];
/* What is being tested, for the reports. */
static char what[64];

static void say(const char *name)
{
	snprintf(what, sizeof(what), "%s", name);
}

static sigjmp_buf back_to_case;

static void on_fault(int sig)
{
	(void)sig;
	siglongjmp(back_to_case, 1);
}

/* cmocka puts its own handlers back after each test. */
static void catch_faults(void)
{
	struct sigaction sa = {
		.sa_handler = on_fault,
		.sa_flags = SA_NODEFER,
	};

	assert_int_equal(sigaction(SIGSEGV, &sa, NULL), 0);
	assert_int_equal(sigaction(SIGBUS, &sa, NULL), 0);
}

static bool same(size_t d, const unsigned char *want, size_t len)
{
	return !memcmp(dest.mem + d, want, len);
}

/* The destination is all poison before and after. */
static void check(pagecopy_user_fn *copy, size_t d, size_t s, size_t n,
		  pagecopy_order order)
{
	const size_t before = d < CANARY ? d : CANARY;
	const size_t room = dest.len - d - n;
	const size_t after = room < CANARY ? room : CANARY;
	void *ret;

	if (sigsetjmp(back_to_case, 0))
		fail_msg("%s: %zu bytes, dst+%zu, src+%zu: fault", what, n, d,
			 s);
	ret = copy(dest.mem + d, source.mem + s, n, order);
	if (ret != dest.mem + d)
		fail_msg("%s: %zu bytes: returned something else", what, n);
	if (!same(d, source.mem + s, n))
		fail_msg("%s: %zu bytes, dst+%zu, src+%zu: wrong bytes", what,
			 n, d, s);
	if (!same(d - before, poison, before) || !same(d + n, poison, after))
		fail_msg("%s: %zu bytes, dst+%zu, src+%zu: wrote beside", what,
			 n, d, s);
	arena_poison(&dest, d, n);
}

static void check_nothing_far_away(void)
{
	if (arena_first_not_poison(&dest) != dest.len)
		fail_msg("%s: wrote far outside its destination", what);
}

/* Both sides at either end of what may be touched. */
static void check_edges(pagecopy_user_fn *copy, size_t n)
{
	const size_t d_end = dest.len - n, s_end = source.len - n;

	check(copy, 0, 0, n, memory_order_relaxed);
	check(copy, d_end, 0, n, memory_order_relaxed);
	check(copy, 0, s_end, n, memory_order_relaxed);
	check(copy, d_end, s_end, n, memory_order_relaxed);
}

static void check_small(pagecopy_user_fn *copy)
{
	size_t n, d, s;

	for (n = 0; n <= SMALL; n++) {
		check_edges(copy, n);
		for (d = 0; d < LINE; d += STEP)
			for (s = 0; s < LINE; s += STEP)
				check(copy, CANARY + d, s, n,
				      memory_order_relaxed);
	}
	check_nothing_far_away();
}

/* Where a variant changes its mind, and one byte to either side of it. */
static void check_thresholds(pagecopy_user_fn *copy)
{
	static const size_t sizes[] = {
		512, KIB, 2 * KIB, 4 * KIB, 8 * KIB, 12 * KIB, 32 * KIB,
		64 * KIB, 2048 * KIB - 1,
	};
	static const size_t offsets[] = { 0, 1, 8, 31, 32, 63 };
	size_t i, n, d, s;

	for (i = 0; i < ARRAY_SIZE(sizes); i++) {
		for (n = sizes[i] - 1; n <= sizes[i] + 1; n++) {
			check_edges(copy, n);
			for (d = 0; d < ARRAY_SIZE(offsets); d++)
				for (s = 0; s < ARRAY_SIZE(offsets); s++)
					check(copy, CANARY + offsets[d],
					      offsets[s], n,
					      memory_order_relaxed);
		}
	}
	check_nothing_far_away();
}

static void check_all(const char *variant, const char *side, size_t movsb_from,
		      pagecopy_user_fn *copy)
{
#ifdef __x86_64__
	const size_t chosen = pagecopy_user_movsb_from;

	pagecopy_user_movsb_from = movsb_from;
#endif
	snprintf(what, sizeof(what), "%s of %s, movsb %s", side, variant,
		 movsb_from == NEVER ? "never" : "early");
	check_small(copy);
	check_thresholds(copy);
#ifdef __x86_64__
	pagecopy_user_movsb_from = chosen;
#endif
}

static void test_every_variant(void **state)
{
	static const size_t movsb_from[] = { NEVER, 100 };
	const struct pagecopy_user_variant *v;
	unsigned int i, j, ran = 0;

	(void)state;
	catch_faults();
	for (i = 0; i < pagecopy_user_nr_variants; i++) {
		v = &pagecopy_user_variants[i];
		if (!v->here()) {
			print_message("%s: this CPU lacks it\n", v->name);
			continue;
		}
		for (j = 0; j < ARRAY_SIZE(movsb_from); j++) {
			check_all(v->name, "load", movsb_from[j], v->load);
			check_all(v->name, "store", movsb_from[j], v->store);
		}
		ran++;
	}
	assert_true(ran > 0);
	assert_string_equal(pagecopy_user_variants[i - 1].name, "words");
}

/* What a program gets: the header, and through it the chosen variant. */
static void test_functions(void **state)
{
	static const pagecopy_order orders[] = {
		memory_order_relaxed, memory_order_consume,
		memory_order_acquire, memory_order_release,
		memory_order_acq_rel, memory_order_seq_cst,
	};
	size_t i, n;

	(void)state;
	catch_faults();
	for (i = 0; i < ARRAY_SIZE(orders); i++) {
		for (n = 0; n <= SMALL; n++) {
			say("load");
			check(inlined_load, CANARY + i, n, n, orders[i]);
			say("store");
			check(inlined_store, CANARY + i, n, n, orders[i]);
		}
	}
	say("load");
	check_small(inlined_load);
	check_thresholds(inlined_load);
	say("store");
	check_small(inlined_store);
	check_thresholds(inlined_store);
}

static void test_constant_counts(void **state)
{
	size_t n, d;

	(void)state;
	catch_faults();
	for (n = 0; n < INLINE_COUNTS; n++) {
		for (d = 0; d < 16; d++) {
			say("load, constant");
			check(inline_loads[n], CANARY + d, 1, n,
			      memory_order_acquire);
			say("store, constant");
			check(inline_stores[n], CANARY + d, 1, n,
			      memory_order_release);
		}
		check_edges(inline_loads[n], n);
		check_edges(inline_stores[n], n);
	}
	check_nothing_far_away();
}

static void test_nothing_is_copied_from_nowhere(void **state)
{
	const struct pagecopy_user_variant *v = pagecopy_user_variants;
	unsigned int i;

	(void)state;
	assert_null(inlined_load(NULL, NULL, 0, memory_order_acquire));
	assert_null(inlined_store(NULL, NULL, 0, memory_order_release));
	for (i = 0; i < pagecopy_user_nr_variants; i++, v++) {
		if (!v->here())
			continue;
		assert_null(v->load(NULL, NULL, 0, memory_order_relaxed));
		assert_null(v->store(NULL, NULL, 0, memory_order_relaxed));
	}
}

/* Else all of the above holds, slowly. */
static void test_the_best_is_chosen(void **state)
{
	const struct pagecopy_user_variant *v = pagecopy_user_variants;

	(void)state;
#ifdef PAGECOPY_USER_CHOOSES
	while (!v->here())
		v++;
	assert_ptr_equal(pagecopy_user_choose_load(), v->load);
	assert_ptr_equal(pagecopy_user_choose_store(), v->store);
#else
	assert_string_equal(v->name, "words");
#endif
}

static int open_arenas(void **state)
{
	(void)state;
	memset(poison, ARENA_POISON, sizeof(poison));
	return arena_open(&source, ARENA_LEN) || arena_open(&dest, ARENA_LEN) ||
	       arena_fill_source(&source);
}

static int close_arenas(void **state)
{
	(void)state;
	arena_close(&source);
	arena_close(&dest);
	return 0;
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_every_variant),
		cmocka_unit_test(test_functions),
		cmocka_unit_test(test_constant_counts),
		cmocka_unit_test(test_nothing_is_copied_from_nowhere),
		cmocka_unit_test(test_the_best_is_chosen),
	};

	return cmocka_run_group_tests_name("libpagecopy", tests, open_arenas,
					   close_arenas);
}
