// SPDX-License-Identifier: GPL-2.0-only OR MIT
#include "word.h"

/*
 * A word as 8 bytes in the order that they have in memory: EARLIER() moves them
 * to lower addresses and LATER() to higher ones; FIRST() is the byte at the
 * lowest address, AS_LAST() a word that has this byte at the highest.
 */
#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
#define EARLIER(w, bits)	((w) >> (bits))
#define LATER(w, bits)		((w) << (bits))
#define FIRST(w)		((unsigned char)(w))
#define AS_LAST(byte)		((aligned_word)(byte) << 56)
#else
#define EARLIER(w, bits)	((w) << (bits))
#define LATER(w, bits)		((w) >> (bits))
#define FIRST(w)		((unsigned char)((w) >> 56))
#define AS_LAST(byte)		((aligned_word)(byte))
#endif

#define GET(p, i)	READ_ONCE(at_word(p)[i])
#define PUT(p, i, w)	WRITE_ONCE(at_word(p)[i], w)

/* The word that begins @bits into the two. */
#define MERGE(one, two, bits)	(EARLIER(one, bits) | LATER(two, 64 - (bits)))

/* The bytes from @s to the next word boundary, as the end of a word. */
static __always_inline aligned_word load_end(const unsigned char *s)
{
	aligned_word w = 0;

	do
		w = EARLIER(w, 8) | AS_LAST(READ_ONCE(*s));
	while ((unsigned long)++s % WORD);
	return w;
}

static __always_inline void store_start(unsigned char *d, aligned_word w,
					size_t len)
{
	for (; len; len--, w = EARLIER(w, 8))
		WRITE_ONCE(*d++, FIRST(w));
}

/*
 * Load @nr words from @s; store as many, each of them @bits into the one
 * before and the one loaded. Before the first is @w. Return: the last one.
 */
static __always_inline aligned_word
shift_words(unsigned char *d, const unsigned char *s, size_t nr,
	    aligned_word w, unsigned int bits)
{
	for (; nr >= 4; nr -= 4, d += BLOCK, s += BLOCK) {
		aligned_word a = GET(s, 0), b = GET(s, 1);
		aligned_word c = GET(s, 2), e = GET(s, 3);

		PUT(d, 0, MERGE(w, a, bits));
		PUT(d, 1, MERGE(a, b, bits));
		PUT(d, 2, MERGE(b, c, bits));
		PUT(d, 3, MERGE(c, e, bits));
		w = e;
	}
	for (; nr; nr--, d += WORD, s += WORD) {
		aligned_word a = GET(s, 0);

		PUT(d, 0, MERGE(w, a, bits));
		w = a;
	}
	return w;
}

/*
 * @d is at a word boundary and @s is not. A word that lies partly before @s or
 * after its end is never loaded: what belongs to the copy is read by bytes.
 * Return: bytes copied, 1 to @len.
 */
static __always_inline size_t copy_shifted(unsigned char *d,
					   const unsigned char *s, size_t len)
{
	const unsigned int bits = (unsigned long)s % WORD * 8;
	const size_t kept = WORD - bits / 8;
	const size_t nr = (len - kept) / WORD;
	const aligned_word last = shift_words(d, s + kept, nr, load_end(s),
					      bits);

	store_start(d + nr * WORD, EARLIER(last, bits), kept);
	return nr * WORD + kept;
}

/* Both are at a word boundary. Return: bytes copied. */
static __always_inline size_t copy_words(unsigned char *d,
					 const unsigned char *s, size_t len)
{
	size_t left = len;

	for (; left >= BLOCK; left -= BLOCK, d += BLOCK, s += BLOCK) {
		aligned_word a = GET(s, 0), b = GET(s, 1);
		aligned_word c = GET(s, 2), e = GET(s, 3);

		PUT(d, 0, a);
		PUT(d, 1, b);
		PUT(d, 2, c);
		PUT(d, 3, e);
	}
	for (; left >= WORD; left -= WORD, d += WORD, s += WORD)
		PUT(d, 0, GET(s, 0));
	return len - left;
}

/*
 * For machines without misaligned accesses, or where they are dear: every word
 * loaded or stored is an aligned one. Where source and destination are not
 * equally far from a word boundary, each word stored is put together from two
 * words loaded.
 */
noinline void pagecopy_copy_words_shift(void *dst, const void *src, size_t len)
{
	size_t done = bytes_to_word(dst, len);
	const unsigned char *s = src;
	unsigned char *d = dst;

	copy_bytes(d, s, done);
	len -= done;
	d += done;
	s += done;
	if ((unsigned long)s % WORD == 0)
		done = copy_words(d, s, len);
	else
		done = len >= 2 * WORD ? copy_shifted(d, s, len) : 0;
	copy_bytes(d + done, s + done, len - done);
}
