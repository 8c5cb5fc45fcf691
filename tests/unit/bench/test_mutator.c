// SPDX-License-Identifier: MIT
#include "test.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "cpu.h"
#include "mutator.h"

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

static void test_what_stops_has_stopped(void **state)
{
	static const enum mutator_how hows[] = {
		MUTATOR_PATTERN, MUTATOR_WRITE, MUTATOR_READ,
	};
	unsigned char was[GENERATION_PAGE];
	struct mutator m;
	unsigned int i;

	(void)state;
	for (i = 0; i < 3; i++) {
		memset(memory, 0x11, sizeof(memory));
		assert_int_equal(mutator_start(&m, memory + LINE, LEN, hows[i],
					       -1), 0);
		assert_true(mutator_stop(&m) >= 1);
		memcpy(was, memory, sizeof(was));
		usleep(2000);
		assert_memory_equal(was, memory, sizeof(was));
		/* Outside its range nothing has changed. */
		assert_int_equal(memory[LINE - 1], 0x11);
		assert_int_equal(memory[LINE + LEN], 0x11);
		if (hows[i] == MUTATOR_READ)
			assert_int_equal(memory[LINE], 0x11);
	}
}

/* The last generation is whole: the thread ends between two of them. */
static void test_the_count_is_that_of_the_last_generation(void **state)
{
	struct mutator m;
	uint64_t nr;
	size_t i;

	(void)state;
	assert_int_equal(mutator_start(&m, memory, LEN, MUTATOR_PATTERN, -1),
			 0);
	nr = mutator_stop(&m);
	for (i = 0; i < LEN; i++)
		assert_int_equal(generation_of(&m.generations, memory[i], i),
				 nr % GENERATIONS);
}

static void test_each_line_of_a_range_is_stored_to(void **state)
{
	struct mutator m;
	unsigned int i;

	(void)state;
	memset(memory, 0, sizeof(memory));
	/* From the last byte of line 0 to the first of line 3. */
	assert_int_equal(mutator_start(&m, memory + LINE - 1, 2 * LINE + 2,
				       MUTATOR_WRITE, -1), 0);
	/* Its value is the count, which is 0 once in 256. */
	if (!(mutator_stop(&m) % 256))
		return;
	for (i = 0; i < 5 * LINE; i++)
		assert_int_equal(!!memory[i], i == LINE - 1 || i == LINE ||
				 i == 2 * LINE || i == 3 * LINE);
}

static void test_what_cannot_be_is_refused(void **state)
{
	struct mutator m;

	(void)state;
	assert_int_equal(mutator_start(&m, memory, 0, MUTATOR_READ, -1),
			 -EINVAL);
	assert_int_equal(mutator_start(&m, memory + 8, LINE, MUTATOR_PATTERN,
				       -1), -EINVAL);
	assert_int_equal(mutator_start(&m, memory, LINE + 8, MUTATOR_PATTERN,
				       -1), -EINVAL);
	assert_int_equal(mutator_start(&m, memory, LINE, MUTATOR_WRITE,
				       CPUS_MAX - 1), -EINVAL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_neighbours_have_no_word_between_them),
		cmocka_unit_test(test_words_are_all_different),
		cmocka_unit_test(test_a_generation_is_written_as_it_is_read),
		cmocka_unit_test(test_what_stops_has_stopped),
		cmocka_unit_test(test_the_count_is_that_of_the_last_generation),
		cmocka_unit_test(test_each_line_of_a_range_is_stored_to),
		cmocka_unit_test(test_what_cannot_be_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
