// SPDX-License-Identifier: MIT
#include "cmd.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "copy_options.h"
#include "run.h"
#include "setup.h"
#include "visit.h"

static void tell(const struct run *run, uint64_t count,
		 const struct counted *did)
{
	char what[280];

	run_describe(run, what, sizeof(what));
	printf("%" PRIu64 " copies in %.6f s", count, did->seconds);
	if (did->module >= 0)
		printf(", %" PRId64 " commands by the module's count",
		       did->module);
	printf(": %s\n", what);
}

static int copy(struct run *run, const struct copy_options *o)
{
	struct counted did;
	struct cell cell;
	int ret;

	/* Of one cell: every axis has one value. */
	if (!matrix_cell(&run->m, 0, &cell))
		return run_fail(run, EXIT_FAILED, "the sweep has no cell");
	ret = visit_open(run);
	if (ret)
		return run_fail(run, EXIT_FAILED, "%s", strerror(-ret));
	ret = visit_count(run, &cell, o->count, &did);
	if (!ret && o->verbose)
		tell(run, o->count, &did);
	visit_close(run);
	return ret;
}

int cmd_copy(int argc, char **argv)
{
	struct copy_options o;
	struct run *run;
	int code;

	if (copy_options_parse(&o, argc, argv, stderr))
		return EXIT_USAGE;
	run = calloc(1, sizeof(*run));
	if (!run) {
		perror("pagecopy copy");
		return EXIT_FAILED;
	}
	run->o = &o.run;
	if (!setup_open(run, &o.run))
		copy(run, &o);
	setup_close(run);
	if (run->error[0])
		fprintf(stderr, "pagecopy copy: %s\n", run->error);
	code = run->code;
	free(run);
	return code;
}
