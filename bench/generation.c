// SPDX-License-Identifier: MIT
#include "generation.h"

#include <string.h>

#include "pattern.h"

#ifdef __x86_64__
#include <immintrin.h>
#endif

/* Of the mask, which is the same in each program that takes part. */
#define MASK_KEY	0x7061676563ULL

static const uint8_t *mask_at(const struct generations *g, const void *p)
{
	return &g->mask[(uintptr_t)p % GENERATION_PAGE];
}

static void write_8(const struct generations *g, void *mem, size_t len,
		    uint64_t nr)
{
	const uint64_t word = g->word[nr % GENERATIONS] *
			      0x0101010101010101ULL;
	uint64_t *p = mem, *end = p + len / sizeof(*p), mask;

	for (; p < end; p++) {
		memcpy(&mask, mask_at(g, p), sizeof(mask));
		__atomic_store_n(p, word ^ mask, __ATOMIC_RELAXED);
	}
}

static void read_8(void *dst, const void *src, size_t len)
{
	const uint64_t *from = src, *end = from + len / sizeof(*from);
	uint64_t *to = dst;

	while (from < end)
		*to++ = __atomic_load_n(from++, __ATOMIC_RELAXED);
}

#ifdef __x86_64__

/* The asm is the access: the compiler may neither split nor repeat it. */
#define WIDTH(bytes, isa, vector, set1, load, xor, move)		\
	__attribute__((target(isa)))					\
	static void write_##bytes(const struct generations *g, void *mem, \
				  size_t len, uint64_t nr)		\
	{								\
		const vector word = set1((char)g->word[nr % GENERATIONS]); \
		vector *p = mem, *end = p + len / sizeof(*p), v;	\
									\
		for (; p < end; p++) {					\
			v = xor(word, load((const void *)mask_at(g, p))); \
			__asm__ volatile(move " %1, %0"		\
					 : "=m"(*p) : "v"(v));		\
		}							\
	}								\
									\
	__attribute__((target(isa)))					\
	static void read_##bytes(void *dst, const void *src, size_t len) \
	{								\
		const vector *from = src, *end = from + len / sizeof(*from); \
		vector *to = dst, v;					\
									\
		while (from < end) {					\
			__asm__ volatile(move " %1, %0"			\
					 : "=v"(v) : "m"(*from++));	\
			*to++ = v;					\
		}							\
	}

WIDTH(16, "sse2", __m128i, _mm_set1_epi8, _mm_loadu_si128, _mm_xor_si128,
      "movdqa")
WIDTH(32, "avx2", __m256i, _mm256_set1_epi8, _mm256_loadu_si256,
      _mm256_xor_si256, "vmovdqa")
WIDTH(64, "avx512f", __m512i, _mm512_set1_epi8, _mm512_loadu_si512,
      _mm512_xor_si512, "vmovdqa64")

#define TAKE(g, bytes) do {						\
	(g)->width = bytes;						\
	(g)->write = write_##bytes;					\
	(g)->read = read_##bytes;					\
} while (0)

static void widen(struct generations *g)
{
	__builtin_cpu_init();
	TAKE(g, 16);
	if (__builtin_cpu_supports("avx2"))
		TAKE(g, 32);
	if (__builtin_cpu_supports("avx512f"))
		TAKE(g, 64);
}

#else

static void widen(struct generations *g)
{
	(void)g;
}

#endif

/*
 * The extended Hamming code of 4 bits in 8. Word number i and the one after it
 * are never each other's complement: the numbers are counted in Gray code, in
 * which neighbours differ in one bit, and a row has 4 ones.
 */
static uint8_t word_of(unsigned int nr)
{
	static const uint8_t row[] = { 0x87, 0x4b, 0x2d, 0x1e };
	const unsigned int gray = nr ^ nr >> 1;
	uint8_t word = 0;
	unsigned int bit;

	for (bit = 0; bit < sizeof(row); bit++)
		if (gray >> bit & 1)
			word ^= row[bit];
	return word;
}

void generations_init(struct generations *g)
{
	unsigned int i;

	g->width = 8;
	g->write = write_8;
	g->read = read_8;
	widen(g);
	memset(g->of, GENERATION_NONE, sizeof(g->of));
	for (i = 0; i < GENERATIONS; i++) {
		g->word[i] = word_of(i);
		g->of[g->word[i]] = (uint8_t)i;
	}
	pattern_fill(g->mask, sizeof(g->mask), MASK_KEY, 0);
}
