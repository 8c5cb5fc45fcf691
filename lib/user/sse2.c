// SPDX-License-Identifier: GPL-2.0-only OR MIT
#define VECTOR		16
#define MOVE		"movdqu"
#define R0		"%%xmm0"
#define R1		"%%xmm1"
#define R2		"%%xmm2"
#define R3		"%%xmm3"
#define CLOBBERS	"xmm0", "xmm1", "xmm2", "xmm3"
#define NAME(x)		x##_sse2
#define LEAVE()		do { } while (0)
#include "vector.h"
#include "narrow.h"
