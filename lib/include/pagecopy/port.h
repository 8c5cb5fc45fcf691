/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/*
 * What the strategies need from the side they are compiled for. The only place
 * that asks which side that is.
 */
#ifndef PAGECOPY_PORT_H
#define PAGECOPY_PORT_H

#ifdef __KERNEL__

#include <asm/barrier.h>
#include <asm/page.h>
#include <linux/bug.h>
#include <linux/compiler.h>
#include <linux/kcsan-checks.h>
#include <linux/stddef.h>
#include <linux/string.h>
#include <linux/types.h>
#include <linux/uaccess.h>

#define PAGECOPY_HERE_KERNEL(f)	f
#define PAGECOPY_HERE_USER(f)	NULL
#define PAGECOPY_NOT_HERE	"in user space only"

/* Neither FORTIFY nor a sanitizer stands between this and the real loop. */
#define pagecopy_arch_memcpy	__memcpy

/*
 * What KCSAN cannot see it is told, as linux/instrumented.h tells it of the
 * kernel's own assembly: by a check of the range, with the kind of access that
 * is made. data_race() would be wrong for either kind: it makes no access
 * atomic, and hides the plain ones of others. Without KCSAN, all are nothing.
 *
 * Plain: gcc instruments no call of memcpy(), and the function itself is
 * assembly. The two ranges are read and written as by any C assignment.
 */
#define pagecopy_mark_plain(dst, src, len) do {				\
	kcsan_check_read(src, len);					\
	kcsan_check_write(dst, len);					\
} while (0)

/*
 * Atomic: before machine code that no race detector can see, each byte from
 * @src on is about to be loaded, each from @dst on stored, by accesses that are
 * atomic for that byte. A plain access elsewhere still races with them.
 */
#define pagecopy_mark_atomic(dst, src, len) do {			\
	kcsan_check_atomic_read(src, len);				\
	kcsan_check_atomic_write(dst, len);				\
} while (0)

/*
 * For a function that marks what it does as a whole, although its accesses are
 * volatile: KCSAN takes those for atomic only if they are aligned, and gcc
 * calls them plain where their type may be misaligned.
 */
#define pagecopy_no_race_check	__no_kcsan

/*
 * Vector registers hold what user space left there; the kernel may use them
 * between these two, in any context that irq_fpu_usable() allows. Commands run
 * in the context of a process (a system call, its task work, a worker), which
 * always may; a section inside another one may not, and the kernel warns of it.
 * Neither preempted nor asleep in between.
 *
 * User-Mode Linux is a process: the kernel below it keeps the registers of its
 * guests and, over each interrupt, its own. It has no section and needs none.
 */
#if defined(CONFIG_X86_64) && !defined(CONFIG_UML)
#include <asm/cpufeature.h>
#include <asm/fpu/api.h>
#define PAGECOPY_KERNEL_CPU	1
#define PAGECOPY_LACKS_FPU	NULL
#define pagecopy_fpu_begin()	kernel_fpu_begin()
#define pagecopy_fpu_end()	kernel_fpu_end()
#else
#define PAGECOPY_LACKS_FPU	"this kernel has no FPU section"
#define pagecopy_fpu_begin()	do { } while (0)
#define pagecopy_fpu_end()	do { } while (0)
#endif

/* The kernel's code is compiled without these registers: none can be named. */
#define PAGECOPY_CLOBBERS_VECTORS

/* Where the kernel has a copy of its own and no other name for memcpy(). */
#ifdef copy_page
#define PAGECOPY_LACKS_COPY_PAGE	"copy_page is memcpy here"
#else
#define PAGECOPY_LACKS_COPY_PAGE	NULL
#endif
#ifdef CONFIG_ARCH_HAS_UACCESS_FLUSHCACHE
#define PAGECOPY_LACKS_FLUSHCACHE	NULL
#else
#define PAGECOPY_LACKS_FLUSHCACHE	"memcpy_flushcache is memcpy here"
#endif
#ifdef CONFIG_ARCH_HAS_COPY_MC
#define PAGECOPY_LACKS_COPY_MC	NULL
#else
#define PAGECOPY_LACKS_COPY_MC	"copy_mc_to_kernel is memcpy here"
#endif

#ifdef __aarch64__
/*
 * What keeps FEAT_MOPS from being used; NULL when nothing does. A thread that
 * moves between unlike CPUs amid a copy takes an exception, which kernels handle
 * for their own code since they use the instructions themselves; those have this
 * option. An older one may know the feature, for the sake of user space only.
 */
#ifdef CONFIG_AS_HAS_MOPS
#include <asm/cpufeature.h>

static inline const char *pagecopy_lacks_mops(void)
{
	return cpus_have_cap(ARM64_HAS_MOPS) ? NULL : "no FEAT_MOPS";
}
#else
static inline const char *pagecopy_lacks_mops(void)
{
	return "this kernel does not use FEAT_MOPS";
}
#endif
#endif

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

#if defined(__SANITIZE_THREAD__)
#define PAGECOPY_TSAN
#elif defined(__has_feature)
#if __has_feature(thread_sanitizer)
#define PAGECOPY_TSAN
#endif
#endif

/* The compiler, and the memcpy() of ThreadSanitizer, see a plain copy as is. */
#define pagecopy_mark_plain(dst, src, len)	do { } while (0)

#ifndef PAGECOPY_TSAN

/* A name the compiler has no builtin for, so it can assume nothing of it. */
void *pagecopy_arch_memcpy(void *dst, const void *src, size_t len)
	__asm__("memcpy");

#define pagecopy_mark_atomic(dst, src, len)	do { } while (0)
#define pagecopy_no_race_check

#else

/*
 * ThreadSanitizer replaces memcpy() itself, under whatever name, and would call
 * it a plain copy. mempcpy() is the same loop of the C library and is left
 * alone. Clang knows it for a memcpy() unless it comes by a pointer.
 */
static inline void *pagecopy_arch_memcpy(void *dst, const void *src,
					 size_t len)
{
	void *(*copy)(void *, const void *, size_t) = mempcpy;

	__asm__ volatile("" : "+r"(copy));
	return copy(dst, src, len);
}

/*
 * As in the kernel. ThreadSanitizer has no check of a range, so each byte is
 * accessed once more: loaded from @src, and in @dst combined with nothing by
 * one atomic instruction, which is a store that loses no byte of anybody else.
 * The nothing is opaque, or clang would make a load of it.
 */
__attribute__((unused))
static noinline void pagecopy_mark_atomic(void *dst, const void *src,
					  size_t len)
{
	const unsigned char *s = src;
	unsigned char *d = dst;
	unsigned char nothing = 0;
	size_t i;

	__asm__ volatile("" : "+r"(nothing));
	for (i = 0; i < len; i++) {
		(void)__atomic_load_n(&s[i], __ATOMIC_RELAXED);
		__atomic_fetch_or(&d[i], nothing, __ATOMIC_RELAXED);
	}
}

/* As in the kernel; every volatile access counts as plain here. */
#define pagecopy_no_race_check	__attribute__((no_sanitize("thread")))

#endif

/* Nothing to enter, and nothing of the kernel's. */
#define pagecopy_fpu_begin()	do { } while (0)
#define pagecopy_fpu_end()	do { } while (0)
#define PAGECOPY_LACKS_FPU		PAGECOPY_NOT_HERE
#define PAGECOPY_LACKS_COPY_PAGE	PAGECOPY_NOT_HERE
#define PAGECOPY_LACKS_FLUSHCACHE	PAGECOPY_NOT_HERE
#define PAGECOPY_LACKS_COPY_MC		PAGECOPY_NOT_HERE

/* What code in vector registers adds to the list of what it changes. */
#define PAGECOPY_CLOBBERS_VECTORS					\
	, "xmm0", "xmm1", "xmm2", "xmm3", "xmm4", "xmm5", "xmm6", "xmm7", \
	"xmm8", "xmm9", "xmm10", "xmm11", "xmm12", "xmm13", "xmm14", "xmm15"

#ifdef __aarch64__
#include <sys/auxv.h>

/* Bit 43 of AT_HWCAP2, by an ABI that the C library may be too old to name. */
#ifndef HWCAP2_MOPS
#define HWCAP2_MOPS	(1UL << 43)
#endif

static inline const char *pagecopy_lacks_mops(void)
{
	return getauxval(AT_HWCAP2) & HWCAP2_MOPS ? NULL : "no FEAT_MOPS";
}
#endif

#endif

#define PAGECOPY_HERE_BOTH(f)	f

/* A value the compiler must take as it comes. */
#define pagecopy_opaque(x)	__asm__ volatile("" : "+r"(x) : : "memory")

#endif /* PAGECOPY_PORT_H */
