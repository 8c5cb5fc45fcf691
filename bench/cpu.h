/* SPDX-License-Identifier: MIT */
#ifndef PAGECOPY_CPU_H
#define PAGECOPY_CPU_H

#define CPUS_MAX	1024

/**
 * struct cpus - the CPUs this process may use
 * @nr:  how many
 * @cpu: their numbers, ascending
 */
struct cpus {
	unsigned int nr;
	int cpu[CPUS_MAX];
};

/** cpus_read() - 0 or -errno; asked before any cpu_pin() */
int cpus_read(struct cpus *c);

/** cpus_find() - the place of @cpu in the list, or -EINVAL */
int cpus_find(const struct cpus *c, int cpu);

/** cpus_at() - number @i of the list, which goes round */
static inline int cpus_at(const struct cpus *c, unsigned int i)
{
	return c->cpu[i % c->nr];
}

/** cpu_pin() - the calling thread stays on @cpu; 0 or -errno */
int cpu_pin(int cpu);

#endif
