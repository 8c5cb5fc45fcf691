// SPDX-License-Identifier: MIT
#include "absent.h"

#include <stdbool.h>
#include <string.h>

#include "counters_run.h"
#include "disturb_run.h"

const char *absent_why(const struct run *run, const char *column)
{
	const char *why = counters_why(run, column);

	return why ? why : disturb_why(run, column);
}

/* Is column @index the first one that is empty because of @reason? */
static bool is_first(const struct run *run, absent_fn *why, unsigned int index,
		     const char *reason)
{
	const char *other;
	unsigned int i;

	for (i = 0; i < index; i++) {
		other = why(run, csv_column_name(i));
		if (other && !strcmp(other, reason))
			return false;
	}
	return true;
}

void absent_print(const struct run *run, absent_fn *why, const char *before,
		  const char *after, FILE *f)
{
	const char *name, *reason, *other, *sep;
	unsigned int i, k;

	for (i = 0; (name = csv_column_name(i)); i++) {
		reason = why(run, name);
		if (!reason || !is_first(run, why, i, reason))
			continue;
		sep = before;
		for (k = i; (name = csv_column_name(k)); k++) {
			other = why(run, name);
			if (!other || strcmp(other, reason))
				continue;
			fprintf(f, "%s%s", sep, name);
			sep = ", ";
		}
		fprintf(f, ": %s%s", reason, after);
	}
}
