// SPDX-License-Identifier: GPL-2.0-only OR MIT
#include "pagecopy/strategy.h"

/* The string instruction; fast where the CPU has ERMS, and best with FSRM. */
noinline void pagecopy_copy_movsb(void *dst, const void *src, size_t len)
{
#ifdef __x86_64__
	pagecopy_mark_atomic(dst, src, len);
	__asm__ volatile("rep movsb"
			 : "+D"(dst), "+S"(src), "+c"(len)
			 :
			 : "memory");
#else
	pagecopy_opaque(dst);
	pagecopy_opaque(src);
	pagecopy_opaque(len);
#endif
}
