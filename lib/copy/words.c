// SPDX-License-Identifier: GPL-2.0-only OR MIT
#include "pagecopy/strategy.h"

/*
 * A volatile word of any alignment: one access where the machine has unaligned
 * ones, narrower ones where it has not. Either way no byte is accessed twice.
 */
typedef __u64 __attribute__((aligned(1), may_alias)) word;

#define WORD	sizeof(word)
#define BLOCK	(4 * WORD)

static __always_inline word load(const unsigned char *p)
{
	return *(const volatile word *)p;
}

static __always_inline void store(unsigned char *p, word w)
{
	*(volatile word *)p = w;
}

static __always_inline void copy_bytes(unsigned char *d,
				       const unsigned char *s, size_t len)
{
	while (len--)
		WRITE_ONCE(*d++, READ_ONCE(*s++));
}

static __always_inline void copy_block(unsigned char *d,
				       const unsigned char *s)
{
	word a = load(s), b = load(s + WORD);
	word c = load(s + 2 * WORD), e = load(s + 3 * WORD);

	store(d, a);
	store(d + WORD, b);
	store(d + 2 * WORD, c);
	store(d + 3 * WORD, e);
}

/*
 * The destination decides the alignment, because a store that straddles two
 * cache lines costs more than a load that does.
 */
noinline pagecopy_no_race_check
void pagecopy_copy_words(void *dst, const void *src, size_t len)
{
	const unsigned char *s = src;
	unsigned char *d = dst;
	size_t head = -(unsigned long)d % WORD;

	pagecopy_mark_atomic(dst, src, len);
	if (head > len)
		head = len;
	copy_bytes(d, s, head);
	for (d += head, s += head, len -= head; len >= BLOCK; len -= BLOCK) {
		copy_block(d, s);
		d += BLOCK;
		s += BLOCK;
	}
	for (; len >= WORD; len -= WORD) {
		store(d, load(s));
		d += WORD;
		s += WORD;
	}
	copy_bytes(d, s, len);
}
