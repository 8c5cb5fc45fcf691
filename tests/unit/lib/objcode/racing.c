// SPDX-License-Identifier: MIT
/*
 * Callers that copy memory another thread may be changing, for objcode.py to
 * read. Each copies twice and must therefore see two moments. With the plain
 * copy the compiler knows better: nobody else is there, so the second copy
 * must be like the first.
 */
#ifdef ONE_UNIT
#include "copy/bytewise_atomic.c"
#else
#include "pagecopy/strategy.h"
#endif

#define visible		noinline __attribute__((used))

static inline void plain(void *dst, const void *src, size_t len)
{
	__builtin_memcpy(dst, src, len);
}

visible int racing_plain(const void *shared);
visible int racing_plain(const void *shared)
{
	unsigned long first, second;

	plain(&first, shared, sizeof(first));
	plain(&second, shared, sizeof(second));
	return first != second;
}

visible int racing_atomic(const void *shared);
visible int racing_atomic(const void *shared)
{
	unsigned long first, second;

	pagecopy_copy_bytewise_atomic(&first, shared, sizeof(first));
	pagecopy_copy_bytewise_atomic(&second, shared, sizeof(second));
	return first != second;
}

/* The first copy is overwritten unread; a reader elsewhere may see it. */
visible void racing_overwritten(void *shared, const void *a, const void *b);
visible void racing_overwritten(void *shared, const void *a, const void *b)
{
	pagecopy_copy_bytewise_atomic(shared, a, sizeof(long));
	pagecopy_copy_bytewise_atomic(shared, b, sizeof(long));
}

/* Nobody looks at the copies; they are made all the same. */
visible void racing_unread(const void *shared);
visible void racing_unread(const void *shared)
{
	unsigned long local;

	pagecopy_copy_bytewise_atomic(&local, shared, sizeof(local));
	pagecopy_copy_bytewise_atomic(&local, shared, sizeof(local));
}

int main(int argc, char **argv)
{
	void *volatile shared = argv;

	racing_overwritten(shared, argv, &argc);
	racing_unread(shared);
	return racing_plain(shared) + racing_atomic(shared);
}
