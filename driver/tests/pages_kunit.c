// SPDX-License-Identifier: GPL-2.0-only
/* Device pages: bounds at every edge, caps, and what is accounted. */
#include "../internal.h"

#include <kunit/test.h>
#include <linux/err.h>

#define MAX_BYTES	(64ULL << 20)

static int pages_init(struct kunit *test)
{
	test->priv = pc_user_get();
	KUNIT_ASSERT_NOT_NULL(test, test->priv);
	return 0;
}

static void pages_exit(struct kunit *test)
{
	if (test->priv)
		pc_user_put(test->priv);
}

static struct pc_pages *pages_of(struct kunit *test, u32 order, u32 nr)
{
	const struct pagecopy_setup setup = { .order = order, .nr_pages = nr };
	struct pc_pages *pages;

	pages = pc_pages_alloc(&setup, MAX_BYTES, test->priv);
	KUNIT_ASSERT_FALSE(test, IS_ERR(pages));
	return pages;
}

static s64 live_pages(void)
{
	s64 sum = 0;
	int cpu;

	for_each_possible_cpu(cpu)
		sum += per_cpu_ptr(&pc_live, cpu)->pages;
	return sum;
}

/* Around every edge of the range, in both fields: only the inside is given. */
static void range_edges(struct kunit *test)
{
	static const u32 edges[] = {
		0, 1, 4095, 4096, 4097, 8191, 8192, 8193, 1U << 31,
		0xffffe000, 0xfffff000, 0xffffffff,
	};
	struct pc_pages *pages = pages_of(test, 1, 2);
	const u32 bytes = 2 * PAGE_SIZE;
	unsigned int i, j, page;

	for (page = 0; page < 2; page++) {
		void *base = page_address(pages->page[page]);

		for (i = 0; i < ARRAY_SIZE(edges); i++) {
			for (j = 0; j < ARRAY_SIZE(edges); j++) {
				const u32 at = edges[i], len = edges[j];
				void *got = pc_pages_range(pages, page, at, len);

				if ((u64)at + len <= bytes)
					KUNIT_EXPECT_PTR_EQ(test, got, base + at);
				else
					KUNIT_EXPECT_EQ(test, PTR_ERR(got), -EINVAL);
			}
		}
	}
	pc_pages_free(pages, test->priv);
}

static void range_page_number(struct kunit *test)
{
	static const u64 outside[] = { 2, 255, 256, 1ULL << 32, U64_MAX };
	struct pc_pages *pages = pages_of(test, 0, 2);
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(outside); i++)
		KUNIT_EXPECT_EQ(test,
				PTR_ERR(pc_pages_range(pages, outside[i], 0, 0)),
				-ENXIO);
	KUNIT_EXPECT_EQ(test, PTR_ERR(pc_pages_range(NULL, 0, 0, 0)), -ENXIO);
	pc_pages_free(pages, test->priv);
}

/* Every order: the last byte is within, the next is not, all bytes are zero. */
static void range_of_every_order(struct kunit *test)
{
	unsigned int order;

	for (order = 0; order <= PAGECOPY_ORDER_MAX; order++) {
		struct pc_pages *pages = pages_of(test, order, 1);
		const size_t bytes = PAGE_SIZE << order;
		void *all = pc_pages_range(pages, 0, 0, bytes);

		KUNIT_ASSERT_FALSE(test, IS_ERR(all));
		KUNIT_EXPECT_NULL(test, memchr_inv(all, 0, bytes));
		KUNIT_EXPECT_PTR_EQ(test,
				    pc_pages_range(pages, 0, bytes - 1, 1),
				    all + bytes - 1);
		KUNIT_EXPECT_EQ(test, PTR_ERR(pc_pages_range(pages, 0, bytes, 1)),
				-EINVAL);
		pc_pages_free(pages, test->priv);
	}
}

static void setup_refusals(struct kunit *test)
{
	static const struct {
		struct pagecopy_setup setup;
		int err;
	} bad[] = {
		{ { .order = 10, .nr_pages = 1 }, -EINVAL },
		{ { .order = 0xffffffff, .nr_pages = 1 }, -EINVAL },
		{ { .order = 0, .nr_pages = 0 }, -EINVAL },
		{ { .order = 0, .nr_pages = 257 }, -EINVAL },
		{ { .order = 0, .nr_pages = 1, .resv = { 1 } }, -EINVAL },
		{ { .order = 0, .nr_pages = 1, .resv = { 0, 1 } }, -EINVAL },
		{ { .order = 9, .nr_pages = 33 }, -EDQUOT },
		{ { .order = 9, .nr_pages = 256 }, -EDQUOT },
	};
	const s64 before = live_pages();
	struct pc_user *user = test->priv;
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(bad); i++)
		KUNIT_EXPECT_EQ(test,
				PTR_ERR(pc_pages_alloc(&bad[i].setup, MAX_BYTES,
						       user)), bad[i].err);
	KUNIT_EXPECT_EQ(test, live_pages(), before);
	KUNIT_EXPECT_EQ(test, atomic_long_read(&user->pages), 0);
}

/* What is held is on the account and in the gauge, and leaves both. */
static void accounting(struct kunit *test)
{
	struct pc_user *user = test->priv;
	const s64 before = live_pages();
	struct pc_pages *one, *two;

	one = pages_of(test, 3, 5);
	two = pages_of(test, 0, 7);
	KUNIT_EXPECT_EQ(test, atomic_long_read(&user->pages), 47);
	KUNIT_EXPECT_EQ(test, live_pages() - before, 47);
	pc_pages_free(one, user);
	KUNIT_EXPECT_EQ(test, atomic_long_read(&user->pages), 7);
	pc_pages_free(two, user);
	pc_pages_free(NULL, user);
	KUNIT_EXPECT_EQ(test, atomic_long_read(&user->pages), 0);
	KUNIT_EXPECT_EQ(test, live_pages(), before);
}

/* The cap of a user holds to the page, and a refusal charges nothing. */
static void user_cap(struct kunit *test)
{
	struct pc_user *user = test->priv;
	unsigned long max = 0;

	while (!pc_user_charge(user, 256))
		max += 256;
	KUNIT_EXPECT_EQ(test, atomic_long_read(&user->pages), max);
	KUNIT_EXPECT_EQ(test, pc_user_charge(user, 1), -EDQUOT);
	pc_user_uncharge(user, 1);
	KUNIT_EXPECT_EQ(test, pc_user_charge(user, 2), -EDQUOT);
	KUNIT_EXPECT_EQ(test, pc_user_charge(user, 1), 0);
	pc_user_uncharge(user, max);
	KUNIT_EXPECT_EQ(test, atomic_long_read(&user->pages), 0);
}

/* One account a user, which ends with its last file. */
static void user_is_shared(struct kunit *test)
{
	struct pc_user *again = pc_user_get();

	KUNIT_EXPECT_PTR_EQ(test, again, test->priv);
	KUNIT_EXPECT_EQ(test, again->files, 2);
	pc_user_put(again);
	KUNIT_EXPECT_EQ(test, again->files, 1);
}

static struct kunit_case pages_cases[] = {
	KUNIT_CASE(range_edges),
	KUNIT_CASE(range_page_number),
	KUNIT_CASE(range_of_every_order),
	KUNIT_CASE(setup_refusals),
	KUNIT_CASE(accounting),
	KUNIT_CASE(user_cap),
	KUNIT_CASE(user_is_shared),
	{}
};

static struct kunit_suite pages_suite = {
	.name = "pagecopy_pages",
	.init = pages_init,
	.exit = pages_exit,
	.test_cases = pages_cases,
};
kunit_test_suite(pages_suite);
