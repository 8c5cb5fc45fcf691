// SPDX-License-Identifier: MIT
#include "cpu.h"

#include <errno.h>
#include <sched.h>

int cpus_read(struct cpus *c)
{
	cpu_set_t set;
	int cpu;

	c->nr = 0;
	if (sched_getaffinity(0, sizeof(set), &set))
		return -errno;
	for (cpu = 0; cpu < CPU_SETSIZE && c->nr < CPUS_MAX; cpu++)
		if (CPU_ISSET(cpu, &set))
			c->cpu[c->nr++] = cpu;
	return c->nr ? 0 : -EINVAL;
}

int cpus_find(const struct cpus *c, int cpu)
{
	unsigned int i;

	for (i = 0; i < c->nr; i++)
		if (c->cpu[i] == cpu)
			return (int)i;
	return -EINVAL;
}

int cpu_pin(int cpu)
{
	cpu_set_t set;

	CPU_ZERO(&set);
	CPU_SET(cpu, &set);
	return sched_setaffinity(0, sizeof(set), &set) ? -errno : 0;
}
