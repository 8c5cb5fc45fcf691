/* SPDX-License-Identifier: MIT */
/*
 * The tear test: what do copies make of a source that changes under them, and
 * is a byte of the destination stored twice?
 */
#ifndef PAGECOPY_TEAR_H
#define PAGECOPY_TEAR_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "clock.h"
#include "cpu.h"
#include "csv.h"
#include "generation.h"
#include "outside.h"
#include "parse.h"
#include "rewrite.h"
#include "ring.h"
#include "tear_look.h"

#define TEAR_SCHEMA	1

/* Who changes the source. */
enum tear_mutator {
	TEAR_THREAD,
	TEAR_OUTSIDE,
	TEAR_NONE,
};

enum experiment {
	EXPERIMENT_TEAR,
	EXPERIMENT_ABA,
};

/*
 * Not a strategy: loads as wide as the mutator's stores, which show what tears
 * are the mutator's own.
 */
#define TEAR_CONTROL	PAGECOPY_S_MAX

/**
 * struct tear_options - what `pagecopy tear` was asked to do
 *
 * One field per line of the table in tear_options.c, which says what each
 * means.
 */
struct tear_options {
	struct list experiment;
	struct list path;
	struct list op;
	struct list strategy;
	struct list size;
	struct list offset;
	struct list buf_offset;
	unsigned int mutator;
	uint64_t copies;
	double seconds;
	uint64_t seed;
	uint64_t cpu;
	uint64_t mutator_cpu;
	unsigned int platform;
	const char *marker;
	const char *csv;
	const char *dev;
	uint8_t marker_bytes[MARKER_BYTES];
};

/**
 * tear_options_parse() - read the arguments
 * @errors: takes a line for each mistake
 *
 * Return: the number of mistakes.
 */
unsigned int tear_options_parse(struct tear_options *o, int argc, char **argv,
				FILE *errors);
/** tear_options_print() - as they took effect, on one line */
void tear_options_print(const struct tear_options *o, FILE *f);

extern const struct names names_experiment;
extern const struct names names_tear_mutator;

/**
 * struct tear_cell - one row
 * @strategy: its number, or TEAR_CONTROL
 */
struct tear_cell {
	unsigned int experiment;
	unsigned int path;
	unsigned int op;
	unsigned int strategy;
	uint32_t size;
	uint32_t offset;
	uint32_t buf_offset;
};

/**
 * struct tear_result - what the cell gave
 * @counts:    of the copies
 * @seconds:   they took, with looking at them
 * @mutations: of the source; for aba: none
 * @probed:    aba: bytes that were overwritten while the copy was under way
 * @again:     aba: of these, the ones that the copy stored once more
 * @copies_again: aba: copies with such a byte
 * @errors:    commands that failed
 * @error:     result of the first of them
 */
struct tear_result {
	struct tear_counts counts;
	double seconds;
	uint64_t mutations;
	uint64_t probed;
	uint64_t again;
	uint64_t copies_again;
	uint64_t errors;
	int error;
};

/**
 * struct tear - a run of the tear test
 * @o:       what was asked for
 * @clk:     ticks
 * @g:       generations
 * @cpus:    where this may run
 * @cpu:     where the copies run
 * @mutator_cpu: where the thread that changes the source runs
 * @platform: enum platform
 * @emulated: the CPU is not a real one
 * @run_id:  of the results
 * @seed:    of what is random
 * @fd:      open file of the module with one page; -1 without
 * @info:    what it offers
 * @ring:    to it
 * @ring_up: there is one
 * @bytes:   of each of the areas:
 * @user:    the user's buffer
 * @page:    stands for the page of the module where there is none
 * @poison:  what the destination is filled with before a copy
 * @back:    takes the module's page when it is the destination
 * @control: page with the orders to the outside
 * @outside: the outside
 * @outside_op: whose source it knows; 0 for none
 * @thread:  that changes the source
 * @csv:     results
 * @cell:    at hand
 * @failed:  rows with an error, a byte out of thin air, or a byte stored twice
 *	     by a strategy that says it does not
 * @error:   why the run ends, "" when nothing is wrong
 */
struct tear {
	const struct tear_options *o;
	struct clock clk;
	struct generations g;
	struct cpus cpus;
	int cpu;
	int mutator_cpu;
	unsigned int platform;
	bool emulated;
	char run_id[40];
	uint64_t seed;
	int fd;
	struct pagecopy_info info;
	struct ring ring;
	bool ring_up;
	size_t bytes;
	unsigned char *user;
	unsigned char *page;
	unsigned char *poison;
	unsigned char *back;
	unsigned char *control;
	struct outside outside;
	unsigned int outside_op;
	struct rewrite thread;
	struct csv csv;
	struct tear_cell cell;
	uint64_t failed;
	char error[400];
};

/** tear_fail() - the run ends here; @code is returned */
int tear_fail(struct tear *t, int code, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));

/** tear_open() - memory, CPUs, the module where it is asked for; exit code */
int tear_open(struct tear *t, const struct tear_options *o);
void tear_close(struct tear *t);

/** tear_missing() - why the cell cannot be had, in words; NULL if it can */
const char *tear_missing(const struct tear *t, const struct tear_cell *c);

/** tear_strategy() - the name in the results */
const char *tear_strategy(const struct tear_cell *c);

/** tear_cell_run() - of EXPERIMENT_TEAR; exit code */
int tear_cell_run(struct tear *t, struct tear_result *r);

/** tear_aba_run() - of EXPERIMENT_ABA; exit code */
int tear_aba_run(struct tear *t, struct tear_result *r);

/** tear_enough() - the cell has had its copies, or its time since @start */
bool tear_enough(const struct tear *t, uint64_t copies, uint64_t start);

/**
 * struct tear_side - where the copy of the cell at hand reads or writes
 * @memory: from the start of a page on; NULL: the page of the module
 * @at:     first byte in it
 */
struct tear_side {
	unsigned char *memory;
	size_t at;
};

struct tear_side tear_source(const struct tear *t);
struct tear_side tear_target(const struct tear *t);

/** tear_copy() - one copy; 0 or what the module said */
int tear_copy(struct tear *t);

/** tear_aim() - the copies of t->cell come next; exit code */
int tear_aim(struct tear *t);

/** tear_device_open() - the module, and a ring to it; exit code */
int tear_device_open(struct tear *t, bool ring);
void tear_device_close(struct tear *t);

/** tear_mutation_start() - the source is changing from now on; exit code */
int tear_mutation_start(struct tear *t);

/** tear_mutation_stop() - and no longer; @rewrites: generations; exit code */
int tear_mutation_stop(struct tear *t, uint64_t *rewrites);

/** tear_head() - the `#key: value` lines and the names of the columns */
void tear_head(const struct tear *t, int argc, char **argv, FILE *f);

/** tear_row() - one line of the file */
void tear_row(const struct tear *t, const struct tear_result *r, FILE *f);

/** tear_table_head() and tear_table_row() - for a person */
void tear_table_head(unsigned int experiment, FILE *f);
void tear_table_row(const struct tear *t, const struct tear_result *r,
		    FILE *f);

#endif
