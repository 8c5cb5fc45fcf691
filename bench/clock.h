/* SPDX-License-Identifier: MIT */
#ifndef PAGECOPY_CLOCK_H
#define PAGECOPY_CLOCK_H

#include <stdbool.h>
#include <stdint.h>
#include <time.h>

#ifdef __x86_64__
#include <x86intrin.h>
#endif

/**
 * struct clock - what a tick is
 * @tsc:         ticks are those of the CPU's time stamp counter, else ns
 * @ns_per_tick: as calibrated against CLOCK_MONOTONIC_RAW
 *
 * The counter costs some ns everywhere; clock_gettime() is a system call of
 * about 25 us under User-Mode Linux.
 */
struct clock {
	bool tsc;
	double ns_per_tick;
};

/** clock_open() - choose and calibrate; takes about 50 ms */
void clock_open(struct clock *c);

/** clock_now_ns() - CLOCK_MONOTONIC_RAW */
uint64_t clock_now_ns(void);

/** clock_ticks() - now, in ticks */
static inline uint64_t clock_ticks(const struct clock *c)
{
#ifdef __x86_64__
	if (__builtin_expect(c->tsc, 1)) {
		uint64_t t;

		__asm__ volatile("" : : : "memory");
		t = __rdtsc();
		__asm__ volatile("" : : : "memory");
		return t;
	}
#endif
	return clock_now_ns();
}

/** clock_ticks_after() - now, once everything before has been executed */
static inline uint64_t clock_ticks_after(const struct clock *c)
{
#ifdef __x86_64__
	_mm_lfence();
#endif
	return clock_ticks(c);
}

/** relax() - to be called between two looks at something */
static inline void relax(void)
{
#ifdef __x86_64__
	_mm_pause();
#endif
}

static inline uint64_t clock_ticks_of_ns(const struct clock *c, double ns)
{
	return (uint64_t)(ns / c->ns_per_tick);
}

static inline const char *clock_name(const struct clock *c)
{
	return c->tsc ? "tsc" : "clock_gettime";
}

#endif
