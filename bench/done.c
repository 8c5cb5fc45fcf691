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

void done_check(struct run *run, const struct pagecopy_stats *stats)
{
	const unsigned int asked = run->cell.completion;
	unsigned int i;

	/* A command that failed may well have completed in another way. */
	if (run->row.errors)
		return;
	for (i = 0; i < COMPLETION_NR; i++) {
		if (i == asked || !stats->completed[i])
			continue;
		run_note(run, "%" PRIu64 " of %" PRIu64 " commands completed "
			 "as %s; asked for %s", (uint64_t)stats->completed[i],
			 (uint64_t)stats->commands,
			 names_of(&names_completion, i),
			 names_of(&names_completion, asked));
		run->row.errors += stats->completed[i];
	}
}
