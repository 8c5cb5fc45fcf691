/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * PC_TESTABLE(function, args...), first in a function, lets a KUnit test replace
 * it, and PC_STATIC lets the test see it. Both are nothing but in a module built
 * for those tests.
 */
#ifndef PC_TESTABLE_H
#define PC_TESTABLE_H

#ifdef PC_KUNIT
#include <kunit/static_stub.h>
#define PC_TESTABLE(function, ...) \
	KUNIT_STATIC_STUB_REDIRECT(function, ##__VA_ARGS__)
#define PC_STATIC
#else
#define PC_TESTABLE(function, ...)	do { } while (0)
#define PC_STATIC	static
#endif

#endif /* PC_TESTABLE_H */
