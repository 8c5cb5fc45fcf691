// SPDX-License-Identifier: MIT
#include "doctor.h"

#include <string.h>
#include <time.h>

#include "cpu.h"
#include "doctor_tree.h"

#define ARRAY_SIZE(a)	(sizeof(a) / sizeof((a)[0]))

/* Where words begin that say what was found, and the end of a line. */
#define MARGIN		22
#define WIDTH		100

/**
 * struct check - one check
 * @name:  of it
 * @check: gives the verdict
 * @below: what it looks at is the machine's, of which UML shows nothing
 * @why:   it matters
 */
static const struct check {
	const char *name;
	doctor_fn *check;
	bool below;
	const char *why;
} checks[] = {
	{ "hypervisor", check_hypervisor, false,
	  "exits and neighbours add time that no clock of the guest explains" },
	{ "debug-kernel", check_debug_kernel, false,
	  "its checks take longer than the copy does" },
	{ "hardening", check_hardening, false,
	  "part of every copy here, but not of kernels without it" },
	{ "preempt", check_preempt, false,
	  "the kernel may be preempted within a copy, and pays to allow it" },
	{ "mitigations", check_mitigations, true,
	  "each system call and indirect call costs more" },
	{ "governor", check_governor, true,
	  "the frequency changes while a slice runs" },
	{ "turbo", check_turbo, true,
	  "the frequency depends on heat and on the other cores" },
	{ "smt", check_smt, true,
	  "what runs on the other thread of the core slows this one" },
	{ "c-states", check_cstates, true,
	  "waking up adds to completions that wait" },
	{ "clocksource", check_clocksource, true,
	  "a time stamp costs a trap or a system call" },
	{ "tsc", check_tsc, true, "its ticks are the time stamps" },
	{ "isolcpus", check_isolcpus, true,
	  "the scheduler may put others on the measuring CPU" },
	{ "nohz-full", check_nohz_full, true,
	  "up to 1000 interrupts a second" },
	{ "rcu-nocbs", check_rcu_nocbs, true,
	  "callbacks of other CPUs' work run between the copies" },
	{ "irqs", check_irqs, true, "each interrupt is time taken from a copy" },
	{ "irqbalance", check_irqbalance, true,
	  "it moves interrupts back to the measuring CPU" },
	{ "cpu-use", check_cpu_use, true,
	  "whoever else uses the measuring CPU is in the numbers" },
	{ "load", check_load, true,
	  "others share caches, memory and power with the measurement" },
	{ "steal", check_steal, true,
	  "the hypervisor gave the CPU to somebody else" },
	{ "thp", check_thp, false, "the sweep of kinds of pages has a gap" },
	{ "hugepages", check_hugepages, false,
	  "the sweep of kinds of pages has a gap" },
	{ "numa", check_numa, true, "a copy from far memory is a slower one" },
	{ "memlock", check_memlock, false,
	  "large buffers cannot be registered or locked" },
	{ "perf-paranoid", check_perf, false,
	  "the columns of counters stay empty" },
	{ "pmu", check_pmu, false, "no cycles, instructions or misses" },
	{ "nmi-watchdog", check_nmi_watchdog, false,
	  "it takes a hardware counter and interrupts the CPU" },
	{ "kptr-restrict", check_kptr, false,
	  "a profile shows addresses in place of functions" },
	{ "io-uring", check_io_uring, false,
	  "without rings there is nothing to measure but path user" },
	{ "module-sig", check_module_sig, false,
	  "the module cannot be loaded as built" },
	{ "lockdown", check_lockdown, false,
	  "modules without signature and kernel profiles are refused" },
};

_Static_assert(ARRAY_SIZE(checks) <= DOCTOR_CHECKS_MAX, "one finding each");

/* Long enough to count ticks in, short enough not to be waited for. */
static void wait_a_little(const struct doctor *d)
{
	const struct timespec pause = { .tv_nsec = 200000000 };

	(void)d;
	nanosleep(&pause, NULL);
}

void doctor_open(struct doctor *d, const char *root, int cpu)
{
	struct tree_file file;

	d->root = root;
	d->cpu = cpu;
	d->wait = wait_a_little;
	d->uml = tree_field(d, &file, "/proc/cpuinfo", "vendor_id") &&
		 !strcmp(file.text, "User Mode Linux");
}

int doctor_default_cpu(const char *root)
{
	const struct doctor d = { .root = root };
	struct tree_file file;
	struct cpus cpus;
	int last;

	if (!*root)
		return cpus_read(&cpus) ? 0 : cpus.cpu[cpus.nr - 1];
	if (!tree_read(&d, &file, CPU_DIR "/online"))
		return 0;
	last = cpulist_other(file.text, -1);
	return last < 0 ? 0 : last;
}

bool doctor_check(const struct doctor *d, unsigned int i, struct finding *f)
{
	if (i >= ARRAY_SIZE(checks))
		return false;
	memset(f, 0, sizeof(*f));
	f->name = checks[i].name;
	f->why = checks[i].why;
	if (d->uml && checks[i].below) {
		finding_set(f, DOCTOR_UNKNOWN, "User-Mode Linux hides the "
			    "machine below");
		finding_fix(f, "run pagecopy doctor there");
	} else {
		checks[i].check(d, f);
	}
	if (f->verdict != DOCTOR_PASS && !f->fix[0])
		finding_fix(f, "nothing here can mend it");
	return true;
}

void doctor_run(const struct doctor *d, struct doctor_report *report)
{
	report->nr = 0;
	while (doctor_check(d, report->nr, &report->finding[report->nr]))
		report->nr++;
}

unsigned int doctor_count(const struct doctor_report *report,
			  enum doctor_verdict verdict)
{
	unsigned int i, nr = 0;

	for (i = 0; i < report->nr; i++)
		nr += report->finding[i].verdict == verdict;
	return nr;
}

const char *doctor_verdict_name(enum doctor_verdict verdict)
{
	static const char *const names[] = {
		"pass", "warn", "fail", "unknown",
	};

	return names[verdict];
}

/* Words up to WIDTH, the next lines below the first; returns the column. */
static size_t put_words(FILE *f, const char *text, size_t column)
{
	while (*text) {
		size_t len = strcspn(text, " ");

		if (column > MARGIN && column + 1 + len > WIDTH) {
			fprintf(f, "\n%*s", MARGIN, "");
			column = MARGIN;
		} else if (column > MARGIN) {
			column += fprintf(f, " ");
		}
		column += fprintf(f, "%.*s", (int)len, text);
		text += len + (text[len] == ' ');
	}
	return column;
}

void doctor_print_one(const struct finding *finding, FILE *f)
{
	char text[sizeof(finding->found) + 128];
	size_t column = MARGIN;

	fprintf(f, "%-7s %-13s ", doctor_verdict_name(finding->verdict),
		finding->name);
	if (finding->verdict == DOCTOR_PASS) {
		put_words(f, finding->found, column);
		fputc('\n', f);
		return;
	}
	snprintf(text, sizeof(text), finding->verdict == DOCTOR_UNKNOWN ?
		 "%s (matters: %s);" : "%s: %s;", finding->found,
		 finding->why);
	column = put_words(f, text, column);
	/* A command that does not fit stands on a line of its own. */
	if (column + 1 + strlen(finding->fix) > WIDTH) {
		fprintf(f, "\n%*s", MARGIN, "");
		column = MARGIN;
	}
	put_words(f, finding->fix, column);
	fputc('\n', f);
}

void doctor_print(const struct doctor_report *report, FILE *f)
{
	unsigned int i;

	for (i = 0; i < report->nr; i++)
		doctor_print_one(&report->finding[i], f);
	for (i = 0; i < DOCTOR_VERDICTS; i++)
		fprintf(f, "%s%u %s", i ? ", " : "", doctor_count(report, i),
			doctor_verdict_name(i));
	fputc('\n', f);
}

/* What a file holds need not be UTF-8. */
static json_t *text_or_null(const char *text)
{
	json_t *value = *text ? json_string(text) : NULL;

	return value ? value : json_null();
}

json_t *doctor_json(const struct doctor_report *report)
{
	json_t *all = json_object();
	unsigned int i;

	for (i = 0; i < report->nr; i++) {
		const struct finding *f = &report->finding[i];

		json_object_set_new(all, f->name, json_pack(
			"{s:s, s:o, s:s, s:o}",
			"verdict", doctor_verdict_name(f->verdict),
			"found", text_or_null(f->found), "why", f->why,
			"fix", text_or_null(f->fix)));
	}
	return all;
}
