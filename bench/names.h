/* SPDX-License-Identifier: MIT */
/*
 * The words of the command line and of the CSV, and the numbers behind them.
 */
#ifndef PAGECOPY_NAMES_H
#define PAGECOPY_NAMES_H

#include <stdio.h>

#include "pagecopy/abi.h"

/* How a copy is reached. */
enum path_nr {
	PATH_URING,
	PATH_IOCTL,
	PATH_NULL,
	PATH_NOP,
	PATH_USER,
	PATH_NR,
};

/*
 * How a ring is set up: one of the first five, and any of the flags.
 * RING_NR: there is no ring.
 */
enum ring_kind {
	RING_AUTO,
	RING_PLAIN,
	RING_COOP,
	RING_DEFER,
	RING_SQPOLL,
	RING_BASE_NR,
	RING_BASE = 7,
	RING_IOPOLL = 8,
	RING_SQE128 = 16,
	RING_CQE32 = 32,
	RING_NR = 64,
};

/* The pages behind the user's buffer; MEMORY_NR: there is none. */
enum memory {
	MEMORY_4K,
	MEMORY_THP,
	MEMORY_HUGE,
	MEMORY_NR,
};

/* Where the bytes of a copy are before it, docs/measuring.md. */
enum cache {
	CACHE_HOT,
	CACHE_LLC,
	CACHE_DRAM,
	CACHE_FLUSHED,
	CACHE_NR,
};

/* What is no number in a list of batches, and of rates. */
enum batch {
	BATCH_ALL,
};

enum rate {
	RATE_CLOSED,
};

enum latency {
	LATENCY_SPLIT,
	LATENCY_WITH,
	LATENCY_OFF,
};

/* Who else uses the memory of a copy meanwhile. */
enum mutators {
	MUTATORS_NONE,
	MUTATORS_W1,
	MUTATORS_W2,
	MUTATORS_R1,
	MUTATORS_R2,
	MUTATORS_NR,
};

enum counters_how {
	COUNTERS_AUTO,
	COUNTERS_OFF,
};

/* What becomes of a round that was disturbed. */
enum disturbed {
	DISTURBED_AGAIN,
	DISTURBED_KEEP,
};

enum platform {
	PLATFORM_AUTO,
	PLATFORM_UML,
	PLATFORM_VM,
	PLATFORM_HOST,
};

/* Ways to complete, enum pagecopy_completion. */
#define COMPLETION_NR	(PAGECOPY_COMPLETE_POLL + 1)

/* Beside the buffers of the ABI: the cell has none. */
#define BUFFER_NONE	(PAGECOPY_BUF_COPY + 1)

/**
 * struct names - an enumeration
 * @name:  by number; NULL where there is none
 * @nr:    entries of @name
 * @first: first number that `all` stands for, and that a list shows
 */
struct names {
	const char *const *name;
	unsigned int nr;
	unsigned int first;
};

extern const struct names names_axis;
extern const struct names names_path;
extern const struct names names_op;
extern const struct names names_strategy;
extern const struct names names_buffer;
extern const struct names names_completion;
extern const struct names names_ring;
extern const struct names names_memory;
extern const struct names names_batch;
extern const struct names names_rate;
extern const struct names names_mutators;
extern const struct names names_cache;
extern const struct names names_latency;
extern const struct names names_counters;
extern const struct names names_platform;
extern const struct names names_disturbed;

/** names_of() - the name of @value, "none" where there is none */
const char *names_of(const struct names *n, unsigned int value);

/** names_find() - the number of a name of @len bytes, or -1 */
int names_find(const struct names *n, const char *name, size_t len);

/** names_print() - all names, separated by @sep */
void names_print(const struct names *n, FILE *f, const char *sep);

#endif
