/* SPDX-License-Identifier: MIT */
/*
 * What the CPU and the kernel count while a thread measures: perf events of
 * the calling thread. User and kernel are counted apart, in groups that are
 * pinned: a group counts all the time or not at all, never in turns that
 * would have to be scaled up.
 */
#ifndef PAGECOPY_COUNTERS_H
#define PAGECOPY_COUNTERS_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include <linux/perf_event.h>

/* By group; in each the one wanted most comes first. */
enum counter {
	COUNTER_CYCLES_USER,
	COUNTER_INSTRUCTIONS_USER,
	COUNTER_LLC_MISSES_USER,
	COUNTER_DTLB_MISSES_USER,
	COUNTER_CYCLES_KERNEL,
	COUNTER_INSTRUCTIONS_KERNEL,
	COUNTER_LLC_MISSES_KERNEL,
	COUNTER_DTLB_MISSES_KERNEL,
	COUNTER_PAGE_FAULTS,
	COUNTER_CONTEXT_SWITCHES,
	COUNTER_CPU_MIGRATIONS,
	COUNTER_NR,
	/* From here on the kernel counts, and no CPU is asked. */
	COUNTER_SOFTWARE = COUNTER_PAGE_FAULTS,
};

enum counter_group_nr {
	COUNTERS_USER,
	COUNTERS_KERNEL,
	COUNTERS_SOFTWARE,
	COUNTERS_GROUPS,
};

#define COUNTERS_IN_GROUP	4

/**
 * struct perf_ops - how perf events are reached
 * @open:    an event of the calling thread; descriptor or -errno
 * @control: one of PERF_EVENT_IOC_*, for the group of @fd
 * @read:    as read(2)
 */
struct perf_ops {
	int (*open)(struct perf_event_attr *attr, int leader);
	void (*control)(int fd, unsigned long request);
	ssize_t (*read)(int fd, void *buf, size_t size);
};

extern const struct perf_ops perf_real;

/**
 * struct counter_group - events that are counted together
 * @nr:      how many
 * @fd:      of each; the first one leads
 * @which:   each one is, enum counter
 * @last:    value of each when the group was last read
 * @enabled: time it was to count, as of then
 * @running: time it did count, as of then
 */
struct counter_group {
	unsigned int nr;
	int fd[COUNTERS_IN_GROUP];
	unsigned int which[COUNTERS_IN_GROUP];
	uint64_t last[COUNTERS_IN_GROUP];
	uint64_t enabled;
	uint64_t running;
};

/**
 * struct counters - of one thread
 * @ops:   how to reach them; NULL before counters_open()
 * @group: by enum counter_group_nr
 * @sum:   counted since counters_clear()
 * @lost:  groups that since then did not count all the time
 * @why:   a counter is not to be had; "" if it is
 */
struct counters {
	const struct perf_ops *ops;
	struct counter_group group[COUNTERS_GROUPS];
	uint64_t sum[COUNTER_NR];
	bool lost[COUNTERS_GROUPS];
	char why[COUNTER_NR][200];
};

/** counter_name() - the column of the results */
const char *counter_name(enum counter which);

/** counter_group_of() - enum counter_group_nr */
unsigned int counter_group_of(enum counter which);

/** counters_attr() - what to ask the kernel for; @leader: it leads a group */
void counters_attr(enum counter which, bool leader,
		   struct perf_event_attr *attr);

/**
 * counters_open() - open what is to be had, for the calling thread
 *
 * When the CPU cannot count all of it at once, it is the least wanted ones
 * that are left out. Each that is left out has its reason in @why.
 */
void counters_open(struct counters *c, const struct perf_ops *ops);

/** counters_none() - open nothing, because of @why */
void counters_none(struct counters *c, const char *why);
void counters_close(struct counters *c);

/** counters_clear() - nothing has been counted yet */
void counters_clear(struct counters *c);

/** counters_on() - count from here; by the thread that opened them */
void counters_on(struct counters *c);

/** counters_off() - to here, and add it to the sums; by the same thread */
void counters_off(struct counters *c);

/** counters_has() - was @which counted all the time since counters_clear()? */
bool counters_has(const struct counters *c, enum counter which);

#endif
