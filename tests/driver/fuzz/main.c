// SPDX-License-Identifier: MIT
/*
 * driver-fuzz [--seed N] [--commands N] [--seconds N] [--long] [--print] - send
 * nonsense to the module that is loaded, and check that it does exactly what
 * docs/abi.md says; TAP on stdout
 *
 * --print shows every batch before it is sent, for when the kernel dies of one.
 *
 * The same seed makes the same commands. What the other threads do to them is
 * not the same twice, so those are held to bounds instead of results.
 * Exit status 0 when nothing failed, 1 when something did, 77 without a module.
 */
#include "fuzz.h"

#include "../tap.h"

#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define COMMANDS	1000000ULL
#define COMMANDS_LONG	100000000ULL
/* Batches between two looks at the gauges of the module. */
#define LOOK_EVERY	64

struct options {
	uint64_t seed;
	uint64_t commands;
	double seconds;
	bool print;
};

static double now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec + t.tv_nsec * 1e-9;
}

/* A mode for the next batches. */
static struct pagecopy_mode make_mode(struct fz_world *w)
{
	static const uint8_t completion[] = { 0, 0, 0, 1, 1, 2, 2, 3, 3, 4 };
	static const uint32_t repeat[] = {
		1, 1, 1, 1, 2, 3, PAGECOPY_REPEAT_MAX,
	};

	return (struct pagecopy_mode){
		.completion = completion[fz_below(w, ARRAY_SIZE(completion))],
		.repeat = repeat[fz_below(w, ARRAY_SIZE(repeat))],
		.flags = fz_below(w, 2) ? PAGECOPY_MODE_TIME : 0,
	};
}

static struct fz_ring *pick_ring(struct fz_world *w)
{
	struct fz_ring *r;

	do
		r = &w->ring[fz_below(w, w->nr_rings)];
	while (!r->here || (r->rare && !fz_chance(w, 10)));
	return r;
}

static bool batch(struct fz_world *w, bool print)
{
	struct fz_ring *r = pick_ring(w);
	double start;

	if (fz_chance(w, 4) && fz_set_mode(w, make_mode(w))) {
		tap_note("a mode was refused");
		return false;
	}
	w->batch++;
	fz_make(w, r);
	if (print) {
		fz_print_batch(w, r);
		fflush(stdout);
	}
	start = now();
	if (!fz_send(w, r))
		return false;
	w->ring_seconds[r - w->ring] += now() - start;
	w->mode_seconds[w->mode.completion] += now() - start;
	if (!fz_judge(w, r))
		return false;
	return w->batch % LOOK_EVERY || fz_idle_is_clean(w);
}

static void print_counts(const struct fz_world *w, double seconds)
{
	static const char *const names[WANT_BITS + 1] = {
		"0", "ENOTTY", "EOPNOTSUPP", "EINVAL", "ENXIO", "E2BIG",
		"EFAULT", "ECANCELED", "EBADF", "ENOBUFS", "ENOMEM", "bytes",
	};
	unsigned int i;

	tap_note("%llu commands in %.1f s, %.0f commands/s",
		 (unsigned long long)w->commands, seconds,
		 w->commands / seconds);
	for (i = 0; i <= WANT_BITS; i++)
		tap_note("result %-10s %llu", names[i],
			 (unsigned long long)w->seen[i]);
	for (i = 0; i < w->nr_rings; i++)
		tap_note("ring %-20s %llu in %.1f s%s", w->ring[i].name,
			 (unsigned long long)w->by_ring[i], w->ring_seconds[i],
			 w->ring[i].here ? "" : " (this kernel lacks it)");
	for (i = 0; i <= PAGECOPY_COMPLETE_POLL; i++)
		tap_note("completion %u %llu in %.1f s", i,
			 (unsigned long long)w->by_mode[i], w->mode_seconds[i]);
	tap_note("model %llu raced %llu moving %llu garbage %llu",
		 (unsigned long long)w->kinds[KIND_MODEL],
		 (unsigned long long)w->kinds[KIND_RACED],
		 (unsigned long long)w->kinds[KIND_MOVING],
		 (unsigned long long)w->kinds[KIND_GARBAGE]);
}

/* A fuzzer that never meets an error tests nothing of it. */
static enum tap_result saw_every_result(const struct fz_world *w)
{
	unsigned int i;

	if (w->commands < 10000)
		return tap_skip("too few commands to tell");
	for (i = 0; i <= WANT_BITS; i++)
		if (!w->seen[i] && 1U << i != WANT_EBADF &&
		    1U << i != WANT_ENOBUFS && 1U << i != WANT_ENOMEM) {
			tap_note("result number %u never seen", i);
			return TAP_FAIL;
		}
	return TAP_PASS;
}

static enum tap_result fuzz(struct fz_world *w, const struct options *o)
{
	const double start = now();
	double said = start;
	bool ok = true;

	while (ok && w->commands < o->commands &&
	       (!o->seconds || now() - start < o->seconds)) {
		ok = batch(w, o->print);
		if (now() - said > 30) {
			said = now();
			tap_note("%llu commands so far",
				 (unsigned long long)w->commands);
		}
	}
	print_counts(w, now() - start);
	return ok ? TAP_PASS : TAP_FAIL;
}

static int run(const struct options *o)
{
	static struct fz_world w;
	int ret;

	w.seed = o->seed;
	tap_note("seed %llu", (unsigned long long)w.seed);
	fflush(stdout);
	ret = fz_world_open(&w);
	if (!ret)
		ret = fz_hostile_start(&w);
	if (ret) {
		tap_note("cannot begin: %s", strerror(-ret));
		tap_report(TAP_FAIL, "fuzz: files, rings and memory");
		return tap_finish();
	}
	tap_report(fuzz(&w, o), "fuzz: every command does what it should");
	fz_hostile_stop();
	tap_report(saw_every_result(&w), "fuzz: every result was seen");
	tap_report(fz_idle_is_clean(&w) ? TAP_PASS : TAP_FAIL,
		   "fuzz: no page pinned, no command live");
	fz_world_close(&w);
	return tap_finish();
}

int main(int argc, char **argv)
{
	static const struct option options[] = {
		{ "seed", required_argument, NULL, 's' },
		{ "commands", required_argument, NULL, 'c' },
		{ "seconds", required_argument, NULL, 't' },
		{ "long", no_argument, NULL, 'l' },
		{ "print", no_argument, NULL, 'p' },
		{ }
	};
	struct options o = { .commands = COMMANDS, .seed = time(NULL) };
	int opt;

	while ((opt = getopt_long(argc, argv, "", options, NULL)) != -1) {
		switch (opt) {
		case 's':
			o.seed = strtoull(optarg, NULL, 0);
			break;
		case 'c':
			o.commands = strtoull(optarg, NULL, 0);
			break;
		case 't':
			o.seconds = strtod(optarg, NULL);
			break;
		case 'l':
			o.commands = COMMANDS_LONG;
			break;
		case 'p':
			o.print = true;
			break;
		default:
			return 2;
		}
	}
	if (access(PAGECOPY_DEV_PATH, R_OK | W_OK)) {
		puts("1..0 # SKIP no access to " PAGECOPY_DEV_PATH);
		return 77;
	}
	return run(&o);
}
