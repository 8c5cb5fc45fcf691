// SPDX-License-Identifier: GPL-2.0-only OR MIT
#include "opaque.h"

/* A kernel stack is small, and so may a frame on it be. */
#define CHUNK	512

/*
 * What a driver does that must look at the bytes before it passes them on: a
 * private copy that nobody changes, which is then copied out. Either side may
 * be the one that races, so both halves are opaque: the compiler may neither
 * read the source again in place of the snapshot nor make more stores to the
 * destination than memcpy() does. A snapshot is of one chunk; that of the next
 * is taken later. Kernels that clear every variable on the stack clear this one
 * for each call, as they do a driver's.
 */
noinline void pagecopy_copy_bounce(void *dst, const void *src, size_t len)
{
	unsigned char snapshot[CHUNK];
	const unsigned char *s = src;
	unsigned char *d = dst;
	size_t n;

	pagecopy_mark_atomic(dst, src, len);
	for (; len; len -= n) {
		n = len < CHUNK ? len : CHUNK;
		copy_opaque(snapshot, s, n);
		copy_opaque(d, snapshot, n);
		d += n;
		s += n;
	}
}
