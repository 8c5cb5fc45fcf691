// SPDX-License-Identifier: MIT
#include "gbench_subjects.h"

#include <errno.h>

static struct subject subjects[SUBJECTS_MAX];
static const char *subject_names[SUBJECTS_MAX];
static unsigned int nr_subjects;

const struct names names_subject = {
	.name = subject_names,
	.nr = SUBJECTS_MAX,
};

int subjects_add(const struct subject *s)
{
	if (nr_subjects == SUBJECTS_MAX)
		return -ENOSPC;
	subjects[nr_subjects] = *s;
	subject_names[nr_subjects++] = s->name;
	return 0;
}

int subjects_add_strategies(void)
{
	const struct pagecopy_strategy *s;
	int ret;

	pagecopy_for_each_strategy(s) {
		const unsigned int nr =
			(unsigned int)(s - pagecopy_strategies);
		const struct subject subject = {
			.name = s->name,
			.copy = pagecopy_strategy_here(nr) ? s->copy : NULL,
			.copies = s->copies,
			.missing = pagecopy_strategy_missing(nr),
		};

		ret = subjects_add(&subject);
		if (ret)
			return ret;
	}
	return 0;
}

const struct subject *subject_at(unsigned int i)
{
	return &subjects[i];
}
