// SPDX-License-Identifier: MIT
/* Groups, and the order in which a round visits them. */
#include "sweep.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "visit.h"

static int by_bytes(const void *a, const void *b)
{
	return memcmp(a, b, sizeof(struct cell));
}

/* The cells of a round, in walking order; the caller frees them. */
static struct cell *walk(uint64_t seed, uint64_t round)
{
	struct cell *cells = calloc(m.cells, sizeof(*cells));
	static struct group g;
	struct walk w;
	uint64_t nr = 0;

	assert_non_null(cells);
	walk_start(&w, &m, seed, round);
	while (walk_next(&w, &g)) {
		assert_true(nr + g.nr <= m.cells);
		memcpy(cells + nr, g.cell, g.nr * sizeof(*cells));
		nr += g.nr;
	}
	assert_int_equal(nr, m.cells);
	return cells;
}

static void test_a_round_has_every_cell_once(void **state)
{
	struct cell *cells;
	uint64_t round, i;

	(void)state;
	for (round = 0; round < 20; round++) {
		cells = walk(1, round);
		qsort(cells, m.cells, sizeof(*cells), by_bytes);
		for (i = 1; i < m.cells; i++)
			assert_true(by_bytes(&cells[i - 1], &cells[i]));
		free(cells);
	}
}

static void test_order_depends_on_seed_and_round_alone(void **state)
{
	struct cell *a = walk(5, 2), *b = walk(5, 2);
	struct cell *other_round = walk(5, 3), *other_seed = walk(6, 2);
	size_t bytes = m.cells * sizeof(*a);

	(void)state;
	assert_memory_equal(a, b, bytes);
	assert_memory_not_equal(a, other_round, bytes);
	assert_memory_not_equal(a, other_seed, bytes);
	free(a);
	free(b);
	free(other_round);
	free(other_seed);
}

/* A cell is not tied to a part of the round, nor to its neighbour. */
static void test_order_is_mixed(void **state)
{
	uint64_t round, i, early = 0, behind = 0;
	struct cell *cells;

	(void)state;
	for (round = 0; round < 400; round++) {
		cells = walk(9, round);
		for (i = 0; i < m.cells; i++) {
			if (cells[i].path != PATH_NOP || cells[i].depth != 1 ||
			    cells[i].twin)
				continue;
			early += i < m.cells / 2;
			behind += i && cells[i - 1].path == PATH_NULL;
		}
		free(cells);
	}
	/* 200 +- 10 and 400 * 2 / 38 +- 5; the seeds are fixed. */
	assert_in_range(early, 150, 250);
	assert_in_range(behind, 1, 45);
}

/* What @g is made of, but for the axis of the pairs. */
static void check_group(const struct group *g)
{
	const struct cell *twin = &g->cell[g->nr - 1];
	unsigned int i;

	assert_in_range(g->nr, 2, GROUP_MAX);
	for (i = 0; i < g->nr; i++) {
		assert_int_equal(g->cell[i].twin, i == g->nr - 1);
		assert_true(cell_same_place(&g->cell[i], twin));
	}
	assert_int_equal(g->cell[g->base].strategy, twin->strategy);
	/* Something that copies, where there is such a cell. */
	if (g->nr > 2)
		assert_int_equal(twin->strategy, PAGECOPY_S_raw);
}

static void test_a_group_differs_in_what_copies_alone(void **state)
{
	static struct group g;
	uint64_t i, groups = 0, cells = 0;

	(void)state;
	for (i = 0; i < matrix_group_space(&m); i++) {
		if (!matrix_group(&m, i, &g))
			continue;
		check_group(&g);
		groups++;
		cells += g.nr;
	}
	/* uring: read 4 x 2, touch 4 x 2, nop; null; nop; user 4. */
	assert_int_equal(groups, 2 * (8 + 8 + 1 + 1 + 1 + 4));
	assert_int_equal(groups, m.groups);
	assert_int_equal(cells, m.cells);
	assert_int_equal(cells, REAL + groups);
}

static void test_any_axis_may_make_the_pairs(void **state)
{
	static struct group g;
	struct walk w;

	(void)state;
	o.pair = AXIS_DEPTH;
	matrix_init(&m, &o, &everything);
	walk_start(&w, &m, 3, 0);
	while (walk_next(&w, &g)) {
		assert_int_equal(g.nr, 3);
		assert_int_equal(g.cell[0].depth, 1);
		assert_int_equal(g.cell[1].depth, 8);
		assert_int_equal(g.cell[2].depth, 1);
		assert_int_equal(g.cell[0].strategy, g.cell[1].strategy);
		assert_false(cell_same_place(&g.cell[0], &g.cell[1]));
	}
}

static void test_single_cell_is_walked(void **state)
{
	struct cell *cells;

	(void)state;
	AXIS(AXIS_PATH, PATH_NOP);
	AXIS(AXIS_DEPTH, 3);
	matrix_init(&m, &o, NULL);
	assert_int_equal(REAL, 1);
	cells = walk(1, 1);
	assert_int_equal(cells[0].depth, 3);
	assert_int_equal(cells[1].depth, 3);
	assert_true(cells[1].twin);
	free(cells);
}

/* Whatever changes linearly with time weighs the same on each member. */
static void test_turns_are_balanced(void **state)
{
	unsigned int turns[2 * GROUP_MAX], sum[GROUP_MAX], nr, i;
	uint64_t key;

	(void)state;
	for (nr = 1; nr <= GROUP_MAX; nr++)
		for (key = 0; key < 20; key++) {
			memset(sum, 0, sizeof(sum));
			assert_int_equal(visit_turns(turns, nr, key), 2 * nr);
			for (i = 0; i < 2 * nr; i++) {
				assert_in_range(turns[i], 0, nr - 1);
				sum[turns[i]] += i;
			}
			for (i = 0; i < nr; i++)
				assert_int_equal(sum[i], 2 * nr - 1);
		}
}

/* Each of three is first, in the middle and last about as often. */
static void test_turns_are_shuffled(void **state)
{
	unsigned int turns[6], seen[3][3] = { 0 }, i;
	uint64_t key;

	(void)state;
	for (key = 0; key < 900; key++) {
		visit_turns(turns, 3, key);
		for (i = 0; i < 3; i++)
			seen[i][turns[i]]++;
	}
	/* 300 +- 14; the keys are fixed. */
	for (i = 0; i < 9; i++)
		assert_in_range(seen[i / 3][i % 3], 240, 360);
}

int main(void)
{
#define T(f)	cmocka_unit_test_setup(f, setup)
	const struct CMUnitTest tests[] = {
		T(test_a_round_has_every_cell_once),
		T(test_order_depends_on_seed_and_round_alone),
		T(test_order_is_mixed),
		T(test_a_group_differs_in_what_copies_alone),
		T(test_any_axis_may_make_the_pairs),
		T(test_single_cell_is_walked),
		T(test_turns_are_balanced),
		T(test_turns_are_shuffled),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
