// SPDX-License-Identifier: MIT
#include "pagecopy/atomic_memcpy.h"

#define PAGECOPY_NO_INLINE
#include "inline.h"

void *inlined_load(void *dest, const void *source, size_t count,
		   pagecopy_order order)
{
	return atomic_load_per_byte_memcpy(dest, source, count, order);
}

void *inlined_store(void *dest, const void *source, size_t count,
		    pagecopy_order order)
{
	return atomic_store_per_byte_memcpy(dest, source, count, order);
}

#define EACH_COUNT(X)							\
	X(0) X(1) X(2) X(3) X(4) X(5) X(6) X(7) X(8) X(9) X(10) X(11)	\
	X(12) X(13) X(14) X(15) X(16) X(17) X(18) X(19) X(20) X(21)	\
	X(22) X(23) X(24) X(25) X(26) X(27) X(28) X(29) X(30) X(31)	\
	X(32) X(33) X(34) X(35) X(36) X(37) X(38) X(39) X(40)

#define FUNCTIONS(n)							\
static void *load_##n(void *dest, const void *source, size_t count,	\
		      pagecopy_order order)				\
{									\
	(void)count;							\
	(void)order;							\
	return atomic_load_per_byte_memcpy(dest, source, n,		\
					   memory_order_acquire);	\
}									\
									\
static void *store_##n(void *dest, const void *source, size_t count,	\
		       pagecopy_order order)				\
{									\
	(void)count;							\
	(void)order;							\
	return atomic_store_per_byte_memcpy(dest, source, n,		\
					    memory_order_release);	\
}

EACH_COUNT(FUNCTIONS)

#define LOAD(n)		load_##n,
#define STORE(n)	store_##n,

pagecopy_user_fn *const inline_loads[INLINE_COUNTS] = { EACH_COUNT(LOAD) };
pagecopy_user_fn *const inline_stores[INLINE_COUNTS] = { EACH_COUNT(STORE) };
