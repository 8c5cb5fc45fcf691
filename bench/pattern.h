/* SPDX-License-Identifier: MIT */
#ifndef PAGECOPY_PATTERN_H
#define PAGECOPY_PATTERN_H

#include <stddef.h>
#include <stdint.h>

/** pattern_mix() - a well-mixed function of 64 bits (splitmix64) */
static inline uint64_t pattern_mix(uint64_t x)
{
	x += 0x9e3779b97f4a7c15ULL;
	x = (x ^ x >> 30) * 0xbf58476d1ce4e5b9ULL;
	x = (x ^ x >> 27) * 0x94d049bb133111ebULL;
	return x ^ x >> 31;
}

/**
 * pattern_fill() - @len bytes that depend on @key and the position alone
 * @flip: invert every byte, so that none of them equals the pattern's
 */
void pattern_fill(void *dst, size_t len, uint64_t key, int flip);

#endif
