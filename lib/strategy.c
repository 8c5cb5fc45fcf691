// SPDX-License-Identifier: GPL-2.0-only OR MIT
#include "pagecopy/strategy.h"
#include "pagecopy/cpu.h"

#define IS_ATOMIC	.copies = true, .byte_atomic = true
#define IS_LOAD		.copies = true, .atomic_load = true
#define IS_PLAIN	.copies = true
#define IS_NOTHING	.copies = false
#define STORES_ONCE	true
#define STORES_AGAIN	false
#define CACHE_STREAM	true
#define CACHE_CACHED	false

const struct pagecopy_strategy pagecopy_strategies[PAGECOPY_S_MAX] = {
#define STRATEGY(nr, where, _name, _needs, _atomic, _stores, _cache,	\
		 _desc, _why)						\
	[nr] = {							\
		.name = #_name,						\
		.desc = _desc,						\
		.why = _why,						\
		.needs = PAGECOPY_NEEDS_##_needs,			\
		IS_##_atomic,						\
		.once = STORES_##_stores,				\
		.stream = CACHE_##_cache,				\
		.copy = PAGECOPY_HERE_##where(pagecopy_copy_##_name),	\
	},
#include "pagecopy/strategies.def"
#undef STRATEGY
};

#ifdef __x86_64__
#define LACKS_X86_64	NULL
#else
#define LACKS_X86_64	"not an x86-64 CPU"
#endif

static const char *cpu_lacks(unsigned int registers, const char *reason)
{
	if (LACKS_X86_64)
		return LACKS_X86_64;
	return pagecopy_cpu() & registers ? NULL : reason;
}

/* NULL when the machine has it. */
static const char *machine_lacks(enum pagecopy_needs needs)
{
	switch (needs) {
	case PAGECOPY_NEEDS_ANY:
		return NULL;
	case PAGECOPY_NEEDS_X86_64:
		return LACKS_X86_64;
	case PAGECOPY_NEEDS_SSE2:
		return cpu_lacks(PAGECOPY_CPU_SSE2, "no SSE2");
	case PAGECOPY_NEEDS_AVX2:
		return cpu_lacks(PAGECOPY_CPU_AVX2,
				 "no AVX2 or the system has it off");
	case PAGECOPY_NEEDS_AVX512:
		return cpu_lacks(PAGECOPY_CPU_AVX512,
				 "no AVX-512 or the system has it off");
	case PAGECOPY_NEEDS_FPU:
		return PAGECOPY_LACKS_FPU;
	case PAGECOPY_NEEDS_COPY_PAGE:
		return PAGECOPY_LACKS_COPY_PAGE;
	case PAGECOPY_NEEDS_FLUSHCACHE:
		return PAGECOPY_LACKS_FLUSHCACHE;
	case PAGECOPY_NEEDS_COPY_MC:
		return PAGECOPY_LACKS_COPY_MC;
	case PAGECOPY_NEEDS_ARM64:
#ifdef __aarch64__
		return NULL;
#else
		return "not an arm64 CPU";
#endif
	case PAGECOPY_NEEDS_MOPS:
#ifdef __aarch64__
		return pagecopy_lacks_mops();
#else
		return "not an arm64 CPU";
#endif
	}
	return "unknown need";
}

const char *pagecopy_strategy_missing(unsigned int nr)
{
	if (nr >= PAGECOPY_S_MAX || !pagecopy_strategies[nr].name)
		return "no such strategy";
	if (!pagecopy_strategies[nr].copy)
		return PAGECOPY_NOT_HERE;
	return machine_lacks(pagecopy_strategies[nr].needs);
}

const struct pagecopy_strategy *pagecopy_strategy_here(unsigned int nr)
{
	return pagecopy_strategy_missing(nr) ? NULL : &pagecopy_strategies[nr];
}
