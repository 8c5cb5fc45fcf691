// SPDX-License-Identifier: GPL-2.0-only OR MIT
#include "word.h"

#ifdef __x86_64__

/* Past the cache, from a general register. */
static __always_inline void stream(unsigned char *p, word w)
{
	__asm__ volatile("movnti %1, %0"
			 : "=m"(*(aligned_word *)p)
			 : "r"(w));
}

/*
 * Non-temporal stores are not ordered as others are: without the fence, a flag
 * that the caller sets afterwards could be seen before the bytes it is about.
 */
static __always_inline void fence(void)
{
	__asm__ volatile("sfence" : : : "memory");
}

static __always_inline void stream_block(unsigned char *d,
					 const unsigned char *s)
{
	word a = load(s), b = load(s + WORD);
	word c = load(s + 2 * WORD), e = load(s + 3 * WORD);

	stream(d, a);
	stream(d + WORD, b);
	stream(d + 2 * WORD, c);
	stream(d + 3 * WORD, e);
}

static __always_inline void stream_all(unsigned char *d,
				       const unsigned char *s, size_t len)
{
	const size_t head = bytes_to_word(d, len);

	copy_bytes(d, s, head);
	for (d += head, s += head, len -= head; len >= BLOCK; len -= BLOCK) {
		stream_block(d, s);
		d += BLOCK;
		s += BLOCK;
	}
	for (; len >= WORD; len -= WORD) {
		stream(d, load(s));
		d += WORD;
		s += WORD;
	}
	copy_bytes(d, s, len);
	fence();
}

#endif

/* The destination's alignment decides: only whole words can be streamed. */
noinline pagecopy_no_race_check
void pagecopy_copy_movnti(void *dst, const void *src, size_t len)
{
#ifdef __x86_64__
	pagecopy_mark_atomic(dst, src, len);
	stream_all(dst, src, len);
#else
	pagecopy_opaque(dst);
	pagecopy_opaque(src);
	pagecopy_opaque(len);
#endif
}
