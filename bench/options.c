// SPDX-License-Identifier: MIT
#include "options_table.h"

#include <string.h>

#include "rate.h"

/* An offset or a size that is wrong by itself is on neither list. */
unsigned int options_check_offsets(const struct options *o,
				   const char *command, FILE *errors)
{
	const struct list *sizes = &o->axis[AXIS_SIZE];
	const struct list *offsets = &o->axis[AXIS_OFFSET];
	unsigned int i, k, nr = 0;

	for (k = 0; k < offsets->nr; k++)
		for (i = 0; i < sizes->nr; i++) {
			if (offsets->value[k] + sizes->value[i] <= SIZE_LIMIT)
				continue;
			fprintf(errors, "%s: --offset ", command);
			print_size(offsets->value[k], errors);
			fputs(" --size ", errors);
			print_size(sizes->value[i], errors);
			fputs(": past the page; allowed: offset + size up to ",
			      errors);
			print_size(SIZE_LIMIT, errors);
			fputc('\n', errors);
			nr++;
		}
	return nr;
}

static unsigned int check_together(const struct options *o, FILE *errors)
{
	unsigned int nr = 0;

	if (o->quick && o->full) {
		fprintf(errors, "%s: --quick --full: only one of them\n",
			run_opts.command);
		nr++;
	}
	nr += options_check_offsets(o, run_opts.command, errors);
	return nr + rate_check(o, errors);
}

unsigned int options_parse(struct options *o, int argc, char **argv,
			   FILE *errors)
{
	bool seen[OPTS_MAX] = { false };
	unsigned int i, nr;

	memset(o, 0, sizeof(*o));
	o->seed = OPTION_UNSET;
	o->cpu = OPTION_UNSET;
	o->sq_cpu = OPTION_UNSET;
	nr = opts_parse(&run_opts, o, argc, argv, errors, seen);
	for (i = 0; i < run_opts.nr; i++)
		if (!seen[i] && run_opts.opt[i].field == FIELD(slice_ms) &&
		    rate_any(o))
			o->slice_ms = RATE_SLICE_MS;
	return nr + check_together(o, errors);
}

void options_print(const struct options *o, FILE *f)
{
	opts_print(&run_opts, o, "resume", f);
}
