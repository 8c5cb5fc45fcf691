// SPDX-License-Identifier: MIT
/* The loop over every kind of ring that this kernel has, with empty commands. */
#include "test.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "ring.h"

#define SLOTS	8U
/* This one is refused by the kernel. */
#define WRONG	5U

static const unsigned int kinds[] = {
	RING_PLAIN,
	RING_COOP,
	RING_DEFER,
	RING_SQPOLL,
	RING_PLAIN | RING_SQE128,
	RING_DEFER | RING_SQE128 | RING_CQE32,
	RING_PLAIN | RING_CQE32,
	RING_DEFER | RING_IOPOLL,
	RING_SQPOLL | RING_IOPOLL,
	RING_SQPOLL | RING_SQE128 | RING_CQE32,
};

static struct ring r;
static struct clock clk;
static struct hist hist;

/* Open a ring of the kind; false where this kernel has none. */
static bool open_kind(unsigned int kind, int sq_cpu)
{
	int ret = ring_open(&r, kind, SLOTS, sq_cpu);
	unsigned int i;

	if (ret == -EINVAL) {
		print_message("%s: not here\n", names_of(&names_ring, kind));
		return false;
	}
	assert_int_equal(ret, 0);
	for (i = 0; i < SLOTS; i++)
		ring_slot(&r, i)->opcode = i == WRONG ? 255 : IORING_OP_NOP;
	r.expect = 0;
	return true;
}

static void check_slots(unsigned int kind)
{
	struct outcome bad = { 0 };

	if (ring_once(&r, 0, WRONG, &bad) || bad.errors)
		fail_msg("%s: command %u: %d", names_of(&names_ring, kind),
			 bad.slot, bad.res);
	assert_int_equal(ring_once(&r, WRONG, 1, &bad), 0);
	if (bad.errors != 1 || bad.slot != WRONG || bad.res != -EINVAL)
		fail_msg("%s: %lu errors, the first %d of command %u",
			 names_of(&names_ring, kind), bad.errors, bad.res,
			 bad.slot);
}

static void test_every_command_keeps_its_slot(void **state)
{
	unsigned int i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(kinds); i++) {
		if (!open_kind(kinds[i], -1))
			continue;
		check_slots(kinds[i]);
		ring_close(&r);
	}
}

static void check_slice(unsigned int kind, unsigned int slots, bool stamps)
{
	struct slice s = {
		.clk = &clk,
		.ticks = clock_ticks_of_ns(&clk, 1e6),
		.hist = stamps ? &hist : NULL,
	};

	hist_clear(&hist);
	r.slots = slots;
	assert_int_equal(ring_slice(&r, &s), 0);
	if (s.bad.errors || s.ops < slots || s.elapsed < s.ticks)
		fail_msg("%s, batch %u: %lu ops, %lu errors",
			 names_of(&names_ring, kind), r.batch, s.ops,
			 s.bad.errors);
	assert_int_equal(hist.count, stamps ? s.ops : 0);
	/* Nothing is left in the ring. */
	assert_int_equal(io_uring_cq_ready(&r.u), 0);
}

static void test_a_slice_counts_every_command(void **state)
{
	unsigned int i;
	int sq_cpu;

	(void)state;
	clock_open(&clk);
	/* CPU 0 may be ours: it must work there, too. */
	for (sq_cpu = -1; sq_cpu < 1; sq_cpu++)
		for (i = 0; i < ARRAY_SIZE(kinds); i++) {
			if (!open_kind(kinds[i], sq_cpu))
				continue;
			check_slice(kinds[i], WRONG, false);
			check_slice(kinds[i], WRONG, true);
			ring_close(&r);
		}
}

/* @check every kind of ring, depth and batch from @least on; 0: one by one. */
static void each_batch(unsigned int least,
		       void (*check)(unsigned int kind, unsigned int slots))
{
	unsigned int i, slots;

	clock_open(&clk);
	for (i = 0; i < ARRAY_SIZE(kinds); i++) {
		if (!open_kind(kinds[i], -1))
			continue;
		ring_slot(&r, WRONG)->opcode = IORING_OP_NOP;
		for (slots = 1; slots <= SLOTS; slots++)
			for (r.batch = least; r.batch <= slots; r.batch++)
				check(kinds[i], slots);
		ring_close(&r);
	}
}

static void check_batch(unsigned int kind, unsigned int slots)
{
	check_slice(kind, slots, r.batch % 2);
}

/* Whatever the depth holds beyond whole batches, nothing waits for ever. */
static void test_batches_of_any_size_come_to_an_end(void **state)
{
	(void)state;
	each_batch(1, check_batch);
}

static void test_a_batch_is_submitted_together(void **state)
{
	struct slice s = { .clk = &clk, .hist = &hist };

	(void)state;
	if (!open_kind(RING_PLAIN, -1))
		return;
	clock_open(&clk);
	hist_clear(&hist);
	s.ticks = 1;
	r.slots = 5;
	r.batch = 2;
	/* The time is up at once, but every command is run. */
	assert_int_equal(ring_slice(&r, &s), 0);
	assert_int_equal(s.ops, 6);
	r.batch = 0;
	s.ops = 0;
	assert_int_equal(ring_slice(&r, &s), 0);
	assert_int_equal(s.ops, 5);
	ring_close(&r);
}

/*
 * SQEs that the kernel has taken: its own count, not the loop's. Its thread
 * says so after the last of them has completed; it has a second for it.
 */
static unsigned int taken(void)
{
	unsigned int head, ms = 0;

	for (;;) {
		head = __atomic_load_n(r.u.sq.khead, __ATOMIC_ACQUIRE);
		if (head == *r.u.sq.ktail || ms++ >= 1000)
			return head;
		usleep(1000);
	}
}

static void check_count(unsigned int kind, unsigned int slots, uint64_t count)
{
	struct slice s = { .clk = &clk, .count = count };
	const unsigned int before = taken();

	r.slots = slots;
	assert_int_equal(ring_slice(&r, &s), 0);
	if (s.ops != count || taken() - before != count || s.bad.errors ||
	    io_uring_cq_ready(&r.u) || *r.u.sq.ktail != taken())
		fail_msg("%s, depth %u, batch %u: asked for %lu, counted %lu, "
			 "the kernel took %u", names_of(&names_ring, kind),
			 slots, r.batch, count, s.ops, taken() - before);
}

static void check_counts(unsigned int kind, unsigned int slots)
{
	static const uint64_t counts[] = {
		1, 2, 3, 4, 5, 7, 8, 9, 15, 16, 17, 64, 101
	};
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(counts); i++)
		check_count(kind, slots, counts[i]);
}

/* Whether or not depth and batch divide it. */
static void test_a_count_is_kept_to_exactly(void **state)
{
	(void)state;
	each_batch(0, check_counts);
}

/* Command 5 of every eight is wrong: it is the slots that take turns. */
static void test_a_count_goes_round_the_slots(void **state)
{
	struct slice s = { .clk = &clk, .count = 5 * SLOTS + WRONG };

	(void)state;
	if (!open_kind(RING_PLAIN, -1))
		return;
	clock_open(&clk);
	r.slots = SLOTS;
	assert_int_equal(ring_slice(&r, &s), 0);
	assert_int_equal(s.bad.errors, 5);
	assert_int_equal(s.bad.slot, WRONG);
	ring_close(&r);
}

/* After its idle time the kernel's thread must be woken up. */
static void test_a_sleeping_thread_is_woken(void **state)
{
	const struct timespec pause = { .tv_nsec = 50000000 };
	struct outcome bad = { 0 };

	(void)state;
	if (!open_kind(RING_SQPOLL, -1))
		return;
	assert_int_equal(ring_once(&r, 0, 1, &bad), 0);
	nanosleep(&pause, NULL);
	assert_true(*r.u.sq.kflags & IORING_SQ_NEED_WAKEUP);
	assert_int_equal(ring_once(&r, 0, WRONG, &bad), 0);
	assert_int_equal(bad.errors, 0);
	ring_close(&r);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_every_command_keeps_its_slot),
		cmocka_unit_test(test_a_slice_counts_every_command),
		cmocka_unit_test(test_batches_of_any_size_come_to_an_end),
		cmocka_unit_test(test_a_batch_is_submitted_together),
		cmocka_unit_test(test_a_count_is_kept_to_exactly),
		cmocka_unit_test(test_a_count_goes_round_the_slots),
		cmocka_unit_test(test_a_sleeping_thread_is_woken),
	};
	int ret = ring_open(&r, RING_PLAIN, 1, -1);

	if (ret == -ENOSYS || ret == -EPERM || ret == -EACCES) {
		puts("io_uring is not to be had here");
		return 77;
	}
	ring_close(&r);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
