// SPDX-License-Identifier: GPL-2.0-only OR MIT
#include "pagecopy/strategy.h"
#include "pagecopy/atomic_memcpy.h"

/* The load of libpagecopy, as any program that includes its header gets it. */
noinline void pagecopy_copy_per_byte(void *dst, const void *src, size_t len)
{
	atomic_load_per_byte_memcpy(dst, src, len, memory_order_relaxed);
}
