/* SPDX-License-Identifier: MIT */
#ifndef PAGECOPY_CPU_H
#define PAGECOPY_CPU_H

/**
 * cpu_pin() - stay on one CPU
 * @cpu: its number, or -1 for the last one this process may use
 *
 * Return: the CPU, or -errno; -EINVAL when it may not be used.
 */
int cpu_pin(int cpu);

#endif
