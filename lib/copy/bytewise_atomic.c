// SPDX-License-Identifier: GPL-2.0-only OR MIT
#include "opaque.h"

/* The C counterpart of atomic_per_byte_memcpy(). */
noinline void pagecopy_copy_bytewise_atomic(void *dst, const void *src,
					    size_t len)
{
	pagecopy_mark_atomic(dst, src, len);
	copy_opaque(dst, src, len);
}
