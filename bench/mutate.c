// SPDX-License-Identifier: MIT
/* The outside of outside.h: it has the memory of the guest, and nothing else. */
#include "outside.h"

#include <errno.h>
#include <signal.h>
#include <stdbool.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "clock.h"
#include "generation.h"

/* Between two looks for a guest that has nothing to say yet. */
#define LOOK_US		20000
/* Between two looks at an order. */
#define WAIT_US		50
/* Generations between two looks at whether the guest is still there. */
#define ALIVE_EVERY	65536

/**
 * struct found - the pages of a source
 * @page: by index; NULL where none was found
 * @nr:   found
 * @twice: found again
 */
struct found {
	unsigned char *page[OUTSIDE_PAGES];
	uint64_t nr;
	uint64_t twice;
};

int mutate_open(struct mutate *m, int fd)
{
	struct stat st;

	m->fd = fd;
	m->memory = MAP_FAILED;
	if (fstat(fd, &st))
		return -errno;
	m->bytes = (size_t)st.st_size / OUTSIDE_PAGE * OUTSIDE_PAGE;
	if (!m->bytes)
		return -EINVAL;
	m->memory = mmap(NULL, m->bytes, PROT_READ | PROT_WRITE, MAP_SHARED,
			 fd, 0);
	return m->memory == MAP_FAILED ? -errno : 0;
}

void mutate_close(struct mutate *m)
{
	if (m->memory != MAP_FAILED)
		munmap(m->memory, m->bytes);
	close(m->fd);
}

static bool is_marked(const struct mutate *m, const struct outside_mark *mark)
{
	return mark->magic == OUTSIDE_MAGIC &&
	       !memcmp(mark->marker, m->marker, MARKER_BYTES);
}

typedef bool page_fn(unsigned char *page, void *arg);

/*
 * Call @fn with each marked page until it returns true. Holes of the file are
 * pages that the guest never had; to look at them would make them.
 */
static void each_marked(const struct mutate *m, page_fn *fn, void *arg)
{
	off_t at = 0, end;

	while ((at = lseek(m->fd, at, SEEK_DATA)) >= 0) {
		end = lseek(m->fd, at, SEEK_HOLE);
		if (end < 0 || end > (off_t)m->bytes)
			end = (off_t)m->bytes;
		at = at / OUTSIDE_PAGE * OUTSIDE_PAGE;
		for (; at < end; at += OUTSIDE_PAGE) {
			unsigned char *page = m->memory + at;

			if (is_marked(m, (void *)page) && fn(page, arg))
				return;
		}
	}
}

static bool is_control(unsigned char *page, void *arg)
{
	struct outside_control **c = arg;

	if (((struct outside_mark *)page)->index != OUTSIDE_CONTROL)
		return false;
	*c = (struct outside_control *)page;
	return true;
}

/**
 * struct search - while the pages of a source are looked for
 * @c:     has asked for them
 * @found: takes them
 */
struct search {
	const struct outside_control *c;
	struct found *found;
};

static bool note_page(unsigned char *page, void *arg)
{
	const struct outside_mark *mark = (void *)page;
	const struct search *s = arg;

	if (mark->epoch != s->c->epoch || mark->index >= OUTSIDE_PAGES)
		return false;
	if (s->found->page[mark->index]) {
		s->found->twice++;
		return false;
	}
	s->found->page[mark->index] = page;
	s->found->nr++;
	return false;
}

static void find_pages(const struct mutate *m, struct outside_control *c,
		       struct found *found)
{
	struct search s = { c, found };

	memset(found, 0, sizeof(*found));
	each_marked(m, note_page, &s);
	c->found = found->nr;
	c->twice = found->twice;
}

/* Where a page is missing nothing is written; FIND has told. */
static void write_generation(const struct generations *g,
			     const struct found *found,
			     const struct outside_control *c, uint64_t nr)
{
	uint64_t at = c->first, end = c->first + c->len, piece;

	for (; at < end; at += piece) {
		const uint64_t index = at / OUTSIDE_PAGE;

		piece = OUTSIDE_PAGE - at % OUTSIDE_PAGE;
		if (piece > end - at)
			piece = end - at;
		if (index < OUTSIDE_PAGES && found->page[index])
			g->write(g, found->page[index] + at % OUTSIDE_PAGE,
				 piece, nr);
	}
}

static bool is_alive(const struct mutate *m)
{
	return !m->alive || !kill(m->alive, 0) || errno == EPERM;
}

static void answer(struct outside_control *c, uint64_t order)
{
	__atomic_store_n(&c->answer, order, __ATOMIC_RELEASE);
}

static uint64_t order_of(const struct outside_control *c)
{
	return __atomic_load_n(&c->order, __ATOMIC_ACQUIRE);
}

/* Until the next order comes. */
static void mutate_for_ever(const struct mutate *m, struct outside_control *c,
			    const struct generations *g,
			    const struct found *found)
{
	const uint64_t order = order_of(c);
	uint64_t nr = 0;

	write_generation(g, found, c, 0);
	answer(c, order);
	while (order_of(c) == order) {
		write_generation(g, found, c, ++nr);
		if (nr % ALIVE_EVERY == 0 && !is_alive(m))
			break;
	}
	c->rewrites = nr;
}

/* A guest that is told to look for somebody else has nothing to be found by. */
static void forget(struct outside_control *c, uint64_t order)
{
	memset(&c->mark, 0, sizeof(c->mark));
	answer(c, order);
}

static int obey(const struct mutate *m, struct outside_control *c,
		const struct generations *g, struct found *found)
{
	uint64_t order, done = 0;

	while (is_alive(m)) {
		order = order_of(c);
		if (order == done) {
			usleep(WAIT_US);
			continue;
		}
		switch ((enum outside_order)(order & 0xff)) {
		case OUTSIDE_FIND:
			find_pages(m, c, found);
			break;
		case OUTSIDE_RUN:
			mutate_for_ever(m, c, g, found);
			done = order;
			continue;
		case OUTSIDE_QUIT:
			forget(c, order);
			return 1;
		case OUTSIDE_STOP:
		case OUTSIDE_NONE:
			break;
		}
		done = order;
		answer(c, order);
	}
	return 0;
}

int mutate_serve(const struct mutate *m)
{
	struct outside_control *c = NULL;
	struct generations g;
	struct found found;

	generations_init(&g);
	while (is_alive(m)) {
		each_marked(m, is_control, &c);
		if (c) {
			c->width = g.width;
			return obey(m, c, &g, &found);
		}
		usleep(LOOK_US);
	}
	return 0;
}
