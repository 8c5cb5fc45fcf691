// SPDX-License-Identifier: GPL-2.0-only OR MIT
#include "word.h"

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
	const size_t head = bytes_to_word(d, len);

	pagecopy_mark_atomic(dst, src, len);
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
