/* SPDX-License-Identifier: MIT */
/*
 * A record that one thread publishes and others read, as docs/libpagecopy.md
 * shows it. What is wrong can be compiled instead:
 * PLAIN_IN	memcpy() to publish, which is a data race
 * PLAIN_OUT	memcpy() to read, which is one, too
 * NO_CHECK	the sequence number is not looked at
 */
#ifndef PAGECOPY_TEST_SEQLOCK_H
#define PAGECOPY_TEST_SEQLOCK_H

#include "pagecopy/atomic_memcpy.h"

#include <stdatomic.h>
#include <stdbool.h>
#include <string.h>

#ifdef PLAIN_IN
#define COPY_IN(to, from, len, order)	memcpy(to, from, len)
#else
#define COPY_IN		atomic_store_per_byte_memcpy
#endif
#ifdef PLAIN_OUT
#define COPY_OUT(to, from, len, order)	memcpy(to, from, len)
#else
#define COPY_OUT	atomic_load_per_byte_memcpy
#endif

#define WORDS	32

/* Whole when all its words are the same. */
struct record {
	unsigned long words[WORDS];
};

struct seqlock {
	atomic_uint sequence;
	struct record record;
};

/* One writer at a time. */
static inline void seqlock_publish(struct seqlock *lock,
				   const struct record *r)
{
	const unsigned int n = atomic_load_explicit(&lock->sequence,
						    memory_order_relaxed);

	atomic_store_explicit(&lock->sequence, n + 1, memory_order_relaxed);
	COPY_IN(&lock->record, r, sizeof(*r), memory_order_release);
	atomic_store_explicit(&lock->sequence, n + 2, memory_order_release);
}

/* False when a writer was there: what @r holds then means nothing. */
static inline bool seqlock_try_read(struct seqlock *lock, struct record *r)
{
	const unsigned int n = atomic_load_explicit(&lock->sequence,
						    memory_order_acquire);

#ifndef NO_CHECK
	if (n & 1)
		return false;
#endif
	COPY_OUT(r, &lock->record, sizeof(*r), memory_order_acquire);
#ifdef NO_CHECK
	(void)n;
	return true;
#else
	return atomic_load_explicit(&lock->sequence,
				    memory_order_relaxed) == n;
#endif
}

#endif
