// SPDX-License-Identifier: MIT
/*
 * A process with commands in flight is killed, closes its ring or its device,
 * exits, execs or forks, at a point in time that the seed decides, in every
 * completion mode. Afterwards the module must hold nothing.
 */
#include "break.h"
#include "victim.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

/* Points between two looks at what the module holds. */
#define BATCH		50
/* A child that takes longer is stuck. */
#define STUCK_S		30
/* Memory that caches and free lists may take or give meanwhile, on one CPU. */
#define SLACK_KIB	1024
/* Of a hundred points so many must have had something in flight. */
#define BUSY_PERCENT	40

static long mem_free_kib(void)
{
	FILE *drop = fopen("/proc/sys/vm/drop_caches", "we");
	FILE *file;
	long kib = -1;
	char line[128];

	if (drop) {
		fputs("3\n", drop);
		fclose(drop);
	}
	file = fopen("/proc/meminfo", "re");
	if (!file)
		return -1;
	while (fgets(line, sizeof(line), file))
		if (sscanf(line, "MemFree: %ld kB", &kib) == 1)
			break;
	fclose(file);
	return kib;
}

static void print_point(const struct victim *v, const char *what, int got)
{
	tap_note("%s (%d): event %s completion %s ring %s commands %u delay %u us seed %llu",
		 what, got, event_names[v->event], mode_names[v->completion],
		 victim_ring_name(v), v->commands, v->delay_us,
		 (unsigned long long)v->seed);
}

/* Children of children come to this process; none may stay. */
static bool reap_orphans(const struct victim *v)
{
	int status, ret;

	do
		ret = wait_for(-1, &status, STUCK_S);
	while (ret > 0 || (ret == -ETIME && errno != EINTR));
	if (ret != -ETIME)
		return true;
	print_point(v, "an orphan is stuck", ret);
	return false;
}

/* From outside; what waits in a ring without a command of its own is not seen. */
static bool is_busy(const struct shared *s)
{
	const struct pagecopy_info now = live_now();

	return s->inside || now.live_cmds || now.live_pins;
}

static bool one_point(struct victim *v)
{
	int status = 0, ret;
	pid_t pid;

	memset(v->shared, 0, sizeof(*v->shared));
	fflush(stdout);
	pid = fork();
	if (pid < 0)
		return false;
	if (!pid)
		victim_run(v);
	if (v->event == EVENT_KILL) {
		while (!v->shared->ready && !waitpid(pid, &status, WNOHANG))
			linger_us(10);
		linger_us(v->delay_us);
		v->shared->busy = is_busy(v->shared);
		kill(pid, SIGKILL);
	}
	ret = wait_for(pid, &status, STUCK_S);
	if (ret) {
		print_point(v, "stuck, or gone", ret);
		return false;
	}
	if (!WIFSIGNALED(status) && WEXITSTATUS(status)) {
		print_point(v, "a victim complains", WEXITSTATUS(status));
		return false;
	}
	return v->event != EVENT_FORK || reap_orphans(v);
}

static bool run_points(struct victim *v, unsigned int nr, unsigned int *busy,
		       unsigned int busy_mode[MODES])
{
	unsigned int i;

	for (i = 0; i < nr; i++) {
		victim_choose(v);
		if (!one_point(v))
			return false;
		*busy += v->shared->busy;
		busy_mode[v->completion] += v->shared->busy;
		if (i % BATCH == BATCH - 1 && !live_settles(0)) {
			print_point(v, "left behind at the latest", i);
			return false;
		}
	}
	return live_settles(0);
}

static enum tap_result busy_enough(unsigned int busy, unsigned int nr,
				   const unsigned int busy_mode[MODES])
{
	unsigned int i;

	tap_note("%u of %u points with commands in flight", busy, nr);
	for (i = 0; i < MODES; i++)
		tap_note("   completion %s: %u", mode_names[i], busy_mode[i]);
	if (nr < 100)
		return tap_skip("too few points to tell");
	for (i = 0; i < MODES; i++)
		if (busy_mode[i] < nr / 50)
			return TAP_FAIL;
	return busy * 100 >= nr * BUSY_PERCENT ? TAP_PASS : TAP_FAIL;
}

static enum tap_result memory_is_back(long before)
{
	const long cpus = sysconf(_SC_NPROCESSORS_ONLN);
	const long after = mem_free_kib();

	tap_note("MemFree %ld KiB before, %ld KiB after", before, after);
	return before - after <= (cpus > 1 ? 6 : 1) * SLACK_KIB ? TAP_PASS :
	       TAP_FAIL;
}

void break_points(const struct options *o)
{
	unsigned int busy = 0, busy_mode[MODES] = {};
	struct victim v = { .state = o->seed };
	double start;
	long before;

	v.shared = mmap(NULL, sizeof(*v.shared), PROT_READ | PROT_WRITE,
			MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (v.shared == MAP_FAILED || prctl(PR_SET_CHILD_SUBREAPER, 1) ||
	    !victim_calibrate(&v)) {
		tap_report(TAP_FAIL, "points: a place to share");
		return;
	}
	/* The first ones fill the caches of the kernel. */
	if (!run_points(&v, BATCH, &busy, busy_mode)) {
		tap_report(TAP_FAIL, "points: the first %d", BATCH);
		return;
	}
	before = mem_free_kib();
	busy = 0;
	memset(busy_mode, 0, sizeof(busy_mode));
	start = seconds_now();
	tap_report(run_points(&v, o->points, &busy, busy_mode) ? TAP_PASS :
		   TAP_FAIL, "points: nothing is held and nobody stuck");
	tap_note("%u points in %.1f s", o->points, seconds_now() - start);
	tap_report(busy_enough(busy, o->points, busy_mode),
		   "points: commands were in flight");
	tap_report(memory_is_back(before), "points: memory is back");
	munmap(v.shared, sizeof(*v.shared));
}
