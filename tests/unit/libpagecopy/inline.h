/* SPDX-License-Identifier: MIT */
/*
 * The two functions as the header gives them to a program: inlined where it
 * inlines them, which the tests of the library itself switch off.
 */
#ifndef PAGECOPY_TEST_INLINE_H
#define PAGECOPY_TEST_INLINE_H

#include "variant.h"

pagecopy_user_fn inlined_load, inlined_store;

/* Element n copies n bytes, which the compiler knows. */
#define INLINE_COUNTS	41
extern pagecopy_user_fn *const inline_loads[INLINE_COUNTS];
extern pagecopy_user_fn *const inline_stores[INLINE_COUNTS];

#endif
