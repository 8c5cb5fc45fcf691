/* SPDX-License-Identifier: MIT */
/* How the commands of a cell really completed, as the module counts it. */
#ifndef PAGECOPY_DONE_H
#define PAGECOPY_DONE_H

#include "run.h"

/** done_add() - what completed between two looks at the counters */
void done_add(struct row *row, const struct pagecopy_stats *before,
	      const struct pagecopy_stats *after);

/**
 * done_check() - has every command of the cell completed as it was asked to?
 * @stats: all that the module counted for it
 *
 * If not, the row would show one way under the name of another: that is noted,
 * and counted as errors.
 */
void done_check(struct run *run, const struct pagecopy_stats *stats);

#endif
