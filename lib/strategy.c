// SPDX-License-Identifier: GPL-2.0-only OR MIT
#include "pagecopy/strategy.h"

#define PAGECOPY_ATOMIC	true
#define PAGECOPY_PLAIN	false

const struct pagecopy_strategy pagecopy_strategies[PAGECOPY_S_MAX] = {
#define STRATEGY(nr, where, _name, _needs, _atomic, _desc)		\
	[nr] = {							\
		.name = #_name,						\
		.desc = _desc,						\
		.needs = PAGECOPY_CPU_##_needs,				\
		.byte_atomic = PAGECOPY_##_atomic,			\
		.copy = PAGECOPY_HERE_##where(pagecopy_copy_##_name),	\
	},
#include "pagecopy/strategies.def"
#undef STRATEGY
};

static bool cpu_has(enum pagecopy_cpu needs)
{
	switch (needs) {
	case PAGECOPY_CPU_ANY:
		return true;
	case PAGECOPY_CPU_X86_64:
#ifdef __x86_64__
		return true;
#else
		return false;
#endif
	}
	return false;
}

const struct pagecopy_strategy *pagecopy_strategy_here(unsigned int nr)
{
	const struct pagecopy_strategy *s;

	if (nr >= PAGECOPY_S_MAX)
		return NULL;
	s = &pagecopy_strategies[nr];
	return s->copy && cpu_has(s->needs) ? s : NULL;
}
