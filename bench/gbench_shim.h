/* SPDX-License-Identifier: MIT */
/*
 * Google Benchmark for C: gbench.cc is all the C++ there is. One call here is
 * one call of the library, which decides how often a callback runs and prints.
 */
#ifndef PAGECOPY_GBENCH_SHIM_H
#define PAGECOPY_GBENCH_SHIM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

struct gbench_state;

/**
 * typedef gbench_fn - a benchmark
 * @state: of one run of it
 * @arg:   as given to gbench_register()
 *
 * It prepares, passes a loop of gbench_keep() until that is false, and may then
 * say what it did. The library calls it several times: first with few copies,
 * until it knows how many take long enough, then once for every repetition.
 */
typedef void gbench_fn(struct gbench_state *state, void *arg);

/**
 * gbench_init() - let the library take its flags
 * @argc:    of @argv; what the library does not know is left, from 1 on
 * @argv:    the program's name and flags
 * @refused: called when a flag has a value that the library does not take. It
 *           must not return: the library would end the program as if all were
 *           well.
 */
void gbench_init(int *argc, char **argv, void (*refused)(void));

/** gbench_help() - print what flags the library has */
void gbench_help(void);

/**
 * gbench_register() - have a benchmark
 * @name: of it, copied
 * @fn:   run for it
 * @arg:  handed to @fn, must stay
 *
 * How long it took is the CPU time of the thread: what else the CPU did
 * meanwhile is no property of a copy.
 */
void gbench_register(const char *name, gbench_fn *fn, void *arg);

/** gbench_wanted() - turns of this run, as gbench_keep() should be given them */
int64_t gbench_wanted(const struct gbench_state *state);

/**
 * gbench_keep() - shall @n turns be made?
 *
 * The clock runs from the first call on, to the one that returns false.
 */
bool gbench_keep(struct gbench_state *state, int64_t n);

/** gbench_turns() - made in all; after the loop */
int64_t gbench_turns(const struct gbench_state *state);

/** gbench_bytes() - moved in all; after the loop */
void gbench_bytes(struct gbench_state *state, int64_t bytes);

/** gbench_counter() - a column @name with the mean of a turn */
void gbench_counter(struct gbench_state *state, const char *name,
		    double total);

/** gbench_fail() - the run is worth nothing because of @why */
void gbench_fail(struct gbench_state *state, const char *why);

/** gbench_context() - a fact about all runs, once for a @key */
void gbench_context(const char *key, const char *value);

/**
 * gbench_run() - run what the flags ask for, and print it
 *
 * Return: how many benchmarks the filter matched; 0 also when it is no regular
 * expression.
 */
size_t gbench_run(void);

/** gbench_shutdown() - undo gbench_init() */
void gbench_shutdown(void);

#ifdef __cplusplus
}
#endif

#endif
