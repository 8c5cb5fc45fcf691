// SPDX-License-Identifier: MIT
/*
 * The store of libpagecopy stores each byte exactly once: the machine executes
 * it one instruction at a time (the trap flag), and after each the destination
 * is searched for bytes that are no longer poison. Those are counted and
 * poisoned again, so that a second store of the same byte shows. What lies
 * around the destination is watched as well. That the count sees a second store
 * is shown by the load, whose ends overlap.
 */
#include "variant.h"

#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
/* cmocka.h wants those above. */
#include <cmocka.h>

#ifdef __x86_64__

#define ARRAY_SIZE(a)	(sizeof(a) / sizeof((a)[0]))
#define POISON		0xa5
#define ROOM		1024
#define MARGIN		64
#define NEVER		SIZE_MAX

static unsigned char source[ROOM + MARGIN];
static _Alignas(64) unsigned char dest[MARGIN + ROOM + 2 * MARGIN];
static unsigned char stores[sizeof(dest)];
/* How far the search goes. */
static size_t watched;
static unsigned long steps;

/* After every instruction, including each turn of a repeated one. */
static void on_step(int sig)
{
	const volatile unsigned char *d = dest;
	size_t i;

	(void)sig;
	steps++;
	for (i = 0; i < watched; i++) {
		if (d[i] == POISON)
			continue;
		dest[i] = POISON;
		stores[i]++;
	}
}

/* Below the red zone. */
static void step_on(void)
{
	__asm__ volatile("lea -128(%%rsp), %%rsp\n\t"
			 "pushfq\n\t"
			 "orq $0x100, (%%rsp)\n\t"
			 "popfq\n\t"
			 "lea 128(%%rsp), %%rsp" : : : "memory", "cc");
}

static void step_off(void)
{
	__asm__ volatile("lea -128(%%rsp), %%rsp\n\t"
			 "pushfq\n\t"
			 "andq $~0x100, (%%rsp)\n\t"
			 "popfq\n\t"
			 "lea 128(%%rsp), %%rsp" : : : "memory", "cc");
}

/* Counts into stores[]. */
static void count_stores(pagecopy_user_fn *copy, size_t d, size_t s, size_t n)
{
	watched = MARGIN + d + n + MARGIN;
	memset(dest, POISON, watched);
	memset(stores, 0, watched);
	steps = 0;
	step_on();
	copy(dest + MARGIN + d, source + s, n, memory_order_release);
	step_off();
}

static bool is_target(size_t i, size_t d, size_t n)
{
	return i >= MARGIN + d && i < MARGIN + d + n;
}

static void check_once(const char *name, pagecopy_user_fn *copy, size_t d,
		       size_t s, size_t n)
{
	size_t i;

	count_stores(copy, d, s, n);
	assert_true(steps > 0);
	for (i = 0; i < watched; i++)
		if (stores[i] != is_target(i, d, n))
			fail_msg("store of %s, movsb from %zu: %zu bytes, "
				 "dst+%zu, src+%zu: byte %zd stored %d times",
				 name, pagecopy_user_movsb_from, n, d, s,
				 (ssize_t)i - (ssize_t)(MARGIN + d), stores[i]);
}

static void check_store(const struct pagecopy_user_variant *v,
			size_t movsb_from, const size_t sizes[3])
{
	static const size_t offsets[] = { 0, 1, 7, 16, 31, 45, 63 };
	size_t n, i;

	pagecopy_user_movsb_from = movsb_from;
	for (n = sizes[0]; n <= sizes[1]; n += sizes[2])
		for (i = n; i < n + 2; i++)
			check_once(v->name, v->store,
				   offsets[i % ARRAY_SIZE(offsets)],
				   n % 3, n);
}

/* From, to, step; each turn of a `rep movsb` is a step of its own. */
static void test_each_byte_is_stored_once(void **state)
{
	static const size_t small[] = { 0, 300, 1 };
	static const size_t large[] = { 301, 900, 47 };
	static const size_t by_movsb[] = { 513, 700, 61 };
	const struct pagecopy_user_variant *v = pagecopy_user_variants;
	unsigned int i;

	(void)state;
	for (i = 0; i < pagecopy_user_nr_variants; i++, v++) {
		if (!v->here())
			continue;
		check_store(v, NEVER, small);
		check_store(v, NEVER, large);
		check_store(v, 290, by_movsb);
	}
}

static void test_a_second_store_shows(void **state)
{
	const struct pagecopy_user_variant *v = pagecopy_user_variants;
	size_t i, again = 0;

	(void)state;
	while (!v->here())
		v++;
	count_stores(v->load, 0, 0, 100);
	for (i = 0; i < watched; i++)
		again += stores[i] > 1;
	assert_true(again > 0);
}

static int prepare(void **state)
{
	struct sigaction sa = { .sa_handler = on_step };
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(source); i++)
		source[i] = i % POISON;
	return sigaction(SIGTRAP, &sa, NULL);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_each_byte_is_stored_once),
		cmocka_unit_test(test_a_second_store_shows),
	};

	return cmocka_run_group_tests_name("libpagecopy-once", tests, prepare,
					   NULL);
}

#else

int main(void)
{
	puts("skip: steps through x86-64 code only");
	return 77;
}

#endif
