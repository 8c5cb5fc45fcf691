// SPDX-License-Identifier: MIT
/* The checks of what else runs on the measuring CPU. */
#include "doctor_tree.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/*
 * The file names what isolcpus= took out of load balancing; a CPU outside of
 * it is one that the scheduler may give to anybody (kernel-parameters.txt).
 */
void check_isolcpus(const struct doctor *d, struct finding *f)
{
	struct tree_file file;

	if (!tree_read(d, &file, CPU_DIR "/isolated")) {
		finding_unread(f, &file);
		return;
	}
	if (cpulist_has(file.text, d->cpu)) {
		finding_set(f, DOCTOR_PASS, "CPU %d is isolated", d->cpu);
		return;
	}
	finding_set(f, DOCTOR_WARN, "CPU %d is not isolated", d->cpu);
	finding_fix(f, "boot with isolcpus=%d", d->cpu);
}

/* The file is there when the kernel was built with CONFIG_NO_HZ_FULL. */
void check_nohz_full(const struct doctor *d, struct finding *f)
{
	struct tree_file file, online;

	if (!tree_read(d, &file, CPU_DIR "/nohz_full")) {
		if (file.error == ENOENT &&
		    tree_read(d, &online, CPU_DIR "/online")) {
			finding_set(f, DOCTOR_WARN, "this kernel cannot stop "
				    "the tick");
			finding_fix(f, "a kernel built with CONFIG_NO_HZ_FULL=y");
			return;
		}
		finding_unread(f, &file);
		return;
	}
	if (cpulist_has(file.text, d->cpu)) {
		finding_set(f, DOCTOR_PASS, "CPU %d has no tick", d->cpu);
		return;
	}
	finding_set(f, DOCTOR_WARN, "the tick runs on CPU %d", d->cpu);
	finding_fix(f, "boot with nohz_full=%d", d->cpu);
}

/* nohz_full= does the same for its CPUs (kernel-parameters.txt). */
void check_rcu_nocbs(const struct doctor *d, struct finding *f)
{
	char nocbs[256] = "", nohz[256] = "";
	struct tree_file file;

	if (!tree_read(d, &file, "/proc/cmdline")) {
		finding_unread(f, &file);
		return;
	}
	tree_word(d, "rcu_nocbs", nocbs, sizeof(nocbs));
	tree_word(d, "nohz_full", nohz, sizeof(nohz));
	if (!strcmp(nocbs, "all") || cpulist_has(nocbs, d->cpu) ||
	    cpulist_has(nohz, d->cpu)) {
		finding_set(f, DOCTOR_PASS, "RCU callbacks run elsewhere");
		return;
	}
	finding_set(f, DOCTOR_WARN, "RCU callbacks run on CPU %d", d->cpu);
	finding_fix(f, "boot with rcu_nocbs=%d", d->cpu);
}

/* One that has a handler has a folder named after it. */
static bool has_handler(const struct doctor *d, const char *irq)
{
	struct tree_file file;
	bool found = false;
	const char *name;
	char path[4096];
	DIR *dir, *sub;

	dir = tree_dir(d, &file, "/proc/irq/%.20s", irq);
	while (dir && !found && (name = tree_next(dir, ""))) {
		snprintf(path, sizeof(path), "%s%s/%.200s", d->root, file.path,
			 name);
		sub = opendir(path);
		found = sub;
		if (sub)
			closedir(sub);
	}
	if (dir)
		closedir(dir);
	return found;
}

/*
 * Does it come to the CPU? The effective list is where the hardware really
 * sends it; kernels and controllers without one leave it empty.
 */
static bool comes_here(const struct doctor *d, const char *irq,
		       struct tree_file *file)
{
	if (tree_read(d, file, "/proc/irq/%.20s/effective_affinity_list",
		      irq) && file->text[0])
		return cpulist_has(file->text, d->cpu);
	return tree_read(d, file, "/proc/irq/%.20s/smp_affinity_list", irq) &&
	       cpulist_has(file->text, d->cpu);
}

/* To where the first one could be moved. */
static void fix_irqs(const struct doctor *d, struct finding *f,
		     const char *first)
{
	struct tree_file online;
	int other = -1;

	if (tree_read(d, &online, CPU_DIR "/online"))
		other = cpulist_other(online.text, d->cpu);
	if (other >= 0)
		finding_fix(f, "scripts/host-prep, or for each: echo %d | sudo "
			    "tee /proc/irq/%s/smp_affinity_list", other, first);
}

void check_irqs(const struct doctor *d, struct finding *f)
{
	struct tree_file folder, file = { .error = 0 };
	char list[100] = "", first[24] = "";
	unsigned int nr = 0;
	const char *name;
	DIR *dir;

	dir = tree_dir(d, &folder, "/proc/irq");
	if (!dir) {
		finding_unread(f, &folder);
		return;
	}
	while ((name = tree_next(dir, ""))) {
		if (name[strspn(name, "0123456789")] || !has_handler(d, name))
			continue;
		if (comes_here(d, name, &file)) {
			if (!nr++)
				snprintf(first, sizeof(first), "%.20s", name);
			add_item(list, sizeof(list), name);
		}
		if (file.error)
			break;
	}
	closedir(dir);
	if (file.error) {
		finding_unread(f, &file);
	} else if (nr) {
		finding_set(f, DOCTOR_WARN, "%u come to CPU %d (%s)", nr,
			    d->cpu, list);
		fix_irqs(d, f, first);
	} else {
		finding_set(f, DOCTOR_PASS, "none comes to CPU %d", d->cpu);
	}
}

/*
 * Process 2 is kthreadd, unless a container (a PID namespace of its own) or
 * hidepid= keeps the other processes from view.
 */
static bool sees_all(const struct doctor *d, struct tree_file *file)
{
	if (!tree_read(d, file, "/proc/2/comm"))
		return false;
	return !strcmp(file->text, "kthreadd");
}

/* It spreads interrupts anew every ten seconds, over whatever was set. */
void check_irqbalance(const struct doctor *d, struct finding *f)
{
	struct tree_file folder, file;
	bool found = false;
	const char *name;
	DIR *dir;

	if (!sees_all(d, &file)) {
		finding_set(f, DOCTOR_UNKNOWN, "/proc/2/comm is not kthreadd: "
			    "the other processes are hidden (container, "
			    "hidepid)");
		finding_fix(f, "sudo pagecopy doctor, outside of the container");
		return;
	}
	dir = tree_dir(d, &folder, "/proc");
	while (dir && !found && (name = tree_next(dir, "")))
		found = name[0] >= '0' && name[0] <= '9' &&
			tree_read(d, &file, "/proc/%.20s/comm", name) &&
			!strcmp(file.text, "irqbalance");
	if (dir)
		closedir(dir);
	if (!found) {
		finding_set(f, DOCTOR_PASS, "not running");
		return;
	}
	finding_set(f, DOCTOR_WARN, "running");
	finding_fix(f, "sudo systemctl stop irqbalance");
}

/*
 * The average of a minute holds the last run as well, so that it can only
 * warn; whether the measuring CPU is busy now is the matter of cpu-use.
 */
void check_load(const struct doctor *d, struct finding *f)
{
	struct tree_file file;
	double load;
	char *end;

	if (!tree_read(d, &file, "/proc/loadavg")) {
		finding_unread(f, &file);
		return;
	}
	load = strtod(file.text, &end);
	if (end == file.text) {
		file.error = EINVAL;
		finding_unread(f, &file);
		return;
	}
	finding_set(f, load <= 0.5 ? DOCTOR_PASS : DOCTOR_WARN,
		    "%.2f in the last minute", load);
	if (f->verdict == DOCTOR_WARN)
		finding_fix(f, "end what runs: ps -eo pcpu,pid,comm "
			    "--sort=-pcpu | head");
}
