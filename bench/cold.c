// SPDX-License-Identifier: MIT
#include "cold.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "cpu_id.h"
#include "doctor_tree.h"
#include "flush.h"

/* A cache as sysfs has it. */
struct level {
	long nr;
	uint64_t bytes;
	char shared[64];
};

static bool read_level(const struct doctor *d, unsigned int index,
		       struct level *l)
{
	struct tree_file file;
	char *end;

	if (!tree_number(d, &file, &l->nr, CPU_DIR "/cpu%d/cache/index%u/level",
			 d->cpu, index))
		return false;
	l->bytes = 0;
	l->shared[0] = '\0';
	if (!tree_read(d, &file, CPU_DIR "/cpu%d/cache/index%u/type", d->cpu,
		       index) || !strcmp(file.text, "Instruction"))
		return true;
	if (tree_read(d, &file, CPU_DIR "/cpu%d/cache/index%u/size", d->cpu,
		      index)) {
		l->bytes = strtoull(file.text, &end, 10);
		if (*end == 'K')
			l->bytes <<= 10;
		else if (*end == 'M')
			l->bytes <<= 20;
	}
	if (tree_read(d, &file, CPU_DIR "/cpu%d/cache/index%u/shared_cpu_list",
		      d->cpu, index))
		snprintf(l->shared, sizeof(l->shared), "%.60s", file.text);
	return true;
}

/* The second level, and the highest one above it. */
static void take_level(struct cold *c, long nr, uint64_t bytes, long *highest)
{
	if (!bytes)
		return;
	if (nr == 2)
		c->l2 = bytes;
	if (nr < 3 || nr < *highest)
		return;
	*highest = nr;
	c->llc = bytes;
}

static void from_sysfs(struct cold *c, const struct doctor *d)
{
	long highest = 0;
	struct level l;
	unsigned int i;

	for (i = 0; read_level(d, i, &l); i++) {
		take_level(c, l.nr, l.bytes, &highest);
		if (l.bytes && l.nr == highest)
			snprintf(c->shared, sizeof(c->shared), "%s", l.shared);
	}
	c->source = "sysfs";
}

static void from_cpuid(struct cold *c)
{
	struct cpuid_cache cache;
	long highest = 0;
	unsigned int i;

	for (i = 0; cpuid_cache(i, &cache); i++)
		if (cache.type != 'i')
			take_level(c, cache.level, cache.bytes, &highest);
	c->shared[0] = '\0';
	c->source = "CPUID";
}

/* What there is when nothing else allocates, with some left for the rest. */
static uint64_t room(const struct doctor *d, unsigned int kinds)
{
	struct tree_file file;

	if (!tree_field(d, &file, "/proc/meminfo", "MemAvailable"))
		return 0;
	return (strtoull(file.text, NULL, 10) << 10) / 4 * 3 / (kinds + 1);
}

void cold_choose(struct cold *c)
{
	char *llc = c->why[CACHE_LLC], *dram = c->why[CACHE_DRAM];
	const size_t size = sizeof(c->why[0]);

	memset(c->set, 0, sizeof(c->set));
	memset(c->why, 0, sizeof(c->why));
	if (!flush_here())
		snprintf(c->why[CACHE_FLUSHED], size, "no instruction known "
			 "that flushes a line of this CPU's caches");
	if (!c->l2 || !c->llc) {
		snprintf(llc, size, "neither sysfs (" CPU_DIR "/cpuN/cache) "
			 "nor CPUID tells the size of a second level and of "
			 "one above it");
		snprintf(dram, size, "%s", llc);
		return;
	}
	c->set[CACHE_DRAM] = COLD_DRAM * c->llc;
	c->set[CACHE_LLC] = COLD_LLC * c->l2;
	if (c->set[CACHE_LLC] > c->llc / 2)
		c->set[CACHE_LLC] = c->llc / 2;
	if (c->set[CACHE_LLC] >= COLD_LLC_LEAST * c->l2)
		return;
	snprintf(llc, size, "half of the last level, %" PRIu64 " KiB, is not %d "
		 "times the second one, %" PRIu64 " KiB", c->llc >> 11,
		 COLD_LLC_LEAST, c->l2 >> 10);
	c->set[CACHE_LLC] = 0;
}

void cold_read(struct cold *c, const char *root, int cpu, unsigned int kinds)
{
	const struct doctor d = { .root = root, .cpu = cpu };

	memset(c, 0, sizeof(*c));
	from_sysfs(c, &d);
	if (!c->l2 || !c->llc) {
		c->l2 = c->llc = 0;
		from_cpuid(c);
	}
	c->room = room(&d, kinds);
	cold_choose(c);
	c->known = true;
}

void cold_head(const struct cold *c, FILE *f)
{
	unsigned int i;

	if (c->l2 && c->llc) {
		fprintf(f, "#cache_l2: %" PRIu64 " bytes, %s\n", c->l2,
			c->source);
		fprintf(f, "#cache_llc: %" PRIu64 " bytes, %s", c->llc,
			c->source);
		fprintf(f, c->shared[0] ? ", shared by CPUs %s\n" : "%s\n",
			c->shared);
	}
	for (i = 0; i < CACHE_NR; i++)
		if (c->set[i])
			fprintf(f, "#working_set_%s: %" PRIu64 " bytes at "
				"least, page and buffer together, each "
				"thread\n", names_of(&names_cache, i),
				c->set[i]);
	for (i = 0; i < CACHE_NR; i++)
		if (c->why[i][0])
			fprintf(f, "#cache_state_%s: %s\n",
				names_of(&names_cache, i), c->why[i]);
}
