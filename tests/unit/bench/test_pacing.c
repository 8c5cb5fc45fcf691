// SPDX-License-Identifier: MIT
/* Open loop: the intended times, by a made-up clock; and on real rings. */
#include "test.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "rate.h"

#define STEP	1000.0
/* A slice of so many commands. */
#define MANY	2000U

static struct pacing p;
static struct hist resp;
static struct hist hist;

static int reset(void **state)
{
	(void)state;
	memset(&p, 0, sizeof(p));
	pacing_start(&p, STEP, &resp);
	return 0;
}

static void test_times_do_not_drift(void **state)
{
	const double step = 7.3456789;
	uint64_t first, at, i;

	(void)state;
	pacing_start(&p, step, NULL);
	pacing_begin(&p, 1000, UINT64_MAX);
	first = pacing_take(&p);
	assert_in_range(first, 1000, 1007);
	for (i = 1; i < 1000000; i++) {
		at = pacing_take(&p);
		if (fabs((double)(at - first) - (double)i * step) > 1.1)
			fail_msg("command %lu is due at %lu", i, at - first);
	}
}

static void test_rates_above_the_clock_are_taken(void **state)
{
	uint64_t first, i;

	(void)state;
	pacing_start(&p, 0.25, NULL);
	pacing_begin(&p, 0, UINT64_MAX);
	first = pacing_take(&p);
	for (i = 1; i < 4000; i++)
		pacing_take(&p);
	assert_in_range(pacing_take(&p) - first, 999, 1001);
}

static void test_a_command_is_due_at_its_time(void **state)
{
	uint64_t at;

	(void)state;
	pacing_begin(&p, 5000, 7000);
	assert_in_range(p.next, 5000, 5999);
	assert_false(pacing_due(&p, p.next - 1));
	assert_true(pacing_due(&p, p.next));
	assert_true(pacing_due(&p, 6999));
	at = pacing_take(&p);
	assert_int_equal(pacing_take(&p), at + 1000);
	/* The next one belongs to no slice. */
	assert_false(pacing_due(&p, 9000));
	assert_false(pacing_over(&p, 6999));
	assert_true(pacing_over(&p, 7000));
}

static void test_late_ones_have_some_time(void **state)
{
	(void)state;
	pacing_begin(&p, 0, 8000);
	assert_false(pacing_over(&p, 8000));
	assert_true(pacing_due(&p, 8999));
	assert_false(pacing_over(&p, 8999));
	assert_true(pacing_over(&p, 9000));
	pacing_end(&p);
	assert_int_equal(p.due, 8);
	assert_int_equal(p.unsent, 8);
	assert_int_equal(p.behind, 8);
}

/* Slices much shorter than a step: on the whole it is the rate all the same. */
static void test_short_slices_make_up_the_rate(void **state)
{
	uint64_t now = 0, i;

	(void)state;
	for (i = 0; i < 1000; i++, now += 300) {
		pacing_begin(&p, now, now + 300);
		while (pacing_due(&p, now + 299))
			pacing_take(&p);
		pacing_end(&p);
	}
	assert_in_range(p.due, 297, 303);
	assert_int_equal(p.unsent, 0);
}

/* A server that takes one command at a time, and once stands still. */
static void serve(double service, uint64_t stall)
{
	const uint64_t end = (uint64_t)(MANY * STEP);
	uint64_t now, at;

	pacing_begin(&p, 0, end);
	for (now = 0; !pacing_over(&p, now);) {
		if (!pacing_due(&p, now)) {
			now++;
			continue;
		}
		at = pacing_take(&p);
		now += (uint64_t)service;
		if (stall && p.due == MANY / 2) {
			now += stall;
			stall = 0;
		}
		pacing_done(&p, at, now);
	}
	pacing_end(&p);
	assert_int_equal(p.due, MANY);
	assert_int_equal(resp.count + p.unsent, MANY);
}

static void test_a_fast_server_keeps_the_rate(void **state)
{
	(void)state;
	serve(STEP * 0.9, 0);
	assert_true(pacing_kept(&p));
	assert_int_equal(p.unsent, 0);
	/* Nobody waits: the response takes as long as the service. */
	assert_int_equal(resp.max, STEP * 0.9);
}

static void test_a_server_one_percent_too_slow_is_noticed(void **state)
{
	(void)state;
	serve(STEP * 1.005, 0);
	assert_true(pacing_kept(&p));
	reset(state);
	serve(STEP * 1.02, 0);
	assert_int_equal(p.unsent, 0);
	assert_false(pacing_kept(&p));
}

static void test_what_was_never_sent_is_noticed(void **state)
{
	(void)state;
	serve(STEP * 2, 0);
	/* Half of it, and an eighth more after the end. */
	assert_in_range(p.unsent, MANY * 7 / 16 - 2, MANY * 7 / 16 + 2);
	assert_false(pacing_kept(&p));
}

/* Coordinated omission: 100 commands wait, not one. */
static void test_who_waits_for_a_stall_is_counted(void **state)
{
	uint64_t late = 0;
	unsigned int i;

	(void)state;
	serve(STEP / 10, (uint64_t)(100 * STEP));
	assert_true(pacing_kept(&p));
	for (i = hist_index((uint64_t)STEP); i < HIST_BUCKETS; i++)
		late += resp.bucket[i];
	/* The queue shrinks by nine commands while one more comes. */
	assert_in_range(late, 100, 115);
	assert_in_range(resp.max, (uint64_t)(100 * STEP),
			(uint64_t)(101 * STEP));
}

/* A server that answers all in order, each @latency after it could begin. */
static void pipeline(double service, double latency)
{
	const double end = MANY * STEP;
	double free_at = 0;
	uint64_t at;

	pacing_begin(&p, 0, (uint64_t)end);
	while (pacing_due(&p, (uint64_t)end)) {
		at = pacing_take(&p);
		free_at = fmax(free_at, (double)at) + service;
		pacing_done(&p, at, (uint64_t)(free_at + latency));
	}
	pacing_end(&p);
}

static void test_commands_under_way_are_no_backlog(void **state)
{
	(void)state;
	pipeline(0, 200 * STEP);
	assert_in_range(p.behind, 199, 201);
	assert_true(pacing_kept(&p));
	reset(state);
	/* All are sent in time, but half are answered long after the end. */
	pipeline(STEP * 2, 0);
	assert_int_equal(p.unsent, 0);
	assert_false(pacing_kept(&p));
}

/* The last one of twenty takes as long as two should. */
static void test_one_slow_answer_is_no_lower_rate(void **state)
{
	uint64_t at;

	(void)state;
	pacing_begin(&p, 0, (uint64_t)(20 * STEP));
	while (pacing_due(&p, (uint64_t)(20 * STEP))) {
		at = pacing_take(&p);
		pacing_done(&p, at, at + (p.due == 20 ? 2000 : 1));
	}
	pacing_end(&p);
	assert_int_equal(p.due, 20);
	assert_int_equal(p.behind, 1);
	assert_true(pacing_kept(&p));
}

static void test_threads_add_up(void **state)
{
	struct pacing other;

	(void)state;
	serve(STEP * 2, 0);
	other = p;
	reset(state);
	serve(STEP / 2, 0);
	assert_true(pacing_kept(&p));
	pacing_add(&p, &other);
	assert_int_equal(p.due, 2 * MANY);
	assert_int_equal(p.unsent, other.unsent);
	assert_true(p.behind > other.unsent);
	assert_int_equal(p.gaps, MANY - 1 + MANY - other.unsent - 1);
	assert_false(pacing_kept(&p));
}

#define SLOTS	8U
#define WRONG	2U

static struct clock clk;
static struct ring r;

static struct slice slice_of(unsigned int commands, double step_ns)
{
	pacing_start(&p, step_ns / clk.ns_per_tick, &resp);
	hist_clear(&hist);
	return (struct slice) {
		.clk = &clk,
		.ticks = clock_ticks_of_ns(&clk, commands * step_ns),
		.hist = &hist,
		.pacing = &p,
	};
}

static void check_slice(const struct slice *s, unsigned int commands)
{
	assert_in_range(p.due, commands - 1, commands + 1);
	/* However busy the machine is, every command is accounted for. */
	assert_int_equal(s->ops + p.unsent, p.due);
	assert_int_equal(hist.count, s->ops);
	assert_int_equal(resp.count, s->ops);
	assert_true(resp.sum >= hist.sum);
	assert_true(s->elapsed >= s->ticks);
}

static void check_ring(unsigned int kind)
{
	struct slice s;
	unsigned int i;
	int ret;

	ret = ring_open(&r, kind, SLOTS, -1);
	if (ret == -EINVAL)
		return;
	assert_int_equal(ret, 0);
	for (i = 0; i < SLOTS; i++)
		ring_slot(&r, i)->opcode = i == WRONG ? 255 : IORING_OP_NOP;
	r.slots = 4;
	s = slice_of(400, 10000);
	assert_int_equal(ring_rate_slice(&r, &s), 0);
	check_slice(&s, 400);
	/* The slots are used in turn, or all together. */
	assert_in_range(s.bad.errors + 20, s.ops / 4, s.ops / 4 + 40);
	assert_int_equal(s.bad.slot, WRONG);
	assert_int_equal(io_uring_cq_ready(&r.u), 0);
	/* More than any ring can do: it comes to an end. */
	s = slice_of(2000000, 1);
	assert_int_equal(ring_rate_slice(&r, &s), 0);
	check_slice(&s, 2000000);
	assert_false(pacing_kept(&p));
	assert_true(p.unsent);
	ring_close(&r);
}

/* A clock, and a kernel that allows rings. */
static void need_rings(void)
{
	int ret;

	clock_open(&clk);
	ret = ring_open(&r, RING_PLAIN, 1, -1);
	if (ret == -ENOSYS || ret == -EPERM || ret == -EACCES)
		skip();
	assert_int_equal(ret, 0);
	ring_close(&r);
}

static void test_every_ring_can_be_paced(void **state)
{
	static const unsigned int kinds[] = {
		RING_PLAIN, RING_COOP, RING_DEFER, RING_SQPOLL,
		RING_DEFER | RING_SQE128 | RING_CQE32,
		RING_DEFER | RING_IOPOLL, RING_SQPOLL | RING_IOPOLL,
	};
	unsigned int i;

	(void)state;
	need_rings();
	for (i = 0; i < ARRAY_SIZE(kinds); i++)
		check_ring(kinds[i]);
}

/*
 * A timer completes its command behind our back. With one slot nothing is
 * submitted until that has been seen.
 */
static void check_late_completion(unsigned int kind)
{
	static struct __kernel_timespec moment = { .tv_nsec = 30000 };
	struct io_uring_sqe *sqe;
	struct slice s;
	int ret;

	ret = ring_open(&r, kind, 1, -1);
	if (ret == -EINVAL)
		return;
	assert_int_equal(ret, 0);
	sqe = ring_slot(&r, 0);
	sqe->opcode = IORING_OP_TIMEOUT;
	sqe->addr = (uintptr_t)&moment;
	sqe->len = 1;
	r.slots = 1;
	r.expect = -ETIME;
	s = slice_of(200, 200000);
	assert_int_equal(ring_rate_slice(&r, &s), 0);
	check_slice(&s, 200);
	assert_int_equal(s.bad.errors, 0);
	if (s.ops < 5)
		fail_msg("%s: %lu of 200 completions were seen",
			 names_of(&names_ring, kind), s.ops);
	ring_close(&r);
}

static void test_completions_are_looked_for(void **state)
{
	static const unsigned int kinds[] = {
		RING_PLAIN, RING_COOP, RING_DEFER,
	};
	unsigned int i;

	(void)state;
	need_rings();
	for (i = 0; i < ARRAY_SIZE(kinds); i++)
		check_late_completion(kinds[i]);
}

static void count_call(void *arg)
{
	++*(unsigned int *)arg;
}

static void test_calls_can_be_paced(void **state)
{
	unsigned int calls = 0;
	struct slice s;

	(void)state;
	clock_open(&clk);
	s = slice_of(400, 10000);
	rate_slice(&s, count_call, &calls);
	check_slice(&s, 400);
	assert_int_equal(calls, s.ops);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(test_times_do_not_drift, reset),
		cmocka_unit_test_setup(test_rates_above_the_clock_are_taken,
				       reset),
		cmocka_unit_test_setup(test_a_command_is_due_at_its_time,
				       reset),
		cmocka_unit_test_setup(test_late_ones_have_some_time, reset),
		cmocka_unit_test_setup(test_short_slices_make_up_the_rate,
				       reset),
		cmocka_unit_test_setup(test_a_fast_server_keeps_the_rate,
				       reset),
		cmocka_unit_test_setup(
			test_a_server_one_percent_too_slow_is_noticed, reset),
		cmocka_unit_test_setup(test_what_was_never_sent_is_noticed,
				       reset),
		cmocka_unit_test_setup(test_who_waits_for_a_stall_is_counted,
				       reset),
		cmocka_unit_test_setup(test_commands_under_way_are_no_backlog,
				       reset),
		cmocka_unit_test_setup(test_one_slow_answer_is_no_lower_rate,
				       reset),
		cmocka_unit_test_setup(test_threads_add_up, reset),
		cmocka_unit_test_setup(test_every_ring_can_be_paced, reset),
		cmocka_unit_test_setup(test_completions_are_looked_for, reset),
		cmocka_unit_test_setup(test_calls_can_be_paced, reset),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
