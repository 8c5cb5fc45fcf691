// SPDX-License-Identifier: MIT
#include "verify.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "pattern.h"

/* What the bytes of an image are. */
enum content {
	CONTENT_SOURCE,
	CONTENT_POISON,
};

size_t verify_scratch(uint32_t page_bytes)
{
	return page_bytes + 2 * GUARD;
}

static enum side_nr side_to(const struct run *run)
{
	return run->cell.op == PAGECOPY_OP_WRITE ? SIDE_PAGE : SIDE_BUFFER;
}

static bool present(const struct side *s)
{
	return s->arena || s->device;
}

/* No two buffers of a cell hold the same, whatever their thread. */
static uint64_t key_of(const struct worker *w, uint32_t i, unsigned int what)
{
	const struct run *run = w->run;
	uint64_t key = pattern_mix(run->seed ^ run->row.round);

	i += w->index * run->layout.buffers * run->layout.slots;
	return pattern_mix(pattern_mix(key + run->row.order) + 4 * i + what);
}

/*
 * The image of buffer @i of a side: GUARD bytes, the page, GUARD bytes; within
 * the page, from the cell's offset on, what was or is to be copied, at each of
 * its places.
 */
static void draw(const struct worker *w, enum side_nr nr, uint32_t i,
		 enum content content, char *image)
{
	const struct run *run = w->run;
	const size_t total = verify_scratch(run->layout.page_bytes);
	char *at = image + GUARD + run->cell.offset, *free = image;
	uint32_t slot;

	i *= run->layout.slots;
	for (slot = 0; slot < run->layout.slots; slot++, i++) {
		pattern_fill(free, (size_t)(at - free), key_of(w, i, nr), 0);
		pattern_fill(at, run->cell.size, key_of(w, i, SIDE_NR),
			     content == CONTENT_POISON);
		free = at + run->cell.size;
		at += run->layout.step;
	}
	pattern_fill(free, (size_t)(image + total - free),
		     ~key_of(w, i, nr), 0);
}

static off_t device_pos(const struct run *run, const struct side *s,
			uint32_t i)
{
	return (off_t)(s->first + i) * run->layout.page_bytes;
}

static char *memory_of(const struct run *run, const struct side *s, uint32_t i)
{
	return (char *)arena_at(s->arena, &run->layout, s->first + i) +
	       s->shift - GUARD;
}

static int transfer_failed(struct run *run, const char *what, ssize_t n)
{
	return run_fail(run, EXIT_FAILED, "%s: %s pages: %s", run->o->dev,
			what, n < 0 ? strerror(errno) : "cut short");
}

static int store(struct worker *w, enum side_nr nr, uint32_t i,
		 enum content content)
{
	struct run *run = w->run;
	const struct side *s = &w->side[nr];
	const size_t bytes = run->layout.page_bytes;
	char *image = run->scratch[0];
	ssize_t n;

	draw(w, nr, i, content, image);
	if (!s->device) {
		memcpy(memory_of(run, s, i), image, verify_scratch(bytes));
		return 0;
	}
	n = pwrite(w->fd, image + GUARD, bytes, device_pos(run, s, i));
	return n == (ssize_t)bytes ? 0 : transfer_failed(run, "writing", n);
}

static int store_range(struct worker *w, enum side_nr nr, uint32_t first,
		       uint32_t count, enum content content)
{
	uint32_t i;
	int ret = 0;

	if (!present(&w->side[nr]))
		return 0;
	for (i = first; i < first + count && !ret; i++)
		ret = store(w, nr, i, content);
	return ret;
}

int verify_poison(struct worker *w, uint32_t first, uint32_t nr)
{
	return store_range(w, side_to(w->run), first, nr, CONTENT_POISON);
}

int verify_fill(struct worker *w, uint32_t first, uint32_t nr)
{
	int ret;

	ret = store_range(w, !side_to(w->run), first, nr, CONTENT_SOURCE);
	return ret ? ret : verify_poison(w, first, nr);
}

static void report(struct worker *w, enum side_nr nr, uint32_t i,
		   const char *got, const char *when)
{
	struct run *run = w->run;
	const size_t total = verify_scratch(run->layout.page_bytes);
	const char *want = run->scratch[0];
	size_t at = 0;

	while (at < total && want[at] == got[at])
		at++;
	run->row.verified = false;
	run_note(run, "wrong byte %s measuring: thread %u %s %u offset %ld: "
		 "expected 0x%02x; got 0x%02x", when, w->index,
		 nr == SIDE_PAGE ? "page" : "buffer", i, (long)at - (long)GUARD,
		 (unsigned char)want[at], (unsigned char)got[at]);
}

static int check(struct worker *w, enum side_nr nr, uint32_t i,
		 enum content content, const char *when)
{
	struct run *run = w->run;
	const struct side *s = &w->side[nr];
	const size_t bytes = run->layout.page_bytes;
	const char *want = run->scratch[0], *got;
	ssize_t n;

	draw(w, nr, i, content, run->scratch[0]);
	if (!s->device) {
		got = memory_of(run, s, i);
	} else {
		/* A device page has no guards. */
		memcpy(run->scratch[1], want, GUARD);
		memcpy(run->scratch[1] + GUARD + bytes, want + GUARD + bytes,
		       GUARD);
		n = pread(w->fd, run->scratch[1] + GUARD, bytes,
			  device_pos(run, s, i));
		if (n != (ssize_t)bytes)
			return transfer_failed(run, "reading", n);
		got = run->scratch[1];
	}
	if (memcmp(want, got, verify_scratch(bytes)))
		report(w, nr, i, got, when);
	return 0;
}

int verify_check(struct worker *w, uint32_t first, uint32_t nr,
		 const char *when)
{
	enum content content;
	enum side_nr side;
	uint32_t i;
	int ret;

	for (side = SIDE_PAGE; side < SIDE_NR; side++) {
		content = CONTENT_SOURCE;
		if (side == side_to(w->run) &&
		    !cell_copies(&w->run->cell))
			content = CONTENT_POISON;
		if (!present(&w->side[side]))
			continue;
		for (i = first; i < first + nr; i++) {
			ret = check(w, side, i, content, when);
			if (ret)
				return ret;
		}
	}
	return 0;
}
