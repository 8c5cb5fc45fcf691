// SPDX-License-Identifier: MIT
/* The checks of the CPU itself: how fast it runs, and what tells the time. */
#include "doctor_tree.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "cpu_id.h"

#define CLOCKSOURCE	"/sys/devices/system/clocksource/clocksource0/"
#define VULNERABILITIES	CPU_DIR "/vulnerabilities"

/*
 * Only performance asks for the highest frequency whatever the load is; the
 * others change it while a slice runs (Documentation/admin-guide/pm/cpufreq).
 */
void check_governor(const struct doctor *d, struct finding *f)
{
	struct tree_file file;

	if (!tree_read(d, &file, CPU_DIR "/cpu%d/cpufreq/scaling_governor",
		       d->cpu)) {
		finding_unread(f, &file);
		return;
	}
	if (!strcmp(file.text, "performance")) {
		finding_set(f, DOCTOR_PASS, "performance");
		return;
	}
	finding_set(f, DOCTOR_WARN, "'%s' on CPU %d", file.text, d->cpu);
	finding_fix(f, "echo performance | sudo tee " CPU_DIR
		    "/cpu%d/cpufreq/scaling_governor", d->cpu);
}

/*
 * How far above its base a core may go depends on the heat and on what the
 * other cores do. intel_pstate has its own file, where 1 means off; elsewhere
 * one for all CPUs or one for each, where 0 means off.
 */
void check_turbo(const struct doctor *d, struct finding *f)
{
	struct tree_file file;
	long value, off = 1;

	if (!tree_number(d, &file, &value, CPU_DIR "/intel_pstate/no_turbo")) {
		off = 0;
		if (!tree_number(d, &file, &value, CPU_DIR "/cpufreq/boost") &&
		    !tree_number(d, &file, &value, CPU_DIR
				 "/cpu%d/cpufreq/boost", d->cpu)) {
			finding_unread(f, &file);
			return;
		}
	}
	if (value == off) {
		finding_set(f, DOCTOR_PASS, "off");
		return;
	}
	finding_set(f, DOCTOR_WARN, "on");
	finding_fix(f, "echo %ld | sudo tee %s", off, file.path);
}

/* The list names only those that are online. */
void check_smt(const struct doctor *d, struct finding *f)
{
	struct tree_file file;
	int other;

	if (!tree_read(d, &file, CPU_DIR "/cpu%d/topology/thread_siblings_list",
		       d->cpu)) {
		finding_unread(f, &file);
		return;
	}
	other = cpulist_other(file.text, d->cpu);
	if (other < 0) {
		finding_set(f, DOCTOR_PASS, "CPU %d has its core for itself",
			    d->cpu);
		return;
	}
	finding_set(f, DOCTOR_WARN, "CPU %d shares its core (CPUs %s)", d->cpu,
		    file.text);
	finding_fix(f, "echo 0 | sudo tee " CPU_DIR "/cpu%d/online", other);
}

/*
 * What a wake-up may take at most, in us, by whoever holds the file open; -1:
 * no limit. Only root may read it: without, the states count as they are.
 */
static long latency_limit(const struct doctor *d)
{
	struct tree_file file;
	int32_t us;

	if (!tree_read(d, &file, "/dev/cpu_dma_latency") ||
	    file.len < sizeof(us))
		return -1;
	memcpy(&us, file.text, sizeof(us));
	return us;
}

/* A state that takes longer to leave than C1 shows beside a copy. */
#define SHORT_WAKE_US	2

/* The deepest state that the CPU may enter, in us to leave it; -1: none told. */
static long deepest_state(const struct doctor *d, struct tree_file *file,
			  char *name, size_t size)
{
	long limit = latency_limit(d), deepest = -1, latency, off;
	unsigned int i;

	for (i = 0; tree_number(d, file, &latency, CPU_DIR
				"/cpu%d/cpuidle/state%u/latency", d->cpu, i);
	     i++) {
		if (limit >= 0 && latency > limit)
			continue;
		if (tree_number(d, file, &off, CPU_DIR
				"/cpu%d/cpuidle/state%u/disable", d->cpu, i) &&
		    off)
			continue;
		if (latency < deepest)
			continue;
		deepest = latency;
		snprintf(name, size, "state%u", i);
		if (tree_read(d, file, CPU_DIR "/cpu%d/cpuidle/state%u/name",
			      d->cpu, i))
			snprintf(name, size, "%.30s", file->text);
	}
	return deepest;
}

void check_cstates(const struct doctor *d, struct finding *f)
{
	char value[32], name[32] = "";
	struct tree_file file;
	long us;

	if (tree_word(d, "idle", value, sizeof(value)) &&
	    !strcmp(value, "poll")) {
		finding_set(f, DOCTOR_PASS, "idle=poll: the CPU never sleeps");
		return;
	}
	if (tree_read(d, &file, CPU_DIR "/cpuidle/current_driver") &&
	    !strcmp(file.text, "none")) {
		finding_set(f, DOCTOR_PASS, "no driver: C1 at most");
		return;
	}
	us = deepest_state(d, &file, name, sizeof(name));
	if (us < 0) {
		finding_unread(f, &file);
		return;
	}
	finding_set(f, us <= SHORT_WAKE_US ? DOCTOR_PASS : DOCTOR_WARN,
		    "down to %s, %ld us to wake up", name, us);
	if (us > SHORT_WAKE_US)
		finding_fix(f, "sudo cpupower idle-set -D %d", SHORT_WAKE_US);
}

/*
 * With any other one the kernel has found the TSC wanting, or cannot see it: a
 * time stamp is then a trap or a system call of up to microseconds.
 */
void check_clocksource(const struct doctor *d, struct finding *f)
{
	struct tree_file file, offered;

	if (!tree_read(d, &file, CLOCKSOURCE "current_clocksource")) {
		finding_unread(f, &file);
		return;
	}
	if (!strcmp(file.text, "tsc") || !strcmp(file.text, "arch_sys_counter")) {
		finding_set(f, DOCTOR_PASS, "%s", file.text);
		return;
	}
	finding_set(f, DOCTOR_FAIL, "'%s', not tsc", file.text);
	if (tree_read(d, &offered, CLOCKSOURCE "available_clocksource") &&
	    words_has(offered.text, "tsc"))
		finding_fix(f, "echo tsc | sudo tee %s", file.path);
}

static bool stamps_unusable(const struct doctor *d, const char *flags,
			    struct finding *f)
{
	struct tree_file file;
	char value[32];

	if (tree_word(d, "tsc", value, sizeof(value)) &&
	    !strcmp(value, "unstable")) {
		finding_set(f, DOCTOR_FAIL, "declared unstable");
		finding_fix(f, "boot without tsc=unstable");
		return true;
	}
	if (!words_has(flags, "constant_tsc")) {
		finding_set(f, DOCTOR_FAIL, "its rate follows the frequency "
			    "(no constant_tsc)");
		return true;
	}
	/* One that the watchdog has marked unstable is no longer offered. */
	if (tree_read(d, &file, CLOCKSOURCE "available_clocksource") &&
	    !words_has(file.text, "tsc")) {
		finding_set(f, DOCTOR_FAIL, "found unstable by the kernel "
			    "(offered: %s)", file.text);
		return true;
	}
	return false;
}

/*
 * Without nonstop_tsc the program takes its stamps from clock_gettime(): they
 * cost more, but they are right.
 */
void check_tsc(const struct doctor *d, struct finding *f)
{
	struct tree_file file;

	if (!tree_field(d, &file, "/proc/cpuinfo", "flags")) {
		finding_unread(f, &file);
		return;
	}
	if (stamps_unusable(d, file.text, f))
		return;
	if (!words_has(file.text, "nonstop_tsc"))
		finding_set(f, DOCTOR_WARN, "may stop in deep C-states (no "
			    "nonstop_tsc)");
	else
		finding_set(f, DOCTOR_PASS, "constant, nonstop%s",
			    words_has(file.text, "tsc_reliable") ?
			    ", reliable" : "");
}

/* They are paid at each entry of the kernel and each indirect call. */
void check_mitigations(const struct doctor *d, struct finding *f)
{
	struct tree_file folder, file;
	char on[160] = "";
	const char *name;
	DIR *dir;

	dir = tree_dir(d, &folder, VULNERABILITIES);
	if (!dir) {
		finding_unread(f, &folder);
		return;
	}
	while ((name = tree_next(dir, ""))) {
		if (!tree_read(d, &file, VULNERABILITIES "/%.60s", name)) {
			finding_unread(f, &file);
			closedir(dir);
			return;
		}
		if (strstr(file.text, "Mitigation:"))
			add_item(on, sizeof(on), name);
	}
	closedir(dir);
	if (!on[0]) {
		finding_set(f, DOCTOR_PASS, "none on");
		return;
	}
	finding_set(f, DOCTOR_WARN, "on: %s", on);
	finding_fix(f, "boot with mitigations=off, if nobody else uses the "
		    "machine");
}

/*
 * An emulated CPU takes as long for an instruction as its translation does:
 * that ranks the copies wrongly. The signature is TCG's own; its model name
 * says so where only the file can be read.
 */
static bool is_emulated(const struct doctor *d, const char *signature)
{
	struct tree_file file;

	return !strcmp(signature, "TCGTCGTCGTCG") ||
	       (tree_field(d, &file, "/proc/cpuinfo", "model name") &&
		strstr(file.text, "TCG"));
}

void check_hypervisor(const struct doctor *d, struct finding *f)
{
	char signature[13] = "";
	struct tree_file file;

	if (!*d->root)
		cpuid_hypervisor(signature);
	if (is_emulated(d, signature)) {
		finding_set(f, DOCTOR_FAIL, "an emulated CPU (QEMU's TCG)");
		return;
	}
	if (d->uml) {
		finding_set(f, DOCTOR_WARN, "User-Mode Linux: system calls "
			    "cost some 25 us, and memcpy() is the plain loop");
		return;
	}
	if (!tree_field(d, &file, "/proc/cpuinfo", "flags")) {
		finding_unread(f, &file);
		return;
	}
	if (signature[0] || words_has(file.text, "hypervisor"))
		finding_set(f, DOCTOR_WARN, "a guest%s%s",
			    signature[0] ? " of " : "", signature);
	else
		finding_set(f, DOCTOR_PASS, "none");
}
