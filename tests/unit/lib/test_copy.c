// SPDX-License-Identifier: MIT
/*
 * Every strategy that can be called here against a byte-by-byte reference:
 * the bytes asked for arrive, no other byte changes, nothing outside the two
 * buffers is touched. The source is mapped read-only and both sides end in
 * inaccessible pages, so a stray access is a fault, which is caught and
 * reported with the strategy, the length and the offsets.
 */
#include "arena.h"
#include "reference.h"
#include "pagecopy/strategy.h"

#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
/* cmocka.h wants those above. */
#include <cmocka.h>

#define ARRAY_SIZE(a)	(sizeof(a) / sizeof((a)[0]))
#define MIB		((size_t)1 << 20)
#define ARENA_LEN	(2 * MIB + 4 * 4096)
/* Bytes on either side of the destination that are compared every time. */
#define CANARY		64
/* Where a destination starts that has no edge to be at. */
#define BASE		128

#if defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define SANITIZED	1
#endif
#endif
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define SANITIZED	1
#endif
/* A sanitizer makes a byte ten times dearer, so every seventh case will do. */
#ifdef SANITIZED
#define STEP		7
#else
#define STEP		1
#endif

static struct arena source, dest, want;

static sigjmp_buf back_to_case;
static const void *volatile fault_addr;

static void on_fault(int sig, siginfo_t *info, void *context)
{
	(void)sig;
	(void)context;
	fault_addr = info->si_addr;
	siglongjmp(back_to_case, 1);
}

/* cmocka puts its own handlers back after each test. */
static void catch_faults(void)
{
	struct sigaction sa = {
		.sa_sigaction = on_fault,
		.sa_flags = SA_SIGINFO | SA_NODEFER,
	};

	assert_int_equal(sigaction(SIGSEGV, &sa, NULL), 0);
	assert_int_equal(sigaction(SIGBUS, &sa, NULL), 0);
}

static const char *fault_side(void)
{
	if (arena_near(&dest, fault_addr))
		return "the destination";
	if (arena_near(&source, fault_addr))
		return "the source";
	return "neither buffer";
}

static void report_difference(const struct pagecopy_strategy *s, size_t d,
			      size_t src, size_t len, size_t from, size_t to)
{
	size_t i;

	for (i = from; i < to; i++)
		if (dest.mem[i] != want.mem[i])
			break;
	fail_msg("%s: len %zu, dst+%zu, src+%zu: byte %zd is %#x, not %#x",
		 s->name, len, d, src, (ssize_t)i - (ssize_t)d, dest.mem[i],
		 want.mem[i]);
}

/*
 * One copy. dest and want are all poison before and after it, so a byte
 * written far away is found at the end of the test.
 */
static void check(const struct pagecopy_strategy *s, size_t d, size_t src,
		  size_t len)
{
	const size_t from = d > CANARY ? d - CANARY : 0;
	const size_t end = d + len + CANARY;
	const size_t to = end < dest.len ? end : dest.len;

	if (s->copies)
		reference_copy(want.mem + d, source.mem + src, len);
	if (sigsetjmp(back_to_case, 0))
		fail_msg("%s: len %zu, dst+%zu, src+%zu: fault at %s",
			 s->name, len, d, src, fault_side());
	s->copy(dest.mem + d, source.mem + src, len);
	if (memcmp(dest.mem + from, want.mem + from, to - from))
		report_difference(s, d, src, len, from, to);
	arena_poison(&dest, d, len);
	arena_poison(&want, d, len);
}

static void check_nothing_else_written(const struct pagecopy_strategy *s)
{
	const size_t at = arena_first_not_poison(&dest);

	if (at < dest.len)
		fail_msg("%s: wrote outside its destination, at dst+%zu",
			 s->name, at);
}

static void test_every_length(const struct pagecopy_strategy *s)
{
	static const unsigned char align[][2] = {
		{ 0, 0 }, { 1, 0 }, { 0, 1 }, { 3, 3 },
		{ 8, 4 }, { 5, 60 }, { 63, 62 }, { 32, 16 },
		{ 1, 1 }, { 7, 9 }, { 16, 0 }, { 0, 32 },
		{ 24, 40 }, { 47, 48 }, { 50, 13 }, { 31, 63 },
	};
	size_t i, len;

	for (i = 0; i < ARRAY_SIZE(align); i++)
		for (len = i % STEP; len <= 4096; len += STEP)
			check(s, BASE + align[i][0], BASE + align[i][1], len);
	check_nothing_else_written(s);
}

static void test_every_alignment(const struct pagecopy_strategy *s)
{
	static const size_t lens[] = {
		0, 1, 2, 3, 7, 8, 9, 15, 16, 17, 31, 32, 33, 63, 64, 65, 100,
		127, 128, 129, 255, 256, 257, 511, 1024, 4096,
	};
	size_t i, d, src;

	for (i = 0; i < ARRAY_SIZE(lens); i++)
		for (d = 0; d < 64; d++)
			for (src = (i + d) % STEP; src < 64; src += STEP)
				check(s, BASE + d, BASE + src, lens[i]);
	check_nothing_else_written(s);
}

static void test_long_and_odd(const struct pagecopy_strategy *s)
{
	static const size_t lens[] = {
		4097, 4099, 8191, 12289, 16383, 65535, 65537, 131071, 262147,
		MIB - 1, MIB + 1, 2 * MIB - 1, 2 * MIB, 2 * MIB + 1,
		2 * MIB + 4095,
	};
	static const unsigned char align[][2] = {
		{ 0, 0 }, { 1, 0 }, { 0, 7 }, { 61, 33 },
	};
	size_t i, a;

	for (i = 0; i < ARRAY_SIZE(lens); i++)
		for (a = 0; a < ARRAY_SIZE(align); a++)
			check(s, BASE + align[a][0], BASE + align[a][1],
			      lens[i]);
	check_nothing_else_written(s);
}

static void check_at_edges(const struct pagecopy_strategy *s, size_t len)
{
	const size_t last = dest.len - len;

	check(s, 0, 0, len);
	check(s, last, 0, len);
	check(s, 0, last, len);
	check(s, last, last, len);
}

static void test_edge_of_the_world(const struct pagecopy_strategy *s)
{
	static const size_t lens[] = {
		1023, 1024, 1025, 4095, 4096, 4097, 65535, 2 * MIB + 1,
	};
	size_t i;

	for (i = 0; i <= 640; i++)
		check_at_edges(s, i);
	for (i = 0; i < ARRAY_SIZE(lens); i++)
		check_at_edges(s, lens[i]);
	/* One side at the edge, the other at every alignment. */
	for (i = 0; i < 64; i++) {
		check(s, BASE + i, source.len - 200 - i, 200 + i);
		check(s, dest.len - 200 - i, BASE + i, 200 + i);
		check(s, BASE + i, 0, 200 + i);
		check(s, 0, BASE + i, 200 + i);
	}
	check_nothing_else_written(s);
}

static const struct kind {
	const char *name;
	void (*test)(const struct pagecopy_strategy *s);
} kinds[] = {
	{ "every length to 4096", test_every_length },
	{ "every alignment", test_every_alignment },
	{ "long and odd", test_long_and_odd },
	{ "edge of the world", test_edge_of_the_world },
};

struct subject {
	const struct pagecopy_strategy *s;
	const struct kind *kind;
	char name[64];
};

static void run_subject(void **state)
{
	const struct subject *u = *state;

	if (!pagecopy_strategy_here(u->s - pagecopy_strategies)) {
		print_message("%s cannot be called here: %s\n", u->s->name,
			      pagecopy_strategy_missing(u->s -
							pagecopy_strategies));
		skip();
	}
	catch_faults();
	arena_poison(&dest, 0, dest.len);
	arena_poison(&want, 0, want.len);
	u->kind->test(u->s);
}

static int open_arenas(void **state)
{
	int ret;

	(void)state;
	ret = arena_open(&source, ARENA_LEN);
	if (!ret)
		ret = arena_fill_source(&source);
	if (!ret)
		ret = arena_open(&dest, ARENA_LEN);
	if (!ret)
		ret = arena_open(&want, ARENA_LEN);
	return ret;
}

static int close_arenas(void **state)
{
	(void)state;
	arena_close(&want);
	arena_close(&dest);
	arena_close(&source);
	return 0;
}

int main(void)
{
	static struct subject subjects[PAGECOPY_S_MAX * ARRAY_SIZE(kinds)];
	static struct CMUnitTest tests[ARRAY_SIZE(subjects)];
	const struct pagecopy_strategy *s;
	struct subject *u = subjects;
	size_t k, n;

	pagecopy_for_each_strategy(s) {
		for (k = 0; k < ARRAY_SIZE(kinds); k++, u++) {
			u->s = s;
			u->kind = &kinds[k];
			snprintf(u->name, sizeof(u->name), "%s: %s", s->name,
				 kinds[k].name);
		}
	}
	n = u - subjects;
	for (k = 0; k < n; k++)
		tests[k] = (struct CMUnitTest){
			.name = subjects[k].name,
			.test_func = run_subject,
			.initial_state = &subjects[k],
		};
	return _cmocka_run_group_tests("copy", tests, n, open_arenas,
				       close_arenas);
}
