// SPDX-License-Identifier: MIT
/*
 * Every op, strategy and buffer at every order: the bytes named are copied, and
 * no other byte of page, buffer or neighbour changes. The pages are filled and
 * read back through read() and write(), which share no code with the commands.
 */
#include "tests.h"

#include "pagecopy/strategy.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* The pages of a file: a neighbour, the page meant, the second page. */
enum { NEIGHBOUR, SUBJECT, SECOND, NR_PAGES };

#define PAGE_MAX	(DEV_PAGE << PAGECOPY_ORDER_MAX)
#define POISON_SEEDS	509
#define POISON_MAX	(DEV_AREA + POISON_SEEDS)

/**
 * struct point - one copy
 * @misalign: of the user buffer, from a page boundary
 * @offset:   in the device page
 * @len:      bytes
 */
struct point {
	unsigned int misalign;
	uint32_t offset;
	uint32_t len;
};

/**
 * struct cell - what is being tested, and the memory to compare with
 * @d:	       the device
 * @op:	       enum pagecopy_op
 * @buffer:    enum pagecopy_buffer
 * @strategy:  enum pagecopy_strategy_nr
 * @order:     of the pages
 * @bytes:     of a page
 * @want_page: what page SUBJECT must hold afterwards
 * @want_buf:  what the buffer must hold: the whole area, or page SECOND
 * @got:       read back
 * @low:       poison of the device, POISON_MAX bytes
 * @high:      poison of the buffer, POISON_MAX bytes
 */
struct cell {
	struct dev d;
	unsigned int op;
	unsigned int buffer;
	unsigned int strategy;
	unsigned int order;
	size_t bytes;
	unsigned char *want_page;
	unsigned char *want_buf;
	unsigned char *got;
	unsigned char *low;
	unsigned char *high;
};

/* Device bytes are below 128 and buffer bytes are not: no byte is both. */
static void make_poison(struct cell *c)
{
	size_t i;

	for (i = 0; i < POISON_MAX; i++) {
		c->low[i] = (i * 31 + i / 127) & 0x7f;
		c->high[i] = c->low[i] | 0x80;
	}
}

/* The same length holds other bytes under another seed. */
static void poison(unsigned char *p, const unsigned char *from, size_t len,
		   unsigned int seed)
{
	memcpy(p, from + seed % POISON_SEEDS, len);
}

/* What is copied, by a loop too plain to be wrong. */
static void copy_ref(unsigned char *dst, const unsigned char *src, size_t len)
{
	size_t i;

	for (i = 0; i < len; i++)
		dst[i] = src[i];
}

static off_t page_start(const struct cell *c, unsigned int page)
{
	return (off_t)page * c->bytes;
}

static bool put_page(const struct cell *c, unsigned int page,
		     const unsigned char *from)
{
	return pwrite(c->d.fd, from, c->bytes, page_start(c, page)) ==
	       (ssize_t)c->bytes;
}

static bool same(const unsigned char *got, const unsigned char *want,
		 size_t len, const char *what)
{
	size_t i;

	if (!memcmp(got, want, len))
		return true;
	for (i = 0; got[i] == want[i]; i++)
		;
	tap_note("%s: byte %zu is %#x, expected %#x", what, i, got[i], want[i]);
	return false;
}

static bool page_is(const struct cell *c, unsigned int page,
		    const unsigned char *want, const char *what)
{
	memset(c->got, 0, c->bytes);
	return pread(c->d.fd, c->got, c->bytes, page_start(c, page)) ==
	       (ssize_t)c->bytes && same(c->got, want, c->bytes, what);
}

/* Bytes of the user's area that a page of this order can concern. */
static size_t area_bytes(const struct cell *c)
{
	return c->bytes + 2 * DEV_PAGE;
}

static bool prepare(struct cell *c, unsigned int seed)
{
	poison(c->want_page, c->low, c->bytes, seed);
	if (!put_page(c, SUBJECT, c->want_page))
		return false;
	if (c->buffer == PAGECOPY_BUF_KERNEL) {
		poison(c->want_buf, c->high, c->bytes, seed + 5);
		return put_page(c, SECOND, c->want_buf);
	}
	poison(c->want_buf, c->high, area_bytes(c), seed + 5);
	memcpy(c->d.area, c->want_buf, area_bytes(c));
	return true;
}

/* Do to the wanted memory what the command must do to the real one. */
static void predict(struct cell *c, const struct point *p)
{
	unsigned char *page = c->want_page + p->offset;
	unsigned char *buf = c->want_buf + p->offset;

	if (!pagecopy_strategies[c->strategy].copies)
		return;
	if (c->buffer != PAGECOPY_BUF_KERNEL)
		buf = c->want_buf + DEV_PAGE / 2 + p->misalign;
	if (c->op == PAGECOPY_OP_READ)
		copy_ref(buf, page, p->len);
	else if (c->op == PAGECOPY_OP_WRITE)
		copy_ref(page, buf, p->len);
}

static int command(struct cell *c, const struct point *p)
{
	struct request r = dev_request(c->op, c->buffer, c->strategy, SUBJECT);

	r.arg.addr = SECOND;
	if (c->buffer != PAGECOPY_BUF_KERNEL)
		r.arg.addr = dev_addr(c->d.area + DEV_PAGE / 2 + p->misalign);
	r.arg.len = p->len;
	r.arg.offset = p->offset;
	return dev_cmd(&c->d, &r);
}

static bool buffer_is_right(const struct cell *c)
{
	if (c->buffer == PAGECOPY_BUF_KERNEL)
		return page_is(c, SECOND, c->want_buf, "second page");
	return same(c->d.area, c->want_buf, area_bytes(c), "buffer");
}

static bool check_point(struct cell *c, const struct point *p)
{
	int ret = -1;

	if (prepare(c, p->offset + p->len)) {
		predict(c, p);
		ret = command(c, p);
		if (ret == (int)p->len && buffer_is_right(c) &&
		    page_is(c, SUBJECT, c->want_page, "page"))
			return true;
	}
	tap_note("order %u misalign %u offset %u len %u: result %d", c->order,
		 p->misalign, p->offset, p->len, ret);
	return false;
}

/* Lengths around every step a copy loop may take, at changing alignments. */
static bool check_small(struct cell *c)
{
	static const uint32_t len[] = {
		0, 1, 2, 3, 4, 5, 7, 8, 9, 13, 15, 16, 17, 23, 31, 32, 33, 47,
		63, 64, 65, 127, 129, 255, 1000, 2047, 3500,
	};
	/* The last two make even short lengths cross a page of the user. */
	static const unsigned int misalign[] = { 0, 1, 4, 7, 63, 2047, 2045 };
	static const uint32_t offset[] = { 0, 1, 3, 8, 61 };
	struct point p;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(len); i++) {
		p.len = len[i];
		p.misalign = misalign[i % 7];
		p.offset = offset[i % 5];
		if (!check_point(c, &p))
			return false;
		p.misalign = misalign[(i + 5) % 7];
		p.offset = c->bytes - p.len;
		if (!check_point(c, &p))
			return false;
	}
	return true;
}

static bool check_large(struct cell *c)
{
	const uint32_t b = c->bytes;
	const struct point points[] = {
		{ DEV_PAGE / 2, 0, b },
		{ 1, 0, b - 1 },
		{ 2047, 5, b - 5 },
		{ 13, b / 2 - 1, b / 2 - 2 },
	};
	size_t i;

	for (i = 0; i < ARRAY_SIZE(points); i++)
		if (!check_point(c, &points[i]))
			return false;
	return true;
}

/* Small copies do not depend on the order, so four orders are enough. */
static bool check_order(struct cell *c)
{
	bool ok;

	if (dev_open(&c->d, 0))
		return false;
	poison(c->got, c->low, c->bytes, 99);
	ok = !dev_setup(&c->d, c->order, NR_PAGES) &&
	     put_page(c, NEIGHBOUR, c->got) &&
	     (c->order > 3 || check_small(c)) && check_large(c);
	poison(c->want_page, c->low, c->bytes, 99);
	ok = ok && page_is(c, NEIGHBOUR, c->want_page, "neighbour") &&
	     dev_stats(&c->d).pinned == dev_stats(&c->d).unpinned;
	dev_close(&c->d);
	return ok;
}

static enum tap_result check_cell(struct cell *c)
{
	for (c->order = 0; c->order <= PAGECOPY_ORDER_MAX; c->order++) {
		c->bytes = DEV_PAGE << c->order;
		if (!check_order(c)) {
			tap_note("order %u failed", c->order);
			return TAP_FAIL;
		}
	}
	return TAP_PASS;
}

static bool strategy_is_here(unsigned int nr)
{
	struct pagecopy_info info = {};
	struct dev d;

	if (dev_open(&d, 0))
		return false;
	dev_ioctl(&d, PAGECOPY_IOC_INFO, &info);
	dev_close(&d);
	return info.strategies[nr / 64] >> nr % 64 & 1;
}

static void test_cell(struct cell *c, const char *pattern)
{
	static const char *const ops[] = { "", "read", "write", "touch" };
	static const char *const buffers[] = { "user", "fixed", "kernel" };
	enum tap_result result;
	char name[80];

	snprintf(name, sizeof(name), "data: %s %s %s, order 0 to %d",
		 ops[c->op], pagecopy_strategies[c->strategy].name,
		 buffers[c->buffer], PAGECOPY_ORDER_MAX);
	if (!strstr(name, pattern))
		return;
	result = strategy_is_here(c->strategy) ? check_cell(c) :
		 tap_skip("this strategy does not work here");
	tap_report(result, "%s", name);
}

static void test_strategies(struct cell *c, const char *pattern)
{
	const struct pagecopy_strategy *s;

	pagecopy_for_each_strategy(s) {
		c->strategy = s - pagecopy_strategies;
		test_cell(c, pattern);
	}
}

static void test_all(struct cell *c, const char *pattern)
{
	make_poison(c);
	for (c->op = PAGECOPY_OP_READ; c->op <= PAGECOPY_OP_TOUCH; c->op++)
		for (c->buffer = 0; c->buffer <= PAGECOPY_BUF_KERNEL;
		     c->buffer++)
			test_strategies(c, pattern);
}

void tests_data(const char *pattern)
{
	struct cell c = {
		.want_page = malloc(PAGE_MAX),
		.want_buf = malloc(DEV_AREA),
		.got = malloc(PAGE_MAX),
		.low = malloc(POISON_MAX),
		.high = malloc(POISON_MAX),
	};

	if (c.want_page && c.want_buf && c.got && c.low && c.high)
		test_all(&c, pattern);
	else
		tap_report(TAP_FAIL, "data: memory to compare with");
	free(c.want_page);
	free(c.want_buf);
	free(c.got);
	free(c.low);
	free(c.high);
}
