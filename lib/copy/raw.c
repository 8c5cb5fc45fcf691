// SPDX-License-Identifier: GPL-2.0-only OR MIT
#include "pagecopy/strategy.h"

/*
 * The C counterpart of Page::read_raw and write_raw: the compiler may assume
 * that nobody else touches the memory, and choose any code that copies it.
 */
noinline void pagecopy_copy_raw(void *dst, const void *src, size_t len)
{
	pagecopy_mark_plain(dst, src, len);
	__builtin_memcpy(dst, src, len);
}
