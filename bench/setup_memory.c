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

static void need_more(struct need *need, const struct cell *c)
{
	struct layout l;

	layout_of(c, 0, &l);
	if (arena_need(&l) > need->arena)
		need->arena = arena_need(&l);
	if (verify_scratch(l.page_bytes) > need->scratch)
		need->scratch = verify_scratch(l.page_bytes);
}

static void worst_of(const struct options *o, uint64_t threads,
		     struct need *need)
{
	const struct list *sizes = &o->axis[AXIS_SIZE];
	const struct list *offsets = &o->axis[AXIS_OFFSET];
	const struct list *shifts = &o->axis[AXIS_BUF_OFFSET];
	struct cell c = {
		.buffer = PAGECOPY_BUF_USER,
		.depth = (uint32_t)setup_largest(&o->axis[AXIS_DEPTH]),
		.threads = (uint32_t)threads,
	};
	unsigned int i, k, j;

	for (i = 0; i < sizes->nr; i++)
		for (k = 0; k < offsets->nr; k++)
			for (j = 0; j < shifts->nr; j++) {
				c.size = (uint32_t)sizes->value[i];
				c.offset = (uint32_t)offsets->value[k];
				c.buf_offset = (uint32_t)shifts->value[j];
				need_more(need, &c);
			}
}

/* Not always that of the most threads: each of them has whole buffers. */
static void worst_case(const struct options *o, struct need *need)
{
	const struct list *threads = &o->axis[AXIS_THREADS];
	unsigned int i;

	need->arena = 0;
	need->scratch = verify_scratch(4096);
	for (i = 0; i < threads->nr; i++)
		worst_of(o, threads->value[i], need);
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

	worst_case(run->o, &need);
	run->scratch[0] = malloc(need.scratch);
	run->scratch[1] = malloc(need.scratch);
	if (!run->scratch[0] || !run->scratch[1])
		return no_room(run, need.scratch, strerror(ENOMEM));
	if (user && arena_open(&run->pages, need.arena, MEMORY_4K, why,
			       sizeof(why)))
		return no_room(run, need.arena, why);
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

int setup_without(struct run *run)
{
	unsigned int i;

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
	free(run->scratch[0]);
	free(run->scratch[1]);
}
