/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
#ifndef PAGECOPY_SECTION_H
#define PAGECOPY_SECTION_H

#include "pagecopy/port.h"

/*
 * Bytes copied between pagecopy_fpu_begin() and pagecopy_fpu_end(), at most:
 * nobody else gets the CPU meanwhile. 64 KiB take some 15 us from slow memory,
 * and next to that leaving and entering again costs nothing.
 */
#define SECTION_BYTES	(64UL << 10)
/* Where a section ends, the next one begins aligned. */
#define SECTION_ALIGN	64

/* Of @len bytes that are to go to @dst, those of the next section. */
static __always_inline size_t section_bytes(const void *dst, size_t len)
{
	const size_t most = SECTION_BYTES - (unsigned long)dst % SECTION_ALIGN;

	return len < most ? len : most;
}

#endif /* PAGECOPY_SECTION_H */
