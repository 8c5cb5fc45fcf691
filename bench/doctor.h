/* SPDX-License-Identifier: MIT */
/*
 * What would spoil a measurement here. Each check reads files of /proc and
 * /sys and gives one verdict; what cannot be read is unknown, never a pass.
 */
#ifndef PAGECOPY_DOCTOR_H
#define PAGECOPY_DOCTOR_H

#include <jansson.h>
#include <stdbool.h>
#include <stdio.h>

/**
 * enum doctor_verdict - how a check ends
 * @DOCTOR_PASS:    nothing to say against numbers from here
 * @DOCTOR_WARN:    noise or an offset that a reader of the numbers must know
 * @DOCTOR_FAIL:    the numbers must not be believed
 * @DOCTOR_UNKNOWN: it could not be read; @found says which file, and why
 */
enum doctor_verdict {
	DOCTOR_PASS,
	DOCTOR_WARN,
	DOCTOR_FAIL,
	DOCTOR_UNKNOWN,
	DOCTOR_VERDICTS,
};

/* No machine has more lines. */
#define DOCTOR_CHECKS_MAX	40

/**
 * struct finding - what a check came to
 * @name:    of the check
 * @verdict: the verdict
 * @found:   what is there
 * @why:     why it matters to a measurement
 * @fix:     the command that mends it; empty for a pass
 */
struct finding {
	const char *name;
	enum doctor_verdict verdict;
	char found[256];
	const char *why;
	char fix[256];
};

/**
 * struct doctor - where to look
 * @root: what comes before each path; "" for this machine
 * @cpu:  the CPU that measures
 * @uml:  this is User-Mode Linux; doctor_open() finds out
 * @wait: lets the time pass between two looks at who uses the CPU
 */
struct doctor {
	const char *root;
	int cpu;
	bool uml;
	void (*wait)(const struct doctor *d);
};

/**
 * struct doctor_report - all findings, in the order of the table
 * @nr:      how many
 * @finding: they
 */
struct doctor_report {
	unsigned int nr;
	struct finding finding[DOCTOR_CHECKS_MAX];
};

/** doctor_open() - look at the machine below @root, measured on @cpu */
void doctor_open(struct doctor *d, const char *root, int cpu);

/**
 * doctor_default_cpu() - where a run measures when no CPU is asked for
 *
 * Return: the last allowed CPU of this process; with a @root the last one that
 * is online there, 0 when that is not told.
 */
int doctor_default_cpu(const char *root);

/** doctor_check() - check number @i alone; false past the last one */
bool doctor_check(const struct doctor *d, unsigned int i, struct finding *f);

/** doctor_run() - every check; takes about 200 ms */
void doctor_run(const struct doctor *d, struct doctor_report *report);

/** doctor_count() - how many findings have this verdict */
unsigned int doctor_count(const struct doctor_report *report,
			  enum doctor_verdict verdict);

/** doctor_verdict_name() - pass, warn, fail, unknown */
const char *doctor_verdict_name(enum doctor_verdict verdict);

/** doctor_print() - for a person: a line per check, none wider than 100 */
void doctor_print(const struct doctor_report *report, FILE *f);

/** doctor_print_one() - one finding as doctor_print() shows it */
void doctor_print_one(const struct finding *finding, FILE *f);

/** doctor_json() - an object: by name of the check verdict, found, why, fix */
json_t *doctor_json(const struct doctor_report *report);

/**
 * doctor_debug_kernel() - which debug options the running kernel has
 * @root: what comes before each path; "" for this machine
 * @text: takes the result
 * @size: of @text
 *
 * Only those that change what a copy or a system call costs so much that
 * the numbers of such a kernel say nothing about another one.
 *
 * Return: @text, as "KASAN, LOCKDEP", or "" for none. NULL when the kernel's
 * configuration cannot be read; @text then says why.
 */
const char *doctor_debug_kernel(const char *root, char *text, size_t size);

#endif
