// SPDX-License-Identifier: MIT
#include "progress.h"

#include <inttypes.h>
#include <stdio.h>
#include <unistd.h>

#include "clock.h"

/* Between two lines: on a terminal, elsewhere. */
#define TTY_NS		200000000ULL
#define PLAIN_NS	10000000000ULL

void progress_start(struct progress *p, uint64_t cells, uint64_t rounds)
{
	p->tty = isatty(STDERR_FILENO);
	p->total = cells * rounds;
	p->rounds = rounds;
	p->round = 0;
	p->start = clock_now_ns();
	p->last = p->start;
	fprintf(stderr, "%" PRIu64 " cells, %" PRIu64 " rounds\n", cells,
		rounds);
}

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

static void print_line(const struct progress *p, uint64_t done, uint64_t now)
{
	uint64_t spent = now - p->start;

	fprintf(stderr, "%sround %" PRIu64 "/%" PRIu64 ", cell %" PRIu64
		"/%" PRIu64 ", ", p->tty ? "\r" : "", p->round + 1, p->rounds,
		done, p->total);
	if (done) {
		print_time((uint64_t)((double)spent / (double)done *
				      (double)(p->total - done)));
		fputs(" left", stderr);
	}
	fputs(p->tty ? "\033[K" : "\n", stderr);
	fflush(stderr);
}

void progress_step(struct progress *p, uint64_t done, uint64_t round)
{
	uint64_t now = clock_now_ns();
	bool due = now - p->last >= (p->tty ? TTY_NS : PLAIN_NS);

	if (!due && (p->tty || round == p->round))
		return;
	p->round = round;
	p->last = now;
	print_line(p, done, now);
}

void progress_end(struct progress *p, uint64_t done)
{
	if (p->tty)
		fputs("\r\033[K", stderr);
	fprintf(stderr, "%" PRIu64 " of %" PRIu64 " cells in ", done,
		p->total);
	print_time(clock_now_ns() - p->start);
	fputc('\n', stderr);
}
