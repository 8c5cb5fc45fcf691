// SPDX-License-Identifier: GPL-2.0-only OR MIT
#include "pagecopy/strategy.h"

/* It takes whole pages only, and both at the start of one. */
noinline void pagecopy_copy_copy_page(void *dst, const void *src, size_t len)
{
	unsigned char *s = (unsigned char *)src;
	unsigned char *d = dst;

	pagecopy_opaque(d);
	pagecopy_opaque(s);
	pagecopy_opaque(len);
	pagecopy_mark_atomic(d, s, len);
	if (!(((unsigned long)d | (unsigned long)s) % PAGE_SIZE)) {
		for (; len >= PAGE_SIZE; len -= PAGE_SIZE) {
			copy_page(d, s);
			d += PAGE_SIZE;
			s += PAGE_SIZE;
		}
	}
	if (len)
		pagecopy_arch_memcpy(d, s, len);
}
