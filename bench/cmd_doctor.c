// SPDX-License-Identifier: MIT
#include "cmd.h"

#include <getopt.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "doctor.h"
#include "doctor_tree.h"
#include "run.h"

static const char help[] =
	"usage: pagecopy doctor [--cpu N] [--json] [--strict] [--root DIR]\n"
	"\n"
	"What would spoil a measurement here: a line per check, with the reason\n"
	"and the command that mends it. fail: numbers from here must not be\n"
	"believed; warn: noise or an offset to know of; unknown: not readable.\n"
	"\n"
	"  --cpu N     the CPU that will measure [the last allowed one]\n"
	"  --json      the same as JSON\n"
	"  --strict    exit 1 when a check fails\n"
	"  --root DIR  look at the tree of files in DIR in place of /\n";

enum key {
	KEY_ROOT = 0x100,
	KEY_CPU,
	KEY_JSON,
	KEY_STRICT,
	KEY_HELP,
};

static const struct option longs[] = {
	{ "root", required_argument, NULL, KEY_ROOT },
	{ "cpu", required_argument, NULL, KEY_CPU },
	{ "json", no_argument, NULL, KEY_JSON },
	{ "strict", no_argument, NULL, KEY_STRICT },
	{ "help", no_argument, NULL, KEY_HELP },
	{ 0 },
};

struct doctor_options {
	const char *root;
	int cpu;
	bool json;
	bool strict;
	bool help;
	unsigned int mistakes;
};

__attribute__((format(printf, 2, 3)))
static void complain(struct doctor_options *o, const char *fmt, ...)
{
	va_list ap;

	fputs("pagecopy doctor: ", stderr);
	va_start(ap, fmt);
	vfprintf(stderr, fmt, ap);
	va_end(ap);
	fputc('\n', stderr);
	o->mistakes++;
}

static void take_cpu(struct doctor_options *o, const char *text)
{
	char *end;
	long cpu = strtol(text, &end, 10);

	if (end == text || *end || cpu < 0 || cpu > 1023)
		complain(o, "--cpu '%s': no number of a CPU; allowed: 0 to "
			 "1023", text);
	else
		o->cpu = (int)cpu;
}

static void take_option(struct doctor_options *o, int key, char **argv)
{
	switch (key) {
	case KEY_ROOT:
		o->root = optarg;
		break;
	case KEY_CPU:
		take_cpu(o, optarg);
		break;
	case KEY_JSON:
		o->json = true;
		break;
	case KEY_STRICT:
		o->strict = true;
		break;
	case KEY_HELP:
		o->help = true;
		break;
	case ':':
		complain(o, "%s: value missing", argv[optind - 1]);
		break;
	default:
		complain(o, "'%s': no such option; see --help",
			 argv[optind - 1]);
	}
}

/* A CPU that is not there has no files, and would be unknown all over. */
static void check_cpu(struct doctor_options *o)
{
	const struct doctor d = { .root = o->root };
	struct tree_file online;

	if (o->cpu < 0)
		o->cpu = doctor_default_cpu(o->root);
	else if (tree_read(&d, &online, CPU_DIR "/online") &&
		 !cpulist_has(online.text, o->cpu))
		complain(o, "--cpu %d: not online; allowed: %s", o->cpu,
			 online.text);
}

static void parse(struct doctor_options *o, int argc, char **argv)
{
	struct tree_file proc;
	DIR *dir;
	int key;

	opterr = 0;
	optind = 1;
	while ((key = getopt_long(argc, argv, ":", longs, NULL)) != -1)
		take_option(o, key, argv);
	for (; optind < argc; optind++)
		complain(o, "'%s': options only; see --help", argv[optind]);
	dir = tree_dir(&(struct doctor){ .root = o->root }, &proc, "/");
	if (dir)
		closedir(dir);
	else
		complain(o, "--root '%s': %s; allowed: a folder", o->root,
			 strerror(proc.error));
	check_cpu(o);
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
	struct doctor_options o = { .root = "", .cpu = -1 };
	struct doctor_report *report;
	struct doctor d;
	int code = EXIT_DONE;

	parse(&o, argc, argv);
	if (o.mistakes)
		return EXIT_USAGE;
	if (o.help) {
		fputs(help, stdout);
		return EXIT_DONE;
	}
	report = malloc(sizeof(*report));
	if (!report) {
		fputs("pagecopy doctor: no memory\n", stderr);
		return EXIT_FAILED;
	}
	doctor_open(&d, o.root, o.cpu);
	doctor_run(&d, report);
	if (o.json)
		print_json(report, o.cpu);
	else
		doctor_print(report, stdout);
	if (fflush(stdout) ||
	    (o.strict && doctor_count(report, DOCTOR_FAIL)))
		code = EXIT_FAILED;
	free(report);
	return code;
}
