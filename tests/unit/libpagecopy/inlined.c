// SPDX-License-Identifier: MIT
/*
 * What the header compiles into its callers, for compiled.py to read. Each
 * function accesses the shared side as often as its source says, whatever the
 * compiler thinks of the use; the plain copies below lose an access.
 */
#include "pagecopy/atomic_memcpy.h"

#include <string.h>

#define LOAD(to, from, n) \
	atomic_load_per_byte_memcpy(to, from, n, memory_order_relaxed)
#define STORE(to, from, n) \
	atomic_store_per_byte_memcpy(to, from, n, memory_order_relaxed)

unsigned long twice_loaded(const void *p);
void unread(const void *p);
void overwritten(void *p, unsigned long v, unsigned long w);
void exact_13(void *p, const void *v);

unsigned long twice_plain(const unsigned long *p);
void overwritten_plain(void *p, unsigned long v, unsigned long w);

unsigned long twice_loaded(const void *p)
{
	unsigned long a, b;

	LOAD(&a, p, sizeof(a));
	LOAD(&b, p, sizeof(b));
	return a ^ b;
}

void unread(const void *p)
{
	unsigned long a;

	LOAD(&a, p, sizeof(a));
	LOAD(&a, p, sizeof(a));
}

void overwritten(void *p, unsigned long v, unsigned long w)
{
	STORE(p, &v, sizeof(v));
	STORE(p, &w, sizeof(w));
}

/* 8, 4 and 1: nothing overlaps. */
void exact_13(void *p, const void *v)
{
	STORE(p, v, 13);
}

unsigned long twice_plain(const unsigned long *p)
{
	unsigned long a, b;

	memcpy(&a, p, sizeof(a));
	memcpy(&b, p, sizeof(b));
	return a ^ b;
}

void overwritten_plain(void *p, unsigned long v, unsigned long w)
{
	memcpy(p, &v, sizeof(v));
	memcpy(p, &w, sizeof(w));
}
