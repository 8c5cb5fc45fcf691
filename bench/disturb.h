/* SPDX-License-Identifier: MIT */
/*
 * What else the CPUs did while a slice lasted. Everything is read outside the
 * clock of the slice, right before and right after it.
 */
#ifndef PAGECOPY_DISTURB_H
#define PAGECOPY_DISTURB_H

#include <stdbool.h>
#include <stdint.h>

#define DISTURB_CPUS	64

/* Where the numbers of all threads come from. */
enum disturb_source {
	DISTURB_INTERRUPTS,
	DISTURB_STEAL,
	DISTURB_MHZ,
	DISTURB_SOURCES,
};

/**
 * struct disturbance - what was seen in the slices of a row
 * @preempted:  times that another thread was given the CPU of one of ours
 * @migrated:   times that one of ours was on another CPU than its own
 * @interrupts: that the CPUs took
 * @steal_ns:   time that the hypervisor took from them
 * @mhz:        sum over what was read, to be divided by @readings
 * @readings:   of the frequency
 */
struct disturbance {
	uint64_t preempted;
	uint64_t migrated;
	uint64_t interrupts;
	uint64_t steal_ns;
	double mhz;
	unsigned int readings;
};

/**
 * struct disturb - the sources that are common to all threads
 * @nr:     CPUs
 * @cpu:    each of them, once
 * @fd:     by enum disturb_source; -1 for one that cannot be read
 * @mhz_fd: by place of the CPU
 * @why:    a source cannot be read; "" if it can
 * @text:   what was read last
 * @since:  values of the first two when the slice began
 * @read_ns: when they were read
 */
struct disturb {
	unsigned int nr;
	int cpu[DISTURB_CPUS];
	int fd[DISTURB_SOURCES];
	int mhz_fd[DISTURB_CPUS];
	char why[DISTURB_SOURCES][200];
	char *text;
	uint64_t since[DISTURB_MHZ];
	uint64_t read_ns;
};

/**
 * struct disturb_own - of one thread
 * @since:     involuntary context switches when the slice began
 * @preempted: since the row began
 * @migrated:  since the row began
 */
struct disturb_own {
	uint64_t since;
	uint64_t preempted;
	uint64_t migrated;
};

/**
 * disturb_open() - find out which sources there are
 * @root: in front of /proc and /sys; "" for the real ones
 * @cpu:  where our threads run; CPUs may repeat
 * @nr:   how many
 *
 * Return: 0 or -ENOMEM. A source that cannot be read, or that would take too
 * long, is no error; its reason is in @why.
 */
int disturb_open(struct disturb *d, const char *root, const int *cpu,
		 unsigned int nr);
void disturb_close(struct disturb *d);

/**
 * disturb_begin() - a slice comes next
 *
 * What was read a moment ago, after the slice before, is not read again.
 */
void disturb_begin(struct disturb *d);

/** disturb_end() - it is over: add what happened to @sum */
void disturb_end(struct disturb *d, struct disturbance *sum);

/** disturb_own_begin() - as disturb_begin(), by each thread */
void disturb_own_begin(struct disturb_own *own);

/** disturb_own_end() - by each thread; @cpu: where it should be */
void disturb_own_end(struct disturb_own *own, int cpu);

#endif
