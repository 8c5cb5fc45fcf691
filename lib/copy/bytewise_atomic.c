// SPDX-License-Identifier: GPL-2.0-only OR MIT
#include "pagecopy/strategy.h"

/*
 * The C counterpart of atomic_per_byte_memcpy(): the architecture's memcpy()
 * moves every byte by machine accesses no narrower than a byte, so no byte can
 * tear. What is left to prevent is the compiler reasoning about the copy
 * (repeating a read, merging it with another, dropping it): the callee goes by
 * a name that has no builtin, so it must be called, once, as it stands.
 */
noinline void pagecopy_copy_bytewise_atomic(void *dst, const void *src,
					    size_t len)
{
	pagecopy_arch_memcpy(dst, src, len);
}
