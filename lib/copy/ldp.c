// SPDX-License-Identifier: GPL-2.0-only OR MIT
#include "pagecopy/strategy.h"

#ifdef __aarch64__

/*
 * Pairs of general registers. To the architecture a pair is two accesses of 8
 * bytes: each is single-copy atomic where it is aligned, else whole bytes are.
 * With FEAT_LSE2 the 16 bytes of an aligned pair are, and any 8 bytes within
 * 16; nothing here relies on that.
 */
typedef __u64 __attribute__((aligned(1), may_alias)) word;

#define WORD	sizeof(word)
#define PAIR	(2 * WORD)
#define BLOCK	(4 * PAIR)

static __always_inline void copy_bytes(unsigned char *d,
				       const unsigned char *s, size_t len)
{
	while (len--)
		WRITE_ONCE(*d++, READ_ONCE(*s++));
}

static __always_inline void copy_word(unsigned char *d, const unsigned char *s)
{
	*(volatile word *)d = *(const volatile word *)s;
}

static __always_inline void copy_pair(unsigned char *d, const unsigned char *s)
{
	__u64 a, b;

	__asm__ volatile("ldp %0, %1, [%3]\n\t"
			 "stp %0, %1, [%2]"
			 : "=&r"(a), "=&r"(b)
			 : "r"(d), "r"(s)
			 : "memory");
}

/* All loads before the first store, so that they overlap. */
static __always_inline void copy_block(unsigned char *d, const unsigned char *s)
{
	__u64 a, b, c, e, f, g, h, i;

	__asm__ volatile("ldp %0, %1, [%9]\n\t"
			 "ldp %2, %3, [%9, #16]\n\t"
			 "ldp %4, %5, [%9, #32]\n\t"
			 "ldp %6, %7, [%9, #48]\n\t"
			 "stp %0, %1, [%8]\n\t"
			 "stp %2, %3, [%8, #16]\n\t"
			 "stp %4, %5, [%8, #32]\n\t"
			 "stp %6, %7, [%8, #48]"
			 : "=&r"(a), "=&r"(b), "=&r"(c), "=&r"(e),
			   "=&r"(f), "=&r"(g), "=&r"(h), "=&r"(i)
			 : "r"(d), "r"(s)
			 : "memory");
}

/* Brings the destination to 16 bytes, so that no store straddles two lines. */
static __always_inline size_t copy_head(unsigned char *d,
					const unsigned char *s, size_t len)
{
	size_t head = -(unsigned long)d % WORD;

	if (head > len)
		head = len;
	copy_bytes(d, s, head);
	if ((unsigned long)(d + head) % PAIR && len - head >= WORD) {
		copy_word(d + head, s + head);
		head += WORD;
	}
	return head;
}

noinline void pagecopy_copy_ldp(void *dst, const void *src, size_t len)
{
	const unsigned char *s = src;
	unsigned char *d = dst;
	size_t head;

	pagecopy_mark_atomic(dst, src, len);
	head = copy_head(d, s, len);
	for (d += head, s += head, len -= head; len >= BLOCK; len -= BLOCK) {
		copy_block(d, s);
		d += BLOCK;
		s += BLOCK;
	}
	for (; len >= PAIR; len -= PAIR) {
		copy_pair(d, s);
		d += PAIR;
		s += PAIR;
	}
	if (len >= WORD) {
		copy_word(d, s);
		d += WORD;
		s += WORD;
		len -= WORD;
	}
	copy_bytes(d, s, len);
}

#else

noinline void pagecopy_copy_ldp(void *dst, const void *src, size_t len)
{
	pagecopy_opaque(dst);
	pagecopy_opaque(src);
	pagecopy_opaque(len);
}

#endif
