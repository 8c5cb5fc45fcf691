// SPDX-License-Identifier: MIT
#include "disturb.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "clock.h"

#define TEXT_MAX	65536
/* A source that takes longer would cost more than it tells. */
#define READ_NS_MAX	200000
#define READS		5
/* As long as reading again may take, it is as good. */
#define FRESH_NS	200000

/* The whole file, as it is now; false if that cannot be. */
static bool read_text(struct disturb *d, int fd)
{
	ssize_t n = pread(fd, d->text, TEXT_MAX, 0);

	if (n <= 0 || n == TEXT_MAX)
		return false;
	d->text[n] = '\0';
	return true;
}

/* Start of the next line; NULL past the last one. */
static const char *next_line(const char *line)
{
	line = strchr(line, '\n');
	return line && line[1] ? line + 1 : NULL;
}

/* Place of @cpu among the columns of /proc/interrupts; -1 without. */
static int column_of(const char *head, int cpu)
{
	const char *end = strchr(head, '\n');
	int at = 0, number, used;

	while (end && head < end &&
	       sscanf(head, " CPU%d%n", &number, &used) == 1) {
		if (number == cpu)
			return at;
		head += used;
		at++;
	}
	return -1;
}

/* Number @column of a line; 0 where a line has fewer. */
static uint64_t number_at(const char *line, int column)
{
	uint64_t value = 0;
	char *end;
	int i;

	line = strchr(line, ':');
	for (i = 0; line && i <= column; i++) {
		value = strtoull(++line, &end, 10);
		if (end == line)
			return 0;
		line = end;
	}
	return line ? value : 0;
}

/* Lines that count errors, of no CPU. */
static bool of_no_cpu(const char *line)
{
	line += strspn(line, " ");
	return !strncmp(line, "ERR:", 4) || !strncmp(line, "MIS:", 4);
}

static uint64_t interrupts_of(const char *text, int cpu)
{
	const int column = column_of(text, cpu);
	const char *line = text;
	uint64_t sum = 0;

	while (column >= 0 && (line = next_line(line)))
		if (!of_no_cpu(line))
			sum += number_at(line, column);
	return sum;
}

static uint64_t steal_of(const char *text, int cpu)
{
	const uint64_t tick = 1000000000ULL / (uint64_t)sysconf(_SC_CLK_TCK);
	const char *line = text;
	uint64_t steal;
	int number;

	for (; line; line = next_line(line))
		if (sscanf(line, "cpu%d %*u %*u %*u %*u %*u %*u %*u %" SCNu64,
			   &number, &steal) == 2 && number == cpu)
			return steal * tick;
	return 0;
}

/* Of all our CPUs; false if it cannot be read. */
static bool read_sum(struct disturb *d, enum disturb_source source,
		     uint64_t *sum)
{
	unsigned int i;

	*sum = 0;
	if (d->fd[source] < 0 || !read_text(d, d->fd[source]))
		return false;
	for (i = 0; i < d->nr; i++)
		*sum += source == DISTURB_STEAL ?
				steal_of(d->text, d->cpu[i]) :
				interrupts_of(d->text, d->cpu[i]);
	return true;
}

/* It can be read, but it is not worth it. */
static void check_cost(struct disturb *d, enum disturb_source source,
		       const char *path)
{
	uint64_t best = UINT64_MAX, start, sum, i;
	bool read = true;

	for (i = 0; i < READS && read; i++) {
		start = clock_now_ns();
		read = read_sum(d, source, &sum);
		start = clock_now_ns() - start;
		if (start < best)
			best = start;
	}
	if (read && best <= READ_NS_MAX)
		return;
	snprintf(d->why[source], sizeof(d->why[source]), read ?
		 "%s takes %" PRIu64 " us to read; more than %u would disturb, "
		 "too" : "%s: cannot be read, or is too long", path,
		 best / 1000, READ_NS_MAX / 1000);
	close(d->fd[source]);
	d->fd[source] = -1;
}

static void open_source(struct disturb *d, enum disturb_source source,
			const char *root, const char *file)
{
	char path[PATH_MAX];

	snprintf(path, sizeof(path), "%s%s", root, file);
	d->fd[source] = open(path, O_RDONLY | O_CLOEXEC);
	if (d->fd[source] < 0)
		snprintf(d->why[source], sizeof(d->why[source]), "%s: %s",
			 file, strerror(errno));
	else
		check_cost(d, source, file);
}

static void open_mhz(struct disturb *d, const char *root)
{
	char path[PATH_MAX];
	unsigned int i;
	int err = 0;

	for (i = 0; i < d->nr; i++) {
		snprintf(path, sizeof(path), "%s/sys/devices/system/cpu/cpu%d/"
			 "cpufreq/scaling_cur_freq", root, d->cpu[i]);
		d->mhz_fd[i] = open(path, O_RDONLY | O_CLOEXEC);
		if (d->mhz_fd[i] < 0)
			err = errno;
	}
	if (err)
		snprintf(d->why[DISTURB_MHZ], sizeof(d->why[DISTURB_MHZ]),
			 "no cpufreq here (scaling_cur_freq: %s)",
			 strerror(err));
}

static void add_cpu(struct disturb *d, int cpu)
{
	unsigned int i;

	for (i = 0; i < d->nr; i++)
		if (d->cpu[i] == cpu)
			return;
	if (d->nr < DISTURB_CPUS)
		d->cpu[d->nr++] = cpu;
}

int disturb_open(struct disturb *d, const char *root, const int *cpu,
		 unsigned int nr)
{
	unsigned int i;

	memset(d, 0, sizeof(*d));
	for (i = 0; i < DISTURB_SOURCES; i++)
		d->fd[i] = -1;
	for (i = 0; i < nr; i++)
		add_cpu(d, cpu[i]);
	d->text = malloc(TEXT_MAX + 1);
	if (!d->text)
		return -ENOMEM;
	open_source(d, DISTURB_INTERRUPTS, root, "/proc/interrupts");
	open_source(d, DISTURB_STEAL, root, "/proc/stat");
	open_mhz(d, root);
	return 0;
}

void disturb_close(struct disturb *d)
{
	unsigned int i;

	if (!d->text)
		return;
	for (i = 0; i < DISTURB_SOURCES; i++)
		if (d->fd[i] >= 0)
			close(d->fd[i]);
	for (i = 0; i < d->nr; i++)
		if (d->mhz_fd[i] >= 0)
			close(d->mhz_fd[i]);
	free(d->text);
	d->text = NULL;
}

void disturb_begin(struct disturb *d)
{
	if (clock_now_ns() - d->read_ns < FRESH_NS)
		return;
	read_sum(d, DISTURB_INTERRUPTS, &d->since[DISTURB_INTERRUPTS]);
	read_sum(d, DISTURB_STEAL, &d->since[DISTURB_STEAL]);
}

static void read_mhz(struct disturb *d, struct disturbance *sum)
{
	char text[32];
	unsigned int i;
	ssize_t n;

	for (i = 0; i < d->nr && !d->why[DISTURB_MHZ][0]; i++) {
		n = pread(d->mhz_fd[i], text, sizeof(text) - 1, 0);
		if (n <= 0)
			continue;
		text[n] = '\0';
		sum->mhz += strtod(text, NULL) / 1000;
		sum->readings++;
	}
}

/* A counter may have been read while it was being changed. */
static uint64_t passed(uint64_t since, uint64_t now)
{
	return now > since ? now - since : 0;
}

void disturb_end(struct disturb *d, struct disturbance *sum)
{
	uint64_t now;

	/* First what has just been in use. */
	read_mhz(d, sum);
	if (read_sum(d, DISTURB_STEAL, &now)) {
		sum->steal_ns += passed(d->since[DISTURB_STEAL], now);
		d->since[DISTURB_STEAL] = now;
	}
	if (read_sum(d, DISTURB_INTERRUPTS, &now)) {
		sum->interrupts += passed(d->since[DISTURB_INTERRUPTS], now);
		d->since[DISTURB_INTERRUPTS] = now;
	}
	d->read_ns = clock_now_ns();
}

static uint64_t involuntary(void)
{
	struct rusage usage = { 0 };

	getrusage(RUSAGE_THREAD, &usage);
	return (uint64_t)usage.ru_nivcsw;
}

void disturb_own_begin(struct disturb_own *own)
{
	own->since = involuntary();
}

void disturb_own_end(struct disturb_own *own, int cpu)
{
	own->preempted += involuntary() - own->since;
	own->migrated += sched_getcpu() != cpu;
}
