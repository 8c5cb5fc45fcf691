// SPDX-License-Identifier: MIT
#include "cmd.h"

#include <stdio.h>
#include <string.h>

#include "pagecopy/strategy.h"
#include "csv.h"
#include "path.h"

static void list_strategies(FILE *f)
{
	const struct pagecopy_strategy *s;

	fputs("strategy\tnumber\tbyte_atomic\tdescription\tstores\tcache\twhy\n",
	      f);
	pagecopy_for_each_strategy(s)
		fprintf(f, "%s\t%d\t%s\t%s\t%s\t%s\t%s\n", s->name,
			(int)(s - pagecopy_strategies),
			s->byte_atomic ? "yes" : "no", s->desc,
			s->once ? "once" : "again",
			s->stream ? "stream" : "cached", s->why);
}

static void list_paths(FILE *f)
{
	unsigned int i;

	fputs("path\tdescription\n", f);
	for (i = 0; i < PATH_NR; i++)
		fprintf(f, "%s\t%s\n", names_of(&names_path, i),
			path_of(i)->desc);
}

static const struct {
	const char *name;
	void (*print)(FILE *f);
} lists[] = {
	{ "strategies", list_strategies },
	{ "paths", list_paths },
	{ "columns", csv_columns },
};

int cmd_list(int argc, char **argv)
{
	unsigned int i;

	for (i = 0; argc == 2 && i < sizeof(lists) / sizeof(lists[0]); i++) {
		if (strcmp(argv[1], lists[i].name))
			continue;
		lists[i].print(stdout);
		return fflush(stdout) ? EXIT_FAILED : EXIT_DONE;
	}
	fputs("usage: pagecopy list strategies|paths|columns\n", stderr);
	return EXIT_USAGE;
}
