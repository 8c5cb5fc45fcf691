/* SPDX-License-Identifier: MIT */
/*
 * When has a group been measured often enough? When every ratio to its base is
 * known well enough, or when it has had all its rounds.
 */
#ifndef PAGECOPY_STOP_H
#define PAGECOPY_STOP_H

#include <stdbool.h>
#include <stdint.h>

struct group;
struct run;

/* No ratio is trusted before so many rounds. */
#define STOP_ROUNDS_MIN	10

/**
 * struct stop - what is known of each group
 * @on:      there is room to know; otherwise every group has all its rounds
 * @members: of a group, at most
 * @rounds:  of a group, at most, those repeated because of a disturbance too
 * @slots:   groups that have ratios
 * @group:   by number
 * @ratio:   log ratios to the base, in the order of the slots, members, figures
 *	     and rounds
 * @sorted:  scratch for one of them
 */
struct stop {
	bool on;
	unsigned int members;
	unsigned int rounds;
	uint32_t slots;
	struct stop_group *group;
	float *ratio;
	float *sorted;
};

/** stop_open() - before the first round; 0 or -ENOMEM */
int stop_open(struct stop *s, const struct run *run);
void stop_close(struct stop *s);

/** stop_wanted() - shall group @number be measured in round @round? */
bool stop_wanted(const struct stop *s, const struct run *run, uint64_t number,
		 uint64_t round);

/**
 * stop_add() - a group has been measured: run->member holds its rows
 * @number: of the group
 * @last: there is no time for another round
 *
 * Return: why this was its last round, or "".
 */
const char *stop_add(struct stop *s, const struct run *run, uint64_t number,
		     const struct group *g, bool last);

/** stop_over() - group @number is not measured again, as an earlier part says */
void stop_over(struct stop *s, uint64_t number);

/**
 * stop_rank() - of order statistics around a median
 * @n: values
 *
 * The value of this rank from below (1 is the smallest) and that of this rank
 * from above hold the median with 95 % confidence, whatever the law: the number
 * of values below it is binomial.
 *
 * Return: the rank, 0 if there is none.
 */
unsigned int stop_rank(unsigned int n);

#endif
