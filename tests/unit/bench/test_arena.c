// SPDX-License-Identifier: MIT
#include "test.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>

#include "arena.h"

static struct arena a;
static char why[300];

static struct layout layout(uint32_t size, uint32_t offset, uint32_t shift,
			    uint32_t depth)
{
	const struct cell c = {
		.threads = 1,
		.buffer = PAGECOPY_BUF_USER,
		.size = size,
		.offset = offset,
		.buf_offset = shift,
		.depth = depth,
	};
	struct layout l;

	layout_of(&c, 0, &l);
	return l;
}

/* Buffers with their guards touch neither each other nor the ends. */
static void check_apart(const struct layout *l)
{
	const size_t need = arena_need(l);
	size_t end = 0;
	uint32_t i;

	for (i = 0; i < l->buffers; i++) {
		size_t at = (size_t)arena_at(&a, l, i) + l->shift;

		assert_true(at - GUARD >= end);
		end = at + l->page_bytes + GUARD;
	}
	assert_true(end <= need);
}

static void test_buffers_lie_apart(void **state)
{
	static const uint32_t shifts[] = { 0, 1, 8, 4095, 4096, 5000, 2 << 20 };
	static const uint32_t sizes[] = { 1, 4096, 4097, 1 << 20, 2 << 20 };
	unsigned int i, k;

	(void)state;
	/* Only addresses are looked at. */
	a.base = NULL;
	for (i = 0; i < ARRAY_SIZE(shifts); i++)
		for (k = 0; k < ARRAY_SIZE(sizes); k++) {
			struct layout l = layout(sizes[k], 0, shifts[i], 256);

			check_apart(&l);
			assert_true(l.buffers);
			assert_true(arena_need(&l) < LAYOUT_BYTES + (8U << 20));
		}
}

static void test_places_begin_on_a_page(void **state)
{
	struct layout l = layout(100, 0, 4090, 3);

	(void)state;
	a.base = NULL;
	assert_int_equal((size_t)arena_at(&a, &l, 2) % 4096, 0);
	/* 100 bytes, 6 of them in the first page. */
	assert_int_equal(l.shift, 4090);
}

static void test_threads_share_what_there_is(void **state)
{
	struct cell c = {
		.buffer = PAGECOPY_BUF_KERNEL,
		.size = 4096,
		.depth = 256,
		.threads = 16,
	};
	struct layout l;

	(void)state;
	layout_of(&c, 0, &l);
	assert_int_equal(l.buffers, 128);
	assert_int_equal(l.total, 16 * 128);
	/* One open file has 256 pages, two for each buffer. */
	c.share = 1;
	layout_of(&c, 0, &l);
	assert_int_equal(l.buffers, 8);
	/* And not more than so many bytes. */
	layout_of(&c, 64 * 4096, &l);
	assert_int_equal(l.buffers, 2);
	c.buffer = PAGECOPY_BUF_USER;
	c.size = 2 << 20;
	c.threads = THREADS_MAX;
	layout_of(&c, 0, &l);
	assert_int_equal(l.buffers, 1);
	assert_int_equal(l.total, THREADS_MAX);
}

static void test_more_memory_than_there_is_says_why(void **state)
{
	(void)state;
	assert_int_equal(arena_open(&a, 1UL << 46, MEMORY_HUGE, why,
				    sizeof(why)), -EOPNOTSUPP);
	assert_non_null(strstr(why, "vm.nr_hugepages"));
	assert_null(a.base);
}

/* AnonHugePages of all mappings that overlap the area, in KiB. */
static size_t kib_of_huge_pages(void)
{
	unsigned long start, end, base = (unsigned long)a.base;
	size_t sum = 0, kib;
	bool inside = false;
	char line[512];
	FILE *f = fopen("/proc/self/smaps", "r");

	assert_non_null(f);
	while (fgets(line, sizeof(line), f)) {
		if (sscanf(line, "%lx-%lx ", &start, &end) == 2)
			inside = start < base + a.bytes && end > base;
		else if (inside && sscanf(line, "AnonHugePages: %zu", &kib) == 1)
			sum += kib;
	}
	fclose(f);
	return sum;
}

static void test_pages_are_what_was_asked_for(void **state)
{
	(void)state;
	assert_int_equal(arena_open(&a, 5 << 20, MEMORY_4K, why, sizeof(why)),
			 0);
	assert_int_equal(kib_of_huge_pages(), 0);
	arena_close(&a);
	if (arena_open(&a, 5 << 20, MEMORY_THP, why, sizeof(why))) {
		print_message("thp: %s\n", why);
		assert_true(strstr(why, "transparent"));
		return;
	}
	assert_int_equal((size_t)a.base % (2 << 20), 0);
	assert_int_equal(kib_of_huge_pages(), 6 << 10);
	arena_close(&a);
}

/* The kernel takes the advice and does not follow it. */
static void test_huge_pages_that_are_not_given_are_missed(void **state)
{
	int ret;

	(void)state;
	assert_int_equal(prctl(PR_SET_THP_DISABLE, 1, 0, 0, 0), 0);
	ret = arena_open(&a, 5 << 20, MEMORY_THP, why, sizeof(why));
	prctl(PR_SET_THP_DISABLE, 0, 0, 0, 0);
	assert_int_equal(ret, -EOPNOTSUPP);
	assert_non_null(strstr(why, "transparent"));
	assert_null(a.base);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_buffers_lie_apart),
		cmocka_unit_test(test_places_begin_on_a_page),
		cmocka_unit_test(test_threads_share_what_there_is),
		cmocka_unit_test(test_more_memory_than_there_is_says_why),
		cmocka_unit_test(test_pages_are_what_was_asked_for),
		cmocka_unit_test(test_huge_pages_that_are_not_given_are_missed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
