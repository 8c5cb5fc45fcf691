// SPDX-License-Identifier: GPL-2.0-only OR MIT
#include "pagecopy/strategy.h"

/*
 * The copy instructions, forwards only: both sides never overlap. They come in
 * threes, adjacent and with the same registers; how they share the work is up
 * to the CPU. To the architecture they access bytes, each single-copy atomic,
 * in no promised order; nor does it promise that an interrupted copy stores no
 * byte again when it is resumed.
 *
 * Written as words, cpyfp, cpyfm and cpyfe [x0]!, [x1]!, x2!, because many an
 * assembler in use does not know their names.
 */
noinline void pagecopy_copy_mops(void *dst, const void *src, size_t len)
{
#ifdef __aarch64__
	register void *d __asm__("x0");
	register const void *s __asm__("x1");
	register size_t n __asm__("x2");

	pagecopy_mark_atomic(dst, src, len);
	d = dst;
	s = src;
	n = len;
	__asm__ volatile(".inst 0x19010440\n\t"
			 ".inst 0x19410440\n\t"
			 ".inst 0x19810440"
			 : "+r"(d), "+r"(s), "+r"(n)
			 :
			 : "memory", "cc");
#else
	pagecopy_opaque(dst);
	pagecopy_opaque(src);
	pagecopy_opaque(len);
#endif
}
