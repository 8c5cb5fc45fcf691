// SPDX-License-Identifier: GPL-2.0-only OR MIT
#include "pagecopy/strategy.h"

/*
 * The string instruction over words, as memcpy() was on CPUs that have a fast
 * one but no ERMS. What is left of the last word follows byte by byte, so
 * nothing is stored twice.
 */
noinline void pagecopy_copy_movsq(void *dst, const void *src, size_t len)
{
#ifdef __x86_64__
	size_t words = len / 8, bytes = len % 8;

	pagecopy_mark_atomic(dst, src, len);
	__asm__ volatile("rep movsq\n\t"
			 "mov %3, %2\n\t"
			 "rep movsb"
			 : "+D"(dst), "+S"(src), "+c"(words)
			 : "r"(bytes)
			 : "memory");
#else
	pagecopy_opaque(dst);
	pagecopy_opaque(src);
	pagecopy_opaque(len);
#endif
}
