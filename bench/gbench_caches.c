// SPDX-License-Identifier: MIT
#include "gbench_caches.h"

#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define L2_ASSUMED	(2U << 20)
#define LAST_ASSUMED	(64U << 20)
#define INDEX_MAX	10

/* The first line of a file of one cache; false if there is none. */
static bool cache_line(const char *sys, int cpu, unsigned int index,
		       const char *name, char *line, int size)
{
	char path[300];
	bool good;
	FILE *f;

	snprintf(path, sizeof(path), "%s/cpu%d/cache/index%u/%s", sys, cpu,
		 index, name);
	f = fopen(path, "re");
	if (!f)
		return false;
	good = fgets(line, size, f);
	fclose(f);
	return good;
}

static uint64_t bytes_of(const char *text)
{
	uint64_t n = 0;
	char unit = 0;

	if (sscanf(text, "%" SCNu64 "%c", &n, &unit) < 1)
		return 0;
	if (unit == 'K')
		return n << 10;
	return unit == 'M' ? n << 20 : n;
}

/* A hypervisor may give CPUID of the whole socket, and the kernel the truth. */
static bool from_kernel(const char *sys, int cpu, struct caches *c)
{
	unsigned int i, level, last = 0;
	char line[64];
	uint64_t size;

	for (i = 0; i < INDEX_MAX; i++) {
		if (!cache_line(sys, cpu, i, "type", line, sizeof(line)))
			break;
		if (!strncmp(line, "Instruction", 11))
			continue;
		if (!cache_line(sys, cpu, i, "level", line, sizeof(line)) ||
		    sscanf(line, "%u", &level) != 1 ||
		    !cache_line(sys, cpu, i, "size", line, sizeof(line)))
			continue;
		size = bytes_of(line);
		if (level == 2)
			c->l2 = size;
		if (size && level > last) {
			last = level;
			c->last = size;
		}
	}
	return c->l2 && c->last;
}

static bool from_libc(struct caches *c)
{
	const long l2 = sysconf(_SC_LEVEL2_CACHE_SIZE);
	const long l3 = sysconf(_SC_LEVEL3_CACHE_SIZE);

	if (l2 <= 0)
		return false;
	c->l2 = (uint64_t)l2;
	c->last = (uint64_t)(l3 > 0 ? l3 : l2);
	return true;
}

void caches_read(const char *sys, int cpu, struct caches *c)
{
	memset(c, 0, sizeof(*c));
	if (from_kernel(sys, cpu, c)) {
		c->from = "as the kernel says";
	} else if (from_libc(c)) {
		c->from = "as the C library says";
	} else {
		c->l2 = L2_ASSUMED;
		c->last = LAST_ASSUMED;
		c->from = "assumed, as nobody here knows";
	}
}
