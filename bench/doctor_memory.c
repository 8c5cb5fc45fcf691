// SPDX-License-Identifier: MIT
/* The checks of memory: what kinds there are, how far, and how much of it. */
#include "doctor_tree.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "arena.h"

/* All buffers of one thread, with the gap before them. */
#define WANTED_MIB	((LAYOUT_BYTES >> 20) + 2)
#define WANTED_HUGE	(WANTED_MIB / 2)

/* Buffers ask for what they want by madvise(), so only never is in the way. */
void check_thp(const struct doctor *d, struct finding *f)
{
	struct tree_file file;

	if (!tree_read(d, &file,
		       "/sys/kernel/mm/transparent_hugepage/enabled")) {
		finding_unread(f, &file);
		return;
	}
	if (!strstr(file.text, "[never]")) {
		finding_set(f, DOCTOR_PASS, "%s", file.text);
		return;
	}
	finding_set(f, DOCTOR_WARN, "never: --pages thp cannot be measured");
	finding_fix(f, "echo madvise | sudo tee %s", file.path);
}

/* They are never made while a run asks for them: those free now are all. */
void check_hugepages(const struct doctor *d, struct finding *f)
{
	struct tree_file file;
	long nr;

	if (!tree_field(d, &file, "/proc/meminfo", "HugePages_Free")) {
		finding_unread(f, &file);
		return;
	}
	nr = strtol(file.text, NULL, 10);
	if (nr >= (long)WANTED_HUGE) {
		finding_set(f, DOCTOR_PASS, "%ld free", nr);
		return;
	}
	finding_set(f, DOCTOR_WARN, "%ld free; --pages huge takes %u a thread",
		    nr, WANTED_HUGE);
	finding_fix(f, "sudo sysctl vm.nr_hugepages=%u", WANTED_HUGE);
}

/* The node of the CPU; -1 when no node names it. */
static int node_of(const struct doctor *d, struct tree_file *file,
		   const char *nodes)
{
	int node;

	for (node = 0; node < 1024; node++)
		if (cpulist_has(nodes, node) &&
		    tree_read(d, file, "/sys/devices/system/node/node%d/"
			      "cpulist", node) &&
		    cpulist_has(file->text, d->cpu))
			return node;
	return -1;
}

/* The largest of the distances of a node; 10 is its own memory. */
static long farthest(char *distances)
{
	long most = 0;
	char *word, *rest;

	for (word = strtok_r(distances, " ", &rest); word;
	     word = strtok_r(NULL, " ", &rest))
		if (strtol(word, NULL, 10) > most)
			most = strtol(word, NULL, 10);
	return most;
}

/* With one node all memory is equally far, whatever the policy is. */
void check_numa(const struct doctor *d, struct finding *f)
{
	struct tree_file nodes, file;
	int node;

	if (!tree_read(d, &nodes, "/sys/devices/system/node/online")) {
		finding_unread(f, &nodes);
		return;
	}
	if (cpulist_has(nodes.text, 0) && cpulist_other(nodes.text, 0) < 0) {
		finding_set(f, DOCTOR_PASS, "one node");
		return;
	}
	node = node_of(d, &file, nodes.text);
	if (node < 0) {
		finding_set(f, DOCTOR_UNKNOWN, "/sys/devices/system/node/"
			    "node*/cpulist: none names CPU %d", d->cpu);
		return;
	}
	if (!tree_read(d, &file, "/sys/devices/system/node/node%d/distance",
		       node)) {
		finding_unread(f, &file);
		return;
	}
	finding_set(f, DOCTOR_WARN, "CPU %d is on node %d of %.30s; the "
		    "farthest memory is at %.1f times the distance", d->cpu,
		    node, nodes.text, (double)farthest(file.text) / 10);
	finding_fix(f, "numactl --membind=%d COMMAND", node);
}

#define CAP_IPC_LOCK	14

/* CAP_IPC_LOCK lifts the limit (getrlimit.2). */
void check_memlock(const struct doctor *d, struct finding *f)
{
	struct tree_file file;
	unsigned long long mib;
	char *end;

	if (tree_may(d, CAP_IPC_LOCK)) {
		finding_set(f, DOCTOR_PASS, "no limit for this user");
		return;
	}
	if (!tree_field(d, &file, "/proc/self/limits", "Max locked memory")) {
		finding_unread(f, &file);
		return;
	}
	if (!strncmp(file.text, "unlimited", 9)) {
		finding_set(f, DOCTOR_PASS, "unlimited");
		return;
	}
	mib = strtoull(file.text, &end, 10) >> 20;
	if (end == file.text) {
		file.error = EINVAL;
		finding_unread(f, &file);
		return;
	}
	finding_set(f, mib >= WANTED_MIB ? DOCTOR_PASS : DOCTOR_WARN,
		    "%llu MiB; buffers take %u a thread", mib, WANTED_MIB);
	if (mib < WANTED_MIB)
		finding_fix(f, "as root: ulimit -l unlimited");
}
