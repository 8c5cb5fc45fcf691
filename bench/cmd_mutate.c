// SPDX-License-Identifier: MIT
#include "cmd.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cpu.h"
#include "opts.h"
#include "outside.h"
#include "run.h"

/* UML has its memory soon after it has started. */
#define LOOK_US		20000
#define LOOKS		500
/* No guest has less. */
#define LEAST_MEMORY	(16 << 20)

/**
 * struct mutate_options - what `pagecopy mutate` was asked to do
 * @memory: file that is the memory of a guest
 * @uml:    process that is a guest
 * @marker: to find its pages by
 * @cpu:    where to run
 */
struct mutate_options {
	const char *memory;
	uint64_t uml;
	const char *marker;
	uint64_t cpu;
};

#define FIELD(f)	offsetof(struct mutate_options, f)

static const struct opt table[] = {
	{ "uml", "PID", &kind_number, FIELD(uml), { NULL, 1, INT32_MAX }, NULL,
	  "a running User-Mode Linux; its memory is found, and its end is ours" },
	{ "memory", "FILE", &kind_text, FIELD(memory), { NULL, 0, 0 }, NULL,
	  "instead: a file that is the memory of a guest" },
	{ "marker", "HEX", &kind_text, FIELD(marker), { NULL, 0, 0 }, NULL,
	  "32 digits that pagecopy tear --mutator outside was given too" },
	{ "cpu", "N", &kind_number, FIELD(cpu), { NULL, 0, 1023 }, NULL,
	  "where to run, which should not be where the guest does" },
};

static const struct opts opts = {
	.command = "pagecopy mutate",
	.about = "Change the memory of a guest from outside, as pagecopy tear "
		 "in it asks. scripts/tear starts both.",
	.opt = table,
	.nr = sizeof(table) / sizeof(table[0]),
	.example = "pagecopy mutate --uml 4711 "
		   "--marker 00112233445566778899aabbccddeeff",
	.exits = "0 the guest has ended; 1 its memory cannot be had; 2 usage",
};

static int parse(struct mutate_options *o, struct mutate *m, int argc,
		 char **argv)
{
	unsigned int wrong = opts_parse(&opts, o, argc, argv, stderr, NULL);

	if (!o->uml == !o->memory) {
		fputs("pagecopy mutate: give one of --uml and --memory\n",
		      stderr);
		wrong++;
	}
	if (!o->marker || marker_parse(o->marker, m->marker)) {
		fputs("pagecopy mutate: --marker: give 32 digits of 0-9 and "
		      "a-f\n", stderr);
		wrong++;
	}
	return wrong ? EXIT_USAGE : 0;
}

/* @fd if it may be a guest's memory and is larger than @least; else -ENOENT. */
static int if_memory(int fd, off_t *least)
{
	struct stat st;

	if (fd < 0)
		return -errno;
	if (fstat(fd, &st) || !S_ISREG(st.st_mode) || st.st_size <= *least) {
		close(fd);
		return -ENOENT;
	}
	*least = st.st_size;
	return fd;
}

/*
 * The memory among the open files of a process: UML keeps it in a file without
 * a name, and no other is as large. -ENOENT when there is none yet.
 */
static int open_uml_memory(const char *folder)
{
	char path[sizeof("/proc//fd/") + 300], target[300];
	int fd, found = -ENOENT;
	off_t least = LEAST_MEMORY;
	struct dirent *e;
	ssize_t len;
	DIR *d;

	d = opendir(folder);
	if (!d)
		return -errno;
	while ((e = readdir(d))) {
		snprintf(path, sizeof(path), "%s/%s", folder, e->d_name);
		len = readlink(path, target, sizeof(target) - 1);
		target[len < 0 ? 0 : len] = '\0';
		if (!strstr(target, " (deleted)"))
			continue;
		fd = if_memory(open(path, O_RDWR | O_CLOEXEC), &least);
		if (fd < 0)
			continue;
		if (found >= 0)
			close(found);
		found = fd;
	}
	closedir(d);
	return found;
}

static int open_memory(const struct mutate_options *o, struct mutate *m)
{
	char folder[40];
	unsigned int i;
	int fd;

	if (o->memory) {
		fd = open(o->memory, O_RDWR | O_CLOEXEC);
		return fd < 0 ? -errno : mutate_open(m, fd);
	}
	m->alive = (pid_t)o->uml;
	snprintf(folder, sizeof(folder), "/proc/%d/fd", (int)m->alive);
	for (i = 0; i < LOOKS; i++) {
		fd = open_uml_memory(folder);
		if (fd < 0 && fd != -ENOENT)
			return fd;
		if (fd >= 0)
			return mutate_open(m, fd);
		usleep(LOOK_US);
	}
	return -ENOENT;
}

int cmd_mutate(int argc, char **argv)
{
	struct mutate_options o = { .cpu = OPTION_UNSET };
	struct mutate m = { 0 };
	int ret;

	ret = parse(&o, &m, argc, argv);
	if (ret)
		return ret;
	if (o.cpu != OPTION_UNSET) {
		ret = cpu_pin((int)o.cpu);
		if (ret) {
			fprintf(stderr, "pagecopy mutate: --cpu %d: %s\n",
				(int)o.cpu, strerror(-ret));
			return EXIT_USAGE;
		}
	}
	ret = open_memory(&o, &m);
	if (ret) {
		fprintf(stderr, "pagecopy mutate: the memory of the guest: "
			"%s\n", strerror(-ret));
		return EXIT_FAILED;
	}
	while (mutate_serve(&m))
		;
	mutate_close(&m);
	return EXIT_DONE;
}
