// SPDX-License-Identifier: GPL-2.0-only OR MIT
#include "pagecopy/strategy.h"

/* The upper halves are left empty: code for xmm alone is slow otherwise. */
#define VECTOR_WIDTH	32
#define VECTOR_REG	"ymm"
#define VECTOR_LOAD	"vmovdqu"
#define VECTOR_STORE	"vmovdqu"
#define VECTOR_STREAM	"vmovdqa"
#define VECTOR_ALIGN	32
#define VECTOR_FROM	512
#define VECTOR_FENCE	""
#define VECTOR_LEAVE	"vzeroupper"
#include "vector.h"

noinline void pagecopy_copy_avx2(void *dst, const void *src, size_t len)
{
	vector_copy(dst, src, len);
}
