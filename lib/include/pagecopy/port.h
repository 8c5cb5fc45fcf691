/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/*
 * What the strategies need from the side they are compiled for. The only place
 * that asks which side that is.
 */
#ifndef PAGECOPY_PORT_H
#define PAGECOPY_PORT_H

#ifdef __KERNEL__

#include <linux/compiler.h>
#include <linux/kcsan-checks.h>
#include <linux/stddef.h>
#include <linux/string.h>
#include <linux/types.h>

#define PAGECOPY_HERE_KERNEL(f)	f
#define PAGECOPY_HERE_USER(f)	NULL
#define PAGECOPY_NOT_HERE	"in user space only"

/* Neither FORTIFY nor a sanitizer stands between this and the real loop. */
#define pagecopy_arch_memcpy	__memcpy

/*
 * Before machine code that no race detector can see: each byte from @src on is
 * about to be loaded, each from @dst on stored, by accesses that are atomic for
 * that byte.
 */
#define pagecopy_mark_atomic(dst, src, len) do {			\
	kcsan_check_atomic_read(src, len);				\
	kcsan_check_atomic_write(dst, len);				\
} while (0)

#else /* user space */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#define PAGECOPY_HERE_KERNEL(f)	NULL
#define PAGECOPY_NOT_HERE	"in the kernel only"
#define PAGECOPY_HERE_USER(f)	f

/*
 * Relaxed atomic accesses: the code of a volatile access, and a race detector
 * knows them for what they are.
 */
#define READ_ONCE(x)		__atomic_load_n(&(x), __ATOMIC_RELAXED)
#define WRITE_ONCE(x, val)	__atomic_store_n(&(x), (val), __ATOMIC_RELAXED)

#define noinline		__attribute__((noinline))

/* A name the compiler has no builtin for, so it can assume nothing of it. */
void *pagecopy_arch_memcpy(void *dst, const void *src, size_t len)
	__asm__("memcpy");

/* As in the kernel; ThreadSanitizer has no such thing for a range. */
#define pagecopy_mark_atomic(dst, src, len)	do { } while (0)

#endif

#define PAGECOPY_HERE_BOTH(f)	f

/* A value the compiler must take as it comes. */
#define pagecopy_opaque(x)	__asm__ volatile("" : "+r"(x) : : "memory")

#endif /* PAGECOPY_PORT_H */
