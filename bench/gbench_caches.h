/* SPDX-License-Identifier: MIT */
#ifndef PAGECOPY_GBENCH_CACHES_H
#define PAGECOPY_GBENCH_CACHES_H

#include <stddef.h>
#include <stdint.h>

/**
 * struct caches - what a CPU has for data
 * @l2:   bytes of level 2
 * @last: bytes of the last level, shared or not
 * @from: who says so, in words
 */
struct caches {
	uint64_t l2;
	uint64_t last;
	const char *from;
};

/**
 * caches_read() - how large the caches of @cpu are
 * @sys: the folder that has them, CACHES_SYS but in tests
 *
 * Where the kernel does not say it, the C library is asked; where nobody knows,
 * sizes are assumed that few machines exceed.
 */
void caches_read(const char *sys, int cpu, struct caches *c);

#define CACHES_SYS	"/sys/devices/system/cpu"

#endif
