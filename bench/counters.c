// SPDX-License-Identifier: MIT
#include "counters.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "cpu_id.h"

#define DTLB_MISSES	(PERF_COUNT_HW_CACHE_DTLB |			\
			 PERF_COUNT_HW_CACHE_OP_READ << 8 |		\
			 PERF_COUNT_HW_CACHE_RESULT_MISS << 16)

#define HARDWARE(name, type, config)					\
	[COUNTER_##name##_USER] = { PERF_TYPE_##type, config },		\
	[COUNTER_##name##_KERNEL] = { PERF_TYPE_##type, config }

static const struct {
	uint32_t type;
	uint64_t config;
} events[COUNTER_NR] = {
	HARDWARE(CYCLES, HARDWARE, PERF_COUNT_HW_CPU_CYCLES),
	HARDWARE(INSTRUCTIONS, HARDWARE, PERF_COUNT_HW_INSTRUCTIONS),
	HARDWARE(LLC_MISSES, HARDWARE, PERF_COUNT_HW_CACHE_MISSES),
	HARDWARE(DTLB_MISSES, HW_CACHE, DTLB_MISSES),
	[COUNTER_PAGE_FAULTS] = { PERF_TYPE_SOFTWARE,
				  PERF_COUNT_SW_PAGE_FAULTS },
	[COUNTER_CONTEXT_SWITCHES] = { PERF_TYPE_SOFTWARE,
				       PERF_COUNT_SW_CONTEXT_SWITCHES },
	[COUNTER_CPU_MIGRATIONS] = { PERF_TYPE_SOFTWARE,
				     PERF_COUNT_SW_CPU_MIGRATIONS },
};

static const char *const names[COUNTER_NR] = {
	[COUNTER_CYCLES_USER] = "cycles_user",
	[COUNTER_INSTRUCTIONS_USER] = "instructions_user",
	[COUNTER_LLC_MISSES_USER] = "llc_misses_user",
	[COUNTER_DTLB_MISSES_USER] = "dtlb_misses_user",
	[COUNTER_CYCLES_KERNEL] = "cycles_kernel",
	[COUNTER_INSTRUCTIONS_KERNEL] = "instructions_kernel",
	[COUNTER_LLC_MISSES_KERNEL] = "llc_misses_kernel",
	[COUNTER_DTLB_MISSES_KERNEL] = "dtlb_misses_kernel",
	[COUNTER_PAGE_FAULTS] = "page_faults",
	[COUNTER_CONTEXT_SWITCHES] = "context_switches",
	[COUNTER_CPU_MIGRATIONS] = "cpu_migrations",
};

static const unsigned int firsts[COUNTERS_GROUPS + 1] = {
	[COUNTERS_USER] = COUNTER_CYCLES_USER,
	[COUNTERS_KERNEL] = COUNTER_CYCLES_KERNEL,
	[COUNTERS_SOFTWARE] = COUNTER_SOFTWARE,
	[COUNTERS_GROUPS] = COUNTER_NR,
};

static int real_open(struct perf_event_attr *attr, int leader)
{
	long ret = syscall(SYS_perf_event_open, attr, 0, -1, leader,
			   PERF_FLAG_FD_CLOEXEC);

	return ret < 0 ? -errno : (int)ret;
}

static void real_control(int fd, unsigned long request)
{
	ioctl(fd, request, PERF_IOC_FLAG_GROUP);
}

const struct perf_ops perf_real = { real_open, real_control, read };

const char *counter_name(enum counter which)
{
	return names[which];
}

unsigned int counter_group_of(enum counter which)
{
	if (which >= COUNTER_SOFTWARE)
		return COUNTERS_SOFTWARE;
	return which >= COUNTER_CYCLES_KERNEL ? COUNTERS_KERNEL :
						COUNTERS_USER;
}

void counters_attr(enum counter which, bool leader,
		   struct perf_event_attr *attr)
{
	const unsigned int group = counter_group_of(which);

	memset(attr, 0, sizeof(*attr));
	attr->size = sizeof(*attr);
	attr->type = events[which].type;
	attr->config = events[which].config;
	attr->read_format = PERF_FORMAT_GROUP |
			    PERF_FORMAT_TOTAL_TIME_ENABLED |
			    PERF_FORMAT_TOTAL_TIME_RUNNING;
	/* The others do what their leader does. */
	attr->disabled = leader;
	attr->pinned = leader;
	/* A switch happens inside the kernel: software counts everything. */
	attr->exclude_kernel = group == COUNTERS_USER;
	attr->exclude_user = group == COUNTERS_KERNEL;
	attr->exclude_hv = group != COUNTERS_SOFTWARE;
}

static int paranoid_level(void)
{
	FILE *f = fopen("/proc/sys/kernel/perf_event_paranoid", "re");
	int level = -2;

	if (!f)
		return level;
	if (fscanf(f, "%d", &level) != 1)
		level = -2;
	fclose(f);
	return level;
}

static void say_no_pmu(char *why, size_t size)
{
	char sig[13];

	cpuid_hypervisor(sig);
	if (sig[0])
		snprintf(why, size, "no PMU: the hypervisor (%s) gives none to "
			 "this guest; QEMU with KVM does with -cpu host,pmu=on",
			 sig);
	else
		snprintf(why, size, "no PMU that this kernel knows; see dmesg "
			 "| grep -i pmu");
}

/* Which obstacle, and what would remove it. */
static void say_why(unsigned int group, bool alone, int err, char *why,
		    size_t size)
{
	switch (err) {
	case -EACCES:
		snprintf(why, size, "kernel.perf_event_paranoid is %d and the "
			 "process has no CAP_PERFMON; sudo sysctl "
			 "kernel.perf_event_paranoid=%d", paranoid_level(),
			 group == COUNTERS_USER ? 2 : 1);
		return;
	case -EPERM:
		snprintf(why, size, "not permitted, by a seccomp filter or a "
			 "security module; in a container: docker run "
			 "--cap-add PERFMON");
		return;
	case -ENOSYS:
		snprintf(why, size, "this kernel has no perf events "
			 "(CONFIG_PERF_EVENTS; User-Mode Linux never has)");
		return;
	case -ENOENT:
	case -EOPNOTSUPP:
	case -ENODEV:
		if (alone)
			say_no_pmu(why, size);
		else
			snprintf(why, size, "this PMU has no such event");
		return;
	case -EINVAL:
	case -ENOSPC:
	case -EBUSY:
		snprintf(why, size, "this PMU does not count it or has no "
			 "counter left; sudo sysctl kernel.nmi_watchdog=0 may "
			 "free one");
		return;
	}
	snprintf(why, size, "perf_event_open: %s", strerror(-err));
}

static void close_group(struct counters *c, unsigned int group)
{
	struct counter_group *g = &c->group[group];

	while (g->nr)
		close(g->fd[--g->nr]);
}

/* Up to @most events of a group, those wanted most. */
static void open_group(struct counters *c, unsigned int group,
		       unsigned int most)
{
	struct counter_group *g = &c->group[group];
	struct perf_event_attr attr;
	unsigned int which;
	int fd;

	memset(g, 0, sizeof(*g));
	for (which = firsts[group]; which < firsts[group + 1]; which++) {
		fd = -EBUSY;
		if (g->nr < most) {
			counters_attr(which, !g->nr, &attr);
			fd = c->ops->open(&attr, g->nr ? g->fd[0] : -1);
		}
		c->why[which][0] = '\0';
		if (fd < 0) {
			say_why(group, !g->nr && most, fd, c->why[which],
				sizeof(c->why[which]));
			continue;
		}
		g->fd[g->nr] = fd;
		g->which[g->nr++] = which;
	}
}

/* Add what was counted since the last time; false if not all the time. */
static bool read_group(struct counters *c, struct counter_group *g)
{
	struct {
		uint64_t nr;
		uint64_t enabled;
		uint64_t running;
		uint64_t value[COUNTERS_IN_GROUP];
	} now;
	const size_t size = (3 + g->nr) * sizeof(uint64_t);
	unsigned int i;
	bool whole;

	/* A pinned group that does not get its counters has no values. */
	if (c->ops->read(g->fd[0], &now, sizeof(now)) != (ssize_t)size)
		return false;
	for (i = 0; i < g->nr; i++) {
		c->sum[g->which[i]] += now.value[i] - g->last[i];
		g->last[i] = now.value[i];
	}
	whole = now.running - g->running == now.enabled - g->enabled;
	g->running = now.running;
	g->enabled = now.enabled;
	return whole;
}

/* Do the groups get their counters at the same time? */
static bool fits(struct counters *c)
{
	unsigned int i;

	counters_clear(c);
	counters_on(c);
	counters_off(c);
	for (i = 0; i < COUNTERS_SOFTWARE; i++)
		if (c->lost[i])
			return false;
	return true;
}

void counters_open(struct counters *c, const struct perf_ops *ops)
{
	unsigned int most = COUNTERS_IN_GROUP;

	memset(c, 0, sizeof(*c));
	c->ops = ops;
	for (;; most--) {
		open_group(c, COUNTERS_USER, most);
		open_group(c, COUNTERS_KERNEL, most);
		if (fits(c))
			break;
		close_group(c, COUNTERS_KERNEL);
		close_group(c, COUNTERS_USER);
	}
	open_group(c, COUNTERS_SOFTWARE, COUNTERS_IN_GROUP);
	counters_clear(c);
}

void counters_none(struct counters *c, const char *why)
{
	unsigned int i;

	memset(c, 0, sizeof(*c));
	for (i = 0; i < COUNTER_NR; i++)
		snprintf(c->why[i], sizeof(c->why[i]), "%s", why);
}

void counters_close(struct counters *c)
{
	unsigned int i;

	for (i = 0; i < COUNTERS_GROUPS; i++)
		close_group(c, i);
}

void counters_clear(struct counters *c)
{
	memset(c->sum, 0, sizeof(c->sum));
	memset(c->lost, 0, sizeof(c->lost));
}

/*
 * The kernel's group is the last to begin and the first to end, so that it
 * does not count what it takes to switch the others.
 */
void counters_on(struct counters *c)
{
	static const unsigned int order[COUNTERS_GROUPS] = {
		COUNTERS_SOFTWARE, COUNTERS_USER, COUNTERS_KERNEL,
	};
	unsigned int i;

	for (i = 0; i < COUNTERS_GROUPS; i++) {
		struct counter_group *g = &c->group[order[i]];

		if (g->nr)
			c->ops->control(g->fd[0], PERF_EVENT_IOC_ENABLE);
	}
}

void counters_off(struct counters *c)
{
	static const unsigned int order[COUNTERS_GROUPS] = {
		COUNTERS_KERNEL, COUNTERS_USER, COUNTERS_SOFTWARE,
	};
	unsigned int i;

	for (i = 0; i < COUNTERS_GROUPS; i++) {
		struct counter_group *g = &c->group[order[i]];

		if (g->nr)
			c->ops->control(g->fd[0], PERF_EVENT_IOC_DISABLE);
	}
	for (i = 0; i < COUNTERS_GROUPS; i++)
		if (c->group[i].nr && !read_group(c, &c->group[i]))
			c->lost[i] = true;
}

bool counters_has(const struct counters *c, enum counter which)
{
	return c->ops && !c->why[which][0] && !c->lost[counter_group_of(which)];
}
