// SPDX-License-Identifier: MIT
#include "kconfig.h"

#include <fcntl.h>
#include <spawn.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

/* Both "CONFIG_X=v" and "# CONFIG_X is not set". */
static unsigned int read_options(FILE *f, kconfig_fn *take, void *data)
{
	char line[1024], *value;
	unsigned int nr = 0;

	while (fgets(line, sizeof(line), f)) {
		bool off = !strncmp(line, "# CONFIG_", 9);
		char *name = line + (off ? 9 : 7);

		if (!off && strncmp(line, "CONFIG_", 7))
			continue;
		line[strcspn(line, "\n")] = '\0';
		value = strpbrk(name, off ? " " : "=");
		if (!value)
			continue;
		*value++ = '\0';
		take(data, name, off ? "n" : value);
		nr++;
	}
	return nr;
}

/* The output of zcat; @pid is to be waited for. */
static FILE *unzip(const char *path, pid_t *pid)
{
	char *const argv[] = { "zcat", (char *)path, NULL };
	posix_spawn_file_actions_t actions;
	FILE *f = NULL;
	int fd[2], ret;

	if (pipe2(fd, O_CLOEXEC))
		return NULL;
	posix_spawn_file_actions_init(&actions);
	posix_spawn_file_actions_adddup2(&actions, fd[1], STDOUT_FILENO);
	posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, "/dev/null",
					 O_WRONLY, 0);
	ret = posix_spawnp(pid, "zcat", &actions, NULL, argv, environ);
	posix_spawn_file_actions_destroy(&actions);
	close(fd[1]);
	if (!ret)
		f = fdopen(fd[0], "r");
	if (!f)
		close(fd[0]);
	if (!ret && !f)
		waitpid(*pid, NULL, 0);
	return f;
}

static unsigned int read_zipped(const char *path, kconfig_fn *take, void *data)
{
	unsigned int nr;
	pid_t pid;
	FILE *f;

	if (access(path, R_OK))
		return 0;
	f = unzip(path, &pid);
	if (!f)
		return 0;
	nr = read_options(f, take, data);
	fclose(f);
	waitpid(pid, NULL, 0);
	return nr;
}

static unsigned int read_plain(const char *path, kconfig_fn *take, void *data)
{
	FILE *f = fopen(path, "re");
	unsigned int nr;

	if (!f)
		return 0;
	nr = read_options(f, take, data);
	fclose(f);
	return nr;
}

unsigned int kconfig_each(const char *root, kconfig_fn *take, void *data)
{
	char path[4096], release[128] = "";
	unsigned int nr;
	FILE *f;

	snprintf(path, sizeof(path), "%s/proc/config.gz", root);
	nr = read_zipped(path, take, data);
	if (nr)
		return nr;
	snprintf(path, sizeof(path), "%s/proc/sys/kernel/osrelease", root);
	f = fopen(path, "re");
	if (!f)
		return 0;
	if (fgets(release, sizeof(release), f))
		release[strcspn(release, "\n")] = '\0';
	fclose(f);
	snprintf(path, sizeof(path), "%s/boot/config-%s", root, release);
	return read_plain(path, take, data);
}
