// SPDX-License-Identifier: MIT
#include "arena.h"

#include <errno.h>
#include <sys/mman.h>

#include "pagecopy/abi.h"

void layout_of(const struct cell *c, uint64_t max_bytes, struct layout *l)
{
	uint32_t sides = c->buffer == PAGECOPY_BUF_KERNEL ? 2 : 1;
	uint64_t fit;

	l->order = 0;
	while (4096ULL << l->order < (uint64_t)c->offset + c->size)
		l->order++;
	l->page_bytes = 4096U << l->order;
	fit = LAYOUT_BYTES / l->page_bytes;
	if (max_bytes && fit > max_bytes / l->page_bytes / sides)
		fit = max_bytes / l->page_bytes / sides;
	if (fit > PAGECOPY_PAGES_MAX / sides)
		fit = PAGECOPY_PAGES_MAX / sides;
	if (fit > c->depth)
		fit = c->depth;
	if (!fit || c->buffer == BUFFER_NONE)
		fit = 1;
	l->buffers = (uint32_t)fit;
}

size_t arena_need(const struct layout *l)
{
	return ARENA_GAP + l->buffers * ((size_t)l->page_bytes + ARENA_GAP);
}

int arena_open(struct arena *a, size_t bytes)
{
	a->base = mmap(NULL, bytes, PROT_READ | PROT_WRITE,
		       MAP_PRIVATE | MAP_ANONYMOUS | MAP_POPULATE, -1, 0);
	if (a->base == MAP_FAILED) {
		a->base = NULL;
		return -errno;
	}
	a->bytes = bytes;
	a->locked = !mlock(a->base, bytes);
	return 0;
}

void arena_close(struct arena *a)
{
	if (a->base)
		munmap(a->base, a->bytes);
	a->base = NULL;
}
