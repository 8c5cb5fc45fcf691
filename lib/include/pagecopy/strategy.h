/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
#ifndef PAGECOPY_STRATEGY_H
#define PAGECOPY_STRATEGY_H

#include "pagecopy/abi.h"
#include "pagecopy/port.h"

/* What a strategy needs of the machine. */
enum pagecopy_needs {
	PAGECOPY_NEEDS_ANY,
	PAGECOPY_NEEDS_X86_64,
	/* Registers, by pagecopy_cpu(). */
	PAGECOPY_NEEDS_SSE2,
	PAGECOPY_NEEDS_AVX2,
	PAGECOPY_NEEDS_AVX512,
	/* Of the kernel. */
	PAGECOPY_NEEDS_FPU,
	PAGECOPY_NEEDS_COPY_PAGE,
	PAGECOPY_NEEDS_FLUSHCACHE,
	PAGECOPY_NEEDS_COPY_MC,
	/* Of an arm64 CPU. */
	PAGECOPY_NEEDS_ARM64,
	PAGECOPY_NEEDS_MOPS,
};

/**
 * typedef pagecopy_copy_fn - copy @len bytes from @src to @dst
 *
 * Any alignment, any length including 0, no overlap. Neither sleeps nor
 * faults: both sides are mapped.
 */
typedef void pagecopy_copy_fn(void *dst, const void *src, size_t len);

/**
 * struct pagecopy_strategy - one way to copy bytes
 * @name:	  as in strategies.def, on the command line and in the CSV
 * @desc:	  one line for a person
 * @why:	  one line: why it is, or is not, byte-wise atomic
 * @needs:	  enum pagecopy_needs
 * @copies:	  moves bytes at all
 * @byte_atomic:  safe when the other side changes the bytes meanwhile
 * @atomic_load:  safe when others change the source, but no more than that
 * @once:	  stores each byte of the destination exactly once
 * @stream:	  stores past the cache (non-temporal)
 * @copy:	  NULL when the strategy does not exist on this side
 */
struct pagecopy_strategy {
	const char *name;
	const char *desc;
	const char *why;
	enum pagecopy_needs needs;
	bool copies;
	bool byte_atomic;
	bool atomic_load;
	bool once;
	bool stream;
	pagecopy_copy_fn *copy;
};

/* Indexed by enum pagecopy_strategy_nr; unused numbers have no name. */
extern const struct pagecopy_strategy pagecopy_strategies[PAGECOPY_S_MAX];

#define STRATEGY(nr, where, name, ...) \
	pagecopy_copy_fn pagecopy_copy_##name;
#include "pagecopy/strategies.def"
#undef STRATEGY

/**
 * pagecopy_strategy_here() - may this strategy be called on this side?
 * @nr: any number
 *
 * Return: the strategy, or NULL when @nr is unknown, lives on the other side
 * only, or needs what this machine lacks.
 */
const struct pagecopy_strategy *pagecopy_strategy_here(unsigned int nr);

/**
 * pagecopy_strategy_missing() - why may it not be called on this side?
 * @nr: any number
 *
 * Return: the reason, in words; NULL when pagecopy_strategy_here() has it.
 */
const char *pagecopy_strategy_missing(unsigned int nr);

#define pagecopy_for_each_strategy(s)					\
	for ((s) = pagecopy_strategies;					\
	     (s) < pagecopy_strategies + PAGECOPY_S_MAX; (s)++)		\
		if ((s)->name)

#endif /* PAGECOPY_STRATEGY_H */
