// SPDX-License-Identifier: MIT
/*
 * driver-races [STRATEGY...] - race the copies of the module under KCSAN; TAP
 * on stdout
 *
 * Walks the table of strategies. One that is byte-wise atomic must be silent
 * against itself, against single bytes and against user space writing to its
 * buffer, and reported against raw, else silence would only say that it cannot
 * be seen. A plain one must be reported against all of them. What KCSAN reports
 * is read from the kernel log. Whether it looks at the moment is up to chance:
 * a report may take REPORT_S; silence must last as long as most reports took.
 *
 * Exit status 0 when nothing failed, 1 when something did, 77 without KCSAN or
 * module, or with a single CPU.
 */
#include "races.h"

#include "../tap.h"
#include "pagecopy/strategy.h"

#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <time.h>
#include <unistd.h>

/* Seconds: a report comes, or silence holds, on a slow and busy machine. */
#define REPORT_S	30
#define SILENCE_S	0.7
/* Copies that each thread must have made in a silence. */
#define SILENCE_COPIES	40000

/* Where in the page, from where in the buffer: aligned, and not mutually. */
#define ALIGNED		0, 0, 64
#define MISALIGNED	3, 0, 61
/* KCSAN compares the value of what it watches up to this length. */
#define VALUE		0, 0, 8

static double now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec + t.tv_nsec * 1e-9;
}

/* The race is over: it was reported, it was long enough, or it broke. */
static bool over(const struct races *r, double start, bool reported)
{
	const double passed = now() - start;

	if (r->log.reports || r->failure)
		return true;
	if (reported)
		return passed > REPORT_S;
	return passed > SILENCE_S && races_copies(r) >= SILENCE_COPIES;
}

/* Who of the two KCSAN must name: strategies, or nobody for user space. */
static enum tap_result judge(const struct races *r, const struct racer *a,
			     const struct racer *b, bool reported)
{
	if (r->failure) {
		tap_note("a command failed: %s", strerror(r->failure));
		return TAP_FAIL;
	}
	if (!reported && r->log.reports)
		tap_note("reported: %s", r->log.title);
	if (reported && !r->log.reports)
		tap_note("no report within %d s, %llu copies", REPORT_S,
			 races_copies(r));
	T_EQ(r->log.reports > 0, reported);
	if (reported) {
		T_TRUE(!a->name || races_named(&r->log, a->name));
		T_TRUE(!b->name || races_named(&r->log, b->name));
	}
	return TAP_PASS;
}

static void race(struct races *r, const struct racer *a,
		 const struct racer *b, bool reported, const char *how)
{
	enum tap_result result = TAP_FAIL;
	double start;

	if (races_start(r, a, b)) {
		start = now();
		while (!over(r, start, reported)) {
			usleep(10000);
			races_read_log(&r->log);
		}
		races_stop(r);
		result = judge(r, a, b, reported);
		tap_note("%.1f s, %llu copies", now() - start, races_copies(r));
	}
	tap_report(result, "%s %s, %s %s%s: %s", a->name ? a->name : "user space",
		   a->name && a->op == PAGECOPY_OP_READ ? "reads" : "writes",
		   b->name ? b->name : "user space",
		   b->op == PAGECOPY_OP_READ ? "reads" : "writes", how,
		   reported ? "reported" : "silent");
}

static struct racer racer(const char *name, unsigned int nr, unsigned int op,
			  unsigned int offset, unsigned int own,
			  unsigned int len)
{
	return (struct racer){
		.name = name,
		.cmd_op = PAGECOPY_CMD_OP(op, PAGECOPY_BUF_USER, nr, 0),
		.op = op,
		.offset = offset,
		.own = own,
		.len = len,
	};
}

#define RACER(_name, _nr, _op, ...) \
	racer(_name, _nr, PAGECOPY_OP_##_op, __VA_ARGS__)

/* Two commands on the same bytes of a page. */
static void race_page(struct races *r, const char *name, unsigned int nr,
		      const char *other, unsigned int other_nr, bool reported)
{
	const struct racer a = RACER(name, nr, WRITE, ALIGNED);
	const struct racer b = RACER(other, other_nr, READ, ALIGNED);

	race(r, &a, &b, reported, "");
}

static void race_misaligned(struct races *r, const char *name, unsigned int nr,
			    const char *other, unsigned int other_nr,
			    bool reported)
{
	const struct racer a = RACER(name, nr, WRITE, MISALIGNED);
	const struct racer b = RACER(other, other_nr, READ, MISALIGNED);

	race(r, &a, &b, reported, ", misaligned");
}

/* A command, and user space that writes to its buffer. */
static void race_user(struct races *r, const char *name, unsigned int nr,
		      bool reported)
{
	const struct racer user = { .name = NULL, .op = PAGECOPY_OP_WRITE };
	const struct racer from = RACER(name, nr, WRITE, VALUE);
	const struct racer to = RACER(name, nr, READ, VALUE);

	race(r, &user, &from, reported, " the page from there");
	race(r, &user, &to, reported, " the page to there");
}

static void race_strategy(struct races *r, const struct pagecopy_strategy *s)
{
	const unsigned int nr = s - pagecopy_strategies;
	const bool plain = s->copies && !s->byte_atomic;

	race_page(r, s->name, nr, s->name, nr, plain);
	race_user(r, s->name, nr, plain);
	race_misaligned(r, s->name, nr, s->name, nr, plain);
	race_page(r, s->name, nr, "bytes", PAGECOPY_S_bytes, plain);
	race_misaligned(r, "bytes", PAGECOPY_S_bytes, s->name, nr, plain);
	if (plain)
		return;
	race_page(r, s->name, nr, "raw", PAGECOPY_S_raw, s->copies);
	race_misaligned(r, "raw", PAGECOPY_S_raw, s->name, nr, s->copies);
}

static bool asked(const char *name, int argc, char **argv)
{
	int i;

	for (i = 1; i < argc; i++)
		if (!strcmp(name, argv[i]))
			return true;
	return argc == 1;
}

/* All names that are no strategy are told; how many. */
static int unknown(int argc, char **argv)
{
	const struct pagecopy_strategy *s;
	int i, found, bad = 0;

	for (i = 1; i < argc; i++) {
		found = 0;
		pagecopy_for_each_strategy(s)
			found += !strcmp(s->name, argv[i]);
		if (!found)
			fprintf(stderr, "driver-races: no strategy '%s'\n",
				argv[i]);
		bad += !found;
	}
	return bad;
}

int main(int argc, char **argv)
{
	const struct pagecopy_strategy *s;
	struct pagecopy_info info = {};
	const char *missing;
	struct races r = {};
	unsigned int nr;

	if (unknown(argc, argv))
		return 2;
	missing = races_open(&r);
	if (missing || ioctl(r.fd, PAGECOPY_IOC_INFO, &info)) {
		printf("1..0 # SKIP %s\n", missing ? missing : "no INFO");
		return 77;
	}
	pagecopy_for_each_strategy(s) {
		nr = s - pagecopy_strategies;
		if (!asked(s->name, argc, argv))
			continue;
		if (info.strategies[nr / 64] >> nr % 64 & 1)
			race_strategy(&r, s);
		else
			tap_report(tap_skip("the module does not have it here"),
				   "%s", s->name);
	}
	return tap_finish();
}
