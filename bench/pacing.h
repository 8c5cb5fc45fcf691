/* SPDX-License-Identifier: MIT */
/*
 * Open loop: command k is meant to be sent at a time that is fixed before the
 * slice begins, however long the commands before it took. Its response time
 * begins then, its service time when it was really submitted; the difference
 * is what a closed loop does not see.
 */
#ifndef PAGECOPY_PACING_H
#define PAGECOPY_PACING_H

#include <stdbool.h>
#include <stdint.h>

#include "hist.h"

/**
 * struct pacing - the intended times of one thread
 * @step:   ticks between two commands
 * @phase:  of the first one in the slice at hand, in steps, below 1
 * @whole:  of @step
 * @part:   the rest of it, in 2^-32 ticks
 * @next:   when the next command is due, in ticks
 * @rest:   of that, in 2^-32 ticks
 * @end:    what is due from then on belongs to no slice
 * @grace:  ticks after @end to send what was due before
 * @resp:   takes the response times in ticks; NULL for none
 * @begin:  of the slice: first completion, or 0 before it
 * @last:   of the slice: completion seen last
 * @done:   of the slice: commands completed
 *
 * Summed up over the slices since pacing_start():
 * @due:    commands whose time came
 * @unsent: of them, those for which there was no time
 * @behind: of them, those not completed at the end of the slice
 * @gaps:   between completions
 * @span:   ticks they lasted, from the first to the last completion
 */
struct pacing {
	double step;
	double phase;
	uint64_t whole;
	uint32_t part;
	uint64_t next;
	uint32_t rest;
	uint64_t end;
	uint64_t grace;
	struct hist *resp;
	uint64_t begin;
	uint64_t last;
	uint64_t done;
	uint64_t due;
	uint64_t unsent;
	uint64_t behind;
	uint64_t gaps;
	uint64_t span;
};

/**
 * pacing_start() - a row begins
 * @step: ticks between two commands, above 0
 * @resp: see struct pacing; is cleared
 *
 * @phase is kept, so that slices do not all begin at the same place of a step.
 */
void pacing_start(struct pacing *p, double step, struct hist *resp);

/** pacing_begin() - the slice is from @start to @end */
void pacing_begin(struct pacing *p, uint64_t start, uint64_t end);

/** pacing_over() - is there nothing more to wait for at @now? */
static inline bool pacing_over(const struct pacing *p, uint64_t now)
{
	return now >= p->end &&
	       (p->next >= p->end || now - p->end >= p->grace);
}

/** pacing_due() - is there a command to be sent at @now? */
static inline bool pacing_due(const struct pacing *p, uint64_t now)
{
	return p->next <= now && p->next < p->end;
}

/** pacing_take() - it is sent; when it should have been */
static inline uint64_t pacing_take(struct pacing *p)
{
	const uint64_t at = p->next, rest = (uint64_t)p->rest + p->part;

	p->next += p->whole + (rest >> 32);
	p->rest = (uint32_t)rest;
	p->due++;
	return at;
}

/** pacing_done() - a command is seen to be completed; @at: pacing_take() */
static inline void pacing_done(struct pacing *p, uint64_t at, uint64_t now)
{
	if (p->resp)
		hist_record(p->resp, now - at, 1);
	if (!p->done++)
		p->begin = now;
	p->last = now;
	p->behind += now >= p->end;
}

/** pacing_end() - the slice is over, and all that was sent is completed */
void pacing_end(struct pacing *p);

/**
 * pacing_kept() - was the rate kept to 1 %?
 *
 * All that was due must have been sent. It must also have been answered in
 * time: next to nothing is under way at the end, or what comes back comes at
 * the rate, however long each command takes.
 */
bool pacing_kept(const struct pacing *p);

/** pacing_add() - @p becomes the sum of two threads */
void pacing_add(struct pacing *p, const struct pacing *other);

#endif
