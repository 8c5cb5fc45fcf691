// SPDX-License-Identifier: GPL-2.0-only OR MIT
#include "pagecopy/strategy.h"

/*
 * The copy into persistent memory. It leaves the fence to its caller, who may
 * have more to copy; here whoever is told of the copy must find it there.
 */
noinline void pagecopy_copy_flushcache(void *dst, const void *src, size_t len)
{
	pagecopy_mark_plain(dst, src, len);
	memcpy_flushcache(dst, src, len);
	wmb();
}
