// SPDX-License-Identifier: MIT
#include "sweep.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

static void test_floors_are_counted_once_per_depth(void **state)
{
	(void)state;
	/*
	 * uring: read 3 strategies x 4 sizes x 2 buffers, touch 4 x 2, nop 1;
	 * null 1; nop 1; user: read 3 x 4; all of it at 2 depths.
	 */
	assert_int_equal(REAL, 2 * (24 + 8 + 1 + 1 + 1 + 12));
	assert_int_equal(m.space, 4 * 3 * 3 * 4 * 2 * 2);
}

static void check_cell(const struct cell *c)
{
	bool floor = c->path == PATH_NULL || c->path == PATH_NOP ||
		     c->op == PAGECOPY_OP_NOP;

	if (floor) {
		assert_int_equal(c->strategy, PAGECOPY_S_nop);
		assert_int_equal(c->op, PAGECOPY_OP_NOP);
		assert_int_equal(c->size, 0);
		assert_int_equal(c->offset, 0);
		assert_int_equal(c->buffer, BUFFER_NONE);
	} else {
		assert_int_equal(c->offset, 8);
		assert_true(c->size);
	}
	if (c->op == PAGECOPY_OP_TOUCH)
		assert_int_equal(c->strategy, PAGECOPY_S_nop);
	if (c->path == PATH_USER) {
		assert_int_equal(c->buffer, PAGECOPY_BUF_USER);
		assert_int_equal(c->ring, RING_NR);
	} else {
		assert_int_equal(c->ring, RING_DEFER);
	}
}

static void expect_left_out(const char *want)
{
	char *text = NULL;
	size_t len;
	FILE *f = open_memstream(&text, &len);

	assert_non_null(f);
	matrix_left_out(&m, f);
	fclose(f);
	assert_string_equal(text, want);
	free(text);
}

static void test_floors_exist_once_per_rate(void **state)
{
	(void)state;
	AXIS(AXIS_RATE, RATE_CLOSED, 1000, 2000);
	matrix_init(&m, &o, &everything);
	assert_int_equal(REAL, 3 * 2 * (24 + 8 + 1 + 1 + 1 + 12));
	expect_left_out("");
}

static void test_a_rate_has_no_batches(void **state)
{
	struct cell c;
	uint64_t i;

	(void)state;
	AXIS(AXIS_PATH, PATH_NOP, PATH_USER);
	AXIS(AXIS_DEPTH, 8);
	AXIS(AXIS_BATCH, BATCH_ALL, 4);
	AXIS(AXIS_RATE, RATE_CLOSED, 1000);
	matrix_init(&m, &o, &everything);
	/* nop: each batch, and the rate; user, which has none: both rates. */
	assert_int_equal(REAL, 2 + 1 + 2 * 12);
	expect_left_out("1 cell: with a rate each command is submitted at its "
			"own time, not in a batch");
	for (i = 0; i < m.space; i++)
		if (matrix_cell(&m, i, &c) && c.rate)
			assert_int_equal(c.batch, BATCH_ALL);
}

static void test_buffer_copy_has_no_strategy(void **state)
{
	unsigned int nr = 0;
	struct cell c;
	uint64_t i;

	(void)state;
	AXIS(AXIS_PATH, PATH_URING);
	AXIS(AXIS_BUFFER, PAGECOPY_BUF_FIXED, PAGECOPY_BUF_COPY);
	AXIS(AXIS_COMPLETION, PAGECOPY_COMPLETE_INLINE, PAGECOPY_COMPLETE_WORK);
	matrix_init(&m, &o, &everything);
	for (i = 0; i < m.space; i++) {
		if (!matrix_cell(&m, i, &c) || c.buffer != PAGECOPY_BUF_COPY)
			continue;
		assert_int_equal(c.strategy, PAGECOPY_S_NONE);
		assert_string_equal(cell_strategy(&c), "copy_user");
		assert_int_equal(c.op, PAGECOPY_OP_READ);
		assert_true(cell_copies(&c));
		nr++;
	}
	/* 4 sizes, 2 depths. */
	assert_int_equal(nr, 8);
	expect_left_out("16 cells: op touch maps and pins, which buffer copy "
			"does not; 8 cells: buffer copy needs the submitting "
			"task, completion work leaves it");
}

static void test_ioctl_has_neither_ring_nor_depth(void **state)
{
	unsigned int nr = 0;
	struct cell c;
	uint64_t i;

	(void)state;
	AXIS(AXIS_PATH, PATH_IOCTL);
	AXIS(AXIS_DEPTH, 8, 1);
	AXIS(AXIS_RING, RING_PLAIN, RING_DEFER | RING_IOPOLL);
	AXIS(AXIS_COMPLETION, PAGECOPY_COMPLETE_WORK, PAGECOPY_COMPLETE_POLL);
	matrix_init(&m, &o, &everything);
	for (i = 0; i < m.space; i++) {
		if (!matrix_cell(&m, i, &c))
			continue;
		assert_int_equal(c.ring, RING_NR);
		assert_int_equal(c.depth, 1);
		assert_int_equal(c.completion, PAGECOPY_COMPLETE_INLINE);
		assert_int_equal(c.buffer, c.op == PAGECOPY_OP_NOP ?
				 BUFFER_NONE : PAGECOPY_BUF_USER);
		nr++;
	}
	/* read 3 strategies x 4 sizes, touch 4, nop 1 */
	assert_int_equal(nr, 17);
	/* Without user on the list, fixed stands for it. */
	AXIS(AXIS_BUFFER, PAGECOPY_BUF_FIXED);
	matrix_init(&m, &o, &everything);
	assert_int_equal(REAL, 17);
	AXIS(AXIS_BUFFER, PAGECOPY_BUF_KERNEL, PAGECOPY_BUF_FIXED);
	matrix_init(&m, &o, &everything);
	assert_int_equal(REAL, 33);
}

static void test_mutators_need_memory_in_reach_and_a_cpu(void **state)
{
	unsigned int reads = 0, writes = 0;
	struct cell c;
	uint64_t i;

	(void)state;
	AXIS(AXIS_PATH, PATH_URING, PATH_NOP, PATH_USER);
	AXIS(AXIS_OP, PAGECOPY_OP_READ, PAGECOPY_OP_WRITE, PAGECOPY_OP_NOP);
	AXIS(AXIS_STRATEGY, PAGECOPY_S_nop, PAGECOPY_S_raw);
	AXIS(AXIS_SIZE, 4096);
	AXIS(AXIS_DEPTH, 1);
	AXIS(AXIS_BUFFER, PAGECOPY_BUF_FIXED, PAGECOPY_BUF_KERNEL,
	     PAGECOPY_BUF_COPY);
	AXIS(AXIS_MUTATORS, MUTATORS_NONE, MUTATORS_W1, MUTATORS_W2,
	     MUTATORS_R1, MUTATORS_R2);
	matrix_init(&m, &o, &everything);
	for (i = 0; i < m.space; i++) {
		if (!matrix_cell(&m, i, &c) || !c.mutators)
			continue;
		assert_true(cell_copies(&c));
		if (c.path == PATH_USER)
			continue;
		assert_int_not_equal(c.buffer, PAGECOPY_BUF_KERNEL);
		reads += c.op == PAGECOPY_OP_READ;
		writes += c.op == PAGECOPY_OP_WRITE;
		assert_int_equal(c.op == PAGECOPY_OP_WRITE,
				 c.mutators == MUTATORS_W1 ||
				 c.mutators == MUTATORS_W2);
	}
	/* Two kinds of mutators each, with the buffers fixed and copy. */
	assert_int_equal(reads, 4);
	assert_int_equal(writes, 4);
	i = REAL;
	matrix_cpus(&m, 3);
	assert_int_equal(REAL, i);
	/* w2 and r2 of two ops of path user; one of them each in the module. */
	matrix_cpus(&m, 2);
	assert_int_equal(REAL, i - 4 - 4);
	assert_int_equal(m.left_out[WHY_MUTATOR_CPU], 8);
	matrix_cpus(&m, 1);
	assert_int_equal(REAL, i - 8 - 8);
	AXIS(AXIS_THREADS, 2);
	matrix_init(&m, &o, &everything);
	matrix_cpus(&m, 3);
	assert_int_equal(REAL, i - 4 - 4);
}

static void test_every_cell_is_settled(void **state)
{
	struct cell c;
	uint64_t i;

	(void)state;
	AXIS(AXIS_OFFSET, 8);
	matrix_init(&m, &o, &everything);
	for (i = 0; i < m.space; i++)
		if (matrix_cell(&m, i, &c))
			check_cell(&c);
}

static void test_strategies_the_module_lacks_are_left_out(void **state)
{
	struct pagecopy_info some = {
		.strategies = { 1ULL << PAGECOPY_S_raw },
	};
	static reasons why;

	(void)state;
	AXIS(AXIS_PATH, PATH_URING);
	AXIS(AXIS_OP, PAGECOPY_OP_READ);
	matrix_init(&m, &o, &some);
	assert_int_equal(REAL, 4 * 2 * 2);
	expect_left_out("32 cells: the module lacks nop (unknown to it), "
			"memcpy (unknown to it)");
	m.module_why = (const reasons *)&why;
	strcpy(why[PAGECOPY_S_nop], "lost");
	strcpy(why[PAGECOPY_S_memcpy], "out of order");
	expect_left_out("32 cells: the module lacks nop (lost), "
			"memcpy (out of order)");
	matrix_init(&m, &o, NULL);
	assert_int_equal(REAL, 0);
}

/* Once each, whatever axes say that mean nothing to them. */
static void test_strategies_that_are_not_here_are_left_out(void **state)
{
	(void)state;
	AXIS(AXIS_PATH, PATH_URING, PATH_USER);
	AXIS(AXIS_STRATEGY, PAGECOPY_S_copy_page, PAGECOPY_S_raw,
	     PAGECOPY_S_fpu);
	AXIS(AXIS_RING, RING_DEFER, RING_PLAIN);
	matrix_init(&m, &o, &everything);
	/* uring: read 3 x 4 x 2, touch 4 x 2, nop 1 on 2 rings; user 4. */
	assert_int_equal(REAL, 2 * (2 * (24 + 8 + 1) + 4));
	expect_left_out("16 cells: path user lacks copy_page (in the kernel "
			"only), fpu (in the kernel only)");
}

/* Neither maps nor copies by it, so it need not be there. */
static void test_touch_and_nop_need_no_strategy(void **state)
{
	(void)state;
	AXIS(AXIS_PATH, PATH_URING);
	AXIS(AXIS_OP, PAGECOPY_OP_TOUCH, PAGECOPY_OP_NOP);
	matrix_init(&m, &o, NULL);
	assert_int_equal(REAL, 2 * (8 + 1));
	expect_left_out("");
}

static void test_user_path_has_no_touch(void **state)
{
	(void)state;
	AXIS(AXIS_PATH, PATH_USER);
	AXIS(AXIS_OP, PAGECOPY_OP_TOUCH, PAGECOPY_OP_NOP);
	matrix_init(&m, &o, &everything);
	assert_int_equal(REAL, 0);
}

static void test_memory_is_an_axis_of_user_buffers_alone(void **state)
{
	struct cell c;
	uint64_t i;

	(void)state;
	AXIS(AXIS_BUFFER, PAGECOPY_BUF_KERNEL, PAGECOPY_BUF_USER);
	AXIS(AXIS_PAGES, MEMORY_HUGE, MEMORY_4K, MEMORY_THP);
	AXIS(AXIS_BUF_OFFSET, 8, 100);
	AXIS(AXIS_OFFSET, 4, 0);
	matrix_init(&m, &o, &everything);
	/*
	 * Floors 3; at 2 offsets uring 16 with kernel buffers, 16 with user
	 * buffers in 3 x 2 places, user 12 likewise; all of it at 2 depths.
	 */
	assert_int_equal(REAL, 2 * (3 + 2 * (16 + 6 * (16 + 12))));
	for (i = 0; i < m.space; i++) {
		if (!matrix_cell(&m, i, &c) || cell_has_memory(&c))
			continue;
		assert_int_equal(c.memory, MEMORY_NR);
		assert_int_equal(c.buf_offset, 0);
	}
	matrix_without(&m, MEMORY_HUGE);
	assert_int_equal(REAL, 2 * (3 + 2 * (16 + 4 * (16 + 12))));
	expect_left_out("224 cells: no hugetlb pages here");
}

static void test_batch_is_an_axis_of_rings_up_to_the_depth(void **state)
{
	(void)state;
	AXIS(AXIS_BATCH, 4, BATCH_ALL);
	matrix_init(&m, &o, &everything);
	/* At depth 1 rings have only all, at depth 8 both. */
	assert_int_equal(REAL, 3 * (24 + 8 + 1 + 1 + 1) + 2 * 12);
	expect_left_out("35 cells: a batch is not larger than the depth");
}

static void test_threads_are_an_axis_of_every_cell(void **state)
{
	struct cell c;
	uint64_t i;

	(void)state;
	AXIS(AXIS_THREADS, 1, 3);
	o.share_file = true;
	matrix_init(&m, &o, &everything);
	assert_int_equal(REAL, 2 * 2 * (24 + 8 + 1 + 1 + 1 + 12));
	for (i = 0; i < m.space; i++)
		if (matrix_cell(&m, i, &c))
			assert_true(c.threads % 2 && c.share);
}

static void test_completion_is_an_axis_of_the_module_alone(void **state)
{
	struct cell c;
	uint64_t i;

	(void)state;
	AXIS(AXIS_COMPLETION, PAGECOPY_COMPLETE_TASK, PAGECOPY_COMPLETE_INLINE);
	matrix_init(&m, &o, &everything);
	/* As without the axis, and uring once more. */
	assert_int_equal(REAL, 2 * (2 * (24 + 8 + 1) + 1 + 1 + 12));
	for (i = 0; i < m.space; i++)
		if (matrix_cell(&m, i, &c) && c.path != PATH_URING)
			assert_int_equal(c.completion,
					 PAGECOPY_COMPLETE_INLINE);
	assert_false(matrix_any_left_out(&m));
}

static void test_what_cannot_be_is_left_out_and_said(void **state)
{
	(void)state;
	AXIS(AXIS_PATH, PATH_URING, PATH_NOP);
	AXIS(AXIS_OP, PAGECOPY_OP_NOP);
	AXIS(AXIS_COMPLETION, PAGECOPY_COMPLETE_INLINE, PAGECOPY_COMPLETE_POLL);
	matrix_init(&m, &o, &everything);
	assert_int_equal(REAL, 2 * 2);
	assert_true(matrix_any_left_out(&m));
	expect_left_out("2 cells: completion poll needs a ring with iopoll");
}

/* Which completions each ring may have, by their numbers. */
static unsigned int completions_of(unsigned int path, unsigned int ring)
{
	unsigned int bits = 0;
	struct cell c;
	uint64_t i;

	AXIS(AXIS_PATH, path);
	AXIS(AXIS_OP, PAGECOPY_OP_TOUCH);
	AXIS(AXIS_RING, ring);
	AXIS(AXIS_COMPLETION, 0, 1, 2, 3, 4);
	matrix_init(&m, &o, &everything);
	for (i = 0; i < m.space; i++)
		if (matrix_cell(&m, i, &c))
			bits |= 1U << c.completion;
	return bits;
}

static void test_a_polled_ring_completes_inline_or_poll(void **state)
{
	(void)state;
	assert_int_equal(completions_of(PATH_URING, RING_PLAIN), 0x0f);
	assert_int_equal(completions_of(PATH_URING, RING_SQPOLL), 0x0f);
	assert_int_equal(completions_of(PATH_URING, RING_AUTO), 0x0f);
	assert_int_equal(completions_of(PATH_URING, RING_PLAIN | RING_IOPOLL),
			 0x11);
	assert_int_equal(completions_of(PATH_URING, RING_SQPOLL | RING_IOPOLL |
					RING_CQE32), 0x11);
	assert_int_equal(completions_of(PATH_NOP, RING_DEFER | RING_IOPOLL),
			 0x01);
	assert_int_equal(completions_of(PATH_NULL, RING_DEFER), 0x01);
	assert_int_equal(completions_of(PATH_NULL, RING_DEFER | RING_IOPOLL),
			 0);
	expect_left_out("2 cells: /dev/null cannot be polled (path null, a "
			"ring with iopoll)");
}

int main(void)
{
#define T(f)	cmocka_unit_test_setup(f, setup)
	const struct CMUnitTest tests[] = {
		T(test_floors_are_counted_once_per_depth),
		T(test_floors_exist_once_per_rate),
		T(test_a_rate_has_no_batches),
		T(test_mutators_need_memory_in_reach_and_a_cpu),
		T(test_every_cell_is_settled),
		T(test_buffer_copy_has_no_strategy),
		T(test_ioctl_has_neither_ring_nor_depth),
		T(test_strategies_the_module_lacks_are_left_out),
		T(test_strategies_that_are_not_here_are_left_out),
		T(test_touch_and_nop_need_no_strategy),
		T(test_user_path_has_no_touch),
		T(test_threads_are_an_axis_of_every_cell),
		T(test_batch_is_an_axis_of_rings_up_to_the_depth),
		T(test_memory_is_an_axis_of_user_buffers_alone),
		T(test_completion_is_an_axis_of_the_module_alone),
		T(test_what_cannot_be_is_left_out_and_said),
		T(test_a_polled_ring_completes_inline_or_poll),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
