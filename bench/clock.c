// SPDX-License-Identifier: MIT
#include "clock.h"

#include "cpu_id.h"

/* One reading of both clocks, as close together as they come. */
struct pair {
	uint64_t ticks;
	uint64_t ns;
};

uint64_t clock_now_ns(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC_RAW, &t);
	return (uint64_t)t.tv_sec * 1000000000ULL + (uint64_t)t.tv_nsec;
}

static struct pair read_pair(const struct clock *c)
{
	uint64_t best = UINT64_MAX;
	struct pair p = { 0, 0 };
	unsigned int i;

	for (i = 0; i < 20; i++) {
		uint64_t before = clock_ticks(c);
		uint64_t ns = clock_now_ns();
		uint64_t width = clock_ticks(c) - before;

		if (width < best) {
			best = width;
			p.ticks = before + width / 2;
			p.ns = ns;
		}
	}
	return p;
}

void clock_open(struct clock *c)
{
	const struct timespec pause = { .tv_nsec = 50000000 };
	struct pair a, b;

	c->tsc = cpuid_invariant_tsc();
	c->ns_per_tick = 1;
	if (!c->tsc)
		return;
	a = read_pair(c);
	nanosleep(&pause, NULL);
	b = read_pair(c);
	if (b.ticks > a.ticks && b.ns > a.ns)
		c->ns_per_tick = (double)(b.ns - a.ns) /
				 (double)(b.ticks - a.ticks);
	else
		c->tsc = false;
}
