/* SPDX-License-Identifier: MIT */
#ifndef PAGECOPY_TEST_ARENA_H
#define PAGECOPY_TEST_ARENA_H

#include <stdbool.h>
#include <stddef.h>

/* A byte that no source holds, so that a byte not copied always shows. */
#define ARENA_POISON	0xa5

/**
 * struct arena - memory with an inaccessible page before and after it
 * @mem: first byte
 * @len: bytes, whole pages
 */
struct arena {
	unsigned char *mem;
	size_t len;
};

/**
 * arena_open() - map an arena of at least @len bytes, full of poison
 *
 * Return: 0 or -errno.
 */
int arena_open(struct arena *a, size_t len);

/** arena_close() - unmap, guards included */
void arena_close(struct arena *a);

/**
 * arena_fill_source() - the same random bytes every time, then read-only
 *
 * Return: 0 or -errno.
 */
int arena_fill_source(struct arena *a);

/** arena_poison() - put poison back into @len bytes from @at */
void arena_poison(struct arena *a, size_t at, size_t len);

/** arena_first_not_poison() - offset of the first other byte, or a->len */
size_t arena_first_not_poison(const struct arena *a);

/** arena_near() - is @addr within the arena or its guards? */
bool arena_near(const struct arena *a, const void *addr);

#endif
