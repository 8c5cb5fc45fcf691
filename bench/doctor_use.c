// SPDX-License-Identifier: MIT
/* The checks of who gets the time of the measuring CPU. */
#include "doctor_tree.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* Times of a CPU in ticks, by the fields of its line in /proc/stat. */
enum stat_field {
	STAT_USER, STAT_NICE, STAT_SYSTEM, STAT_IDLE, STAT_IOWAIT, STAT_IRQ,
	STAT_SOFTIRQ, STAT_STEAL, STAT_FIELDS,
};

static bool read_stat(const struct doctor *d, struct tree_file *file,
		      unsigned long long ticks[STAT_FIELDS],
		      unsigned long long *sum)
{
	char key[16], *at = file->text;
	unsigned int i;

	snprintf(key, sizeof(key), "cpu%d", d->cpu);
	if (!tree_field(d, file, "/proc/stat", key))
		return false;
	*sum = 0;
	for (i = 0; i < STAT_FIELDS; i++) {
		char *end;

		ticks[i] = strtoull(at, &end, 10);
		if (end == at)
			file->error = EINVAL;
		*sum += ticks[i];
		at = end;
	}
	return !file->error;
}

/* A thousandth, and what was there before the run tells what may come. */
void check_steal(const struct doctor *d, struct finding *f)
{
	unsigned long long ticks[STAT_FIELDS], sum;
	struct tree_file file;
	double share;

	if (!read_stat(d, &file, ticks, &sum)) {
		finding_unread(f, &file);
		return;
	}
	share = sum ? 100.0 * (double)ticks[STAT_STEAL] / (double)sum : 0;
	finding_set(f, share < 0.1 ? DOCTOR_PASS : DOCTOR_WARN,
		    "%.1f %% of CPU %d since boot", share, d->cpu);
}

/* A process, and what it had used at the first look. */
struct user {
	long pid;
	unsigned long long ticks;
};

#define USERS_MAX	4096

/* Fields of /proc/PID/stat, counted from 1 as proc(5) does. */
#define FIELD_AFTER_NAME	3
#define FIELD_UTIME		14
#define FIELD_STIME		15
#define FIELD_CPU		39

/* The name may hold anything, so the fields are counted from behind it. */
static bool read_user(const struct doctor *d, const char *pid,
		      struct tree_file *file, unsigned long long *ticks,
		      int *cpu)
{
	unsigned int field = FIELD_AFTER_NAME;
	char *at;

	if (!tree_read(d, file, "/proc/%.20s/stat", pid))
		return false;
	at = strrchr(file->text, ')');
	*ticks = 0;
	for (at = at ? strchr(at, ' ') : NULL; at; at = strchr(at, ' ')) {
		at++;
		if (field == FIELD_UTIME || field == FIELD_STIME)
			*ticks += strtoull(at, NULL, 10);
		if (field++ != FIELD_CPU)
			continue;
		*cpu = (int)strtol(at, NULL, 10);
		return true;
	}
	return false;
}

static unsigned int read_users(const struct doctor *d, struct user *users)
{
	struct tree_file folder, file;
	unsigned int nr = 0;
	const char *name;
	DIR *dir;
	int cpu;

	dir = tree_dir(d, &folder, "/proc");
	while (dir && nr < USERS_MAX && (name = tree_next(dir, ""))) {
		users[nr].pid = strtol(name, NULL, 10);
		if (users[nr].pid > 0 &&
		    read_user(d, name, &file, &users[nr].ticks, &cpu))
			nr++;
	}
	if (dir)
		closedir(dir);
	return nr;
}

/* Who has used most of the CPU since the first look, as " by name (pid)". */
static void name_user(const struct doctor *d, const struct user *users,
		      unsigned int nr, char *text, size_t size)
{
	unsigned long long ticks, most = 0;
	struct tree_file file;
	char pid[24], *name;
	unsigned int i;
	int cpu;

	text[0] = '\0';
	for (i = 0; i < nr; i++) {
		snprintf(pid, sizeof(pid), "%ld", users[i].pid);
		if (!read_user(d, pid, &file, &ticks, &cpu) || cpu != d->cpu ||
		    ticks <= users[i].ticks + most)
			continue;
		most = ticks - users[i].ticks;
		*strrchr(file.text, ')') = '\0';
		name = strchr(file.text, '(');
		snprintf(text, size, ", most by %.40s (%ld)",
			 name ? name + 1 : "?", users[i].pid);
	}
}

/*
 * One tick of 200 ms is 5 %: less cannot be told from the sampling. From a
 * quarter on, somebody holds the CPU for many turns of every slice, and no
 * order of the turns makes that fall on both sides of a pair alike.
 */
#define USE_NONE	5.0
#define USE_HEAVY	25.0

void check_cpu_use(const struct doctor *d, struct finding *f)
{
	unsigned long long was[STAT_FIELDS], is[STAT_FIELDS], sum_was, sum_is;
	struct user *users = calloc(USERS_MAX, sizeof(*users));
	unsigned int nr = users ? read_users(d, users) : 0;
	double used, share;
	struct tree_file file;
	char name[80] = "";

	/* Between the two looks at the CPU nothing is done here but waiting. */
	if (read_stat(d, &file, was, &sum_was)) {
		d->wait(d);
		read_stat(d, &file, is, &sum_is);
	}
	if (file.error) {
		finding_unread(f, &file);
		free(users);
		return;
	}
	if (sum_is <= sum_was) {
		finding_set(f, DOCTOR_UNKNOWN, "/proc/stat: the times of CPU %d "
			    "stand still", d->cpu);
		free(users);
		return;
	}
	used = (double)(sum_is - sum_was) -
	       ((double)is[STAT_IDLE] - (double)was[STAT_IDLE]) -
	       ((double)is[STAT_IOWAIT] - (double)was[STAT_IOWAIT]);
	share = 100 * used / (double)(sum_is - sum_was);
	if (share > USE_NONE)
		name_user(d, users, nr, name, sizeof(name));
	free(users);
	finding_set(f, share <= USE_NONE ? DOCTOR_PASS : share < USE_HEAVY ?
		    DOCTOR_WARN : DOCTOR_FAIL,
		    "%.0f %% of CPU %d in use%s", share, d->cpu, name);
	if (f->verdict != DOCTOR_PASS)
		finding_fix(f, "end it, or measure on another CPU: --cpu N");
}
