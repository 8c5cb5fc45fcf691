/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/*
 * A copy through vector registers, once per including file, which says first:
 *
 * VECTOR_WIDTH:  bytes of a register
 * VECTOR_REG:    its name, without the number
 * VECTOR_LOAD:   loads one from any address
 * VECTOR_STORE:  stores one to any address
 * VECTOR_STREAM: stores one to an aligned address, in the bulk of a long copy
 * VECTOR_ALIGN:  of the destination of that bulk
 * VECTOR_FROM:   bytes from which on a copy is long
 * VECTOR_FENCE:  ends the bulk, or ""
 * VECTOR_LEAVE:  after the last register, or ""
 *
 * All accesses are assembly, so that the compiler can neither repeat nor drop
 * one, and each byte is loaded and stored exactly once.
 */
#ifndef PAGECOPY_VECTOR_H
#define PAGECOPY_VECTOR_H

#include "pagecopy/port.h"
#include "section.h"

#ifdef __x86_64__

#define VECTOR_BLOCK	(8 * VECTOR_WIDTH)

/* Move @bytes through a general register. */
#define VECTOR_MOVE(bytes, load, load_size, store, store_size)		\
static __always_inline void move_##bytes(unsigned char *d,		\
					 const unsigned char *s)	\
{									\
	unsigned long t;						\
									\
	__asm__ volatile(load " (%[s]), %" load_size "[t]\n\t"		\
			 store " %" store_size "[t], (%[d])"		\
			 : [t] "=&r"(t)					\
			 : [d] "r"(d), [s] "r"(s)			\
			 : "memory");					\
}

VECTOR_MOVE(1, "movzbl", "k", "movb", "b")
VECTOR_MOVE(2, "movzwl", "k", "movw", "w")
VECTOR_MOVE(4, "movl", "k", "movl", "k")
VECTOR_MOVE(8, "movq", "q", "movq", "q")

static __always_inline void move_vector(unsigned char *d,
					const unsigned char *s)
{
	__asm__ volatile(VECTOR_LOAD " (%[s]), %%" VECTOR_REG "0\n\t"
			 VECTOR_STORE " %%" VECTOR_REG "0, (%[d])"
			 :
			 : [d] "r"(d), [s] "r"(s)
			 : "memory" PAGECOPY_CLOBBERS_VECTORS);
}

#define VECTOR_LOAD_NR(n) \
	VECTOR_LOAD " " #n "*%c[w](%[s]), %%" VECTOR_REG #n "\n\t"
#define VECTOR_STREAM_NR(n) \
	VECTOR_STREAM " %%" VECTOR_REG #n ", " #n "*%c[w](%[d])\n\t"

static __always_inline void move_block(unsigned char *d,
				       const unsigned char *s)
{
	__asm__ volatile(VECTOR_LOAD_NR(0) VECTOR_LOAD_NR(1)
			 VECTOR_LOAD_NR(2) VECTOR_LOAD_NR(3)
			 VECTOR_LOAD_NR(4) VECTOR_LOAD_NR(5)
			 VECTOR_LOAD_NR(6) VECTOR_LOAD_NR(7)
			 VECTOR_STREAM_NR(0) VECTOR_STREAM_NR(1)
			 VECTOR_STREAM_NR(2) VECTOR_STREAM_NR(3)
			 VECTOR_STREAM_NR(4) VECTOR_STREAM_NR(5)
			 VECTOR_STREAM_NR(6) VECTOR_STREAM_NR(7)
			 :
			 : [d] "r"(d), [s] "r"(s), [w] "i"(VECTOR_WIDTH)
			 : "memory" PAGECOPY_CLOBBERS_VECTORS);
}

#define VECTOR_STEP(how, bytes) do {					\
	move_##how(d, s);						\
	d += (bytes);							\
	s += (bytes);							\
	len -= (bytes);							\
} while (0)

/* Less than a vector, or up to an alignment: the narrow ones first... */
static __always_inline void move_head(unsigned char *d, const unsigned char *s,
				      size_t len)
{
	if (len & 1)
		VECTOR_STEP(1, 1);
	if (len & 2)
		VECTOR_STEP(2, 2);
	if (len & 4)
		VECTOR_STEP(4, 4);
	while (len)
		VECTOR_STEP(8, 8);
}

/* ...or last, so that they stay aligned where the destination was. */
static __always_inline void move_tail(unsigned char *d, const unsigned char *s,
				      size_t len)
{
	while (len >= 8)
		VECTOR_STEP(8, 8);
	if (len & 4)
		VECTOR_STEP(4, 4);
	if (len & 2)
		VECTOR_STEP(2, 2);
	if (len)
		move_1(d, s);
}

static __always_inline void move_all(unsigned char *d, const unsigned char *s,
				     size_t len)
{
	const size_t head = -(unsigned long)d % VECTOR_ALIGN;

	if (len < VECTOR_WIDTH) {
		move_tail(d, s, len);
		return;
	}
	if (len >= VECTOR_FROM) {
		move_head(d, s, head);
		d += head;
		s += head;
		len -= head;
		while (len >= VECTOR_BLOCK)
			VECTOR_STEP(block, VECTOR_BLOCK);
		__asm__ volatile(VECTOR_FENCE : : : "memory");
	}
	while (len >= VECTOR_WIDTH)
		VECTOR_STEP(vector, VECTOR_WIDTH);
	__asm__ volatile(VECTOR_LEAVE
			 :
			 :
			 : "memory" PAGECOPY_CLOBBERS_VECTORS);
	move_tail(d, s, len);
}

static __always_inline void vector_copy(void *dst, const void *src, size_t len)
{
	const unsigned char *s = src;
	unsigned char *d = dst;
	size_t part;

	pagecopy_mark_atomic(dst, src, len);
	for (; len; d += part, s += part, len -= part) {
		part = section_bytes(d, len);
		pagecopy_fpu_begin();
		move_all(d, s, part);
		pagecopy_fpu_end();
	}
}

#else /* never called: pagecopy_strategy_missing() says why */

static __always_inline void vector_copy(void *dst, const void *src, size_t len)
{
	pagecopy_opaque(dst);
	pagecopy_opaque(src);
	pagecopy_opaque(len);
}

#endif

#endif /* PAGECOPY_VECTOR_H */
