// SPDX-License-Identifier: MIT
/* Perf events: software ones as they are, hardware ones on a made-up PMU. */
#include "test.h"

#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

#include "counters.h"

#define PAGES	37U
#define PAGE	4096U
#define BOTH	(2 * COUNTERS_IN_GROUP)

static struct counters c;

/*
 * The PMU: its events have descriptors from FAKE_FD on. A group counts when
 * all its events get one of the free counters.
 */
#define FAKE_FD		100000
#define FAKE_EVENTS	64

static struct {
	int error[COUNTERS_GROUPS];
	unsigned int unknown;
	unsigned int free;
	unsigned int group_max;
	unsigned int events;
	int leader[FAKE_EVENTS];
	bool counts[FAKE_EVENTS];
	uint64_t value;
	uint64_t enabled;
	uint64_t running;
} pmu;

static unsigned int fake_group(const struct perf_event_attr *attr)
{
	if (attr->type == PERF_TYPE_SOFTWARE)
		return COUNTERS_SOFTWARE;
	return attr->exclude_kernel ? COUNTERS_USER : COUNTERS_KERNEL;
}

static unsigned int fake_size(int leader)
{
	unsigned int i, nr = 0;

	for (i = 0; i < pmu.events; i++)
		nr += pmu.leader[i] == leader;
	return nr;
}

static int fake_open(struct perf_event_attr *attr, int leader)
{
	const int fd = FAKE_FD + (int)pmu.events;
	const int error = pmu.error[fake_group(attr)];

	if (error)
		return error;
	if (attr->type == PERF_TYPE_HARDWARE && pmu.unknown == attr->config)
		return -ENOENT;
	if (leader >= 0 && pmu.group_max &&
	    fake_size(leader) >= pmu.group_max)
		return -EINVAL;
	assert_true(pmu.events < FAKE_EVENTS);
	/* As the kernel would have it. */
	assert_int_equal(attr->pinned, leader < 0);
	pmu.leader[pmu.events++] = leader < 0 ? fd : leader;
	return fd;
}

static void fake_control(int fd, unsigned long request)
{
	const unsigned int need = fake_size(fd);
	bool *counts = &pmu.counts[fd - FAKE_FD];

	if (request == PERF_EVENT_IOC_ENABLE) {
		*counts = need <= pmu.free;
		pmu.free -= *counts ? need : 0;
	} else if (*counts) {
		pmu.free += need;
	}
}

static ssize_t fake_read(int fd, void *buf, size_t size)
{
	const unsigned int nr = fake_size(fd);
	uint64_t *word = buf;
	unsigned int i;

	assert_true(size >= (3 + nr) * sizeof(*word));
	if (!pmu.counts[fd - FAKE_FD])
		return 0;
	word[0] = nr;
	word[1] = pmu.enabled;
	word[2] = pmu.running;
	for (i = 0; i < nr; i++)
		word[3 + i] = pmu.value * (i + 1);
	return (ssize_t)((3 + nr) * sizeof(*word));
}

static const struct perf_ops fake = { fake_open, fake_control, fake_read };

static int reset(void **state)
{
	(void)state;
	memset(&pmu, 0, sizeof(pmu));
	pmu.free = FAKE_EVENTS;
	pmu.unknown = ~0U;
	return 0;
}

static void test_user_and_kernel_are_counted_apart(void **state)
{
	struct perf_event_attr attr;
	unsigned int i;

	(void)state;
	for (i = 0; i < COUNTER_NR; i++) {
		const unsigned int group = counter_group_of(i);

		counters_attr(i, false, &attr);
		assert_int_equal(attr.size, sizeof(attr));
		assert_int_equal(attr.exclude_kernel, group == COUNTERS_USER);
		assert_int_equal(attr.exclude_user, group == COUNTERS_KERNEL);
		assert_int_equal(attr.inherit, 0);
		assert_int_equal(attr.sample_period, 0);
		assert_int_equal(attr.pinned, 0);
		assert_int_equal(attr.disabled, 0);
		assert_int_equal(attr.type == PERF_TYPE_SOFTWARE,
				 group == COUNTERS_SOFTWARE);
		counters_attr(i, true, &attr);
		assert_int_equal(attr.pinned, 1);
		assert_int_equal(attr.disabled, 1);
	}
}

static void test_names_say_what_is_counted(void **state)
{
	struct perf_event_attr attr, other;
	unsigned int i, k;

	(void)state;
	for (i = 0; i < COUNTER_NR; i++) {
		const char *name = counter_name(i);

		assert_int_equal(!!strstr(name, "_user"),
				 counter_group_of(i) == COUNTERS_USER);
		assert_int_equal(!!strstr(name, "_kernel"),
				 counter_group_of(i) == COUNTERS_KERNEL);
		counters_attr(i, false, &attr);
		for (k = 0; k < i; k++) {
			counters_attr(k, false, &other);
			assert_string_not_equal(name, counter_name(k));
			assert_memory_not_equal(&attr, &other, sizeof(attr));
		}
	}
	counters_attr(COUNTER_DTLB_MISSES_KERNEL, false, &attr);
	assert_int_equal(attr.type, PERF_TYPE_HW_CACHE);
	assert_int_equal(attr.config, 0x10003);
}

/* Open the real ones; skips where there are no software events. */
static void open_real(void)
{
	counters_open(&c, &perf_real);
	if (counters_has(&c, COUNTER_PAGE_FAULTS))
		return;
	print_message("not here: %s\n", c.why[COUNTER_PAGE_FAULTS]);
	counters_close(&c);
	skip();
}

static char *fresh_pages(void)
{
	char *p = mmap(NULL, PAGES * PAGE, PROT_READ | PROT_WRITE,
		       MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	assert_ptr_not_equal(p, MAP_FAILED);
	madvise(p, PAGES * PAGE, MADV_NOHUGEPAGE);
	return p;
}

/* The sanitizer's own memory would be touched, too. */
static __attribute__((no_sanitize("address"))) void *touch(void *p)
{
	unsigned int i;

	for (i = 0; i < PAGES; i++)
		((volatile char *)p)[i * PAGE] = 1;
	return NULL;
}

static void test_page_faults_are_counted_to_the_last_one(void **state)
{
	char *before = fresh_pages(), *in = fresh_pages();
	char *again = fresh_pages(), *after = fresh_pages();

	(void)state;
	open_real();
	/* What the counting itself touches for the first time. */
	counters_on(&c);
	counters_off(&c);
	counters_clear(&c);
	touch(before);
	counters_on(&c);
	touch(in);
	counters_off(&c);
	touch(after);
	assert_int_equal(c.sum[COUNTER_PAGE_FAULTS], PAGES);
	counters_on(&c);
	touch(again);
	counters_off(&c);
	assert_int_equal(c.sum[COUNTER_PAGE_FAULTS], 2 * PAGES);
	counters_clear(&c);
	counters_on(&c);
	counters_off(&c);
	assert_int_equal(c.sum[COUNTER_PAGE_FAULTS], 0);
	counters_close(&c);
	munmap(before, PAGES * PAGE);
	munmap(in, PAGES * PAGE);
	munmap(again, PAGES * PAGE);
	munmap(after, PAGES * PAGE);
}

static void test_only_the_own_thread_is_counted(void **state)
{
	char *p = fresh_pages();
	pthread_t thread;

	(void)state;
	open_real();
	counters_on(&c);
	assert_int_equal(pthread_create(&thread, NULL, touch, p), 0);
	pthread_join(thread, NULL);
	counters_off(&c);
	/* Starting a thread touches a page or two. */
	assert_true(c.sum[COUNTER_PAGE_FAULTS] < PAGES);
	counters_close(&c);
	munmap(p, PAGES * PAGE);
}

static uint64_t switches(void)
{
	struct rusage usage;

	getrusage(RUSAGE_THREAD, &usage);
	return (uint64_t)usage.ru_nvcsw + (uint64_t)usage.ru_nivcsw;
}

static void test_context_switches_are_counted(void **state)
{
	const struct timespec pause = { .tv_nsec = 1000000 };
	uint64_t before, outer;
	unsigned int i;

	(void)state;
	open_real();
	nanosleep(&pause, NULL);
	before = switches();
	counters_on(&c);
	for (i = 0; i < 5; i++)
		nanosleep(&pause, NULL);
	counters_off(&c);
	outer = switches() - before;
	assert_in_range(c.sum[COUNTER_CONTEXT_SWITCHES], 5, outer);
	counters_close(&c);
}

static void expect_why(unsigned int group, const char *words)
{
	unsigned int i;

	for (i = 0; i < COUNTER_NR; i++) {
		if (counter_group_of(i) != group)
			continue;
		assert_false(counters_has(&c, i));
		if (!strstr(c.why[i], words))
			fail_msg("%s: '%s' does not say '%s'", counter_name(i),
				 c.why[i], words);
	}
}

static void test_each_obstacle_is_named(void **state)
{
	static const struct {
		int error;
		const char *words;
	} obstacle[] = {
		{ -EACCES, "sudo sysctl kernel.perf_event_paranoid=" },
		{ -EPERM, "seccomp" },
		{ -ENOSYS, "CONFIG_PERF_EVENTS" },
		{ -ENOENT, "no PMU" },
		{ -EOPNOTSUPP, "no PMU" },
		{ -ENODEV, "no PMU" },
		{ -EBUSY, "nmi_watchdog=0" },
		{ -EMFILE, "Too many open files" },
	};
	unsigned int i, group;

	for (i = 0; i < ARRAY_SIZE(obstacle); i++) {
		reset(state);
		for (group = 0; group < COUNTERS_GROUPS; group++)
			pmu.error[group] = obstacle[i].error;
		counters_open(&c, &fake);
		for (group = 0; group < COUNTERS_GROUPS; group++)
			expect_why(group, obstacle[i].words);
		/* Nothing to do, nothing to go wrong. */
		counters_on(&c);
		counters_off(&c);
		counters_close(&c);
	}
}

/* The usual state of things without root. */
static void test_a_refused_group_leaves_the_others(void **state)
{
	(void)state;
	pmu.error[COUNTERS_KERNEL] = -EACCES;
	pmu.error[COUNTERS_SOFTWARE] = -EACCES;
	counters_open(&c, &fake);
	assert_true(counters_has(&c, COUNTER_CYCLES_USER));
	assert_true(counters_has(&c, COUNTER_DTLB_MISSES_USER));
	expect_why(COUNTERS_KERNEL, "paranoid=1");
	expect_why(COUNTERS_SOFTWARE, "paranoid=1");
	counters_close(&c);
}

static void test_an_unknown_event_leaves_the_others(void **state)
{
	(void)state;
	pmu.unknown = PERF_COUNT_HW_CACHE_MISSES;
	counters_open(&c, &fake);
	assert_string_equal(c.why[COUNTER_LLC_MISSES_USER],
			    "this PMU has no such event");
	assert_string_equal(c.why[COUNTER_LLC_MISSES_KERNEL],
			    "this PMU has no such event");
	assert_true(counters_has(&c, COUNTER_DTLB_MISSES_USER));
	assert_true(counters_has(&c, COUNTER_DTLB_MISSES_KERNEL));
	pmu.value = 7;
	counters_on(&c);
	counters_off(&c);
	/* The third event of its group, not the fourth. */
	assert_int_equal(c.sum[COUNTER_DTLB_MISSES_USER], 3 * 7);
	counters_close(&c);
}

static void expect_first(unsigned int nr)
{
	unsigned int i;

	for (i = 0; i < COUNTER_SOFTWARE; i++) {
		const bool has = i % COUNTERS_IN_GROUP < nr;

		assert_int_equal(counters_has(&c, i), has);
		if (!has)
			assert_non_null(strstr(c.why[i], "counter left"));
	}
	for (; i < COUNTER_NR; i++)
		assert_true(counters_has(&c, i));
}

/* Both groups at once: one that waits for the other would have to be scaled. */
static void test_a_small_pmu_counts_what_matters_most(void **state)
{
	unsigned int free;

	for (free = 0; free <= BOTH + 1; free++) {
		reset(state);
		/* The software group needs none of them, but takes three. */
		pmu.free = free;
		counters_open(&c, &fake);
		pmu.free += 3;
		counters_on(&c);
		counters_off(&c);
		expect_first(free / 2 < COUNTERS_IN_GROUP ? free / 2 :
							    COUNTERS_IN_GROUP);
		counters_close(&c);
	}
}

static void test_a_group_that_is_too_large_is_cut(void **state)
{
	(void)state;
	pmu.group_max = 3;
	counters_open(&c, &fake);
	expect_first(3);
	counters_close(&c);
}

static void test_half_the_time_is_not_scaled_up(void **state)
{
	(void)state;
	counters_open(&c, &fake);
	pmu.value = 100;
	pmu.enabled = 1000;
	pmu.running = 999;
	counters_on(&c);
	counters_off(&c);
	assert_false(counters_has(&c, COUNTER_CYCLES_USER));
	assert_true(c.lost[COUNTERS_USER]);
	assert_int_equal(c.sum[COUNTER_CYCLES_USER], 100);
	/* What is over does not count against the next row. */
	counters_clear(&c);
	pmu.value = 300;
	pmu.enabled = 2000;
	pmu.running = 1999;
	counters_on(&c);
	counters_off(&c);
	assert_true(counters_has(&c, COUNTER_CYCLES_USER));
	assert_int_equal(c.sum[COUNTER_CYCLES_USER], 200);
	assert_int_equal(c.sum[COUNTER_INSTRUCTIONS_KERNEL], 400);
	counters_close(&c);
}

static void test_switched_off_says_so(void **state)
{
	unsigned int i;

	(void)state;
	counters_none(&c, "because");
	for (i = 0; i < COUNTER_NR; i++) {
		assert_false(counters_has(&c, i));
		assert_string_equal(c.why[i], "because");
	}
	counters_on(&c);
	counters_off(&c);
	counters_close(&c);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_user_and_kernel_are_counted_apart),
		cmocka_unit_test(test_names_say_what_is_counted),
		cmocka_unit_test(test_page_faults_are_counted_to_the_last_one),
		cmocka_unit_test(test_only_the_own_thread_is_counted),
		cmocka_unit_test(test_context_switches_are_counted),
		cmocka_unit_test(test_each_obstacle_is_named),
		cmocka_unit_test_setup(test_a_refused_group_leaves_the_others,
				       reset),
		cmocka_unit_test_setup(test_an_unknown_event_leaves_the_others,
				       reset),
		cmocka_unit_test(test_a_small_pmu_counts_what_matters_most),
		cmocka_unit_test_setup(test_a_group_that_is_too_large_is_cut,
				       reset),
		cmocka_unit_test_setup(test_half_the_time_is_not_scaled_up,
				       reset),
		cmocka_unit_test(test_switched_off_says_so),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
