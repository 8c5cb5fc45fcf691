// SPDX-License-Identifier: GPL-2.0-only OR MIT
#include "opaque.h"
#include "word.h"

typedef __u32 __attribute__((may_alias)) aligned_half;
typedef __u16 __attribute__((may_alias)) aligned_quarter;

#define COPY_ONE(type, d, s) \
	WRITE_ONCE(*(type *)(d), READ_ONCE(*(const type *)(s)))

/* One access where a naturally aligned one does it, else bytes. */
static __always_inline void copy_small(unsigned char *d,
				       const unsigned char *s, size_t len)
{
	const size_t misaligned = ((unsigned long)d | (unsigned long)s) &
				  (len - 1);

	switch (misaligned ? 0 : len) {
	case 8:
		COPY_ONE(aligned_word, d, s);
		break;
	case 4:
		COPY_ONE(aligned_half, d, s);
		break;
	case 2:
		COPY_ONE(aligned_quarter, d, s);
		break;
	default:
		copy_bytes(d, s, len);
	}
}

/*
 * What drivers write by hand: READ_ONCE() for what fits a register, memcpy()
 * for the rest. A value of 2, 4 or 8 bytes that is aligned on both sides is
 * copied whole. Who relies on that loses it with the first that is longer or
 * misaligned, so the promise is about bytes only, as memcpy() keeps it.
 */
noinline void pagecopy_copy_hybrid(void *dst, const void *src, size_t len)
{
	if (len <= WORD) {
		copy_small(dst, src, len);
	} else {
		pagecopy_mark_atomic(dst, src, len);
		copy_opaque(dst, src, len);
	}
}
