// SPDX-License-Identifier: MIT
#include <argp.h>
#include <stdio.h>
#include <string.h>

#include "cmd.h"
#include "run.h"

static const struct {
	const char *name;
	char *full_name;
	int (*run)(int argc, char **argv);
	const char *help;
} commands[] = {
	{ "copy", "pagecopy copy", cmd_copy,
	  "copy a number of times, to be timed from outside" },
	{ "doctor", "pagecopy doctor", cmd_doctor,
	  "what would spoil a measurement here, and how to mend it" },
	{ "list", "pagecopy list", cmd_list,
	  "strategies|paths|columns: what there is, tab-separated" },
	{ "mutate", "pagecopy mutate", cmd_mutate,
	  "change the memory of a guest for pagecopy tear; see scripts/tear" },
	{ "run", "pagecopy run", cmd_run,
	  "measure a sweep of page copies; see pagecopy run --help" },
	{ "tear", "pagecopy tear", cmd_tear,
	  "copy while the source changes: how finely is the copy torn?" },
};

/* The shell completion and the manual take the lines of two blanks from here. */
static void usage(FILE *f)
{
	unsigned int i;

	fputs("usage: pagecopy COMMAND [OPTION...]\n\n", f);
	for (i = 0; i < sizeof(commands) / sizeof(commands[0]); i++)
		fprintf(f, "  %-8s%s\n", commands[i].name, commands[i].help);
	fputs("\npagecopy COMMAND --help tells the options of a command, "
	      "pagecopy --version the\nversion.\n\n"
	      "eg, pagecopy run --quick --csv results.csv\n\n"
	      "Exit: 0 done; 1 something measured failed; 2 usage; 77 cannot "
	      "run here.\n", f);
}

int main(int argc, char **argv)
{
	unsigned int i;

	argp_err_exit_status = EXIT_USAGE;
	if (argc > 1 && (!strcmp(argv[1], "--help") ||
			 !strcmp(argv[1], "help"))) {
		usage(stdout);
		return EXIT_DONE;
	}
	if (argc > 1 && !strcmp(argv[1], "--version")) {
		puts("pagecopy " PAGECOPY_VERSION);
		return EXIT_DONE;
	}
	for (i = 0; argc > 1 && i < sizeof(commands) / sizeof(commands[0]);
	     i++) {
		if (strcmp(argv[1], commands[i].name))
			continue;
		argv[1] = commands[i].full_name;
		return commands[i].run(argc - 1, argv + 1);
	}
	if (argc > 1)
		fprintf(stderr, "pagecopy: '%s': no such command\n", argv[1]);
	usage(stderr);
	return EXIT_USAGE;
}
