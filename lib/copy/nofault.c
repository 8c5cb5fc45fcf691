// SPDX-License-Identifier: GPL-2.0-only OR MIT
#include "pagecopy/strategy.h"

/*
 * The copy for addresses that may be wrong. Those of a strategy are mapped, and
 * the kernel's: it has nothing to refuse, and the result nothing to tell.
 */
noinline void pagecopy_copy_nofault(void *dst, const void *src, size_t len)
{
	pagecopy_mark_plain(dst, src, len);
	if (copy_from_kernel_nofault(dst, src, len))
		WARN_ONCE(1, "pagecopy: copy_from_kernel_nofault() refused\n");
}
