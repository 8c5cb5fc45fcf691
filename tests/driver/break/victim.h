/* SPDX-License-Identifier: MIT */
/* A process that keeps commands in flight until something happens to it. */
#ifndef VICTIM_H
#define VICTIM_H

#include <stdbool.h>
#include <stdint.h>

enum event {
	EVENT_KILL,	/* SIGKILL from outside */
	EVENT_EXIT,	/* one thread ends the process */
	EVENT_EXEC,	/* one thread becomes another program */
	EVENT_FORK,	/* a child shares ring and file and outlives the victim */
	EVENT_CLOSE_RING,
	EVENT_CLOSE_DEV,
	EVENT_THREAD,	/* the submitter alone ends */
	EVENT_NR
};

/**
 * struct shared - seen by the victim and by who watches it
 * @ready:     the first command is about to be submitted
 * @inside:    a thread is in io_uring_enter()
 * @submitted: commands the kernel took
 * @completed: commands whose CQE was posted
 * @busy:      commands were in flight when it happened
 */
struct shared {
	volatile bool ready;
	volatile bool inside;
	volatile uint32_t submitted;
	volatile uint32_t completed;
	volatile bool busy;
};

/**
 * struct victim - one of them
 * @state:	what is left of the seed
 * @seed:	@state before this one was chosen
 * @event:	what happens
 * @completion: enum pagecopy_completion
 * @ring:	number of the kind of ring
 * @commands:	kept in flight
 * @delay_us:	until it happens
 * @repeat:	copies that take about a millisecond here
 * @shared:	memory that is shared with the victim
 */
struct victim {
	uint64_t state;
	uint64_t seed;
	enum event event;
	unsigned int completion;
	unsigned int ring;
	unsigned int commands;
	unsigned int delay_us;
	unsigned int repeat;
	struct shared *shared;
};

extern const char *const event_names[EVENT_NR];

const char *victim_ring_name(const struct victim *v);

/* How many copies a command must make to take a while. */
bool victim_calibrate(struct victim *v);

/* Decide all that is random of the next victim. */
void victim_choose(struct victim *v);

/* In a child: be the victim. Exit status 0 if nothing was wrong. */
__attribute__((noreturn))
void victim_run(const struct victim *v);

#endif /* VICTIM_H */
