// SPDX-License-Identifier: MIT
#include "reasons.h"

#include <stdio.h>
#include <string.h>

#include "dev.h"

/* A module older than the strategy, or than the question. */
#define UNKNOWN	"the module does not know it"

static void read_one(char *why, unsigned int nr, int fd,
		     const struct pagecopy_info *info)
{
	struct pagecopy_why w = { .nr = nr };

	why[0] = '\0';
	if (info->strategies[nr / 64] >> nr % 64 & 1)
		return;
	if (dev_why(fd, &w) || !w.why[0])
		strcpy(w.why, UNKNOWN);
	snprintf(why, sizeof(w.why), "%.*s", (int)sizeof(w.why) - 1, w.why);
}

void reasons_read(reasons why, int fd, const struct pagecopy_info *info)
{
	unsigned int nr;

	for (nr = 0; nr < PAGECOPY_S_MAX; nr++)
		read_one(why[nr], nr, fd, info);
}
