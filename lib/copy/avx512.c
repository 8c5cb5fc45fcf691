// SPDX-License-Identifier: GPL-2.0-only OR MIT
#include "pagecopy/strategy.h"

/*
 * A cache line an access. vzeroupper empties the first sixteen registers, so
 * none of the others is used.
 */
#define VECTOR_WIDTH	64
#define VECTOR_REG	"zmm"
#define VECTOR_LOAD	"vmovdqu64"
#define VECTOR_STORE	"vmovdqu64"
#define VECTOR_STREAM	"vmovdqa64"
#define VECTOR_ALIGN	64
#define VECTOR_FROM	1024
#define VECTOR_FENCE	""
#define VECTOR_LEAVE	"vzeroupper"
#include "vector.h"

noinline void pagecopy_copy_avx512(void *dst, const void *src, size_t len)
{
	vector_copy(dst, src, len);
}
