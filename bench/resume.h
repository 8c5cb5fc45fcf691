/* SPDX-License-Identifier: MIT */
/*
 * Going on with a run that was ended early. Order and data follow from the
 * seed, and rows are written in that order: what is in the file is what need
 * not be measured again.
 */
#ifndef PAGECOPY_RESUME_H
#define PAGECOPY_RESUME_H

#include "run.h"

/**
 * resume_begin() - take the seed and the name of the run from its file
 * @o: --seed must not say otherwise
 *
 * A file that is not there or empty is a run that begins.
 *
 * Return: 0 or -ECANCELED with the reason in @run.
 */
int resume_begin(struct run *run, const struct options *o);

/**
 * resume_head() - is it this program, this machine and what was asked for?
 * @head: what this run would write
 *
 * Return: as resume_begin(); the reason names every difference.
 */
int resume_head(struct run *run, const char *head);

/**
 * resume_visit() - the rows of a group, if they are in the file
 * @order: of the first one
 *
 * Where they are not, what is left of the file is cut off: an unfinished line,
 * or the rows of a visit that is not whole.
 *
 * Return: 1 with the figures in run->member, 0 when it is to be measured, or
 * -ECANCELED with the reason in @run.
 */
int resume_visit(struct run *run, const struct group *g, uint64_t round,
		 uint64_t order);

void resume_end(struct run *run);

#endif
