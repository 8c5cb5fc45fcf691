/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/* The ends for variants without masks: half a vector, then words. */

struct span16 {
	char bytes[16];
} __attribute__((may_alias));

static always_inline void load_ends(unsigned char *d, const unsigned char *s,
				    size_t n)
{
	pagecopy_load_small(d, s, n);
}

static always_inline void copy16(unsigned char *d, const unsigned char *s)
{
	__asm__ volatile(MOVE " %1, %%xmm0\n\t"
			 MOVE " %%xmm0, %0"
			 : "=m"(*(struct span16 *)d)
			 : "m"(*(const struct span16 *)s)
			 : "xmm0", "memory");
}

static always_inline void store_ends(unsigned char *d, const unsigned char *s,
				     size_t n)
{
	if (n & 16) {
		copy16(d, s);
		d += 16;
		s += 16;
	}
	if (n & 8) {
		pagecopy_store_pagecopy_u64(d, s);
		d += 8;
		s += 8;
	}
	pagecopy_store_end(d, s, n & 7);
}
