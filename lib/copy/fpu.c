// SPDX-License-Identifier: GPL-2.0-only OR MIT
#include "pagecopy/strategy.h"

#include "section.h"

/* As many sections as a copy of this length has in them, all empty. */
noinline void pagecopy_copy_fpu(void *dst, const void *src, size_t len)
{
	unsigned char *d = dst;
	size_t part;

	pagecopy_opaque(src);
	for (; len; d += part, len -= part) {
		part = section_bytes(d, len);
		pagecopy_fpu_begin();
		pagecopy_fpu_end();
	}
}
