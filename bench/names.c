// SPDX-License-Identifier: MIT
#include "names.h"

#include <stdbool.h>
#include <string.h>

#include "options.h"

#define NAMES(_what, _first, ...)					\
	static const char *const _what##_table[] = { __VA_ARGS__ };	\
	const struct names names_##_what = {				\
		.name = _what##_table,					\
		.nr = sizeof(_what##_table) / sizeof(_what##_table[0]),	\
		.first = _first,					\
	}

NAMES(path, 0, [PATH_URING] = "uring", [PATH_IOCTL] = "ioctl",
      [PATH_NULL] = "null", [PATH_NOP] = "nop", [PATH_USER] = "user");
NAMES(op, 0, [PAGECOPY_OP_READ] = "read", [PAGECOPY_OP_WRITE] = "write",
      [PAGECOPY_OP_TOUCH] = "touch", [PAGECOPY_OP_NOP] = "nop");
NAMES(buffer, 0, [PAGECOPY_BUF_USER] = "user", [PAGECOPY_BUF_FIXED] = "fixed",
      [PAGECOPY_BUF_KERNEL] = "kernel", [PAGECOPY_BUF_COPY] = "copy");
NAMES(completion, 0, [PAGECOPY_COMPLETE_INLINE] = "inline",
      [PAGECOPY_COMPLETE_TASK] = "task", [PAGECOPY_COMPLETE_WORK] = "work",
      [PAGECOPY_COMPLETE_IOWQ] = "iowq", [PAGECOPY_COMPLETE_POLL] = "poll");

#define RING_FLAG(kind, name)						\
	[kind] = name,							\
	[(kind) | RING_SQE128] = name "+sqe128",			\
	[(kind) | RING_CQE32] = name "+cqe32",				\
	[(kind) | RING_SQE128 | RING_CQE32] = name "+sqe128+cqe32"
#define RING_NAME(base, name)						\
	RING_FLAG(base, name), RING_FLAG((base) | RING_IOPOLL, name "+iopoll")

NAMES(ring, 0, RING_NAME(RING_AUTO, "auto"), RING_NAME(RING_PLAIN, "plain"),
      RING_NAME(RING_COOP, "coop"), RING_NAME(RING_DEFER, "defer"),
      RING_NAME(RING_SQPOLL, "sqpoll"));

NAMES(memory, 0, [MEMORY_4K] = "4k", [MEMORY_THP] = "thp",
      [MEMORY_HUGE] = "huge");
NAMES(batch, 0, [BATCH_ALL] = "all");
NAMES(rate, 0, [RATE_CLOSED] = "closed");
NAMES(mutators, 0, [MUTATORS_NONE] = "none", [MUTATORS_W1] = "w1",
      [MUTATORS_W2] = "w2", [MUTATORS_R1] = "r1", [MUTATORS_R2] = "r2");
NAMES(cache, 0, [CACHE_HOT] = "hot", [CACHE_LLC] = "llc",
      [CACHE_DRAM] = "dram", [CACHE_FLUSHED] = "flushed");
NAMES(latency, 0, [LATENCY_SPLIT] = "split", [LATENCY_WITH] = "with",
      [LATENCY_OFF] = "off");
NAMES(counters, 0, [COUNTERS_AUTO] = "auto", [COUNTERS_OFF] = "off");
NAMES(platform, 0, [PLATFORM_AUTO] = "auto", [PLATFORM_UML] = "uml",
      [PLATFORM_VM] = "vm", [PLATFORM_HOST] = "host");
NAMES(disturbed, 0, [DISTURBED_AGAIN] = "again", [DISTURBED_KEEP] = "keep");
NAMES(axis, 0, [AXIS_PATH] = "path", [AXIS_OP] = "op",
      [AXIS_STRATEGY] = "strategy", [AXIS_SIZE] = "size",
      [AXIS_DEPTH] = "depth", [AXIS_BUFFER] = "buffer", [AXIS_RING] = "ring",
      [AXIS_COMPLETION] = "completion", [AXIS_OFFSET] = "offset",
      [AXIS_PAGES] = "pages", [AXIS_BUF_OFFSET] = "buf-offset",
      [AXIS_BATCH] = "batch", [AXIS_THREADS] = "threads",
      [AXIS_RATE] = "rate", [AXIS_MUTATORS] = "mutators",
      [AXIS_CACHE] = "cache");

static const char *const strategy_table[PAGECOPY_S_MAX] = {
#define STRATEGY(nr, where, name, ...) [nr] = #name,
#include "pagecopy/strategies.def"
#undef STRATEGY
};

const struct names names_strategy = {
	.name = strategy_table,
	.nr = PAGECOPY_S_MAX,
};

const char *names_of(const struct names *n, unsigned int value)
{
	return value < n->nr && n->name[value] ? n->name[value] : "none";
}

int names_find(const struct names *n, const char *name, size_t len)
{
	unsigned int i;

	for (i = 0; i < n->nr; i++)
		if (n->name[i] && strlen(n->name[i]) == len &&
		    !memcmp(n->name[i], name, len))
			return (int)i;
	return -1;
}

void names_print(const struct names *n, FILE *f, const char *sep)
{
	bool any = false;
	unsigned int i;

	for (i = 0; i < n->nr; i++) {
		if (!n->name[i])
			continue;
		fprintf(f, "%s%s", any ? sep : "", n->name[i]);
		any = true;
	}
}
