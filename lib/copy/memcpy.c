// SPDX-License-Identifier: GPL-2.0-only OR MIT
#include "pagecopy/strategy.h"

/* memcpy() as it is for any caller here: FORTIFY and sanitizers included. */
noinline void pagecopy_copy_memcpy(void *dst, const void *src, size_t len)
{
	pagecopy_mark_plain(dst, src, len);
	memcpy(dst, src, len);
}
