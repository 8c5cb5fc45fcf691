// SPDX-License-Identifier: MIT
#include "path_device.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "dev.h"

static uint64_t address(const struct run *run, uint32_t i, uint32_t slot)
{
	if (run->cell.buffer == PAGECOPY_BUF_KERNEL)
		return i;
	if (run->cell.buffer == BUFFER_NONE)
		return 0;
	return (uintptr_t)arena_at(run_buffers(run), &run->layout, i) +
	       run->layout.shift + run->cell.offset + slot * run->layout.step;
}

uint32_t device_cmd(const struct run *run, uint32_t page, uint32_t i,
		    uint32_t slot, struct pagecopy_cmd *arg)
{
	const struct cell *c = &run->cell;
	unsigned int buffer = c->buffer;

	if (buffer == BUFFER_NONE)
		buffer = PAGECOPY_BUF_USER;
	arg->addr = address(run, i, slot);
	arg->len = c->size;
	arg->offset = c->offset + slot * run->layout.step;
	return PAGECOPY_CMD_OP(c->op, buffer, c->strategy, page);
}

int device_expect(const struct run *run)
{
	return run->cell.op == PAGECOPY_OP_NOP ? 0 : (int)run->cell.size;
}

/* The open file: one for this thread, or one for all of them. */
static int open_file(struct worker *w, uint32_t nr_pages)
{
	struct run *run = w->run;
	int ret;

	if (run->cell.share && w->index) {
		w->fd = run->worker[0]->fd;
		return 0;
	}
	w->fd = dev_open(run->o->dev);
	if (w->fd < 0)
		return run_fail(run, EXIT_FAILED, "%s: %s", run->o->dev,
				strerror(-w->fd));
	w->owner = true;
	ret = dev_setup(w->fd, run->layout.order, nr_pages);
	if (ret)
		return run_fail(run, EXIT_FAILED,
				"%s: %u pages of %u bytes: %s", run->o->dev,
				nr_pages, run->layout.page_bytes,
				strerror(-ret));
	ret = dev_mode(w->fd, 1, run->cell.completion, 0);
	return ret ? run_fail(run, EXIT_FAILED, "%s: completion %s: %s",
			      run->o->dev,
			      names_of(&names_completion,
				       run->cell.completion),
			      strerror(-ret)) : 0;
}

int device_open(struct worker *w)
{
	const struct run *run = w->run;
	const bool pairs = run->cell.buffer == PAGECOPY_BUF_KERNEL;
	const uint32_t mine = run->layout.buffers * (pairs ? 2 : 1);
	struct side *page = &w->side[SIDE_PAGE];
	struct side *buffer = &w->side[SIDE_BUFFER];
	int ret;

	ret = open_file(w, run->cell.share ? mine * run->cell.threads : mine);
	if (ret)
		return ret;
	page->device = true;
	page->first = run->cell.share ? w->index * mine : 0;
	buffer->device = pairs;
	buffer->arena = run_buffers(run);
	buffer->shift = run->layout.shift;
	buffer->first = pairs ? page->first + run->layout.buffers :
				w->index * run->layout.buffers;
	if (run->cell.cache == CACHE_HOT)
		return 0;
	w->lap = lap_of(&w->run->laps, &run->layout, run->seed);
	return w->lap ? 0 : -ENOMEM;
}

uint32_t device_place(struct worker *w)
{
	uint32_t *cursor = &w->lap->cursor[w->index];
	uint32_t place = w->lap->place[*cursor];

	*cursor = *cursor + 1 == w->lap->nr ? 0 : *cursor + 1;
	return place;
}

int device_aim(struct worker *w)
{
	w->prepared = false;
	return 0;
}

/* A line at a time. */
static void touch(const char *start, size_t bytes)
{
	size_t i;

	for (i = 0; i < bytes; i += LINE)
		(void)*(const volatile char *)(start + i);
}

/* The bytes of a side come into the caches. */
static void fetch(const struct worker *w, const struct side *s)
{
	static _Thread_local char chunk[64 << 10];
	const struct layout *l = &w->run->layout;
	const off_t start = (off_t)s->first * l->page_bytes;
	const off_t end = start + (off_t)l->buffers * l->page_bytes;
	off_t at;

	if (s->arena)
		touch(arena_at(s->arena, l, s->first),
		      (size_t)l->buffers * l->stride);
	for (at = start; s->device && at < end; at += (off_t)sizeof(chunk))
		if (pread(w->fd, chunk, sizeof(chunk), at) <= 0)
			break;
}

void device_prepare(struct worker *w)
{
	const struct run *run = w->run;
	size_t bytes = run->evict.bytes;

	if (w->prepared || run->cell.cache == CACHE_HOT)
		return;
	w->prepared = true;
	if (run->cell.cache == CACHE_LLC) {
		fetch(w, &w->side[SIDE_PAGE]);
		fetch(w, &w->side[SIDE_BUFFER]);
		bytes = cold_evict(&run->cold, CACHE_LLC);
	}
	touch(run->evict.base, bytes);
}

void device_close(struct worker *w)
{
	if (w->owner)
		close(w->fd);
	w->owner = false;
	w->fd = -1;
}

int device_stats(struct worker *w, struct pagecopy_stats *stats)
{
	return dev_stats(w->fd, stats);
}
