// SPDX-License-Identifier: GPL-2.0-only OR MIT
#include "pagecopy/strategy.h"

/*
 * Pairs of whole cache lines past the cache; what is left at either end goes
 * through it, because a part of a line would be written to memory by itself.
 * The fence orders them before whatever tells others that the copy is there.
 */
#define VECTOR_WIDTH	16
#define VECTOR_REG	"xmm"
#define VECTOR_LOAD	"movdqu"
#define VECTOR_STORE	"movdqu"
#define VECTOR_STREAM	"movntdq"
#define VECTOR_ALIGN	64
#define VECTOR_FROM	256
#define VECTOR_FENCE	"sfence"
#define VECTOR_LEAVE	""
#include "vector.h"

noinline void pagecopy_copy_nt(void *dst, const void *src, size_t len)
{
	vector_copy(dst, src, len);
}
