/* SPDX-License-Identifier: MIT */
/* How the commands of a cell really completed, as the module counts it. */
#ifndef PAGECOPY_DONE_H
#define PAGECOPY_DONE_H

#include "run.h"

/** done_add() - what completed between two looks at the counters */
void done_add(struct row *row, const struct pagecopy_stats *before,
	      const struct pagecopy_stats *after);

/**
 * done_check() - has every command of a turn completed as it was asked to?
 * @before: what the module had counted when it began
 * @after:  and when it was over
 *
 * If not, the row would show one way under the name of another: that is noted,
 * and counted as errors.
 */
void done_check(struct run *run, const struct pagecopy_stats *before,
		const struct pagecopy_stats *after);

#endif
