// SPDX-License-Identifier: MIT
#include "pattern.h"

#include <string.h>

void pattern_fill(void *dst, size_t len, uint64_t key, int flip)
{
	uint64_t invert = flip ? ~0ULL : 0, word;
	unsigned char *p = dst;

	for (; len >= sizeof(word); len -= sizeof(word), p += sizeof(word)) {
		word = pattern_mix(key++) ^ invert;
		memcpy(p, &word, sizeof(word));
	}
	word = pattern_mix(key) ^ invert;
	memcpy(p, &word, len);
}
