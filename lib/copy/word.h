/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/* The single accesses that copies are made of. */
#ifndef PAGECOPY_COPY_WORD_H
#define PAGECOPY_COPY_WORD_H

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

/* A word at its natural alignment, for READ_ONCE() and WRITE_ONCE(). */
typedef __u64 __attribute__((may_alias)) aligned_word;

static __always_inline aligned_word *at_word(const unsigned char *p)
{
	return (aligned_word *)p;
}

/* Bytes before the first word boundary at or after @p, at most @len. */
static __always_inline size_t bytes_to_word(const unsigned char *p, size_t len)
{
	const size_t head = -(unsigned long)p % WORD;

	return head < len ? head : len;
}

static __always_inline void copy_bytes(unsigned char *d,
				       const unsigned char *s, size_t len)
{
	while (len--)
		WRITE_ONCE(*d++, READ_ONCE(*s++));
}

#endif /* PAGECOPY_COPY_WORD_H */
