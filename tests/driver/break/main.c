// SPDX-License-Identifier: MIT
/*
 * driver-break [--seed N] [--points N] [GROUP...] - try to break the module that
 * is loaded; TAP on stdout
 *
 * Groups, all when none is named:
 *   points   kill, close, exit, exec and fork at random points in time
 *   long     the longest command there is: stopped soon, and no lockup
 *   faults   every allocation failed once (kernels with fault injection)
 *   caps     the node and the caps of users (loads the module anew)
 *   module   unload while in use, load again and again
 *
 * Exit status 0 when nothing failed, 1 when something did, 77 without a module.
 */
#include "break.h"

#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define POINTS	1000

static const struct group {
	const char *name;
	void (*run)(const struct options *o);
} groups[] = {
	{ "points", break_points },
	{ "long", break_long },
	{ "faults", break_faults },
	{ "caps", break_caps },
	{ "module", break_module },
};

static bool is_named(const char *name, char **names)
{
	if (!*names)
		return true;
	for (; *names; names++)
		if (!strcmp(*names, name))
			return true;
	return false;
}

int main(int argc, char **argv)
{
	static const struct option options[] = {
		{ "seed", required_argument, NULL, 's' },
		{ "points", required_argument, NULL, 'p' },
		{ "nothing", no_argument, NULL, 'n' },
		{ }
	};
	struct options o = { .seed = time(NULL), .points = POINTS };
	size_t i;
	int opt;

	while ((opt = getopt_long(argc, argv, "", options, NULL)) != -1) {
		switch (opt) {
		case 's':
			o.seed = strtoull(optarg, NULL, 0);
			break;
		case 'p':
			o.points = strtoul(optarg, NULL, 0);
			break;
		case 'n':
			/* What an exec() in the middle of commands becomes. */
			return 0;
		default:
			return 2;
		}
	}
	if (access(PAGECOPY_DEV_PATH, R_OK | W_OK)) {
		puts("1..0 # SKIP no access to " PAGECOPY_DEV_PATH);
		return 77;
	}
	tap_note("seed %llu", (unsigned long long)o.seed);
	for (i = 0; i < ARRAY_SIZE(groups); i++)
		if (is_named(groups[i].name, argv + optind))
			groups[i].run(&o);
	return tap_finish();
}
