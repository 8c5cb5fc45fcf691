// SPDX-License-Identifier: MIT
#include "setup.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <unistd.h>

#include "counters_run.h"
#include "cpu.h"
#include "crew.h"
#include "dev.h"
#include "disturb_run.h"
#include "path.h"
#include "pattern.h"
#include "platform.h"

bool setup_has(const struct options *o, enum axis axis, uint64_t value)
{
	return list_has(&o->axis[axis], value);
}

bool setup_has_module(const struct options *o)
{
	return setup_has(o, AXIS_PATH, PATH_URING) ||
	       setup_has(o, AXIS_PATH, PATH_IOCTL);
}

bool setup_has_cold(const struct options *o)
{
	const struct list *l = &o->axis[AXIS_CACHE];

	return l->nr > 1 || l->value[0] != CACHE_HOT;
}

/* Is a ring? */
static bool has_ring(const struct options *o)
{
	return setup_has(o, AXIS_PATH, PATH_URING) ||
	       setup_has(o, AXIS_PATH, PATH_NULL) ||
	       setup_has(o, AXIS_PATH, PATH_NOP);
}

static int not_allowed(struct run *run, const char *option, uint64_t cpu)
{
	return run_fail(run, EXIT_USAGE, "--%s '%llu': not a CPU this process "
			"may use; allowed: see taskset -cp $$", option,
			(unsigned long long)cpu);
}

static int choose_cpu(struct run *run)
{
	const uint64_t asked = run->o->cpu, sq_asked = run->o->sq_cpu;
	int at, ret;

	ret = cpus_read(&run->cpus);
	if (ret)
		return run_fail(run, EXIT_FAILED, "asking for CPUs: %s",
				strerror(-ret));
	at = (int)run->cpus.nr - 1;
	if (asked != OPTION_UNSET)
		at = cpus_find(&run->cpus, (int)asked);
	if (at < 0)
		return not_allowed(run, "cpu", asked);
	run->cpu_at = (unsigned int)at;
	run->cpu = run->cpus.cpu[at];
	run->sq_cpu = -1;
	if (sq_asked != OPTION_UNSET) {
		if (cpus_find(&run->cpus, (int)sq_asked) < 0)
			return not_allowed(run, "sq-cpu", sq_asked);
		run->sq_cpu = (int)sq_asked;
	} else if (run->cpus.nr > 1) {
		run->sq_cpu = cpus_at(&run->cpus, (unsigned int)at + 1);
	}
	ret = cpu_pin(run->cpu);
	return ret ? run_fail(run, EXIT_FAILED, "pinning to CPU %d: %s",
			      run->cpu, strerror(-ret)) : 0;
}

static void choose_seed(struct run *run)
{
	/* That of the run which goes on. */
	if (run->resume.file)
		return;
	run->seed = run->o->seed;
	if (run->seed != OPTION_UNSET)
		return;
	if (getrandom(&run->seed, sizeof(run->seed), 0) < 0)
		run->seed = pattern_mix(clock_now_ns() ^ (uint64_t)getpid());
	/* Fits a signed number of any reader. */
	run->seed &= INT64_MAX;
}

static void choose_run_id(struct run *run)
{
	time_t now = time(NULL);
	uint32_t random = (uint32_t)pattern_mix(clock_now_ns());
	struct tm tm;
	size_t len;

	if (run->resume.file) {
		memcpy(run->run_id, run->resume.run_id, sizeof(run->run_id));
		return;
	}
	getrandom(&random, sizeof(random), 0);
	gmtime_r(&now, &tm);
	len = strftime(run->run_id, sizeof(run->run_id), "%Y%m%dT%H%M%SZ",
		       &tm);
	snprintf(run->run_id + len, sizeof(run->run_id) - len, "-%08x",
		 random);
}

static int no_device(struct run *run, int err)
{
	const char *dev = run->o->dev;

	if (err == -ENOENT || err == -ENXIO || err == -ENODEV)
		return run_fail(run, EXIT_SKIPPED, "%s is not there: load the "
				"module (insmod pagecopy.ko), or run in a "
				"kernel that has it (scripts/vm -- pagecopy "
				"run), or leave it out (--path null,nop,user)",
				dev);
	if (err == -EACCES || err == -EPERM)
		return run_fail(run, EXIT_SKIPPED, "%s: %s: run as root, or "
				"widen the node's mode (a parameter of the "
				"module)", dev, strerror(-err));
	return run_fail(run, EXIT_SKIPPED, "%s: %s: not the device of "
			"pagecopy.ko", dev, strerror(-err));
}

static int probe_device(struct run *run)
{
	int fd, ret;

	if (!setup_has_module(run->o))
		return 0;
	fd = dev_open(run->o->dev);
	if (fd < 0)
		return no_device(run, fd);
	ret = dev_info(fd, &run->info);
	if (!ret)
		reasons_read(run->module_why, fd, &run->info);
	close(fd);
	if (ret)
		return no_device(run, ret);
	if (run->info.abi != PAGECOPY_ABI_VERSION)
		return run_fail(run, EXIT_SKIPPED, "the module speaks version "
				"%u of the interface, this program %u: build "
				"both from the same tree", run->info.abi,
				PAGECOPY_ABI_VERSION);
	return 0;
}

static int ring_refused(struct run *run, unsigned int kind, int err)
{
	const char *name = names_of(&names_ring, kind);

	switch (err) {
	case -ENOSYS:
		return run_fail(run, EXIT_SKIPPED,
				"this kernel has no io_uring");
	case -EPERM:
	case -EACCES:
		return run_fail(run, EXIT_SKIPPED, "io_uring is not allowed "
				"here: see sysctl kernel.io_uring_disabled, or "
				"a seccomp filter of the container");
	case -EINVAL:
		return run_fail(run, EXIT_SKIPPED, "--ring %s: this kernel "
				"refuses it; --allow-fallback takes the next "
				"best", name);
	case -ENOMEM:
		return run_fail(run, EXIT_FAILED, "ring %s: %s: is "
				"RLIMIT_MEMLOCK (ulimit -l) too low?", name,
				strerror(-err));
	}
	return run_fail(run, EXIT_FAILED, "ring %s: %s", name, strerror(-err));
}

/* What to try when @kind is refused; RING_NR: nothing. */
static unsigned int next_best(unsigned int kind)
{
	switch (kind & RING_BASE) {
	case RING_DEFER:
		return (kind & ~RING_BASE) | RING_COOP;
	case RING_COOP:
	case RING_SQPOLL:
		return (kind & ~RING_BASE) | RING_PLAIN;
	}
	return RING_NR;
}

static int new_ring(struct worker *w, unsigned int kind)
{
	const struct list *depths = &w->run->o->axis[AXIS_DEPTH];
	struct ring *r = calloc(1, sizeof(*r));
	int ret;

	if (!r)
		return -ENOMEM;
	ret = ring_open(r, kind, (unsigned int)list_largest(depths),
			w->sq_cpu);
	if (ret)
		free(r);
	else
		w->ring[kind] = r;
	return ret;
}

/* Open the ring asked for or, if that is allowed, the next best. */
static int open_ring(struct worker *w, uint64_t *asked)
{
	bool free = (*asked & RING_BASE) == RING_AUTO;
	bool lesser = free || w->run->o->allow_fallback;
	unsigned int kind = (unsigned int)*asked, next;
	int ret;

	if (free)
		kind |= RING_DEFER;
	for (;; kind = next) {
		if (w->ring[kind])
			return run_fail(w->run, EXIT_USAGE, "--ring: %s is on "
					"the list twice, as what another one "
					"turned out to be",
					names_of(&names_ring, kind));
		ret = new_ring(w, kind);
		if (!ret)
			break;
		next = next_best(kind);
		if (ret != -EINVAL || next == RING_NR || !lesser)
			return ring_refused(w->run, kind, ret);
	}
	*asked = kind;
	return 0;
}

/* What was granted to thread 0, for another one. */
static int open_granted(struct worker *w)
{
	const struct list *kinds = &w->run->o->axis[AXIS_RING];
	unsigned int i, kind;
	int ret;

	for (i = 0; i < kinds->nr; i++) {
		kind = (unsigned int)kinds->value[i];
		ret = new_ring(w, kind);
		if (ret)
			return ring_refused(w->run, kind, ret);
	}
	return 0;
}

static unsigned int nr_threads(const struct run *run)
{
	return (unsigned int)list_largest(&run->o->axis[AXIS_THREADS]);
}

static int open_timing(struct run *run, bool polled)
{
	unsigned int kind = RING_PLAIN | RING_CQE32;
	int ret;

	if (polled)
		kind |= RING_IOPOLL;
	if (run->timing_up[polled])
		return 0;
	ret = ring_open(&run->timing[polled], kind, 1, -1);
	run->timing_up[polled] = !ret;
	return ret ? ring_refused(run, kind, ret) : 0;
}

static int open_rings(struct run *run, struct list *kinds)
{
	bool timing = setup_has(run->o, AXIS_PATH, PATH_URING);
	unsigned int i;
	int ret = 0;

	if (!has_ring(run->o))
		return 0;
	for (i = 0; i < kinds->nr && !ret; i++) {
		ret = open_ring(run->worker[0], &kinds->value[i]);
		if (!ret && timing)
			ret = open_timing(run, kinds->value[i] & RING_IOPOLL);
	}
	return ret ? ret : crew_call(run, 1, nr_threads(run), open_granted);
}

static int open_crew(struct run *run)
{
	int ret = crew_open(run, nr_threads(run));

	return ret ? run_fail(run, EXIT_FAILED, "starting threads: %s",
			      strerror(-ret)) : 0;
}

/* The cells, told apart from those that cannot be. */
static int make_matrix(struct run *run, const struct pagecopy_info *info)
{
	char *text = NULL;
	size_t len;
	FILE *f;

	matrix_init(&run->m, run->o, info);
	run->m.module_why = (const reasons *)&run->module_why;
	matrix_cpus(&run->m, run->cpus.nr);
	if (run->m.cells && run->cold.known)
		return setup_without(run);
	if (run->m.cells)
		return 0;
	f = open_memstream(&text, &len);
	if (!f)
		return run_fail(run, EXIT_FAILED, "%s", strerror(ENOMEM));
	matrix_left_out(&run->m, f);
	fclose(f);
	run_fail(run, EXIT_USAGE, "no cell is left: %s", len ? text :
		 "path user has only the ops read and write (--path --op)");
	free(text);
	return -ECANCELED;
}

/* What cannot be for any kernel or module is said before they are looked at. */
static int check_matrix(struct run *run)
{
	static const struct pagecopy_info everything = {
		.strategies = { ~0ULL, ~0ULL, ~0ULL, ~0ULL },
	};

	return make_matrix(run, &everything);
}

static void tell_left_out(const struct run *run)
{
	unsigned int i;

	for (i = 0; i < MEMORY_NR; i++)
		if (run->no_memory[i][0])
			fprintf(stderr, "pagecopy run: --pages %s: %s\n",
				names_of(&names_memory, i), run->no_memory[i]);
	for (i = 0; i < CACHE_NR; i++)
		if (run->cold.why[i][0] && setup_has(run->o, AXIS_CACHE, i))
			fprintf(stderr, "pagecopy run: --cache %s: %s\n",
				names_of(&names_cache, i), run->cold.why[i]);
	if (!matrix_any_left_out(&run->m))
		return;
	fputs("pagecopy run: left out: ", stderr);
	matrix_left_out(&run->m, stderr);
	fputc('\n', stderr);
}

int setup_open(struct run *run, struct options *o)
{
	int ret;

	run->asked = o->axis[AXIS_RING];
	choose_seed(run);
	choose_run_id(run);
	run->platform = o->platform;
	platform_detect(&run->platform, &run->emulated);
	ret = check_matrix(run);
	if (!ret)
		ret = choose_cpu(run);
	if (!ret)
		cold_read(&run->cold, "", run->cpu,
			  run->o->axis[AXIS_PAGES].nr +
			  setup_has_module(run->o));
	if (!ret)
		ret = probe_device(run);
	if (!ret)
		ret = open_crew(run);
	if (!ret)
		ret = counters_setup(run);
	if (!ret)
		ret = disturb_setup(run);
	if (!ret)
		ret = open_rings(run, &o->axis[AXIS_RING]);
	if (!ret)
		ret = setup_memory(run);
	if (ret)
		return ret;
	clock_open(&run->clk);
	ret = make_matrix(run, &run->info);
	if (!ret)
		tell_left_out(run);
	return ret;
}

static int close_rings(struct worker *w)
{
	unsigned int i;

	for (i = 0; i < RING_NR; i++) {
		if (!w->ring[i])
			continue;
		ring_close(w->ring[i]);
		free(w->ring[i]);
	}
	return 0;
}

void setup_close(struct run *run)
{
	unsigned int i;

	kernel_time_close(run);
	for (i = 0; i < 2; i++)
		if (run->timing_up[i])
			ring_close(&run->timing[i]);
	if (run->worker[0])
		crew_call(run, 0, run->crew.nr + 1, close_rings);
	counters_setup_close(run);
	disturb_setup_close(run);
	crew_close(run);
	setup_memory_close(run);
}
