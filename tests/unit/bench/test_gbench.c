// SPDX-License-Identifier: MIT
/* What pagecopy-gbench registers and does, without the library. */
#include "test.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "gbench_cells.h"
#include "gbench_shim.h"

#define CELLS_MAX	64
#define CALLS_MAX	(1 << 16)

/* A run of a benchmark, as the library would see it. */
struct gbench_state {
	int64_t wanted;
	int64_t turns;
	int64_t bytes;
	bool timed;
	bool failed;
	unsigned int counters;
	double total;
};

static struct {
	char name[160];
	gbench_fn *fn;
	void *arg;
} registered[CELLS_MAX];
static unsigned int nr_registered;

static struct gbench_state *now;

/* The copies since the run began; those that were timed are counted again. */
static struct {
	char *dst;
	const char *src;
} calls[CALLS_MAX];
static int64_t nr_calls, nr_timed;

void gbench_init(int *argc, char **argv, void (*refused)(void))
{
	(void)argc;
	(void)argv;
	(void)refused;
}

void gbench_help(void)
{
}

void gbench_register(const char *name, gbench_fn *fn, void *arg)
{
	assert_true(nr_registered < CELLS_MAX);
	snprintf(registered[nr_registered].name, 160, "%s", name);
	registered[nr_registered].fn = fn;
	registered[nr_registered++].arg = arg;
}

int64_t gbench_wanted(const struct gbench_state *state)
{
	return state->wanted;
}

bool gbench_keep(struct gbench_state *state, int64_t n)
{
	state->timed = state->turns < state->wanted;
	if (state->timed)
		state->turns += n;
	return state->timed;
}

int64_t gbench_turns(const struct gbench_state *state)
{
	return state->turns;
}

void gbench_bytes(struct gbench_state *state, int64_t bytes)
{
	state->bytes = bytes;
}

void gbench_counter(struct gbench_state *state, const char *name, double total)
{
	assert_true(strstr(name, "_user") || strstr(name, "_kernel"));
	state->counters++;
	state->total = total;
}

void gbench_fail(struct gbench_state *state, const char *why)
{
	assert_non_null(why);
	state->failed = true;
}

static void copy_and_tell(void *dst, const void *src, size_t len)
{
	if (nr_calls < CALLS_MAX) {
		calls[nr_calls].dst = dst;
		calls[nr_calls].src = src;
	}
	nr_calls++;
	nr_timed += now->timed;
	memcpy(dst, src, len);
}

static void copy_less(void *dst, const void *src, size_t len)
{
	memcpy(dst, src, len - 1);
}

static void copy_nothing(void *dst, const void *src, size_t len)
{
	(void)dst;
	(void)src;
	(void)len;
}

/* By the order in which add_subjects() adds them. */
enum { TELLS, LESS, IDLE, NOTHING, MISSING };

static int add_subjects(void **state)
{
	static const struct subject s[] = {
		{ "tells", copy_and_tell, true, NULL },
		{ "less", copy_less, true, NULL },
		{ "idle", copy_nothing, true, NULL },
		{ "nothing", copy_nothing, false, NULL },
		{ "missing", NULL, true, "is not here" },
	};
	unsigned int i;

	(void)state;
	for (i = 0; i < sizeof(s) / sizeof(s[0]); i++)
		assert_int_equal(subjects_add(&s[i]), 0);
	return 0;
}

static void want(struct gbench *g, unsigned int subject, uint64_t size,
		 unsigned int cache)
{
	memset(g, 0, sizeof(*g));
	g->cold.l2 = 64 << 10;
	g->cold.llc = 2 << 20;
	g->cold.room = 64 << 20;
	cold_choose(&g->cold);
	g->o.strategy = (struct list){ 1, { subject } };
	g->o.size = (struct list){ 1, { size } };
	g->o.align = (struct list){ 2, { ALIGN_SAME, ALIGN_MUTUAL } };
	g->o.offset = (struct list){ 2, { 0, 5 } };
	g->o.cache = (struct list){ 1, { cache } };
	counters_none(&g->counters, "a test");
	nr_registered = 0;
}

static struct gbench_state run_it(unsigned int i, int64_t wanted)
{
	struct gbench_state state = { .wanted = wanted };

	now = &state;
	nr_calls = nr_timed = 0;
	registered[i].fn(&state, registered[i].arg);
	now = NULL;
	return state;
}

static void test_names_say_what_differs(void **state)
{
	struct gbench g;

	(void)state;
	want(&g, TELLS, 4096, CACHE_LLC);
	assert_int_equal(cells_register(&g), 0);
	assert_int_equal(nr_registered, 4);
	assert_string_equal(registered[0].name, "copy/strategy:tells/size:4096/"
			    "align:same/offset:0/cache:llc");
	assert_string_equal(registered[3].name, "copy/strategy:tells/size:4096/"
			    "align:mutual/offset:5/cache:llc");
	cells_close(&g);
}

static void test_what_is_missing_is_left_out(void **state)
{
	struct gbench g;

	(void)state;
	want(&g, MISSING, 4096, CACHE_HOT);
	assert_int_equal(cells_register(&g), -ENOENT);
	assert_int_equal(nr_registered, 0);
	cells_close(&g);
	/* Nothing fits between the second level and the last. */
	want(&g, TELLS, 4096, CACHE_LLC);
	g.cold.llc = 2 * g.cold.l2;
	cold_choose(&g.cold);
	assert_int_equal(cells_register(&g), -ENOENT);
	assert_string_equal(g.no_cache[CACHE_LLC], g.cold.why[CACHE_LLC]);
	assert_non_null(strstr(g.no_cache[CACHE_LLC], "64 KiB"));
	cells_close(&g);
	want(&g, TELLS, 4096, CACHE_DRAM);
	g.cold.llc = 0;
	cold_choose(&g.cold);
	assert_int_equal(cells_register(&g), -ENOENT);
	assert_non_null(strstr(g.no_cache[CACHE_DRAM], "nor CPUID"));
	cells_close(&g);
}

/* The sizes behind one that is left out are not. */
static void test_a_size_that_does_not_fit_is_left_out(void **state)
{
	struct gbench g;

	(void)state;
	want(&g, TELLS, 0, CACHE_LLC);
	g.o.size = (struct list){ 2, { 1 << 20, 4096 } };
	assert_int_equal(cells_register(&g), 0);
	assert_int_equal(nr_registered, 4);
	assert_non_null(strstr(registered[0].name, "/size:4096/"));
	assert_non_null(strstr(g.no_cache[CACHE_LLC], "1048576 bytes go "
			       "through 2048 KiB, which is not between 2 "));
	cells_close(&g);
	want(&g, TELLS, 0, CACHE_DRAM);
	g.o.size = (struct list){ 2, { 1 << 20, 4096 } };
	g.o.align = g.o.offset = (struct list){ 1, { 0 } };
	/* Two places, and 8 KiB of gaps. */
	g.cold.room = (2 << 20) + 8191;
	g.cold.llc = 2 << 20;
	assert_int_equal(cells_register(&g), -ENOENT);
	assert_non_null(strstr(g.no_cache[CACHE_DRAM], "MiB are free"));
	cells_close(&g);
	nr_registered = 0;
	g.nr = 0;
	g.cold.room++;
	g.no_cache[CACHE_DRAM][0] = '\0';
	assert_int_equal(cells_register(&g), 0);
	assert_int_equal(nr_registered, 2);
	assert_string_equal(g.no_cache[CACHE_DRAM], "");
	cells_close(&g);
}

/* A power of two of slots may be too many, but half of it enough. */
static void test_the_last_level_is_not_more_than_half_full(void **state)
{
	static const uint64_t l2[] = { 512 << 10, 300 << 10 };
	struct place p = { .cache = CACHE_LLC, .size = 4096, .align = ALIGN_MUTUAL };
	struct gbench g;
	unsigned int i;

	(void)state;
	for (i = 0; i < 2; i++) {
		want(&g, TELLS, 4096, CACHE_LLC);
		g.o.align = (struct list){ 1, { ALIGN_MUTUAL } };
		g.cold.l2 = l2[i];
		g.cold.llc = 2 * 128 * 2 * 4224 - 2 * i;
		cold_choose(&g.cold);
		place_of(&g.cold, &p);
		assert_int_equal(p.stride, 4224);
		assert_int_equal(p.slots, i ? 64 : 128);
		assert_int_equal(cells_register(&g), i ? -ENOENT : 0);
		cells_close(&g);
	}
	want(&g, TELLS, 4096, CACHE_LLC);
	g.cold.l2 = 250 << 10;
	g.cold.llc = 2 * 128 * 2 * 4224 - 2;
	cold_choose(&g.cold);
	place_of(&g.cold, &p);
	assert_int_equal(p.slots, 64);
	assert_int_equal(cells_register(&g), 0);
	cells_close(&g);
}

static void test_only_what_is_asked_is_timed(void **state)
{
	struct gbench_state done;
	struct gbench g;

	(void)state;
	want(&g, TELLS, 100, CACHE_HOT);
	assert_int_equal(cells_register(&g), 0);
	done = run_it(0, 1000);
	assert_false(done.failed);
	assert_int_equal(nr_timed, 1000);
	/* And one to warm up. */
	assert_int_equal(nr_calls, 1001);
	assert_int_equal(done.bytes, 100000);
	assert_ptr_equal(calls[0].dst, calls[1000].dst);
	cells_close(&g);
}

static void test_a_wrong_copy_is_noticed(void **state)
{
	struct gbench g;

	(void)state;
	want(&g, LESS, 512, CACHE_HOT);
	assert_int_equal(cells_register(&g), 0);
	assert_true(run_it(0, 10).failed);
	assert_true(g.failed);
	cells_close(&g);
	want(&g, IDLE, 512, CACHE_HOT);
	assert_int_equal(cells_register(&g), 0);
	/* What another strategy left there does not count. */
	memcpy(g.dst.base, g.src.base, g.src.bytes);
	assert_true(run_it(0, 10).failed);
	cells_close(&g);
	want(&g, NOTHING, 512, CACHE_HOT);
	assert_int_equal(cells_register(&g), 0);
	assert_false(run_it(0, 10).failed);
	assert_int_equal(run_it(0, 10).bytes, 0);
	cells_close(&g);
}

/* A PMU that has every event, each of which comes seven times in a copy. */
#define FAKE_FD	100000

static struct {
	int fds;
	bool on;
	int64_t since;
	uint64_t value;
} pmu;

static int fake_open(struct perf_event_attr *attr, int leader)
{
	(void)attr;
	(void)leader;
	return FAKE_FD + pmu.fds++;
}

static void fake_control(int fd, unsigned long request)
{
	/* All groups do what the first one does. */
	if (fd != FAKE_FD)
		return;
	pmu.on = request == PERF_EVENT_IOC_ENABLE;
	if (pmu.on)
		pmu.since = nr_calls;
	else
		pmu.value += 7 * (uint64_t)(nr_calls - pmu.since);
}

static ssize_t fake_read(int fd, void *buf, size_t size)
{
	const unsigned int nr = fd == FAKE_FD + 8 ? 3 : 4;
	uint64_t *value = buf;
	unsigned int i;

	assert_true((3 + nr) * sizeof(*value) <= size);
	value[0] = nr;
	value[1] = value[2] = pmu.value;
	for (i = 0; i < nr; i++)
		value[3 + i] = pmu.value;
	return (3 + nr) * (ssize_t)sizeof(*value);
}

static void test_events_are_those_of_the_timed_copies(void **state)
{
	static const struct perf_ops fake = {
		fake_open, fake_control, fake_read
	};
	struct gbench_state done;
	struct gbench g;

	(void)state;
	want(&g, TELLS, 100, CACHE_HOT);
	assert_int_equal(cells_register(&g), 0);
	done = run_it(0, 1000);
	assert_int_equal(done.counters, 0);
	counters_open(&g.counters, &fake);
	run_it(0, 500);
	done = run_it(0, 1000);
	assert_int_equal(done.counters, 6);
	assert_true(done.total == 7000);
	counters_close(&g.counters);
	cells_close(&g);
}

static int compare(const void *a, const void *b)
{
	const char *const *x = a, *const *y = b;

	return (*x > *y) - (*x < *y);
}

/* Slots are gone through as often as each other, apart from each other. */
static void check_slots(const struct gbench *g, size_t size, size_t larger)
{
	static char *dst[CALLS_MAX];
	const int64_t slots = nr_calls / 2;
	int64_t i;

	assert_int_equal(nr_timed, slots);
	for (i = 0; i < slots; i++) {
		dst[i] = calls[i].dst;
		/* In the same order each time. */
		assert_ptr_equal(calls[i].dst, calls[slots + i].dst);
		assert_true(calls[i].src >= g->src.base);
		assert_true(calls[i].src + size <=
			    g->src.base + g->src.bytes);
	}
	qsort(dst, (size_t)slots, sizeof(dst[0]), compare);
	assert_true(dst[0] >= g->dst.base);
	for (i = 1; i < slots; i++)
		assert_true((size_t)(dst[i] - dst[i - 1]) >= size);
	assert_true(dst[slots - 1] + size <= g->dst.base + g->dst.bytes);
	if (slots == 1)
		return;
	/* What is copied in a round, both sides together. */
	assert_true((size_t)slots * (size_t)(dst[1] - dst[0]) >= larger);
	assert_true((size_t)slots * (size_t)(dst[1] - dst[0]) < 2 * larger);
}

static void test_states_go_through_their_slots(void **state)
{
	static const uint64_t sizes[] = { 1, 64, 4096, 300000 };
	static const unsigned int states[] = { CACHE_LLC, CACHE_DRAM };
	unsigned int i, k, at;
	struct gbench g;
	int64_t slots;

	(void)state;
	for (i = 0; i < 8; i++) {
		want(&g, TELLS, sizes[i / 2], states[i % 2]);
		assert_int_equal(cells_register(&g), 0);
		for (k = 0; k < 4; k++) {
			run_it(k, 1);
			slots = nr_calls - 1;
			run_it(k, slots);
			check_slots(&g, sizes[i / 2], i % 2 ? 2 << 20 : 128 << 10);
			/* Registered as same 0, mutual 0, same 5, mutual 5. */
			at = k / 2 * 5;
			assert_int_equal((uintptr_t)calls[0].src % 64, at);
			assert_int_equal((uintptr_t)calls[0].dst % 64,
					 at + k % 2 * ALIGN_SHIFT);
		}
		cells_close(&g);
	}
}

static void test_hot_is_placed_as_path_user_is(void **state)
{
	struct gbench g;
	unsigned int k, at;

	(void)state;
	want(&g, TELLS, 5000, CACHE_HOT);
	assert_int_equal(cells_register(&g), 0);
	for (k = 0; k < 4; k++) {
		run_it(k, 1);
		at = k / 2 * 5;
		assert_ptr_equal(calls[0].src, g.src.base + ARENA_GAP + at);
		assert_ptr_equal(calls[0].dst, g.dst.base + ARENA_GAP + at +
				 k % 2 * ALIGN_SHIFT);
	}
	cells_close(&g);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_names_say_what_differs),
		cmocka_unit_test(test_what_is_missing_is_left_out),
		cmocka_unit_test(test_a_size_that_does_not_fit_is_left_out),
		cmocka_unit_test(test_the_last_level_is_not_more_than_half_full),
		cmocka_unit_test(test_only_what_is_asked_is_timed),
		cmocka_unit_test(test_a_wrong_copy_is_noticed),
		cmocka_unit_test(test_events_are_those_of_the_timed_copies),
		cmocka_unit_test(test_states_go_through_their_slots),
		cmocka_unit_test(test_hot_is_placed_as_path_user_is),
	};

	return cmocka_run_group_tests(tests, add_subjects, NULL);
}
