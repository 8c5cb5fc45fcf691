// SPDX-License-Identifier: GPL-2.0-only OR MIT
#define VECTOR		32
#define MOVE		"vmovdqu"
#define R0		"%%ymm0"
#define R1		"%%ymm1"
#define R2		"%%ymm2"
#define R3		"%%ymm3"
#define CLOBBERS	"xmm0", "xmm1", "xmm2", "xmm3"
#define NAME(x)		x##_avx2
/* Else SSE instructions are slow from here on. */
#define LEAVE()		__asm__ volatile("vzeroupper" : : : CLOBBERS)
#include "vector.h"
#include "narrow.h"
