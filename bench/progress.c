// SPDX-License-Identifier: MIT
#include "progress.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "clock.h"

/* Between two lines: on a terminal, elsewhere. */
#define TTY_NS		200000000ULL
#define PLAIN_NS	10000000000ULL

static void print_time(uint64_t ns)
{
	uint64_t s = (ns + 500000000) / 1000000000;

	if (s >= 3600)
		fprintf(stderr, "%" PRIu64 "h%02u", s / 3600,
			(unsigned int)(s / 60 % 60));
	else
		fprintf(stderr, "%u:%02u", (unsigned int)(s / 60),
			(unsigned int)(s % 60));
}

/* Every cell costs its slice, and about half of it for what is around it. */
static uint64_t left(const struct progress *p, uint64_t spent)
{
	const uint64_t did = p->done - p->was;
	double one = did ? (double)spent / (double)did : 1.5 * (double)p->slice;

	return p->total > p->done ?
	       (uint64_t)(one * (double)(p->total - p->done)) : 0;
}

void progress_start(struct progress *p, uint64_t cells, uint64_t rounds,
		    uint64_t slice_ms)
{
	memset(p, 0, sizeof(*p));
	p->tty = isatty(STDERR_FILENO);
	p->cells = cells;
	p->rounds = rounds;
	p->slice = slice_ms * 1000000;
	p->total = cells * rounds;
	p->start = clock_now_ns();
	p->last = p->start;
	fprintf(stderr, "%" PRIu64 " cells, %" PRIu64 " rounds at most, about ",
		cells, rounds);
	print_time(left(p, 0));
	fputs(" at most\n", stderr);
}

static void print_line(const struct progress *p, uint64_t now)
{
	fprintf(stderr, "%sround %" PRIu64 "/%" PRIu64 ", cell %" PRIu64
		"/%" PRIu64 ", ", p->tty ? "\r" : "", p->round + 1, p->rounds,
		p->done, p->total);
	print_time(left(p, now - p->start));
	fputs(p->tty ? " left at most\033[K" : " left at most\n", stderr);
	fflush(stderr);
}

void progress_step(struct progress *p, uint64_t round)
{
	uint64_t now = clock_now_ns();
	bool due = now - p->last >= (p->tty ? TTY_NS : PLAIN_NS);

	p->round = round;
	if (!due)
		return;
	p->last = now;
	print_line(p, now);
}

void progress_did(struct progress *p, unsigned int nr, uint64_t round,
		  bool over)
{
	p->done += nr;
	/* Rounds beyond the asked ones repeat disturbed ones. */
	if (round >= p->rounds)
		p->total += nr;
	else if (over)
		p->total -= nr * (p->rounds - round - 1);
}

void progress_was(struct progress *p, unsigned int nr)
{
	p->was += nr;
}

uint64_t progress_spent(const struct progress *p)
{
	return clock_now_ns() - p->start;
}

void progress_end(struct progress *p)
{
	if (p->tty)
		fputs("\r\033[K", stderr);
	fprintf(stderr, "%" PRIu64 " cells in ", p->done);
	print_time(progress_spent(p));
	fputc('\n', stderr);
}
