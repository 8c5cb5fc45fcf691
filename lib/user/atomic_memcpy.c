// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * The two functions of the library: each is one of the variants, chosen once,
 * when the program is loaded, by an IFUNC, so that a call costs what one of
 * memcpy() costs. The resolvers run before anything else of the program, so
 * they call nothing outside this library and no sanitizer looks at them.
 */
#include "variant.h"

#ifdef __x86_64__
#include <cpuid.h>
#endif

#define PUBLIC	__attribute__((visibility("default")))

static bool always(void)
{
	return true;
}

#ifdef __x86_64__
/*
 * `rep movsb` need not read the lines that it is going to overwrite, so it wins
 * where they are not in the L1 cache, and loses where they are. Whoever copies
 * more than half of that cache holds, with source and destination, is taken for
 * the first kind.
 */
#define MOVSB_FROM	(12 << 10)

size_t pagecopy_user_movsb_from = SIZE_MAX;

/*
 * The loops need F, BW, VL and BMI2. VBMI2 leaves out the first CPUs with
 * AVX-512, which lower their clock for it.
 */
static bool has_avx512(void)
{
	return __builtin_cpu_supports("avx512f") &&
	       __builtin_cpu_supports("avx512bw") &&
	       __builtin_cpu_supports("avx512vl") &&
	       __builtin_cpu_supports("avx512vbmi2") &&
	       __builtin_cpu_supports("bmi2");
}

static bool has_avx2(void)
{
	return __builtin_cpu_supports("avx2");
}
#endif

#define VARIANT(_name, _here)				\
	{						\
		.name = #_name,				\
		.here = _here,				\
		.load = pagecopy_user_load_##_name,	\
		.store = pagecopy_user_store_##_name,	\
	}

const struct pagecopy_user_variant pagecopy_user_variants[] = {
#ifdef __x86_64__
	VARIANT(avx512, has_avx512),
	VARIANT(avx2, has_avx2),
	VARIANT(sse2, always),
#endif
	VARIANT(words, always),
};

#define NR_VARIANTS	(sizeof(pagecopy_user_variants) /	\
			 sizeof(pagecopy_user_variants[0]))

const unsigned int pagecopy_user_nr_variants = NR_VARIANTS;

#ifdef PAGECOPY_USER_CHOOSES

static bool has_erms(void)
{
	const unsigned int erms = 1U << 9;
	unsigned int a, b, c, d;

	return __get_cpuid_count(7, 0, &a, &b, &c, &d) && (b & erms);
}

/*
 * Not from the table: it holds addresses, and they may not be there yet when a
 * resolver runs.
 */
#define CHOOSE(what)						\
pagecopy_user_fn *pagecopy_user_choose_##what(void)		\
{								\
	__builtin_cpu_init();					\
	if (has_erms())						\
		pagecopy_user_movsb_from = MOVSB_FROM;		\
	if (has_avx512())					\
		return pagecopy_user_##what##_avx512;		\
	if (has_avx2())						\
		return pagecopy_user_##what##_avx2;		\
	return pagecopy_user_##what##_sse2;			\
}								\
								\
PUBLIC void *atomic_##what##_per_byte_memcpy(void *dest, const void *source, \
					     size_t count, memory_order order) \
	__attribute__((ifunc("pagecopy_user_choose_" #what)))

CHOOSE(load);
CHOOSE(store);

#else

/* One choice alone, or no IFUNC in the C library. */
#ifdef __x86_64__
#define ONLY(what)	pagecopy_user_##what##_sse2
#else
#define ONLY(what)	pagecopy_user_##what##_words
#endif

PUBLIC void *atomic_load_per_byte_memcpy(void *dest, const void *source,
					 size_t count, memory_order order)
{
	return ONLY(load)(dest, source, count, order);
}

PUBLIC void *atomic_store_per_byte_memcpy(void *dest, const void *source,
					  size_t count, memory_order order)
{
	return ONLY(store)(dest, source, count, order);
}

#endif
