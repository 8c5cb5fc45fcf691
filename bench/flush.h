/* SPDX-License-Identifier: MIT */
/* Out of every cache. */
#ifndef PAGECOPY_FLUSH_H
#define PAGECOPY_FLUSH_H

#include <stdbool.h>
#include <stddef.h>

/** flush_here() - does this CPU have an instruction for it? */
bool flush_here(void);

/**
 * flush_range() - no cache holds any of these bytes any more
 *
 * Complete when it returns. Does nothing where flush_here() is false.
 */
void flush_range(const void *start, size_t len);

/** flush_stores() - what was stored before has left the CPU */
static inline void flush_stores(void)
{
#ifdef __x86_64__
	/* Unlike a locked instruction, also what was stored past the caches. */
	__asm__ volatile("mfence" : : : "memory");
#else
	__atomic_thread_fence(__ATOMIC_SEQ_CST);
#endif
}

#endif
