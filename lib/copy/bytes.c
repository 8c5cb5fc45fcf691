// SPDX-License-Identifier: GPL-2.0-only OR MIT
#include "pagecopy/strategy.h"

/* What the memory model spells out: each byte loaded once and stored once. */
noinline void pagecopy_copy_bytes(void *dst, const void *src, size_t len)
{
	const unsigned char *s = src;
	unsigned char *d = dst;
	size_t i;

	for (i = 0; i < len; i++)
		WRITE_ONCE(d[i], READ_ONCE(s[i]));
}
