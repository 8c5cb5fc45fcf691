// SPDX-License-Identifier: MIT
#include "test.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "pattern.h"
#include "tear.h"
#include "tear_look.h"

#define LEN	((size_t)3 * GENERATION_PAGE)

static struct generations g;
static unsigned char bytes[LEN];

/* @len bytes of generation @nr, as if copied from place @at on. */
static void put(size_t first, size_t len, uint64_t nr, size_t at)
{
	size_t i;

	for (i = first; i < first + len; i++)
		bytes[i] = generation_byte(&g, nr, at + i);
}

static struct tear_counts look(size_t len, size_t at)
{
	struct tear_counts counts = { 0 };

	tear_look(&counts, &g, bytes, len, at);
	return counts;
}

static int setup(void **state)
{
	(void)state;
	generations_init(&g);
	return 0;
}

static void test_a_copy_of_one_generation_is_whole(void **state)
{
	struct tear_counts counts;
	size_t at;

	(void)state;
	for (at = 0; at < 130; at++) {
		put(0, 5000, at, at);
		counts = look(5000, at);
		assert_int_equal(counts.copies, 1);
		assert_int_equal(counts.whole, 1);
		assert_int_equal(counts.thin_air, 0);
		assert_int_equal(tear_finest(&counts), 0);
	}
}

static void test_one_boundary_is_as_fine_as_its_place(void **state)
{
	struct tear_counts counts;
	size_t at, cut;

	(void)state;
	for (at = 0; at < 70; at++)
		for (cut = 1; cut < 200; cut++) {
			const size_t place = at + cut;
			size_t want = place & -place;

			put(0, cut, 4, at);
			put(cut, 200 - cut, 5, at);
			counts = look(200, at);
			assert_int_equal(tear_finest(&counts),
					 want < 64 ? want : 64);
			assert_int_equal(counts.whole, 0);
			assert_int_equal(counts.thin_air, 0);
		}
}

static void test_the_finest_boundary_counts(void **state)
{
	struct tear_counts counts;

	(void)state;
	put(0, 200, 1, 0);
	put(64, 136, 2, 0);
	put(72, 128, 3, 0);
	put(128, 72, 4, 0);
	counts = look(200, 0);
	assert_int_equal(counts.tear[3], 1);
	assert_int_equal(tear_finest(&counts), 8);
	/* A second copy that is coarser adds to its own count only. */
	put(0, 64, 1, 0);
	put(64, 136, 2, 0);
	tear_look(&counts, &g, bytes, 200, 0);
	assert_int_equal(counts.tear[6], 1);
	assert_int_equal(counts.tear[3], 1);
	assert_int_equal(counts.copies, 2);
}

/* Every value that no generation has, at every place of a line. */
static void test_what_was_never_written_is_out_of_thin_air(void **state)
{
	struct tear_counts counts;
	unsigned int value, i, nr, known;

	(void)state;
	for (i = 0; i < 64; i++)
		for (value = 0; value < 256; value++) {
			put(0, 64, 7, 0);
			bytes[i] = (unsigned char)value;
			known = 0;
			for (nr = 0; nr < GENERATIONS; nr++)
				known |= generation_byte(&g, nr, i) == value;
			counts = look(64, 0);
			assert_int_equal(counts.thin_air, !known);
		}
}

/* A word at a time, but never one that the copy does not have. */
static void test_nothing_behind_the_copy_is_looked_at(void **state)
{
	unsigned char *page = mmap(NULL, 2 * GENERATION_PAGE,
				   PROT_READ | PROT_WRITE,
				   MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	struct tear_counts counts = { 0 };
	size_t len;

	(void)state;
	assert_ptr_not_equal(page, MAP_FAILED);
	mprotect(page + GENERATION_PAGE, GENERATION_PAGE, PROT_NONE);
	for (len = 1; len < 40; len++) {
		put(0, len, 3, 0);
		memcpy(page + GENERATION_PAGE - len, bytes, len);
		tear_look(&counts, &g, page + GENERATION_PAGE - len, len, 0);
	}
	assert_int_equal(counts.whole, 39);
	munmap(page, 2 * GENERATION_PAGE);
}

/* Nor of the mask, which begins again where a page of the source does. */
static void test_nothing_behind_the_mask_is_looked_at(void **state)
{
	const size_t room = (sizeof(g) / GENERATION_PAGE + 1) * GENERATION_PAGE;
	char *area = mmap(NULL, room + GENERATION_PAGE, PROT_READ | PROT_WRITE,
			  MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	struct tear_counts counts = { 0 };
	struct generations *last;
	size_t at;

	(void)state;
	_Static_assert(offsetof(struct generations, mask) + GENERATION_PAGE ==
		       sizeof(struct generations), "the mask is the last of it");
	assert_ptr_not_equal(area, MAP_FAILED);
	mprotect(area + room, GENERATION_PAGE, PROT_NONE);
	last = (void *)(area + room - sizeof(g));
	*last = g;
	for (at = 0; at < 8; at++) {
		put(0, 5000, 3, at);
		tear_look(&counts, last, bytes, 5000, at);
	}
	assert_int_equal(counts.whole, 8);
	munmap(area, room + GENERATION_PAGE);
}

/* As tear_look(), by nothing but its definition. */
static void look_plainly(struct tear_counts *counts, size_t len, size_t at)
{
	unsigned int of[LEN], nr, bit, finest = 7;
	size_t i;

	for (i = 0; i < len; i++) {
		of[i] = GENERATION_NONE;
		for (nr = 0; nr < GENERATIONS; nr++)
			if (generation_byte(&g, nr, at + i) == bytes[i])
				of[i] = nr;
		counts->thin_air += of[i] == GENERATION_NONE;
		if (!i || of[i] == of[i - 1])
			continue;
		for (bit = 0; bit < 6 && (at + i) % (2U << bit) == 0; bit++)
			;
		finest = bit < finest ? bit : finest;
	}
	counts->copies++;
	if (finest == 7)
		counts->whole++;
	else
		counts->tear[finest]++;
}

/* Pieces of random lengths and generations, some bytes spoiled. */
static void make_up(uint64_t seed, size_t *len, size_t *at)
{
	uint64_t random = pattern_mix(seed);
	size_t first, piece;

	*at = random % 5000;
	*len = 1 + (random >> 16) % (random >> 40 & 1 ? LEN - 1 : 200);
	for (first = 0; first < *len; first += piece) {
		random = pattern_mix(random);
		piece = (size_t)1 << random % 9;
		if (random >> 20 & 1)
			piece += 3;
		if (piece > *len - first)
			piece = *len - first;
		put(first, piece, random >> 30, *at);
		if ((random >> 50) % 8 == 0)
			bytes[first] ^= (unsigned char)(random >> 56);
	}
}

static void test_it_is_what_the_definition_says(void **state)
{
	struct tear_counts counts, plain;
	size_t len, at;
	uint64_t seed;

	(void)state;
	for (seed = 0; seed < 2000; seed++) {
		make_up(seed, &len, &at);
		memset(&counts, 0, sizeof(counts));
		memset(&plain, 0, sizeof(plain));
		tear_look(&counts, &g, bytes, len, at);
		look_plainly(&plain, len, at);
		if (memcmp(&counts, &plain, sizeof(counts)))
			fail_msg("seed %lu, %zu bytes at %zu", seed, len, at);
	}
}

static char *mistakes(unsigned int want, ...)
{
	static char text[4000];
	char *argv[20] = { "pagecopy tear" };
	struct tear_options o;
	int argc = 1;
	va_list args;
	FILE *f;

	va_start(args, want);
	while ((argv[argc] = va_arg(args, char *)))
		argc++;
	va_end(args);
	memset(text, 0, sizeof(text));
	f = fmemopen(text, sizeof(text) - 1, "w");
	assert_int_equal(tear_options_parse(&o, argc, argv, f), want);
	fclose(f);
	return text;
}

static void test_all_mistakes_are_told_at_once(void **state)
{
	const char *text;

	(void)state;
	text = mistakes(7, "--path=null", "--copies=x", "--seconds", "-1",
			"--nothing", "--op=read,touch", "--size=4M", "--seed",
			NULL);
	assert_non_null(strstr(text, "--path 'null': unknown"));
	assert_non_null(strstr(text, "--copies 'x': not a number"));
	assert_non_null(strstr(text, "--seconds '-1'"));
	assert_non_null(strstr(text, "'--nothing': no such option"));
	assert_non_null(strstr(text, "--op 'touch': unknown; allowed: all, or "
				     "a comma list of read write"));
	assert_non_null(strstr(text, "--size '4M': too large"));
	assert_non_null(strstr(text, "--seed: value missing"));
}

static void test_what_does_not_go_together_is_refused(void **state)
{
	(void)state;
	mistakes(0, NULL);
	mistakes(0, "--experiment", "all", NULL);
	mistakes(0, "--path", "ioctl", "--op", "write", NULL);
	mistakes(1, "--path", "ioctl", "--op", "read", NULL);
	mistakes(0, "--path", "ioctl", "--op", "read", "--mutator", "none",
		 NULL);
	mistakes(1, "--mutator", "outside", NULL);
	mistakes(1, "--mutator", "outside", "--marker", "123", NULL);
	mistakes(0, "--mutator", "outside", "--marker",
		 "00112233445566778899aabbccddeeff", NULL);
	mistakes(1, "--experiment", "aba", "--path", "ioctl", NULL);
	mistakes(1, "--experiment", "aba", "--mutator", "none", NULL);
	mistakes(1, "--size", "2M", "--offset", "1", NULL);
	/* Wherever on its list a value stands. */
	mistakes(1, "--size", "2M,64", "--offset", "1,0", NULL);
	mistakes(1, "--path", "user,ioctl", "--op", "write,read", NULL);
	mistakes(1, "--copies", "0", "--seconds", "0", NULL);
	mistakes(1, "--cpu", "1", "--mutator-cpu", "1", NULL);
	mistakes(1, "--size", "4K", "--size", "64", NULL);
}

static void expect_print(struct tear_options *o, const char *want)
{
	char *text = NULL;
	size_t len;
	FILE *f = open_memstream(&text, &len);

	assert_non_null(f);
	tear_options_print(o, f);
	fclose(f);
	assert_string_equal(text, want);
	free(text);
}

static void test_options_are_printed_if_they_have_a_value(void **state)
{
	char *argv[] = { "pagecopy tear", "--size", "64", "--strategy=raw",
			 NULL };
	struct tear_options o;

	(void)state;
	assert_int_equal(tear_options_parse(&o, 4, argv, stderr), 0);
	expect_print(&o, "experiment=tear path=user op=write strategy=raw "
		     "size=64 offset=0 buf-offset=0 mutator=thread copies=0 "
		     "seconds=0.5 csv=tear.csv dev=/dev/pagecopy "
		     "platform=auto");
	o.seed = 7;
	o.cpu = 0;
	o.marker = "ab";
	expect_print(&o, "experiment=tear path=user op=write strategy=raw "
		     "size=64 offset=0 buf-offset=0 mutator=thread copies=0 "
		     "seconds=0.5 seed=7 cpu=0 marker=ab csv=tear.csv "
		     "dev=/dev/pagecopy platform=auto");
}

static void test_a_marker_is_32_digits(void **state)
{
	uint8_t marker[MARKER_BYTES];

	(void)state;
	assert_int_equal(marker_parse("000102030405060708090a0b0c0d0eff",
				      marker), 0);
	assert_int_equal(marker[0], 0);
	assert_int_equal(marker[14], 0x0e);
	assert_int_equal(marker[15], 0xff);
	assert_true(marker_parse("", marker) < 0);
	assert_true(marker_parse("000102030405060708090a0b0c0d0ef", marker) < 0);
	assert_true(marker_parse("000102030405060708090a0b0c0d0efff",
				 marker) < 0);
	assert_true(marker_parse("000102030405060708090A0b0c0d0eff",
				 marker) < 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_copy_of_one_generation_is_whole),
		cmocka_unit_test(test_one_boundary_is_as_fine_as_its_place),
		cmocka_unit_test(test_the_finest_boundary_counts),
		cmocka_unit_test(test_what_was_never_written_is_out_of_thin_air),
		cmocka_unit_test(test_nothing_behind_the_copy_is_looked_at),
		cmocka_unit_test(test_nothing_behind_the_mask_is_looked_at),
		cmocka_unit_test(test_it_is_what_the_definition_says),
		cmocka_unit_test(test_all_mistakes_are_told_at_once),
		cmocka_unit_test(test_what_does_not_go_together_is_refused),
		cmocka_unit_test(test_options_are_printed_if_they_have_a_value),
		cmocka_unit_test(test_a_marker_is_32_digits),
	};

	return cmocka_run_group_tests(tests, setup, NULL);
}
