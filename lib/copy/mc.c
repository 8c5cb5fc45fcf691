// SPDX-License-Identifier: GPL-2.0-only OR MIT
#include "pagecopy/strategy.h"

/* It counts in unsigned int. */
#define MOST	(1UL << 30)

/*
 * The copy that survives a machine check. It then ends early and says so; the
 * rest is left as it was, and the kernel log tells of the broken memory.
 */
noinline void pagecopy_copy_mc(void *dst, const void *src, size_t len)
{
	size_t part;

	pagecopy_mark_plain(dst, src, len);
	for (; len; dst += part, src += part, len -= part) {
		part = len < MOST ? len : MOST;
		if (copy_mc_to_kernel(dst, src, part))
			return;
	}
}
