// SPDX-License-Identifier: MIT
#include "test.h"

#include <math.h>
#include <stdlib.h>

#include "hist.h"
#include "pattern.h"

#define SAMPLES		200000
#define ERROR_MAX	0.008

static struct hist hist;

static int by_value(const void *a, const void *b)
{
	uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

	return (x > y) - (x < y);
}

static void test_empty_has_no_quantile(void **state)
{
	(void)state;
	hist_clear(&hist);
	assert_true(isnan(hist_quantile(&hist, 0.5)));
	assert_true(isnan(hist_mean(&hist)));
	assert_int_equal(hist.max, 0);
}

static void test_index_is_monotonic_and_in_range(void **state)
{
	unsigned int last = 0, index, shift;
	uint64_t v;

	(void)state;
	for (v = 0; v < 1 << 16; v++) {
		index = hist_index(v);
		assert_true(index == last || index == last + 1);
		last = index;
	}
	for (shift = 16; shift < 64; shift++) {
		v = 1ULL << shift;
		assert_int_equal(hist_index(v), hist_index(v - 1) + 1);
	}
	assert_int_equal(hist_index(UINT64_MAX), HIST_BUCKETS - 1);
}

static void test_one_value_is_its_own_quantile(void **state)
{
	static const uint64_t values[] = { 0, 1, 127, 128, 255, 256, 1000003,
					   1ULL << 40, UINT64_MAX };
	unsigned int i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(values); i++) {
		double v = (double)values[i], q;

		hist_clear(&hist);
		hist_record(&hist, values[i], 1);
		q = hist_quantile(&hist, 0.5);
		assert_true(fabs(q - v) <= ERROR_MAX * v);
		assert_true(q <= v);
		assert_true(hist.max == values[i]);
	}
}

static void test_small_values_are_exact(void **state)
{
	uint64_t v;

	(void)state;
	hist_clear(&hist);
	for (v = 1; v <= 100; v++)
		hist_record(&hist, v, 1);
	assert_true(hist_quantile(&hist, 0) == 1);
	assert_true(hist_quantile(&hist, 0.5) == 50);
	assert_true(hist_quantile(&hist, 0.99) == 99);
	assert_true(hist_quantile(&hist, 1) == 100);
	assert_true(hist_mean(&hist) == 50.5);
}

static void test_count_stands_for_so_many_values(void **state)
{
	(void)state;
	hist_clear(&hist);
	hist_record(&hist, 10, 990);
	hist_record(&hist, 100, 10);
	assert_int_equal(hist.count, 1000);
	assert_true(hist_mean(&hist) == 10.9);
	assert_true(hist_quantile(&hist, 0.99) == 10);
	assert_true(hist_quantile(&hist, 0.991) == 100);
}

/* Against the sorted samples themselves. */
static void compare(uint64_t *samples, unsigned int nr)
{
	static const double qs[] = { 0.001, 0.1, 0.5, 0.9, 0.99, 0.999,
				     0.9999, 1 };
	unsigned int i;

	qsort(samples, nr, sizeof(*samples), by_value);
	for (i = 0; i < ARRAY_SIZE(qs); i++) {
		unsigned int rank = (unsigned int)ceil(qs[i] * nr);
		double exact = (double)samples[rank - 1];
		double got = hist_quantile(&hist, qs[i]);

		if (fabs(got - exact) > ERROR_MAX * exact)
			fail_msg("quantile %g: %.1f; exact %.1f", qs[i], got,
				 exact);
	}
	assert_true(hist.max == samples[nr - 1]);
}

static uint64_t uniform(uint64_t i)
{
	return pattern_mix(i) % 1000000;
}

/* Over twelve octaves, most of it at the lower end. */
static uint64_t long_tail(uint64_t i)
{
	double u = (double)(pattern_mix(i) >> 11) / 9007199254740992.0;

	return (uint64_t)(200 / pow(1 - u, 0.7));
}

/* The two ways a command may go. */
static uint64_t two_modes(uint64_t i)
{
	uint64_t r = pattern_mix(i);

	return r % 100 < 97 ? 300 + r / 100 % 40 : 25000 + r / 100 % 9000;
}

static void test_quantiles_are_within_the_error(void **state)
{
	static uint64_t (*const shapes[])(uint64_t i) = { uniform, long_tail,
							  two_modes };
	uint64_t *samples = malloc(SAMPLES * sizeof(*samples));
	unsigned int shape, i;

	(void)state;
	assert_non_null(samples);
	for (shape = 0; shape < ARRAY_SIZE(shapes); shape++) {
		double sum = 0;

		hist_clear(&hist);
		for (i = 0; i < SAMPLES; i++) {
			samples[i] = shapes[shape](i);
			sum += (double)samples[i];
			hist_record(&hist, samples[i], 1);
		}
		compare(samples, SAMPLES);
		assert_true(fabs(hist_mean(&hist) * SAMPLES - sum) <
			    1e-9 * sum);
	}
	free(samples);
}

static void test_merged_is_as_recorded_together(void **state)
{
	static struct hist a, b, both;
	uint64_t v;

	(void)state;
	hist_clear(&a);
	hist_clear(&b);
	hist_clear(&both);
	for (v = 1; v < 1U << 30; v = v * 3 + 1) {
		hist_record(v % 2 ? &a : &b, v, v % 7 + 1);
		hist_record(&both, v, v % 7 + 1);
	}
	hist_record(&b, 1ULL << 40, 1);
	hist_record(&both, 1ULL << 40, 1);
	hist_merge(&a, &b);
	assert_memory_equal(&a, &both, sizeof(a));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_merged_is_as_recorded_together),
		cmocka_unit_test(test_empty_has_no_quantile),
		cmocka_unit_test(test_index_is_monotonic_and_in_range),
		cmocka_unit_test(test_one_value_is_its_own_quantile),
		cmocka_unit_test(test_small_values_are_exact),
		cmocka_unit_test(test_count_stands_for_so_many_values),
		cmocka_unit_test(test_quantiles_are_within_the_error),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
