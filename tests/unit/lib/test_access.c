// SPDX-License-Identifier: MIT
/*
 * The accesses that copies made of READ_ONCE() and WRITE_ONCE() are made of:
 * the two are replaced by ones that keep count. Each byte of the source is
 * loaded once and each of the destination stored once, by accesses at their
 * natural alignment, and no other byte is touched, be it in the same word.
 */
#define pagecopy_copy_bytes		counted_bytes
#define pagecopy_copy_hybrid		counted_hybrid
#define pagecopy_copy_words_aligned	counted_words_aligned
#define pagecopy_copy_words_shift	counted_words_shift
#include "pagecopy/strategy.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
/* cmocka.h wants those above. */
#include <cmocka.h>

#define ARRAY_SIZE(a)	(sizeof(a) / sizeof((a)[0]))
#define AREA		320
/* Where a buffer starts at the earliest: what is before it is watched too. */
#define BASE		64
#define LEN_MAX		150

/**
 * struct side - one of the two buffers
 * @mem:	  its memory and some on either side
 * @touched:	  accesses to each byte
 * @singles:	  accesses of one byte
 * @misaligned:	  accesses not at their natural alignment
 */
struct side {
	unsigned char mem[AREA] __attribute__((aligned(64)));
	unsigned char touched[AREA];
	size_t singles;
	size_t misaligned;
};

static struct side source, dest;
static size_t strays;

static void count(struct side *side, const volatile void *p, size_t size)
{
	const size_t at = (uintptr_t)p - (uintptr_t)side->mem;
	size_t i;

	if (at > AREA - size) {
		strays++;
		return;
	}
	for (i = at; i < at + size; i++)
		side->touched[i]++;
	side->singles += size == 1;
	side->misaligned += (uintptr_t)p % size != 0;
}

#undef READ_ONCE
#undef WRITE_ONCE
#define READ_ONCE(x) ({							\
	const volatile __typeof__(x) *from_ = &(x);			\
									\
	count(&source, from_, sizeof(*from_));				\
	*from_;								\
})
#define WRITE_ONCE(x, val) do {						\
	volatile __typeof__(x) *to_ = &(x);				\
									\
	count(&dest, to_, sizeof(*to_));				\
	*to_ = (val);							\
} while (0)

#include "copy/bytes.c"
#include "copy/hybrid.c"
#include "copy/words_aligned.c"
#include "copy/words_shift.c"

/* Bytes at the start and the end that a copy by words may move one by one. */
static size_t any_number(size_t d, size_t s)
{
	(void)d;
	(void)s;
	return LEN_MAX;
}

static size_t ends_if_alike(size_t d, size_t s)
{
	return d % WORD == s % WORD ? 2 * (WORD - 1) : LEN_MAX;
}

static size_t ends(size_t d, size_t s)
{
	return d % WORD == s % WORD ? 2 * (WORD - 1) : 3 * WORD - 2;
}

static const struct subject {
	const char *name;
	pagecopy_copy_fn *copy;
	size_t longest;
	size_t (*singles)(size_t d, size_t s);
} subjects[] = {
	{ "bytes", counted_bytes, LEN_MAX, any_number },
	{ "hybrid", counted_hybrid, WORD, any_number },
	{ "words_aligned", counted_words_aligned, LEN_MAX, ends_if_alike },
	{ "words_shift", counted_words_shift, LEN_MAX, ends },
};

static void check_side(const struct side *side, size_t start, size_t len,
		       const char *what)
{
	size_t i;

	for (i = 0; i < AREA; i++)
		if (side->touched[i] != (i - start < len))
			fail_msg("%s: byte %td is accessed %u times", what,
				 (ptrdiff_t)(i - start),
				 side->touched[i]);
	if (side->misaligned)
		fail_msg("%s: %zu misaligned accesses", what,
			 side->misaligned);
}

static void reset(struct side *side, int fill)
{
	memset(side, 0, sizeof(*side));
	memset(side->mem, fill, AREA);
	strays = 0;
}

static void check(const struct subject *u, size_t d, size_t s, size_t len)
{
	char what[96];
	size_t i;

	reset(&source, 0);
	reset(&dest, 0xa5);
	for (i = 0; i < len; i++)
		source.mem[BASE + s + i] = i + 1;
	u->copy(dest.mem + BASE + d, source.mem + BASE + s, len);
	snprintf(what, sizeof(what), "%s: len %zu, dst+%zu, src+%zu", u->name,
		 len, d, s);
	if (strays)
		fail_msg("%s: %zu accesses to neither side", what, strays);
	if (memcmp(dest.mem + BASE + d, source.mem + BASE + s, len))
		fail_msg("%s: other bytes arrive", what);
	check_side(&source, BASE + s, len, what);
	check_side(&dest, BASE + d, len, what);
	if (dest.singles > u->singles(d, s))
		fail_msg("%s: %zu single bytes", what, dest.singles);
}

static void test_every_access(void **state)
{
	const struct subject *u;
	size_t d, s, len;

	(void)state;
	for (u = subjects; u < subjects + ARRAY_SIZE(subjects); u++)
		for (d = 0; d < 2 * WORD; d++)
			for (s = 0; s < 2 * WORD; s++)
				for (len = 0; len <= u->longest; len++)
					check(u, d, s, len);
}

static void test_hybrid_moves_values_whole(void **state)
{
	size_t len;

	(void)state;
	for (len = 2; len <= WORD; len *= 2) {
		check(&subjects[1], len, 0, len);
		if (dest.singles || source.singles)
			fail_msg("hybrid: len %zu by single bytes", len);
	}
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_every_access),
		cmocka_unit_test(test_hybrid_moves_values_whole),
	};

	return cmocka_run_group_tests_name("access", tests, NULL, NULL);
}
