// SPDX-License-Identifier: GPL-2.0-only OR MIT
#define VECTOR		64
#define MOVE		"vmovdqu64"
/* Registers that SSE does not know: nothing to clean up after their use. */
#define R0		"%%zmm16"
#define R1		"%%zmm17"
#define R2		"%%zmm18"
#define R3		"%%zmm19"
#define CLOBBERS	"xmm16", "xmm17", "xmm18", "xmm19"
#define NAME(x)		x##_avx512
#define LEAVE()		do { } while (0)
#include "vector.h"

#include <immintrin.h>

struct half {
	char bytes[32];
} __attribute__((may_alias));

/* No mask: what is loaded is read next, and masked stores forward badly. */
static always_inline void load_ends(unsigned char *d, const unsigned char *s,
				    size_t n)
{
	if (n <= 32) {
		pagecopy_load_small(d, s, n);
		return;
	}
	__asm__ volatile("vmovdqu64 %2, %%ymm16\n\t"
			 "vmovdqu64 %3, %%ymm17\n\t"
			 "vmovdqu64 %%ymm16, %0\n\t"
			 "vmovdqu64 %%ymm17, %1"
			 : "=m"(*(struct half *)d),
			   "=m"(*(struct half *)(d + n - 32))
			 : "m"(*(const struct half *)s),
			   "m"(*(const struct half *)(s + n - 32))
			 : CLOBBERS, "memory");
}

/* A masked access touches the bytes of its mask alone, also at a page's end. */
static always_inline void store_ends(unsigned char *d, const unsigned char *s,
				     size_t n)
{
	const __mmask64 mask = _bzhi_u64(~0ULL, n);

	__asm__ volatile("vmovdqu8 %1, %%zmm16%{%2%}%{z%}\n\t"
			 "vmovdqu8 %%zmm16, %0%{%2%}"
			 : "+m"(*(struct span *)d)
			 : "m"(*(const struct span *)s), "Yk"(mask)
			 : CLOBBERS, "memory");
}
