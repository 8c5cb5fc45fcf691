/* SPDX-License-Identifier: MIT */
/* What every cmocka program needs, in the order cmocka needs it. */
#ifndef PAGECOPY_BENCH_TEST_H
#define PAGECOPY_BENCH_TEST_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#define ARRAY_SIZE(a)	(sizeof(a) / sizeof((a)[0]))

#endif
