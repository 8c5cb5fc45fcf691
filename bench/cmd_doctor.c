// SPDX-License-Identifier: MIT
#include "cmd.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "doctor.h"
#include "doctor_tree.h"
#include "opts.h"
#include "run.h"

/**
 * struct doctor_options - what `pagecopy doctor` was asked to do
 *
 * One field per line of the table, which says what each means.
 */
struct doctor_options {
	uint64_t cpu;
	bool json;
	bool strict;
	const char *root;
};

#define FIELD(f)	offsetof(struct doctor_options, f)

static const struct opt table[] = {
	{ "cpu", "N", &kind_number, FIELD(cpu), { NULL, 0, 1023 }, NULL,
	  "the CPU that will measure; the last allowed one when not given" },
	{ "json", NULL, &kind_flag, FIELD(json), { NULL, 0, 0 }, NULL,
	  "the same as JSON" },
	{ "strict", NULL, &kind_flag, FIELD(strict), { NULL, 0, 0 }, NULL,
	  "exit 1 when a check fails" },
	{ "root", "DIR", &kind_text, FIELD(root), { NULL, 0, 0 }, NULL,
	  "look at the tree of files in DIR in place of /" },
};

static const struct opts opts = {
	.command = "pagecopy doctor",
	.about = "What would spoil a measurement here: a line per check, with "
		 "the reason and the command that mends it. fail: numbers "
		 "from here must not be believed; warn: noise or an offset to "
		 "know of; unknown: not readable.",
	.opt = table,
	.nr = sizeof(table) / sizeof(table[0]),
	.example = "pagecopy doctor --cpu 0",
	.exits = "0 done; 1 with --strict: a check fails; 2 usage",
};

/* A CPU that is not there has no files, and would be unknown all over. */
static unsigned int check_cpu(struct doctor_options *o)
{
	const struct doctor d = { .root = o->root };
	struct tree_file online;

	if (o->cpu == OPTION_UNSET) {
		o->cpu = (uint64_t)doctor_default_cpu(o->root);
		return 0;
	}
	if (!tree_read(&d, &online, CPU_DIR "/online") ||
	    cpulist_has(online.text, (int)o->cpu))
		return 0;
	fprintf(stderr, "pagecopy doctor: --cpu %d: not online; allowed: %s\n",
		(int)o->cpu, online.text);
	return 1;
}

static unsigned int parse(struct doctor_options *o, int argc, char **argv)
{
	unsigned int wrong = opts_parse(&opts, o, argc, argv, stderr, NULL);
	struct tree_file proc;
	DIR *dir;

	dir = tree_dir(&(struct doctor){ .root = o->root }, &proc, "/");
	if (dir) {
		closedir(dir);
	} else {
		fprintf(stderr, "pagecopy doctor: --root '%s': %s; allowed: a "
			"folder\n", o->root, strerror(proc.error));
		wrong++;
	}
	return wrong + check_cpu(o);
}

static int print_json(const struct doctor_report *report, int cpu)
{
	json_t *all = json_pack("{s:i, s:o}", "cpu", cpu, "checks",
				doctor_json(report));
	unsigned int i;
	int ret;

	for (i = 0; i < DOCTOR_VERDICTS; i++)
		json_object_set_new(all, doctor_verdict_name(i),
				    json_integer(doctor_count(report, i)));
	ret = json_dumpf(all, stdout, JSON_INDENT(2));
	putchar('\n');
	json_decref(all);
	return ret;
}

int cmd_doctor(int argc, char **argv)
{
	struct doctor_options o = { .root = "", .cpu = OPTION_UNSET };
	struct doctor_report *report;
	struct doctor d;
	int code = EXIT_DONE;

	if (parse(&o, argc, argv))
		return EXIT_USAGE;
	report = malloc(sizeof(*report));
	if (!report) {
		fputs("pagecopy doctor: no memory\n", stderr);
		return EXIT_FAILED;
	}
	doctor_open(&d, o.root, (int)o.cpu);
	doctor_run(&d, report);
	if (o.json)
		print_json(report, (int)o.cpu);
	else
		doctor_print(report, stdout);
	if (fflush(stdout) ||
	    (o.strict && doctor_count(report, DOCTOR_FAIL)))
		code = EXIT_FAILED;
	free(report);
	return code;
}
