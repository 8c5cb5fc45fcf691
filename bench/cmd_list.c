// SPDX-License-Identifier: MIT
#include "cmd.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "pagecopy/strategy.h"
#include "csv.h"
#include "dev.h"
#include "path.h"
#include "reasons.h"

/* What the columns say of each strategy of the module. */
struct module {
	reasons why;
	char unknown[80];
};

/* Without a module the list is as long, and says so. */
static void ask_module(struct module *m)
{
	struct pagecopy_info info;
	int fd = dev_open(PAGECOPY_DEV_PATH);
	int ret = fd;

	m->unknown[0] = '\0';
	if (fd >= 0) {
		ret = dev_info(fd, &info);
		if (!ret)
			reasons_read(m->why, fd, &info);
		close(fd);
	}
	if (ret == -ENOENT)
		strcpy(m->unknown, "no " PAGECOPY_DEV_PATH);
	else if (ret < 0)
		snprintf(m->unknown, sizeof(m->unknown), "%s: %s",
			 PAGECOPY_DEV_PATH, strerror(-ret));
}

static void put_answer(FILE *f, const char *lacking)
{
	if (lacking && lacking[0])
		fprintf(f, "\tno: %s", lacking);
	else
		fputs("\tyes", f);
}

static void list_strategies(FILE *f)
{
	const struct pagecopy_strategy *s;
	struct module m;

	ask_module(&m);
	fputs("strategy\tnumber\tbyte_atomic\tdescription\tstores\tcache\twhy"
	      "\tuser\tmodule\n", f);
	pagecopy_for_each_strategy(s) {
		const unsigned int nr = (unsigned int)(s - pagecopy_strategies);

		fprintf(f, "%s\t%u\t%s\t%s\t%s\t%s\t%s", s->name, nr,
			s->byte_atomic ? "yes" : s->atomic_load ? "load" : "no",
			s->desc,
			s->once ? "once" : "again",
			s->stream ? "stream" : "cached", s->why);
		put_answer(f, pagecopy_strategy_missing(nr));
		if (m.unknown[0])
			fprintf(f, "\tunknown: %s", m.unknown);
		else
			put_answer(f, m.why[nr]);
		fputc('\n', f);
	}
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
	const char *help;
} lists[] = {
	{ "strategies", list_strategies,
	  "ways to copy, and why one is not to be had here" },
	{ "paths", list_paths, "how a copy is reached" },
	{ "columns", csv_columns,
	  "what the CSV of pagecopy run holds: meaning, unit, type" },
};

/* In the form of pagecopy --help, for those who read that. */
static void help(FILE *f)
{
	unsigned int i;

	fputs("usage: pagecopy list strategies|paths|columns\n\n"
	      "A header and a line for each, separated by tabs.\n\n", f);
	for (i = 0; i < sizeof(lists) / sizeof(lists[0]); i++)
		fprintf(f, "  %-12s%s\n", lists[i].name, lists[i].help);
	fputs("\neg, pagecopy list strategies\n\n"
	      "Exit: 0 done; 1 cannot be written; 2 usage\n", f);
}

int cmd_list(int argc, char **argv)
{
	unsigned int i;

	if (argc == 2 && !strcmp(argv[1], "--help")) {
		help(stdout);
		return EXIT_DONE;
	}
	for (i = 0; argc == 2 && i < sizeof(lists) / sizeof(lists[0]); i++) {
		if (strcmp(argv[1], lists[i].name))
			continue;
		lists[i].print(stdout);
		return fflush(stdout) ? EXIT_FAILED : EXIT_DONE;
	}
	help(stderr);
	return EXIT_USAGE;
}
