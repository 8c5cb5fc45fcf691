// SPDX-License-Identifier: MIT
#include "tear_look.h"

#include <stdbool.h>
#include <string.h>

#define WORD	sizeof(uint64_t)

/* Are the next 8 bytes all of generation @of? */
static bool same_word(const struct generations *g, const uint8_t *p, size_t at,
		      unsigned int of)
{
	uint64_t word, mask;

	memcpy(&word, p, WORD);
	memcpy(&mask, &g->mask[at % GENERATION_PAGE], WORD);
	return (word ^ mask) == g->word[of] * 0x0101010101010101ULL;
}

void tear_look(struct tear_counts *counts, const struct generations *g,
	       const void *bytes, size_t len, size_t at)
{
	const uint8_t *p = bytes;
	unsigned int of = GENERATION_NONE, before, finest = TEARS, bit;
	size_t i = 0;

	while (i < len) {
		if (of != GENERATION_NONE && (at + i) % WORD == 0 &&
		    len - i >= WORD && same_word(g, p + i, at + i, of)) {
			i += WORD;
			continue;
		}
		before = of;
		of = generation_of(g, p[i], at + i);
		counts->thin_air += of == GENERATION_NONE;
		if (i && of != before) {
			bit = (unsigned int)__builtin_ctzll(at + i);
			bit = bit < TEARS ? bit : TEARS - 1;
			finest = bit < finest ? bit : finest;
		}
		i++;
	}
	counts->copies++;
	if (finest == TEARS)
		counts->whole++;
	else
		counts->tear[finest]++;
}

unsigned int tear_finest(const struct tear_counts *counts)
{
	unsigned int i;

	for (i = 0; i < TEARS; i++)
		if (counts->tear[i])
			return 1U << i;
	return 0;
}
