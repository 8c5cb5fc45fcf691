// SPDX-License-Identifier: GPL-2.0-only OR MIT
#include "pagecopy/strategy.h"

/* Every x86-64 CPU has these. */
#define VECTOR_WIDTH	16
#define VECTOR_REG	"xmm"
#define VECTOR_LOAD	"movdqu"
#define VECTOR_STORE	"movdqu"
#define VECTOR_STREAM	"movdqa"
#define VECTOR_ALIGN	16
#define VECTOR_FROM	256
#define VECTOR_FENCE	""
#define VECTOR_LEAVE	""
#include "vector.h"

noinline void pagecopy_copy_sse2(void *dst, const void *src, size_t len)
{
	vector_copy(dst, src, len);
}
