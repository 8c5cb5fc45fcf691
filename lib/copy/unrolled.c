// SPDX-License-Identifier: GPL-2.0-only OR MIT
#include "word.h"

typedef __u32 __attribute__((aligned(1), may_alias)) half;
typedef __u16 __attribute__((aligned(1), may_alias)) quarter;

#define LOAD(type, p)		(*(const volatile type *)(p))
#define STORE(type, p, v)	(*(volatile type *)(p) = (v))

/*
 * Four words by the addresses of the first and the third; all are loaded before
 * one is stored, so the pairs may overlap.
 */
static __always_inline void copy_pairs(unsigned char *d, const unsigned char *s,
				       size_t second)
{
	word a = load(s), b = load(s + WORD);
	word c = load(s + second), e = load(s + second + WORD);

	store(d, a);
	store(d + WORD, b);
	store(d + second, c);
	store(d + second + WORD, e);
}

/* The first and the last @type of @len bytes, which overlap in the middle. */
#define COPY_ENDS(type, d, s, len) do {					\
	const size_t last = (len) - sizeof(type);			\
	const type first_value = LOAD(type, s);				\
	const type last_value = LOAD(type, (s) + last);			\
									\
	STORE(type, d, first_value);					\
	STORE(type, (d) + last, last_value);				\
} while (0)

/* Fewer bytes than a block. */
static __always_inline void copy_rest(unsigned char *d, const unsigned char *s,
				      size_t len)
{
	if (len >= 2 * WORD)
		copy_pairs(d, s, len - 2 * WORD);
	else if (len >= WORD)
		COPY_ENDS(word, d, s, len);
	else if (len >= sizeof(half))
		COPY_ENDS(half, d, s, len);
	else if (len >= sizeof(quarter))
		COPY_ENDS(quarter, d, s, len);
	else if (len)
		STORE(unsigned char, d, LOAD(unsigned char, s));
}

/*
 * What memcpy() is where string instructions are slow: 32 bytes a turn, the
 * rest by accesses that overlap. It goes backward when the source's address
 * ends in less than the destination's: a load that follows a store to the same
 * place in another page would wait for it. The addresses' last bytes are
 * compared as signed ones, as the kernel's memcpy() does.
 */
noinline pagecopy_no_race_check
void pagecopy_copy_unrolled(void *dst, const void *src, size_t len)
{
	const bool backward = (signed char)(unsigned long)src <
			      (signed char)(unsigned long)dst;
	const unsigned char *s = src;
	unsigned char *d = dst;

	pagecopy_mark_atomic(dst, src, len);
	if (backward) {
		for (; len >= BLOCK; len -= BLOCK)
			copy_pairs(d + len - BLOCK, s + len - BLOCK, 2 * WORD);
	} else {
		for (; len >= BLOCK; len -= BLOCK) {
			copy_pairs(d, s, 2 * WORD);
			d += BLOCK;
			s += BLOCK;
		}
	}
	copy_rest(d, s, len);
}
