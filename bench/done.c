// SPDX-License-Identifier: MIT
#include "done.h"

#include <inttypes.h>

void done_add(struct row *row, const struct pagecopy_stats *before,
	      const struct pagecopy_stats *after)
{
	unsigned int i;

	for (i = 0; i < COMPLETION_NR; i++)
		row->completed[i] += after->completed[i] - before->completed[i];
}

void done_check(struct run *run, const struct pagecopy_stats *before,
		const struct pagecopy_stats *after)
{
	const unsigned int asked = run->cell.completion;
	unsigned int i;
	uint64_t nr;

	/* A command that failed may well have completed in another way. */
	if (run->row.errors)
		return;
	for (i = 0; i < COMPLETION_NR; i++) {
		nr = after->completed[i] - before->completed[i];
		if (i == asked || !nr)
			continue;
		run_note(run, "%" PRIu64 " of %" PRIu64 " commands completed "
			 "as %s; asked for %s", nr,
			 (uint64_t)(after->commands - before->commands),
			 names_of(&names_completion, i),
			 names_of(&names_completion, asked));
		run->row.errors += nr;
	}
}
