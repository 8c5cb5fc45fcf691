/* SPDX-License-Identifier: MIT */
/*
 * Memory that is written again and again, so that each of its bytes tells when
 * it was written, and whether it ever was.
 *
 * A generation is one of GENERATIONS words of 8 bits; neighbours differ in 4
 * bits, any other two in 4 or 8. What is made of some bits of one and some of
 * its neighbour is therefore no word. Each byte is the word of its generation,
 * changed by a mask that depends on where in its page of 4 KiB it is, so that
 * 16 of 256 values were ever written there.
 */
#ifndef PAGECOPY_GENERATION_H
#define PAGECOPY_GENERATION_H

#include <stddef.h>
#include <stdint.h>

#define GENERATIONS	16U
/* generation_of() a byte that no generation has there. */
#define GENERATION_NONE	GENERATIONS
/* What a generation is written in, at most, and the mask repeats after. */
#define GENERATION_LINE	64U
#define GENERATION_PAGE	4096U

/**
 * struct generations - how they are written
 * @width: bytes of the widest store this machine has, up to GENERATION_LINE
 * @write: @len bytes at @mem become generation @nr % GENERATIONS, in ascending
 *	   order, by aligned stores of @width bytes, each made once; @mem and
 *	   @len are multiples of GENERATION_LINE
 * @read:  @len bytes at @src are copied to @dst by loads of that kind; the same
 *	   holds for both and for @len
 * @word:  of each generation
 * @of:    the generation of each byte whose mask has been taken off
 * @mask:  by place in the page
 */
struct generations {
	unsigned int width;
	void (*write)(const struct generations *g, void *mem, size_t len,
		      uint64_t nr);
	void (*read)(void *dst, const void *src, size_t len);
	uint8_t word[GENERATIONS];
	uint8_t of[256];
	uint8_t mask[GENERATION_PAGE];
};

/** generations_init() - for the machine at hand */
void generations_init(struct generations *g);

/** generation_byte() - what generation @nr is at place @at */
static inline uint8_t generation_byte(const struct generations *g,
				      uint64_t nr, size_t at)
{
	return g->word[nr % GENERATIONS] ^ g->mask[at % GENERATION_PAGE];
}

/** generation_of() - which one @byte at @at is of, or GENERATION_NONE */
static inline unsigned int generation_of(const struct generations *g,
					 uint8_t byte, size_t at)
{
	return g->of[byte ^ g->mask[at % GENERATION_PAGE]];
}

#endif
