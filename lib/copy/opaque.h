/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
#ifndef PAGECOPY_COPY_OPAQUE_H
#define PAGECOPY_COPY_OPAQUE_H

#include "pagecopy/strategy.h"

/*
 * The architecture's memcpy() moves every byte by machine accesses no narrower
 * than a byte, so no byte can tear. What is left to prevent is the compiler
 * reasoning about the copy (repeating a read, merging it with another, dropping
 * it). Two things keep it from that: a callee whose name is no builtin, and
 * arguments of which it knows nothing. The second is for link-time
 * optimization, which sees through the first: clang then replaces the call by a
 * plain load when all callers pass the same small length.
 */
static __always_inline void copy_opaque(void *dst, const void *src, size_t len)
{
	pagecopy_opaque(dst);
	pagecopy_opaque(src);
	pagecopy_opaque(len);
	pagecopy_arch_memcpy(dst, src, len);
}

#endif /* PAGECOPY_COPY_OPAQUE_H */
