/* SPDX-License-Identifier: MIT */
/*
 * What pagecopy-gbench measures: the strategies, and whatever else can be
 * called as one.
 */
#ifndef PAGECOPY_GBENCH_SUBJECTS_H
#define PAGECOPY_GBENCH_SUBJECTS_H

#include "names.h"
#include "pagecopy/strategy.h"

#define SUBJECTS_MAX	64

/**
 * struct subject - something that copies
 * @name:    unique
 * @copy:    NULL when it is not to be had
 * @copies:  moves bytes at all
 * @missing: why it is not to be had
 */
struct subject {
	const char *name;
	pagecopy_copy_fn *copy;
	bool copies;
	const char *missing;
};

/* Their names, for --strategy; a number is the one that subject_at() takes. */
extern const struct names names_subject;

/**
 * subjects_add() - one more, after which it has benchmarks like the others
 *
 * A function of a library that takes more than @copy gets is wrapped first.
 *
 * Return: 0, or -ENOSPC.
 */
int subjects_add(const struct subject *s);

/** subjects_add_strategies() - all of the table; 0 or -errno */
int subjects_add_strategies(void);

/** subject_at() - number @i of those added */
const struct subject *subject_at(unsigned int i);

#endif
