// SPDX-License-Identifier: MIT
/* The memory of a run: as much as its largest cell asks for, allocated once. */
#include "setup.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

#include "crew.h"
#include "verify.h"

/* What the largest cell needs. */
struct need {
	size_t arena;
	size_t scratch;
};

/* Cells that are too large for the memory are left out, and need none. */
static void need_more(const struct run *run, struct need *need,
		      const struct cell *c)
{
	struct layout l;

	layout_of(c, 0, &l);
	if (c->cache != CACHE_HOT && arena_need(&l) > run->cold.room)
		return;
	if (arena_need(&l) > need->arena)
		need->arena = arena_need(&l);
	if (verify_scratch(l.page_bytes) > need->scratch)
		need->scratch = verify_scratch(l.page_bytes);
}

static void worst_of(const struct run *run, uint64_t threads,
		     unsigned int cache, struct need *need)
{
	const struct options *o = run->o;
	const struct list *sizes = &o->axis[AXIS_SIZE];
	const struct list *offsets = &o->axis[AXIS_OFFSET];
	const struct list *shifts = &o->axis[AXIS_BUF_OFFSET];
	struct cell c = {
		.buffer = PAGECOPY_BUF_USER,
		.depth = (uint32_t)list_largest(&o->axis[AXIS_DEPTH]),
		.threads = (uint32_t)threads,
		.share = o->share_file,
		.cache = cache,
		.set = run->cold.set[cache],
	};
	unsigned int i, k, j;

	for (i = 0; i < sizes->nr; i++)
		for (k = 0; k < offsets->nr; k++)
			for (j = 0; j < shifts->nr; j++) {
				c.size = (uint32_t)sizes->value[i];
				c.offset = (uint32_t)offsets->value[k];
				c.buf_offset = (uint32_t)shifts->value[j];
				need_more(run, need, &c);
			}
}

/* Not always that of the most threads: each of them has whole buffers. */
static void worst_case(const struct run *run, struct need *need)
{
	const struct list *threads = &run->o->axis[AXIS_THREADS];
	const struct list *caches = &run->o->axis[AXIS_CACHE];
	unsigned int i, k;

	need->arena = 0;
	need->scratch = verify_scratch(4096);
	for (i = 0; i < threads->nr; i++)
		for (k = 0; k < caches->nr; k++)
			worst_of(run, threads->value[i],
				 (unsigned int)caches->value[k], need);
}

static int no_room(struct run *run, size_t bytes, const char *why)
{
	return run_fail(run, EXIT_FAILED, "%zu MiB of buffers: %s",
			bytes >> 20, why);
}

static int allocate(struct run *run)
{
	bool user = setup_has(run->o, AXIS_PATH, PATH_USER);
	bool any = user || setup_has_module(run->o);
	struct need need;
	char why[300];
	unsigned int i;

	worst_case(run, &need);
	run->scratch[0] = malloc(need.scratch);
	run->scratch[1] = malloc(need.scratch);
	if (!run->scratch[0] || !run->scratch[1])
		return no_room(run, need.scratch, strerror(ENOMEM));
	if (user && arena_open(&run->pages, need.arena, MEMORY_4K, why,
			       sizeof(why)))
		return no_room(run, need.arena, why);
	if (setup_has_module(run->o) && setup_has_cold(run->o) &&
	    run->cold.llc && arena_open(&run->evict,
					cold_evict(&run->cold, CACHE_DRAM),
					MEMORY_4K, why, sizeof(why)))
		return no_room(run, cold_evict(&run->cold, CACHE_DRAM), why);
	for (i = 0; any && i < MEMORY_NR; i++) {
		if (!setup_has(run->o, AXIS_PAGES, i))
			continue;
		if (!arena_open(&run->buffers[i], need.arena, i,
				run->no_memory[i], sizeof(run->no_memory[i])))
			continue;
		if (i == MEMORY_4K)
			return no_room(run, need.arena, run->no_memory[i]);
	}
	return 0;
}

/* Registered buffer number n is the memory of enum memory n. */
static int register_with(struct run *run, struct ring *r)
{
	struct iovec iov[MEMORY_NR] = { 0 };
	unsigned int i;

	for (i = 0; i < MEMORY_NR; i++) {
		if (!run->buffers[i].base)
			continue;
		iov[i].iov_base = run->buffers[i].base;
		iov[i].iov_len = run->buffers[i].bytes;
	}
	return ring_buffers(r, iov, MEMORY_NR);
}

static int register_own(struct worker *w)
{
	unsigned int i;
	int ret = 0;

	for (i = 0; i < RING_NR && !ret; i++)
		if (w->ring[i])
			ret = register_with(w->run, w->ring[i]);
	return ret;
}

static int register_buffers(struct run *run)
{
	struct rlimit limit = { 0 };
	unsigned int i;
	int ret = 0;

	if (!setup_has(run->o, AXIS_PATH, PATH_URING) ||
	    !setup_has(run->o, AXIS_BUFFER, PAGECOPY_BUF_FIXED))
		return 0;
	for (i = 0; i < 2 && !ret; i++)
		if (run->timing_up[i])
			ret = register_with(run, &run->timing[i]);
	if (!ret)
		ret = crew_call(run, 0, run->crew.nr + 1, register_own);
	if (!ret)
		return 0;
	getrlimit(RLIMIT_MEMLOCK, &limit);
	return run_fail(run, EXIT_FAILED, "registering the buffers with each "
			"ring: %s; RLIMIT_MEMLOCK (ulimit -l) is %llu KiB: "
			"raise it, or take smaller --size and --depth",
			strerror(-ret),
			(unsigned long long)limit.rlim_cur >> 10);
}

int setup_memory(struct run *run)
{
	int ret = allocate(run);

	return ret ? ret : register_buffers(run);
}

/* None is left for what the caches are. */
static int no_cold(struct run *run)
{
	char *text = NULL;
	size_t len;
	FILE *f;
	unsigned int i;

	for (i = 0; i < CACHE_NR; i++)
		if (run->cold.why[i][0] && setup_has(run->o, AXIS_CACHE, i))
			return run_fail(run, EXIT_SKIPPED, "--cache %s: %s",
					names_of(&names_cache, i),
					run->cold.why[i]);
	f = open_memstream(&text, &len);
	if (!f)
		return run_fail(run, EXIT_FAILED, "%s", strerror(ENOMEM));
	matrix_left_out(&run->m, f);
	fclose(f);
	run_fail(run, EXIT_SKIPPED, "--cache: no cell is left: %s", text);
	free(text);
	return -ECANCELED;
}

int setup_without(struct run *run)
{
	unsigned int i;

	matrix_cold(&run->m, &run->cold);
	if (!run->m.cells)
		return no_cold(run);
	for (i = 0; i < MEMORY_NR; i++) {
		if (!run->no_memory[i][0])
			continue;
		matrix_without(&run->m, i);
		if (!run->m.cells)
			return run_fail(run, EXIT_SKIPPED, "--pages %s: %s",
					names_of(&names_memory, i),
					run->no_memory[i]);
	}
	return 0;
}

int setup_locked(const struct run *run)
{
	int locked = -1;
	unsigned int i;

	for (i = 0; i < MEMORY_NR; i++)
		if (run->buffers[i].base)
			locked = locked && run->buffers[i].locked;
	return locked;
}

void setup_memory_close(struct run *run)
{
	unsigned int i;

	for (i = 0; i < MEMORY_NR; i++)
		arena_close(&run->buffers[i]);
	arena_close(&run->pages);
	arena_close(&run->evict);
	free(run->scratch[0]);
	free(run->scratch[1]);
	lap_free(run->laps);
}
