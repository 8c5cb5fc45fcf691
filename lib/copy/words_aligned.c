// SPDX-License-Identifier: GPL-2.0-only OR MIT
#include "word.h"

/*
 * The relaxed copy that language runtimes have: words where source and
 * destination are equally far from a word boundary, bytes everywhere else. It
 * is what faster copies are compared with, so it stays one word a turn.
 */
noinline void pagecopy_copy_words_aligned(void *dst, const void *src,
					  size_t len)
{
	const unsigned char *s = src;
	unsigned char *d = dst;
	const size_t head = bytes_to_word(d, len);

	copy_bytes(d, s, head);
	d += head;
	s += head;
	len -= head;
	if ((unsigned long)s % WORD == 0) {
		for (; len >= WORD; len -= WORD) {
			WRITE_ONCE(*at_word(d), READ_ONCE(*at_word(s)));
			d += WORD;
			s += WORD;
		}
	}
	copy_bytes(d, s, len);
}
