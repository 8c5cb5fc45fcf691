// SPDX-License-Identifier: MIT
#include "tear.h"

#include <errno.h>
#include <stdarg.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/random.h>
#include <time.h>
#include <unistd.h>

#include "options.h"
#include "pattern.h"
#include "platform.h"
#include "run.h"

/* Copies between two looks at the clock. */
#define CLOCK_EVERY	16
#define ROUND_UP(x, to)	(((x) + (to) - 1) / (to) * (to))

int tear_fail(struct tear *t, int code, const char *fmt, ...)
{
	va_list args;

	if (t->error[0])
		return code;
	va_start(args, fmt);
	vsnprintf(t->error, sizeof(t->error), fmt, args);
	va_end(args);
	return code;
}

/* Five areas in a row, each from the start of a page on. */
static int open_memory(struct tear *t)
{
	unsigned char **const areas[] = {
		&t->user, &t->page, &t->poison, &t->back, &t->control,
	};
	const unsigned int nr = sizeof(areas) / sizeof(areas[0]);
	unsigned char *p;
	unsigned int i;

	t->bytes = ROUND_UP(list_largest(&t->o->size) +
			    list_largest(&t->o->offset) +
			    list_largest(&t->o->buf_offset), GENERATION_PAGE);
	p = mmap(NULL, nr * t->bytes, PROT_READ | PROT_WRITE,
		 MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (p == MAP_FAILED)
		return tear_fail(t, EXIT_FAILED, "%zu bytes of memory: %s",
				 nr * t->bytes, strerror(errno));
	/* Pages of 4 KiB, all there, that stay where they are. */
	madvise(p, nr * t->bytes, MADV_NOHUGEPAGE);
	memset(p, 0, nr * t->bytes);
	mlock(p, nr * t->bytes);
	for (i = 0; i < nr; i++)
		*areas[i] = p + i * t->bytes;
	return 0;
}

static int open_cpus(struct tear *t)
{
	const struct tear_options *o = t->o;
	int ret, at;

	ret = cpus_read(&t->cpus);
	if (ret)
		return tear_fail(t, EXIT_FAILED, "the allowed CPUs: %s",
				 strerror(-ret));
	at = o->cpu == OPTION_UNSET ? (int)t->cpus.nr - 1 :
	     cpus_find(&t->cpus, (int)o->cpu);
	if (at < 0)
		return tear_fail(t, EXIT_USAGE, "--cpu %d: not an allowed CPU",
				 (int)o->cpu);
	t->cpu = t->cpus.cpu[at];
	t->mutator_cpu = o->mutator_cpu == OPTION_UNSET ?
			 cpus_at(&t->cpus, (unsigned int)at + 1) :
			 (int)o->mutator_cpu;
	if (o->mutator == TEAR_THREAD &&
	    cpus_find(&t->cpus, t->mutator_cpu) < 0)
		return tear_fail(t, EXIT_USAGE, "--mutator-cpu %d: not an "
				 "allowed CPU", t->mutator_cpu);
	if (o->mutator == TEAR_THREAD && t->mutator_cpu == t->cpu)
		return tear_fail(t, EXIT_SKIPPED, "only CPU %d is there: a "
				 "thread that changes the source would never "
				 "run during a copy; under UML use scripts/tear",
				 t->cpu);
	ret = cpu_pin(t->cpu);
	return ret ? tear_fail(t, EXIT_FAILED, "pinning to CPU %d: %s", t->cpu,
			       strerror(-ret)) : 0;
}

static void open_names(struct tear *t)
{
	time_t now = time(NULL);
	uint64_t random = pattern_mix(clock_now_ns());
	struct tm tm;
	size_t len;

	getrandom(&random, sizeof(random), 0);
	t->seed = t->o->seed == OPTION_UNSET ? random & INT64_MAX : t->o->seed;
	gmtime_r(&now, &tm);
	len = strftime(t->run_id, sizeof(t->run_id), "%Y%m%dT%H%M%SZ", &tm);
	snprintf(t->run_id + len, sizeof(t->run_id) - len, "-%08x",
		 (uint32_t)pattern_mix(random));
}

int tear_open(struct tear *t, const struct tear_options *o)
{
	int code;

	t->o = o;
	t->fd = -1;
	t->csv.fd = -1;
	t->platform = o->platform;
	platform_detect(&t->platform, &t->emulated);
	clock_open(&t->clk);
	generations_init(&t->g);
	open_names(t);
	code = open_cpus(t);
	if (!code)
		code = open_memory(t);
	if (!code && (list_has(&o->path, PATH_IOCTL) ||
		      list_has(&o->path, PATH_URING)))
		code = tear_device_open(t, list_has(&o->path, PATH_URING));
	if (!code && o->mutator == TEAR_OUTSIDE)
		outside_open(&t->outside, t->control, o->marker_bytes);
	return code;
}

void tear_close(struct tear *t)
{
	if (t->outside_op)
		outside_quit(&t->outside);
	/* Nobody is to take it for one that is in use. */
	if (t->outside.c)
		memset(t->control, 0, sizeof(struct outside_mark));
	tear_device_close(t);
	csv_close(&t->csv);
}

/* The lines of the source of the cell at hand. */
static void range_of(const struct tear *t, size_t *first, size_t *len)
{
	const size_t at = tear_source(t).at, end = at + t->cell.size;

	*first = at / GENERATION_LINE * GENERATION_LINE;
	*len = ROUND_UP(end, GENERATION_LINE) - *first;
}

/* Each page of the source says which it is. */
static int mark_pages(struct tear *t, uint64_t *pages)
{
	const struct tear_side from = tear_source(t);
	const size_t bytes = from.memory ? t->bytes :
		ROUND_UP(list_largest(&t->o->size) + list_largest(&t->o->offset),
			 GENERATION_PAGE);
	struct outside_mark mark;
	uint64_t i;

	*pages = bytes / OUTSIDE_PAGE;
	outside_epoch(&t->outside);
	for (i = 0; i < *pages; i++) {
		const size_t at = i * OUTSIDE_PAGE;

		outside_mark(&t->outside, i, &mark);
		if (from.memory)
			memcpy(from.memory + at, &mark, sizeof(mark));
		else if (pwrite(t->fd, &mark, sizeof(mark), (off_t)at) !=
			 sizeof(mark))
			return tear_fail(t, EXIT_FAILED, "%s: cannot write: %s",
					 t->o->dev, strerror(errno));
	}
	return 0;
}

/* The source of path user and op read stands for the module's page. */
static unsigned int source_kind(const struct tear *t)
{
	return 1 + (tear_source(t).memory == t->user) +
	       2 * !tear_source(t).memory;
}

static int find_source(struct tear *t)
{
	uint64_t pages;
	int ret;

	if (t->outside_op == source_kind(t))
		return 0;
	ret = mark_pages(t, &pages);
	if (ret)
		return ret;
	ret = outside_find(&t->outside, pages);
	if (ret == -ENOENT)
		return tear_fail(t, EXIT_FAILED, "the mutator outside found "
				 "%lu of %lu pages, %lu of them twice",
				 (unsigned long)t->outside.c->found,
				 (unsigned long)pages,
				 (unsigned long)t->outside.c->twice);
	if (ret)
		return tear_fail(t, EXIT_FAILED, "no mutator outside answers; "
				 "scripts/tear starts one");
	t->outside_op = source_kind(t);
	return 0;
}

static int start_outside(struct tear *t, size_t first, size_t len)
{
	int code = find_source(t);

	if (code)
		return code;
	return outside_run(&t->outside, first, len) ?
	       tear_fail(t, EXIT_FAILED, "the mutator outside is gone") : 0;
}

/* The source is there, but nobody changes it. */
static int start_nobody(struct tear *t, size_t first, size_t len)
{
	const struct tear_side from = tear_source(t);

	if (from.memory) {
		t->g.write(&t->g, from.memory + first, len, 0);
		return 0;
	}
	t->g.write(&t->g, t->back + first, len, 0);
	return pwrite(t->fd, t->back + first, len, (off_t)first) ==
	       (ssize_t)len ? 0 : tear_fail(t, EXIT_FAILED, "%s: cannot write",
					    t->o->dev);
}

int tear_mutation_start(struct tear *t)
{
	size_t first, len;
	int ret;

	range_of(t, &first, &len);
	switch ((enum tear_mutator)t->o->mutator) {
	case TEAR_OUTSIDE:
		return start_outside(t, first, len);
	case TEAR_NONE:
		return start_nobody(t, first, len);
	case TEAR_THREAD:
		break;
	}
	ret = rewrite_start(&t->thread, &t->g, tear_source(t).memory + first,
			    len, t->mutator_cpu);
	return ret ? tear_fail(t, EXIT_FAILED, "the mutator on CPU %d: %s",
			       t->mutator_cpu, strerror(-ret)) : 0;
}

int tear_mutation_stop(struct tear *t, uint64_t *rewrites)
{
	*rewrites = 0;
	if (t->o->mutator == TEAR_THREAD)
		*rewrites = rewrite_stop(&t->thread);
	if (t->o->mutator == TEAR_OUTSIDE &&
	    outside_stop(&t->outside, rewrites))
		return tear_fail(t, EXIT_FAILED, "the mutator outside is gone");
	return 0;
}

/*
 * What no generation has at these places, so that a byte that the copy leaves
 * out is seen.
 */
static void mix_poison(struct tear *t)
{
	const size_t at = tear_source(t).at;
	unsigned int none = 0;
	size_t i;

	while (t->g.of[none] != GENERATION_NONE)
		none++;
	for (i = 0; i < t->cell.size; i++)
		t->poison[i] = (uint8_t)(none ^
					 t->g.mask[(at + i) % GENERATION_PAGE]);
}

static int poison_target(struct tear *t)
{
	const struct tear_side to = tear_target(t);

	if (to.memory) {
		memcpy(to.memory + to.at, t->poison, t->cell.size);
		return 0;
	}
	return pwrite(t->fd, t->poison, t->cell.size, (off_t)to.at) ==
	       (ssize_t)t->cell.size ? 0 : -EIO;
}

static int look(struct tear *t, struct tear_result *r)
{
	const struct tear_side to = tear_target(t);
	const unsigned char *bytes = to.memory + to.at;

	if (!to.memory) {
		bytes = t->back;
		if (pread(t->fd, t->back, t->cell.size, (off_t)to.at) !=
		    (ssize_t)t->cell.size)
			return -EIO;
	}
	tear_look(&r->counts, &t->g, bytes, t->cell.size, tear_source(t).at);
	return 0;
}

static int one_copy(struct tear *t, struct tear_result *r)
{
	int ret = poison_target(t);

	if (!ret)
		ret = tear_copy(t);
	return ret ? ret : look(t, r);
}

bool tear_enough(const struct tear *t, uint64_t copies, uint64_t start)
{
	const struct tear_options *o = t->o;

	if (o->copies && copies >= o->copies)
		return true;
	return o->seconds > 0 && copies % CLOCK_EVERY == 0 &&
	       (double)(clock_ticks(&t->clk) - start) * t->clk.ns_per_tick >=
	       o->seconds * 1e9;
}

int tear_cell_run(struct tear *t, struct tear_result *r)
{
	uint64_t start, done = 0;
	int code, ret;

	memset(r, 0, sizeof(*r));
	code = tear_aim(t);
	if (code)
		return code;
	mix_poison(t);
	code = tear_mutation_start(t);
	if (code)
		return code;
	start = clock_ticks(&t->clk);
	do {
		ret = one_copy(t, r);
		if (ret && !r->errors++)
			r->error = ret;
	} while (!tear_enough(t, ++done, start));
	r->seconds = (double)(clock_ticks(&t->clk) - start) *
		     t->clk.ns_per_tick / 1e9;
	return tear_mutation_stop(t, &r->mutations);
}
