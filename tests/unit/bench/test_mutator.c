// SPDX-License-Identifier: MIT
#include "test.h"

#include <errno.h>
#include <pthread.h>
#include <sched.h>
#include <string.h>
#include <unistd.h>

#include "cpu.h"
#include "mutator.h"
#include "rewrite.h"

#define LINE	GENERATION_LINE
#define LEN	((size_t)16 * LINE)

static _Alignas(GENERATION_PAGE) unsigned char memory[GENERATION_PAGE];

static unsigned int differ(unsigned int a, unsigned int b)
{
	return (unsigned int)__builtin_popcount(a ^ b);
}

static void test_neighbours_have_no_word_between_them(void **state)
{
	struct generations g;
	unsigned int i, bits;

	(void)state;
	generations_init(&g);
	for (i = 0; i < GENERATIONS; i++) {
		const uint8_t a = g.word[i], b = g.word[(i + 1) % GENERATIONS];

		assert_int_equal(differ(a, b), 4);
		for (bits = 0; bits < 256; bits++) {
			const uint8_t mix = (uint8_t)((a & bits) | (b & ~bits));

			if (mix != a && mix != b)
				assert_int_equal(g.of[mix], GENERATION_NONE);
		}
	}
}

static void test_words_are_all_different(void **state)
{
	struct generations g;
	unsigned int i, k, known = 0;

	(void)state;
	generations_init(&g);
	for (i = 0; i < GENERATIONS; i++)
		for (k = 0; k < i; k++)
			assert_true(differ(g.word[i], g.word[k]) >= 4);
	for (i = 0; i < 256; i++)
		known += g.of[i] != GENERATION_NONE;
	assert_int_equal(known, GENERATIONS);
}

static void test_a_generation_is_written_as_it_is_read(void **state)
{
	struct generations g;
	unsigned int nr, i;

	(void)state;
	generations_init(&g);
	for (nr = 0; nr < 2 * GENERATIONS; nr++) {
		memset(memory, 0, sizeof(memory));
		/* Not from the start: the mask is that of the place. */
		g.write(&g, memory + 3 * LINE, LEN, nr);
		for (i = 0; i < sizeof(memory); i++) {
			const bool in = i >= 3 * LINE && i < 3 * LINE + LEN;

			assert_int_equal(memory[i],
					 in ? generation_byte(&g, nr, i) : 0);
			if (in)
				assert_int_equal(generation_of(&g, memory[i], i),
						 nr % GENERATIONS);
		}
	}
}

/* What a thread of the test did. */
struct turns {
	uint64_t nr;
	uint64_t last;
	bool in_order;
};

static void count(void *arg, uint64_t nr)
{
	struct turns *t = arg;

	t->in_order = t->in_order && nr == t->last + 1;
	t->last = nr;
	__atomic_store_n(&t->nr, t->nr + 1, __ATOMIC_RELAXED);
}

static void test_turns_are_counted_once(void **state)
{
	struct turns t = { .in_order = true };
	struct mutator m;
	uint64_t nr;

	(void)state;
	assert_int_equal(mutator_start(&m, count, &t, -1), 0);
	assert_true(__atomic_load_n(&t.nr, __ATOMIC_RELAXED) >= 1);
	while (__atomic_load_n(&t.nr, __ATOMIC_RELAXED) < 1000)
		;
	nr = mutator_stop(&m);
	assert_true(t.in_order);
	assert_int_equal(t.last, nr);
	assert_int_equal(t.nr, nr);
	usleep(2000);
	assert_int_equal(__atomic_load_n(&t.nr, __ATOMIC_RELAXED), nr);
}

static void test_it_runs_where_it_shall(void **state)
{
	struct turns t = { .in_order = true };
	struct mutator m;
	struct cpus cpus;
	unsigned int i;

	(void)state;
	assert_int_equal(cpus_read(&cpus), 0);
	for (i = 0; i < cpus.nr; i++) {
		cpu_set_t set;

		assert_int_equal(mutator_start(&m, count, &t, cpus.cpu[i]), 0);
		assert_int_equal(pthread_getaffinity_np(m.thread, sizeof(set),
							&set), 0);
		mutator_stop(&m);
		assert_int_equal(CPU_COUNT(&set), 1);
		assert_true(CPU_ISSET(cpus.cpu[i], &set));
	}
}

static void test_without_its_cpu_it_does_nothing(void **state)
{
	struct turns t = { .in_order = true };
	struct mutator m;

	(void)state;
	assert_int_equal(mutator_start(&m, count, &t, CPUS_MAX - 1), -EINVAL);
	assert_int_equal(t.nr, 0);
}

static void test_a_rewrite_that_stops_has_stopped(void **state)
{
	unsigned char was[GENERATION_PAGE];
	struct generations g;
	struct rewrite r;

	(void)state;
	generations_init(&g);
	memset(memory, 0x11, sizeof(memory));
	assert_int_equal(rewrite_start(&r, &g, memory + LINE, LEN, -1), 0);
	assert_true(rewrite_stop(&r) >= 1);
	memcpy(was, memory, sizeof(was));
	usleep(2000);
	assert_memory_equal(was, memory, sizeof(was));
	/* Outside its range nothing has changed. */
	assert_int_equal(memory[LINE - 1], 0x11);
	assert_int_equal(memory[LINE + LEN], 0x11);
}

/* The last generation is whole: the thread ends between two of them. */
static void test_the_count_is_that_of_the_last_generation(void **state)
{
	struct generations g;
	struct rewrite r;
	uint64_t nr;
	size_t i;

	(void)state;
	generations_init(&g);
	assert_int_equal(rewrite_start(&r, &g, memory, LEN, -1), 0);
	nr = rewrite_stop(&r);
	for (i = 0; i < LEN; i++)
		assert_int_equal(generation_of(&g, memory[i], i),
				 nr % GENERATIONS);
}

/* What a copy finds that is faster than the thread. */
static void test_generation_0_comes_before_the_thread(void **state)
{
	struct generations g;
	struct rewrite r;
	size_t i;

	(void)state;
	generations_init(&g);
	memset(memory, 0, sizeof(memory));
	assert_int_equal(rewrite_start(&r, &g, memory, LEN, CPUS_MAX - 1),
			 -EINVAL);
	for (i = 0; i < LEN; i++)
		assert_int_equal(memory[i], generation_byte(&g, 0, i));
}

static void test_what_cannot_be_is_refused(void **state)
{
	struct generations g;
	struct rewrite r;

	(void)state;
	generations_init(&g);
	assert_int_equal(rewrite_start(&r, &g, memory, 0, -1), -EINVAL);
	assert_int_equal(rewrite_start(&r, &g, memory + 8, LINE, -1), -EINVAL);
	assert_int_equal(rewrite_start(&r, &g, memory, LINE + 8, -1), -EINVAL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_neighbours_have_no_word_between_them),
		cmocka_unit_test(test_words_are_all_different),
		cmocka_unit_test(test_a_generation_is_written_as_it_is_read),
		cmocka_unit_test(test_turns_are_counted_once),
		cmocka_unit_test(test_it_runs_where_it_shall),
		cmocka_unit_test(test_without_its_cpu_it_does_nothing),
		cmocka_unit_test(test_a_rewrite_that_stops_has_stopped),
		cmocka_unit_test(test_the_count_is_that_of_the_last_generation),
		cmocka_unit_test(test_generation_0_comes_before_the_thread),
		cmocka_unit_test(test_what_cannot_be_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
