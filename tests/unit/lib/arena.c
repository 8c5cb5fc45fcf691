// SPDX-License-Identifier: MIT
#include "arena.h"

#include <errno.h>
#include <stdint.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

static size_t guard_len(void)
{
	return (size_t)sysconf(_SC_PAGESIZE);
}

int arena_open(struct arena *a, size_t len)
{
	const size_t guard = guard_len();
	unsigned char *map;
	int ret;

	a->len = (len + guard - 1) / guard * guard;
	map = mmap(NULL, a->len + 2 * guard, PROT_NONE,
		   MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (map == MAP_FAILED)
		return -errno;
	a->mem = map + guard;
	if (mprotect(a->mem, a->len, PROT_READ | PROT_WRITE)) {
		ret = -errno;
		arena_close(a);
		return ret;
	}
	arena_poison(a, 0, a->len);
	return 0;
}

void arena_close(struct arena *a)
{
	const size_t guard = guard_len();

	if (a->mem)
		munmap(a->mem - guard, a->len + 2 * guard);
	a->mem = NULL;
}

int arena_fill_source(struct arena *a)
{
	uint64_t x = 0x9e3779b97f4a7c15;
	size_t i;

	for (i = 0; i < a->len; i++) {
		x ^= x << 13;
		x ^= x >> 7;
		x ^= x << 17;
		a->mem[i] = x >> 32;
		if (a->mem[i] == ARENA_POISON)
			a->mem[i] = i;
		if (a->mem[i] == ARENA_POISON)
			a->mem[i] = 0;
	}
	return mprotect(a->mem, a->len, PROT_READ) ? -errno : 0;
}

void arena_poison(struct arena *a, size_t at, size_t len)
{
	memset(a->mem + at, ARENA_POISON, len);
}

size_t arena_first_not_poison(const struct arena *a)
{
	size_t i;

	for (i = 0; i < a->len; i++)
		if (a->mem[i] != ARENA_POISON)
			break;
	return i;
}

bool arena_near(const struct arena *a, const void *addr)
{
	const uintptr_t p = (uintptr_t)addr;
	const uintptr_t first = (uintptr_t)a->mem - guard_len();

	return p >= first && p < first + a->len + 2 * guard_len();
}
