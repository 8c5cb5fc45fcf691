// SPDX-License-Identifier: MIT
#include "cmd.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "csv_threads.h"
#include "doctor.h"
#include "env.h"
#include "head.h"
#include "resume.h"
#include "run.h"
#include "setup.h"

/* A run ends between two cells, so nothing else is interrupted. */
static void block_signals(void)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGINT);
	sigaddset(&set, SIGTERM);
	sigprocmask(SIG_BLOCK, &set, NULL);
}

/* The head of a new file, or what that of the old one must be. */
static int open_head(struct run *run, int argc, char **argv)
{
	char *text = NULL;
	size_t len;
	FILE *f;
	int ret;

	f = open_memstream(&text, &len);
	if (!f)
		return run_fail(run, EXIT_FAILED, "%s", strerror(ENOMEM));
	head_put(run, f, argc, argv);
	fclose(f);
	if (run->resume.file)
		ret = resume_head(run, text);
	else
		ret = csv_append(&run->csv, text, len);
	free(text);
	return ret && ret != -ECANCELED ?
	       run_fail(run, EXIT_FAILED, "%s: %s", run->o->csv,
			strerror(-ret)) : ret;
}

static int open_csv(struct run *run)
{
	const char *path = run->o->csv;
	int ret;

	if (run->resume.file)
		ret = csv_reopen(&run->csv, path);
	else
		ret = csv_open(&run->csv, path);
	if (ret == -EEXIST)
		return run_fail(run, EXIT_USAGE, "--csv '%s': has content, and "
				"results are never overwritten; allowed: a new "
				"file, --resume to go on with this one, or "
				"remove it", path);
	return ret ? run_fail(run, EXIT_FAILED, "%s: %s", path,
			      strerror(-ret)) : 0;
}

static int open_threads(struct run *run)
{
	int ret;

	if (!run->crew.nr)
		return 0;
	ret = csv_threads_open(&run->threads, run->o->csv,
			       run->resume.file);
	if (ret == -EEXIST)
		return run_fail(run, EXIT_USAGE, "--csv '%s': the file of the "
				"threads beside it has content, and results "
				"are never overwritten", run->o->csv);
	return ret ? run_fail(run, EXIT_FAILED, "the file of the threads "
			      "beside %s: %s", run->o->csv, strerror(-ret)) : 0;
}

static int open_results(struct run *run, int argc, char **argv)
{
	int ret;

	ret = open_csv(run);
	if (!ret)
		ret = open_head(run, argc, argv);
	/* Nothing can be beside a pipe or a device. */
	if (ret || !run->csv.regular)
		return ret;
	ret = open_threads(run);
	if (ret || run->resume.file)
		return ret;
	ret = env_write(run, argc, argv);
	return ret ? run_fail(run, EXIT_FAILED, "env.json beside %s: %s",
			      run->o->csv, strerror(-ret)) : 0;
}

/*
 * Before the rings and the buffers of the run are there: a kernel thread that
 * polls would count as another user of the CPU.
 */
static int examine(struct run *run)
{
	const struct options *o = run->o;
	const struct finding *f;
	struct doctor d;
	unsigned int i;

	doctor_open(&d, "", o->cpu == OPTION_UNSET ? doctor_default_cpu("") :
		    (int)o->cpu);
	doctor_run(&d, &run->doctor);
	if (!o->strict || !doctor_count(&run->doctor, DOCTOR_FAIL))
		return 0;
	for (i = 0; i < run->doctor.nr; i++) {
		f = &run->doctor.finding[i];
		if (f->verdict == DOCTOR_FAIL)
			doctor_print_one(f, stderr);
	}
	return run_fail(run, EXIT_FAILED, "--strict: nothing is measured when "
			"a check of pagecopy doctor fails");
}

static int open_control(struct run *run)
{
	if (!run->o->perf_control)
		return 0;
	return perf_control_open(&run->control, run->o->perf_control,
				 PERF_CONTROL_MS) ?
	       run_fail(run, EXIT_USAGE, "--perf-control %s",
			run->control.error) : 0;
}

static int sweep(struct options *o, struct run *run, int argc, char **argv)
{
	int ret = 0;

	run->o = o;
	run->csv.fd = -1;
	run->threads.fd = -1;
	if (o->resume)
		ret = resume_begin(run, o);
	if (!ret)
		ret = examine(run);
	if (!ret)
		ret = setup_open(run, o);
	if (!ret)
		ret = run_open(run);
	if (!ret)
		ret = open_control(run);
	if (!ret)
		ret = open_results(run, argc, argv);
	if (!ret)
		run_cells(run);
	csv_close(&run->csv);
	csv_close(&run->threads);
	perf_control_close(&run->control);
	run_close(run);
	resume_end(run);
	setup_close(run);
	if (run->error[0])
		fprintf(stderr, "pagecopy run: %s\n", run->error);
	return run->code;
}

int cmd_run(int argc, char **argv)
{
	struct options o;
	struct run *run;
	int code;

	if (options_parse(&o, argc, argv, stderr))
		return EXIT_USAGE;
	run = calloc(1, sizeof(*run));
	if (!run) {
		fprintf(stderr, "pagecopy run: %s\n", strerror(ENOMEM));
		return EXIT_FAILED;
	}
	block_signals();
	code = sweep(&o, run, argc, argv);
	free(run);
	return code;
}
