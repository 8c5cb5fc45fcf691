/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/*
 * Copy bytes that another thread or process may be changing: the two functions
 * that WG21 P1478R8 proposes for C++, for C11 and C++11 on Linux, by GCC or
 * Clang. docs/libpagecopy.md and atomic_load_per_byte_memcpy(3) tell more.
 *
 * Names that begin with pagecopy_ or PAGECOPY_ are not part of the interface.
 */
#ifndef PAGECOPY_ATOMIC_MEMCPY_H
#define PAGECOPY_ATOMIC_MEMCPY_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
#include <atomic>
typedef std::memory_order pagecopy_order;
#define PAGECOPY_NOTHROW	noexcept
extern "C" {
#else
#include <stdatomic.h>
typedef memory_order pagecopy_order;
#define PAGECOPY_NOTHROW
#endif

/*
 * A sanitizer must see the accesses, so there everything is compiled into the
 * program that is being checked, and nothing is left to the library.
 */
#if defined(__SANITIZE_THREAD__)
#define PAGECOPY_CHECK_RACES	1
#elif defined(__SANITIZE_ADDRESS__)
#define PAGECOPY_CHECK_BOUNDS	1
#elif defined(__has_feature)
#if __has_feature(thread_sanitizer)
#define PAGECOPY_CHECK_RACES	1
#elif __has_feature(address_sanitizer) || __has_feature(memory_sanitizer)
#define PAGECOPY_CHECK_BOUNDS	1
#endif
#endif

/* Never a function of its own: all of it becomes part of the caller. */
#define PAGECOPY_INLINE							\
	extern __inline__ __attribute__((__gnu_inline__, __always_inline__))

typedef uint64_t pagecopy_u64 __attribute__((__aligned__(1), __may_alias__));
typedef uint32_t pagecopy_u32 __attribute__((__aligned__(1), __may_alias__));
typedef uint16_t pagecopy_u16 __attribute__((__aligned__(1), __may_alias__));
typedef unsigned char pagecopy_u8;

/*
 * One access of the shared side: no narrower than a byte, and the compiler can
 * neither repeat, split, merge nor drop it, nor assume anything of its value.
 */
#if defined(__x86_64__) && !defined(PAGECOPY_CHECK_BOUNDS)
#define PAGECOPY_LOAD(type, to, from)					\
	__asm__ volatile("mov %1, %0" : "=r"(to)			\
			 : "m"(*(const type *)(from)) : "memory")
#define PAGECOPY_STORE(type, to, value)					\
	__asm__ volatile("mov %1, %0" : "=m"(*(type *)(to))		\
			 : "r"(value) : "memory")
#else
#define PAGECOPY_LOAD(type, to, from)	((to) = *(const volatile type *)(from))
#define PAGECOPY_STORE(type, to, value)	(*(volatile type *)(to) = (value))
#endif

#define PAGECOPY_ACCESSES(type)						\
PAGECOPY_INLINE type							\
pagecopy_load_##type(const unsigned char *from) PAGECOPY_NOTHROW	\
{									\
	type value;							\
									\
	PAGECOPY_LOAD(type, value, from);				\
	return value;							\
}									\
									\
PAGECOPY_INLINE void							\
pagecopy_store_##type(unsigned char *to, const unsigned char *from)	\
	PAGECOPY_NOTHROW						\
{									\
	type value = *(const type *)from;				\
									\
	PAGECOPY_STORE(type, to, value);				\
}

PAGECOPY_ACCESSES(pagecopy_u64)
PAGECOPY_ACCESSES(pagecopy_u32)
PAGECOPY_ACCESSES(pagecopy_u16)
PAGECOPY_ACCESSES(pagecopy_u8)

/* The two ends of @n bytes; one is enough where it is known to be the whole. */
#define PAGECOPY_LOAD_ENDS(type, d, s, n) do {				\
	const type first = pagecopy_load_##type(s);			\
									\
	if (!__builtin_constant_p(n) || (n) != sizeof(type)) {		\
		const type last =					\
			pagecopy_load_##type((s) + (n) - sizeof(type));	\
									\
		*(type *)((d) + (n) - sizeof(type)) = last;		\
	}								\
	*(type *)(d) = first;						\
} while (0)

/* Load up to 32 bytes; those where the two ends overlap are loaded twice. */
PAGECOPY_INLINE void
pagecopy_load_small(unsigned char *d, const unsigned char *s, size_t n)
	PAGECOPY_NOTHROW
{
	if (n > 16) {
		PAGECOPY_LOAD_ENDS(pagecopy_u64, d, s, 16);
		if (__builtin_constant_p(n) && n <= 24)
			PAGECOPY_LOAD_ENDS(pagecopy_u64, d + n - 8, s + n - 8,
					   8);
		else
			PAGECOPY_LOAD_ENDS(pagecopy_u64, d + n - 16,
					   s + n - 16, 16);
	} else if (n >= 8) {
		PAGECOPY_LOAD_ENDS(pagecopy_u64, d, s, n);
	} else if (n >= 4) {
		PAGECOPY_LOAD_ENDS(pagecopy_u32, d, s, n);
	} else if (n >= 2) {
		PAGECOPY_LOAD_ENDS(pagecopy_u16, d, s, n);
	} else if (n) {
		*d = pagecopy_load_pagecopy_u8(s);
	}
}

/* Store the last @n & 7 of the bytes up to @d + @n, each once. */
PAGECOPY_INLINE void
pagecopy_store_end(unsigned char *d, const unsigned char *s, size_t n)
	PAGECOPY_NOTHROW
{
	size_t at = n & ~(size_t)7;

	if (n & 4) {
		pagecopy_store_pagecopy_u32(d + at, s + at);
		at += 4;
	}
	if (n & 2) {
		pagecopy_store_pagecopy_u16(d + at, s + at);
		at += 2;
	}
	if (n & 1)
		pagecopy_store_pagecopy_u8(d + at, s + at);
}

/* Store up to 32 bytes, each once. */
PAGECOPY_INLINE void
pagecopy_store_small(unsigned char *d, const unsigned char *s, size_t n)
	PAGECOPY_NOTHROW
{
	if (n >= 8)
		pagecopy_store_pagecopy_u64(d, s);
	if (n >= 16)
		pagecopy_store_pagecopy_u64(d + 8, s + 8);
	if (n >= 24)
		pagecopy_store_pagecopy_u64(d + 16, s + 16);
	if (n >= 32)
		pagecopy_store_pagecopy_u64(d + 24, s + 24);
	pagecopy_store_end(d, s, n);
}

/* Store any number of bytes, each once. */
PAGECOPY_INLINE void
pagecopy_store_words(unsigned char *d, const unsigned char *s, size_t n)
	PAGECOPY_NOTHROW
{
	size_t at;

	for (at = 0; n - at >= 32; at += 32)
		pagecopy_store_small(d + at, s + at, 32);
	pagecopy_store_small(d + at, s + at, n - at);
}

/* Load any number of bytes; those where the last two ends overlap, twice. */
PAGECOPY_INLINE void
pagecopy_load_words(unsigned char *d, const unsigned char *s, size_t n)
	PAGECOPY_NOTHROW
{
	size_t at;

	for (at = 0; n - at > 32; at += 32)
		pagecopy_load_small(d + at, s + at, 32);
	pagecopy_load_small(d + at, s + at, n - at);
}

/*
 * What an order that the contract does not have would mean is not guessed at:
 * one that is known when compiling is an error there.
 */
#if defined(__OPTIMIZE__) && defined(__has_attribute)
#if __has_attribute(__error__)
#define PAGECOPY_DIAGNOSE	1
#endif
#endif

#ifdef PAGECOPY_DIAGNOSE
void pagecopy_wrong_load_order(void) __attribute__((__error__(
	"atomic_load_per_byte_memcpy: order must be relaxed or acquire")));
void pagecopy_wrong_store_order(void) __attribute__((__error__(
	"atomic_store_per_byte_memcpy: order must be relaxed or release")));
#define PAGECOPY_CHECK_ORDER(order, legal, wrong) do {			\
	if (__builtin_constant_p(order) &&				\
	    (int)(order) != __ATOMIC_RELAXED && (int)(order) != (legal)) \
		wrong();						\
} while (0)
#else
#define PAGECOPY_CHECK_ORDER(order, legal, wrong)	do { } while (0)
#endif

#ifndef PAGECOPY_CHECK_RACES
/* Not for a race detector, which knows no fences. */
PAGECOPY_INLINE void pagecopy_fence_after(pagecopy_order order) PAGECOPY_NOTHROW
{
	if ((int)order != __ATOMIC_RELAXED)
		__atomic_thread_fence(__ATOMIC_ACQUIRE);
}

PAGECOPY_INLINE void pagecopy_fence_before(pagecopy_order order)
	PAGECOPY_NOTHROW
{
	if ((int)order != __ATOMIC_RELAXED)
		__atomic_thread_fence(__ATOMIC_RELEASE);
}
#endif

/*
 * How a program has the two functions: as functions of its own, which call the
 * library, whose functions have two more names for that. Where they are not
 * inlined they need names for the linker that are not those of the library.
 */
#ifdef PAGECOPY_NO_INLINE
#define PAGECOPY_FUNCTION	extern
#define PAGECOPY_LINK_NAME(name)
#else
#ifdef __cplusplus
#define PAGECOPY_FUNCTION	inline
#else
#define PAGECOPY_FUNCTION	static __inline__ __attribute__((__unused__))
#endif
#define PAGECOPY_LINK_NAME(name)	__asm__(name)
#endif

/* Else the compiler may find that a constant count or order is not worth it. */
#ifdef __OPTIMIZE__
#define PAGECOPY_ALWAYS_INLINE	__attribute__((__always_inline__))
#else
#define PAGECOPY_ALWAYS_INLINE
#endif

/**
 * atomic_load_per_byte_memcpy() - copy bytes that others may be storing
 * @dest:   where to; nobody else may touch it meanwhile
 * @source: where from; others may store there meanwhile, by atomic accesses
 * @count:  how many bytes; with 0 nothing is accessed and NULL is allowed
 * @order:  memory_order_relaxed or memory_order_acquire
 *
 * Each byte of @dest becomes a value that the byte of @source had: as if it was
 * loaded by an atomic load of @order. There is no order among these loads, and
 * bytes that are stored together need not arrive together. A byte of @source
 * may be loaded twice; what @dest holds in the end is one of the two values. A
 * byte of @dest may be stored twice. Nothing outside the two is accessed.
 *
 * The two must not overlap. No alignment is asked for.
 *
 * Any other @order is a compile-time error where the compiler knows it and
 * optimizes, and memory_order_acquire otherwise.
 *
 * Return: @dest.
 */
PAGECOPY_FUNCTION void *
atomic_load_per_byte_memcpy(void *dest, const void *source, size_t count,
			    pagecopy_order order) PAGECOPY_NOTHROW
	PAGECOPY_LINK_NAME("pagecopy_inlined_load");

/**
 * atomic_store_per_byte_memcpy() - copy bytes to where others may be loading
 * @dest:   where to; others may load and store there meanwhile, by atomic
 *	    accesses
 * @source: where from; nobody may store there meanwhile
 * @count:  how many bytes; with 0 nothing is accessed and NULL is allowed
 * @order:  memory_order_relaxed or memory_order_release
 *
 * Each byte of @dest is stored exactly once, as if by an atomic store of
 * @order: should a third thread overwrite a byte, this call does not write its
 * own value there again. There is no order among these stores, and bytes that
 * are stored together need not be seen together. A byte of @source may be
 * loaded twice. Nothing outside the two is accessed.
 *
 * The two must not overlap. No alignment is asked for.
 *
 * Any other @order is a compile-time error where the compiler knows it and
 * optimizes, and memory_order_release otherwise.
 *
 * Return: @dest.
 */
PAGECOPY_FUNCTION void *
atomic_store_per_byte_memcpy(void *dest, const void *source, size_t count,
			     pagecopy_order order) PAGECOPY_NOTHROW
	PAGECOPY_LINK_NAME("pagecopy_inlined_store");

#ifdef PAGECOPY_NO_INLINE
/* The library itself. */
#elif defined(PAGECOPY_CHECK_RACES)

PAGECOPY_FUNCTION void *
atomic_load_per_byte_memcpy(void *dest, const void *source, size_t count,
			    pagecopy_order order) PAGECOPY_NOTHROW
{
	const unsigned char *s = (const unsigned char *)source;
	unsigned char *d = (unsigned char *)dest;
	size_t i;

	PAGECOPY_CHECK_ORDER(order, __ATOMIC_ACQUIRE,
			     pagecopy_wrong_load_order);
	if ((int)order == __ATOMIC_RELAXED)
		for (i = 0; i < count; i++)
			d[i] = __atomic_load_n(s + i, __ATOMIC_RELAXED);
	else
		for (i = 0; i < count; i++)
			d[i] = __atomic_load_n(s + i, __ATOMIC_ACQUIRE);
	return dest;
}

PAGECOPY_FUNCTION void *
atomic_store_per_byte_memcpy(void *dest, const void *source, size_t count,
			     pagecopy_order order) PAGECOPY_NOTHROW
{
	const unsigned char *s = (const unsigned char *)source;
	unsigned char *d = (unsigned char *)dest;
	size_t i;

	PAGECOPY_CHECK_ORDER(order, __ATOMIC_RELEASE,
			     pagecopy_wrong_store_order);
	if ((int)order == __ATOMIC_RELAXED)
		for (i = 0; i < count; i++)
			__atomic_store_n(d + i, s[i], __ATOMIC_RELAXED);
	else
		for (i = 0; i < count; i++)
			__atomic_store_n(d + i, s[i], __ATOMIC_RELEASE);
	return dest;
}

#elif defined(PAGECOPY_CHECK_BOUNDS)

PAGECOPY_FUNCTION void *
atomic_load_per_byte_memcpy(void *dest, const void *source, size_t count,
			    pagecopy_order order) PAGECOPY_NOTHROW
{
	PAGECOPY_CHECK_ORDER(order, __ATOMIC_ACQUIRE,
			     pagecopy_wrong_load_order);
	pagecopy_load_words((unsigned char *)dest,
			    (const unsigned char *)source, count);
	pagecopy_fence_after(order);
	return dest;
}

PAGECOPY_FUNCTION void *
atomic_store_per_byte_memcpy(void *dest, const void *source, size_t count,
			     pagecopy_order order) PAGECOPY_NOTHROW
{
	PAGECOPY_CHECK_ORDER(order, __ATOMIC_RELEASE,
			     pagecopy_wrong_store_order);
	pagecopy_fence_before(order);
	pagecopy_store_words((unsigned char *)dest,
			     (const unsigned char *)source, count);
	return dest;
}

#else

extern void *
pagecopy_library_load(void *dest, const void *source, size_t count,
		      pagecopy_order order) PAGECOPY_NOTHROW
	__asm__("atomic_load_per_byte_memcpy");
extern void *
pagecopy_library_store(void *dest, const void *source, size_t count,
		       pagecopy_order order) PAGECOPY_NOTHROW
	__asm__("atomic_store_per_byte_memcpy");

PAGECOPY_FUNCTION PAGECOPY_ALWAYS_INLINE void *
atomic_load_per_byte_memcpy(void *dest, const void *source, size_t count,
			    pagecopy_order order) PAGECOPY_NOTHROW
{
	PAGECOPY_CHECK_ORDER(order, __ATOMIC_ACQUIRE,
			     pagecopy_wrong_load_order);
	if (count > 32)
		return pagecopy_library_load(dest, source, count, order);
	pagecopy_load_small((unsigned char *)dest,
			    (const unsigned char *)source, count);
	pagecopy_fence_after(order);
	return dest;
}

/* Exact stores need a branch for each bit of a count that is not constant. */
PAGECOPY_FUNCTION PAGECOPY_ALWAYS_INLINE void *
atomic_store_per_byte_memcpy(void *dest, const void *source, size_t count,
			     pagecopy_order order) PAGECOPY_NOTHROW
{
	PAGECOPY_CHECK_ORDER(order, __ATOMIC_RELEASE,
			     pagecopy_wrong_store_order);
	if (!__builtin_constant_p(count) || count > 32)
		return pagecopy_library_store(dest, source, count, order);
	pagecopy_fence_before(order);
	pagecopy_store_small((unsigned char *)dest,
			     (const unsigned char *)source, count);
	return dest;
}

#endif

#ifdef __cplusplus
}
#endif

#endif /* PAGECOPY_ATOMIC_MEMCPY_H */
