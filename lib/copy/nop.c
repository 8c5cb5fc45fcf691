// SPDX-License-Identifier: GPL-2.0-only OR MIT
#include "pagecopy/strategy.h"

noinline void pagecopy_copy_nop(void *dst, const void *src, size_t len)
{
	pagecopy_opaque(dst);
	pagecopy_opaque(src);
	pagecopy_opaque(len);
}
