/* SPDX-License-Identifier: MIT */
#ifndef PAGECOPY_VISIT_H
#define PAGECOPY_VISIT_H

#include "run.h"

/** visit_open() - room for the members of a group; 0 or -ENOMEM */
int visit_open(struct run *run);
void visit_close(struct run *run);

/**
 * visit_turns() - who has its turn when, in one pass
 * @turns: takes twice @nr numbers of members: a random order, then its mirror
 *	   image, so that the sum of its two places is the same for each member
 * @nr:    of members, at least 1
 * @key:   decides the order
 *
 * Return: how many turns.
 */
unsigned int visit_turns(unsigned int *turns, unsigned int nr, uint64_t key);

/**
 * visit() - measure a group in one round, one row for each member
 * @number: of the group; with seed and round it decides the order of turns
 * @order:  place of its first member in the round
 *
 * The rows are in run->member, not written yet.
 *
 * Return: 0 or -ECANCELED with the reason in @run.
 */
int visit(struct run *run, const struct group *g, uint64_t number,
	  uint64_t round, uint64_t order);

/**
 * struct counted - what exactly so many copies gave
 * @seconds: between the first and the end of the last one
 * @module:  commands that the module counted meanwhile; -1 without a module
 */
struct counted {
	double seconds;
	int64_t module;
};

/**
 * visit_count() - exactly @count copies of a cell, no other before or after
 *
 * Filled before and compared after, as in a visit; nothing runs once before.
 *
 * Return: 0 or -ECANCELED with the reason in @run: a wrong byte, too.
 */
int visit_count(struct run *run, const struct cell *cell, uint64_t count,
		struct counted *did);

#endif
