// SPDX-License-Identifier: MIT
#include "flush.h"

#include <stdint.h>

#ifdef __x86_64__

#include <cpuid.h>

#define CLFLUSH		(1U << 19)	/* leaf 1, EDX */
#define CLFLUSHOPT	(1U << 23)	/* leaf 7, EBX */

static unsigned int line_bytes(void)
{
	unsigned int a, b, c, d;

	if (!__get_cpuid(1, &a, &b, &c, &d) || !(d & CLFLUSH))
		return 0;
	return (b >> 8 & 0xff) * 8;
}

static bool has_opt(void)
{
	unsigned int a, b, c, d;

	return __get_cpuid_count(7, 0, &a, &b, &c, &d) && b & CLFLUSHOPT;
}

bool flush_here(void)
{
	return line_bytes() != 0;
}

void flush_range(const void *start, size_t len)
{
	const size_t line = line_bytes();
	const bool opt = has_opt();
	const volatile char *p, *end = (const volatile char *)start + len;

	if (!line || !len)
		return;
	p = (const volatile char *)((uintptr_t)start & ~(line - 1));
	for (; p < end; p += line) {
		if (opt)
			__asm__ volatile("clflushopt %0" : : "m"(*p));
		else
			__asm__ volatile("clflush %0" : : "m"(*p));
	}
	/* Neither is ordered with what follows by itself. */
	__asm__ volatile("mfence" : : : "memory");
}

#else

bool flush_here(void)
{
	return false;
}

void flush_range(const void *start, size_t len)
{
	(void)start;
	(void)len;
}

#endif
