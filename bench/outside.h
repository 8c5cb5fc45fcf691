/* SPDX-License-Identifier: MIT */
/*
 * DOC: a mutator outside the machine
 *
 * A guest with one CPU runs nothing while it copies, so whoever changes the
 * source meanwhile must be outside: a process of the host that maps the memory
 * of the guest, as UML keeps it in a file. It knows neither where in the file
 * a page of the guest is nor has it another way to talk to the program in the
 * guest. So each page of the source begins with a mark to be found by, and one
 * page, found the same way, has the orders of the inside and the answers of
 * the outside.
 *
 * An order is answered before the next one is given:
 *
 *	FIND	look for @pages pages with the marks of @epoch
 *	RUN	write generation 0 to @len bytes from byte @first of them on,
 *		answer, go on with generation 1, 2, ...
 *	STOP	end after a whole generation; @rewrites is its number
 *	QUIT	forget everything; somebody else may begin
 */
#ifndef PAGECOPY_OUTSIDE_H
#define PAGECOPY_OUTSIDE_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#define OUTSIDE_PAGE	4096U
/* Pages of a source: 2 MiB, moved by up to 2 MiB. */
#define OUTSIDE_PAGES	1024U
/* Bytes of the marker that both sides are told. */
#define MARKER_BYTES	16U
/* Index of the page with the orders. */
#define OUTSIDE_CONTROL	UINT64_MAX

enum outside_order {
	OUTSIDE_NONE,
	OUTSIDE_FIND,
	OUTSIDE_RUN,
	OUTSIDE_STOP,
	OUTSIDE_QUIT,
};

/**
 * struct outside_mark - what a page begins with
 * @magic:  OUTSIDE_MAGIC
 * @marker: of this start of the guest
 * @epoch:  tells pages that are in use from those that were
 * @index:  place of the page in the source, or OUTSIDE_CONTROL
 */
struct outside_mark {
	uint64_t magic;
	uint8_t marker[MARKER_BYTES];
	uint64_t epoch;
	uint64_t index;
};

#define OUTSIDE_MAGIC	0x746e656d65676170ULL

/**
 * struct outside_control - the page with the orders
 * @mark:     of it
 * @order:    enum outside_order, above it a number that changes
 * @pages:    see FIND
 * @epoch:    see FIND
 * @first:    see RUN; a multiple of a line, as @len is
 * @len:      see RUN
 * @answer:   the last order that was carried out; the outside's, as the rest
 * @found:    pages found
 * @twice:    pages of which there was a second one
 * @rewrites: see STOP
 * @width:    bytes of the stores
 */
struct outside_control {
	struct outside_mark mark;
	uint64_t order;
	uint64_t pages;
	uint64_t epoch;
	uint64_t first;
	uint64_t len;
	uint64_t answer;
	uint64_t found;
	uint64_t twice;
	uint64_t rewrites;
	uint64_t width;
};

/**
 * struct outside - the inside's view of it
 * @c:      the page with the orders
 * @orders: given
 */
struct outside {
	struct outside_control *c;
	uint64_t orders;
};

/**
 * outside_open() - make @page the one with the orders
 * @page:   of OUTSIDE_PAGE bytes, which stays mapped where it is
 * @marker: both sides were told
 */
void outside_open(struct outside *o, void *page,
		  const uint8_t marker[MARKER_BYTES]);

/** outside_epoch() - the marks made from now on are new ones */
void outside_epoch(struct outside *o);

/** outside_mark() - what page number @index is to begin with */
void outside_mark(const struct outside *o, uint64_t index,
		  struct outside_mark *mark);

/**
 * outside_find() - all @pages pages have been marked
 *
 * Return: 0; -ETIMEDOUT when nobody answers; -ENOENT when not each of them was
 * found exactly once.
 */
int outside_find(struct outside *o, uint64_t pages);

/** outside_run() - begin with the range; 0 or -ETIMEDOUT */
int outside_run(struct outside *o, uint64_t first, uint64_t len);

/** outside_stop() - takes the number of rewrites; 0 or -ETIMEDOUT */
int outside_stop(struct outside *o, uint64_t *rewrites);

/** outside_quit() - nothing is found any more; 0 or -ETIMEDOUT */
int outside_quit(struct outside *o);

/**
 * struct mutate - the outside
 * @fd:     the memory of the guest
 * @memory: mapped
 * @bytes:  of it
 * @marker: to find its pages by
 * @alive:  process that ends with the guest; 0 for none
 */
struct mutate {
	int fd;
	unsigned char *memory;
	size_t bytes;
	uint8_t marker[MARKER_BYTES];
	pid_t alive;
};

/** mutate_open() - map the memory of @fd, which mutate_close() closes */
int mutate_open(struct mutate *m, int fd);
void mutate_close(struct mutate *m);

/**
 * mutate_serve() - find the page with the orders and do what they ask
 *
 * Return: 1 after QUIT; 0 when @m->alive is no more.
 */
int mutate_serve(const struct mutate *m);

/** marker_parse() - 32 hexadecimal digits; 0 or -EINVAL */
int marker_parse(const char *text, uint8_t marker[MARKER_BYTES]);

#endif
