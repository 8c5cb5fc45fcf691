/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/* Inside libpagecopy: the variants that its two functions are chosen from. */
#ifndef PAGECOPY_USER_VARIANT_H
#define PAGECOPY_USER_VARIANT_H

#define PAGECOPY_NO_INLINE
#include "pagecopy/atomic_memcpy.h"

#include <stdbool.h>

typedef void *pagecopy_user_fn(void *dest, const void *source, size_t count,
			       pagecopy_order order);

/**
 * struct pagecopy_user_variant - one way to do both
 * @name:  for a person
 * @here:  can this CPU, under this operating system, run it?
 * @load:  the whole of atomic_load_per_byte_memcpy()
 * @store: the whole of atomic_store_per_byte_memcpy()
 */
struct pagecopy_user_variant {
	const char *name;
	bool (*here)(void);
	pagecopy_user_fn *load;
	pagecopy_user_fn *store;
};

/* Best first; the last one runs everywhere. */
extern const struct pagecopy_user_variant pagecopy_user_variants[];
extern const unsigned int pagecopy_user_nr_variants;

/**
 * pagecopy_user_movsb_from - copies of so many bytes are one `rep movsb`
 *
 * SIZE_MAX where the CPU is not fast at it.
 */
extern size_t pagecopy_user_movsb_from;

#define PAGECOPY_USER_VARIANT(name)			\
	pagecopy_user_fn pagecopy_user_load_##name;	\
	pagecopy_user_fn pagecopy_user_store_##name

PAGECOPY_USER_VARIANT(words);
#ifdef __x86_64__
PAGECOPY_USER_VARIANT(sse2);
PAGECOPY_USER_VARIANT(avx2);
PAGECOPY_USER_VARIANT(avx512);
#endif

/* The choice is made where there is one, and an IFUNC to make it. */
#if defined(__x86_64__) && defined(__GLIBC__)
#define PAGECOPY_USER_CHOOSES	1
pagecopy_user_fn *pagecopy_user_choose_load(void);
pagecopy_user_fn *pagecopy_user_choose_store(void);
#endif

#endif /* PAGECOPY_USER_VARIANT_H */
