// SPDX-License-Identifier: MIT
#include "cpu.h"

#include <errno.h>
#include <sched.h>

static int last_allowed(const cpu_set_t *allowed)
{
	int cpu, last = -EINVAL;

	for (cpu = 0; cpu < CPU_SETSIZE; cpu++)
		if (CPU_ISSET(cpu, allowed))
			last = cpu;
	return last;
}

int cpu_pin(int cpu)
{
	cpu_set_t set;

	if (sched_getaffinity(0, sizeof(set), &set))
		return -errno;
	if (cpu < 0)
		cpu = last_allowed(&set);
	if (cpu < 0 || cpu >= CPU_SETSIZE || !CPU_ISSET(cpu, &set))
		return -EINVAL;
	CPU_ZERO(&set);
	CPU_SET(cpu, &set);
	return sched_setaffinity(0, sizeof(set), &set) ? -errno : cpu;
}
