// SPDX-License-Identifier: MIT
#include "arena.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>

#include "pagecopy/abi.h"

#ifndef MAP_HUGE_2MB
#define MAP_HUGE_2MB	(21 << 26)
#endif

#define SMALL		4096UL
#define HUGE		(2UL << 20)
#define THP_ENABLED	"/sys/kernel/mm/transparent_hugepage/enabled"
#define THP_DEFRAG	"/sys/kernel/mm/transparent_hugepage/defrag"

static size_t round_up(size_t n, size_t to)
{
	return (n + to - 1) / to * to;
}

static bool fits(const struct cell *c, uint32_t block)
{
	return c->offset % block + c->size <= block &&
	       ((uint64_t)c->offset + c->buf_offset) % block + c->size <= block;
}

/*
 * From one place to the next: no two share a line, and those of a copy that
 * fits into a page of memory do not cross one either.
 */
static uint32_t step_of(const struct cell *c)
{
	const size_t more = (c->offset + c->buf_offset) % LINE;
	uint32_t step;

	for (step = LINE; step <= SMALL; step *= 2)
		if (fits(c, step))
			return step;
	if (more < c->offset % LINE)
		return (uint32_t)round_up(c->offset % LINE + c->size, SMALL);
	return (uint32_t)round_up(more + c->size, SMALL);
}

/*
 * Pages that hold as many places as the set asks for, two at least: as small
 * as they can be without being too many for an open file.
 */
static void layout_walk(const struct cell *c, struct layout *l)
{
	const uint32_t most = PAGECOPY_PAGES_MAX / 2 /
			      (c->share ? c->threads : 1);
	uint64_t places;

	l->step = step_of(c);
	places = (c->set / 2 + l->step - 1) / l->step;
	if (places < 2)
		places = 2;
	for (;; l->order++) {
		l->page_bytes = 4096U << l->order;
		l->slots = 1 + (l->page_bytes - c->offset - c->size) / l->step;
		l->buffers = (uint32_t)((places + l->slots - 1) / l->slots);
		if (l->buffers <= most || l->order == PAGECOPY_ORDER_MAX)
			return;
	}
}

/* Enough for the clock to weigh little, few enough for the TLB. */
static void layout_flushed(const struct cell *c, struct layout *l)
{
	uint32_t places = FLUSH_BYTES / c->size;

	l->page_bytes = 4096U << l->order;
	l->buffers = places < FLUSH_PLACES ? places : FLUSH_PLACES;
	if (!l->buffers)
		l->buffers = 1;
	l->slots = 1;
	l->step = step_of(c);
}

static void layout_cold(const struct cell *c, struct layout *l)
{
	if (c->cache == CACHE_FLUSHED)
		layout_flushed(c, l);
	else
		layout_walk(c, l);
	l->shift = c->buf_offset;
	l->stride = l->page_bytes + (uint32_t)round_up(l->shift, SMALL) +
		    ARENA_GAP;
	l->total = l->buffers * c->threads;
}

bool layout_fits_file(const struct cell *c, const struct layout *l,
		      uint64_t max_bytes)
{
	const uint64_t pages = (uint64_t)l->buffers *
			       (c->buffer == PAGECOPY_BUF_KERNEL ? 2 : 1) *
			       (c->share ? c->threads : 1);

	return pages <= PAGECOPY_PAGES_MAX &&
	       (!max_bytes || pages * l->page_bytes <= max_bytes);
}

void layout_of(const struct cell *c, uint64_t max_bytes, struct layout *l)
{
	const uint32_t sides = c->buffer == PAGECOPY_BUF_KERNEL ? 2 : 1;
	/* Pages that an open file has for each buffer of a thread. */
	const uint32_t of_file = c->share ? sides * c->threads : sides;
	uint64_t fit;

	l->order = 0;
	while (4096ULL << l->order < (uint64_t)c->offset + c->size)
		l->order++;
	if (c->cache != CACHE_HOT) {
		layout_cold(c, l);
		return;
	}
	l->slots = 1;
	l->step = 0;
	l->page_bytes = 4096U << l->order;
	l->shift = c->buf_offset;
	l->stride = l->page_bytes + (uint32_t)round_up(l->shift, SMALL);
	fit = LAYOUT_BYTES / l->stride / c->threads;
	l->stride += ARENA_GAP;
	if (max_bytes && fit > max_bytes / l->page_bytes / of_file)
		fit = max_bytes / l->page_bytes / of_file;
	if (fit > PAGECOPY_PAGES_MAX / of_file)
		fit = PAGECOPY_PAGES_MAX / of_file;
	if (fit > c->depth)
		fit = c->depth;
	if (!fit || c->buffer == BUFFER_NONE)
		fit = 1;
	l->buffers = (uint32_t)fit;
	l->total = l->buffers * c->threads;
}

size_t arena_need(const struct layout *l)
{
	return ARENA_GAP + (size_t)l->total * l->stride;
}

/* Every page is there, written by us. */
static void touch(char *base, size_t bytes)
{
	size_t i;

	for (i = 0; i < bytes; i += SMALL)
		((volatile char *)base)[i] = 0;
}

static int map(struct arena *a, size_t bytes, int flags)
{
	a->base = mmap(NULL, bytes, PROT_READ | PROT_WRITE,
		       MAP_PRIVATE | MAP_ANONYMOUS | flags, -1, 0);
	a->bytes = bytes;
	if (a->base != MAP_FAILED)
		return 0;
	a->base = NULL;
	return -errno;
}

static void first_line(const char *path, char *line, int size)
{
	FILE *f = fopen(path, "re");

	if (!f || !fgets(line, size, f))
		strcpy(line, "not there");
	if (f)
		fclose(f);
	line[strcspn(line, "\n")] = '\0';
}

static int open_small(struct arena *a, size_t bytes, char *why, size_t size)
{
	int ret = map(a, bytes, 0);

	if (ret) {
		snprintf(why, size, "%s", strerror(-ret));
		return ret;
	}
	/* Fails where there are no others. */
	madvise(a->base, bytes, MADV_NOHUGEPAGE);
	touch(a->base, bytes);
	return 0;
}

static int open_hugetlb(struct arena *a, size_t bytes, char *why, size_t size)
{
	char nr[32];
	int ret;

	bytes = round_up(bytes, HUGE);
	ret = map(a, bytes, MAP_HUGETLB | MAP_HUGE_2MB | MAP_POPULATE);
	if (!ret)
		return 0;
	first_line("/proc/sys/vm/nr_hugepages", nr, sizeof(nr));
	if (ret == -ENOMEM)
		snprintf(why, size, "%zu pages of 2 MiB are needed and "
			 "vm.nr_hugepages is %s: sysctl vm.nr_hugepages=%zu",
			 bytes / HUGE, nr, bytes / HUGE);
	else
		snprintf(why, size, "mmap(MAP_HUGETLB): %s; vm.nr_hugepages is "
			 "%s (CONFIG_HUGETLBFS)", strerror(-ret), nr);
	return -EOPNOTSUPP;
}

/* KiB in huge pages of the mapping that holds @p. */
static size_t huge_kib(const void *p)
{
	unsigned long start, end, at = (unsigned long)p;
	size_t kib = 0;
	bool inside = false;
	char line[512];
	FILE *f;

	f = fopen("/proc/self/smaps", "re");
	while (f && fgets(line, sizeof(line), f)) {
		if (sscanf(line, "%lx-%lx ", &start, &end) == 2)
			inside = start <= at && at < end;
		else if (inside)
			sscanf(line, "AnonHugePages: %zu kB", &kib);
	}
	if (f)
		fclose(f);
	return kib;
}

/* Cut a larger mapping to @bytes that begin where a huge page may. */
static void align(struct arena *a, size_t bytes)
{
	size_t before = round_up((size_t)a->base, HUGE) - (size_t)a->base;
	size_t after = a->bytes - before - bytes;

	if (before)
		munmap(a->base, before);
	a->base += before;
	if (after)
		munmap(a->base + bytes, after);
	a->bytes = bytes;
}

static int open_thp(struct arena *a, size_t bytes, char *why, size_t size)
{
	char enabled[64], defrag[128];
	size_t kib;
	int ret;

	bytes = round_up(bytes, HUGE);
	ret = map(a, bytes + HUGE, 0);
	if (ret) {
		snprintf(why, size, "%s", strerror(-ret));
		return ret;
	}
	align(a, bytes);
	if (madvise(a->base, bytes, MADV_HUGEPAGE)) {
		snprintf(why, size, "this kernel has no transparent huge pages "
			 "(CONFIG_TRANSPARENT_HUGEPAGE; madvise: %s)",
			 strerror(errno));
		return -EOPNOTSUPP;
	}
	touch(a->base, bytes);
	kib = huge_kib(a->base);
	if (kib >= bytes >> 10)
		return 0;
	first_line(THP_ENABLED, enabled, sizeof(enabled));
	first_line(THP_DEFRAG, defrag, sizeof(defrag));
	snprintf(why, size, "%zu of %zu KiB became huge pages (AnonHugePages): "
		 THP_ENABLED " is %s, defrag is %s", kib, bytes >> 10, enabled,
		 defrag);
	return -EOPNOTSUPP;
}

int arena_open(struct arena *a, size_t bytes, enum memory kind, char *why,
	       size_t size)
{
	int ret;

	switch (kind) {
	case MEMORY_THP:
		ret = open_thp(a, bytes, why, size);
		break;
	case MEMORY_HUGE:
		ret = open_hugetlb(a, bytes, why, size);
		break;
	default:
		ret = open_small(a, bytes, why, size);
	}
	if (ret)
		arena_close(a);
	else
		a->locked = !mlock(a->base, a->bytes);
	return ret;
}

void arena_close(struct arena *a)
{
	if (a->base)
		munmap(a->base, a->bytes);
	a->base = NULL;
}
