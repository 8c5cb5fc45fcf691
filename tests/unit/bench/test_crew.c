// SPDX-License-Identifier: MIT
/* The threads of a run, and a slice that all of them measure. */
#include "test.h"

#include <errno.h>
#include <math.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>

#include "crew.h"
#include "measure.h"
#include "path.h"

#define THREADS	5U

static struct run *run;
static struct options o;
static pthread_t seen[THREADS];
static int calls[THREADS];
static struct member member;

static int setup(void **state)
{
	unsigned int i;

	(void)state;
	run = calloc(1, sizeof(*run));
	memset(&o, 0, sizeof(o));
	memset(calls, 0, sizeof(calls));
	o.sq_cpu = OPTION_UNSET;
	o.slice_ms = 10;
	run->o = &o;
	assert_int_equal(cpus_read(&run->cpus), 0);
	assert_int_equal(crew_open(run, THREADS), 0);
	clock_open(&run->clk);
	run->cell.threads = THREADS;
	run->cell.op = PAGECOPY_OP_NOP;
	member.unit = 1;
	member.share = calloc(THREADS, sizeof(*member.share));
	run->now = &member;
	for (i = 0; i < THREADS; i++)
		run->worker[i]->share = &member.share[i];
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	crew_close(run);
	free(member.share);
	free(run);
	return 0;
}

static int note_self(struct worker *w)
{
	seen[w->index] = pthread_self();
	calls[w->index]++;
	return 0;
}

static void test_each_thread_is_called_once(void **state)
{
	unsigned int i, k;

	(void)state;
	for (i = 0; i < 200; i++)
		assert_int_equal(crew_call(run, 0, THREADS, note_self), 0);
	for (i = 0; i < THREADS; i++) {
		assert_int_equal(calls[i], 200);
		for (k = 0; k < i; k++)
			assert_false(pthread_equal(seen[i], seen[k]));
	}
	assert_true(pthread_equal(seen[0], pthread_self()));
}

static void test_only_some_are_called(void **state)
{
	(void)state;
	assert_int_equal(crew_call(run, 0, 1, note_self), 0);
	assert_int_equal(crew_call(run, 1, 3, note_self), 0);
	assert_int_equal(crew_call(run, 1, 1, note_self), 0);
	assert_int_equal(calls[0], 1);
	assert_int_equal(calls[2], 1);
	assert_int_equal(calls[3], 0);
}

static int fail_from_two(struct worker *w)
{
	return w->index < 2 ? 0 : -(int)w->index;
}

static void test_the_first_error_is_given_back(void **state)
{
	(void)state;
	assert_int_equal(crew_call(run, 0, THREADS, fail_from_two), -2);
	assert_int_equal(crew_call(run, 0, 2, fail_from_two), 0);
}

static int check_cpu(struct worker *w)
{
	return w->index && sched_getcpu() != w->cpu ? -EINVAL : 0;
}

static void test_threads_are_on_their_cpus(void **state)
{
	unsigned int i;

	(void)state;
	assert_int_equal(crew_call(run, 0, THREADS, check_cpu), 0);
	for (i = 0; i < THREADS; i++)
		assert_int_equal(run->worker[i]->cpu,
				 run->cpus.cpu[i % run->cpus.nr]);
}

/* Ten operations for every ms of the slice, one thread twice as many. */
static int fake_slice(struct worker *w, struct slice *s)
{
	uint64_t start, end, now;

	if (w->index == o.seed)
		return -EIO;
	start = now = slice_begin(s, &end);
	do
		now = clock_ticks(s->clk);
	while (now < end || now == start);
	s->elapsed = now - start;
	s->ops = w->index ? 100 : 200;
	if (s->hist)
		hist_record(s->hist, 1000 * (w->index + 1), s->ops);
	return 0;
}

static const struct path_ops fake = { .slice = fake_slice };

static void test_rates_add_up_and_latencies_are_merged(void **state)
{
	double sum = 0;
	unsigned int i;

	(void)state;
	run->ops = &fake;
	o.seed = OPTION_UNSET;
	o.latency = LATENCY_WITH;
	/* Two turns: everything twice, but no rate. */
	assert_int_equal(measure(run, 2), 0);
	assert_int_equal(measure(run, 2), 0);
	measure_finish(run);
	assert_int_equal(run->row.turns, 2);
	assert_int_equal(run->row.ops, 1200);
	for (i = 0; i < THREADS; i++) {
		sum += run->worker[i]->share->did.rate;
		assert_true(run->row.seconds >= run->worker[i]->share->did.seconds);
		assert_true(fabs(run->worker[i]->share->did.lat[0] /
				 run->clk.ns_per_tick / 1000 - (i + 1)) < 0.01);
	}
	assert_true(fabs(run->row.ops_per_s - sum) < 1e-6 * sum);
	/* 200 of 1000 ticks, then 100 each of 2000, 3000, 4000, 5000. */
	assert_true(fabs(run->row.lat_p50_ns / run->clk.ns_per_tick - 2000) <
		    20);
	assert_true(fabs(run->row.lat_max_ns / run->clk.ns_per_tick - 5000) <
		    1);
}

static void test_one_that_fails_does_not_hold_up_the_others(void **state)
{
	(void)state;
	run->ops = &fake;
	o.latency = LATENCY_OFF;
	for (o.seed = 0; o.seed < THREADS; o.seed++)
		assert_int_equal(measure(run, 2), -EIO);
}

int main(void)
{
#define T(f)	cmocka_unit_test_setup_teardown(f, setup, teardown)
	const struct CMUnitTest tests[] = {
		T(test_each_thread_is_called_once),
		T(test_only_some_are_called),
		T(test_the_first_error_is_given_back),
		T(test_threads_are_on_their_cpus),
		T(test_rates_add_up_and_latencies_are_merged),
		T(test_one_that_fails_does_not_hold_up_the_others),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
