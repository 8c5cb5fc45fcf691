// SPDX-License-Identifier: MIT
#include "tap.h"

#include <stdarg.h>
#include <stdio.h>

static struct {
	int run;
	int failed;
	const char *reason;
} tap;

bool tap_expect(const char *where, const char *what, long long got,
		long long expected)
{
	if (got == expected)
		return true;
	tap_note("%s: %s is %lld, expected %lld", where, what, got, expected);
	return false;
}

void tap_note(const char *format, ...)
{
	va_list args;

	fputs("# ", stdout);
	va_start(args, format);
	vprintf(format, args);
	va_end(args);
	putchar('\n');
}

enum tap_result tap_skip(const char *reason)
{
	tap.reason = reason;
	return TAP_SKIP;
}

void tap_report(enum tap_result result, const char *format, ...)
{
	va_list args;

	printf("%sok %d - ", result == TAP_FAIL ? "not " : "", ++tap.run);
	va_start(args, format);
	vprintf(format, args);
	va_end(args);
	if (result == TAP_SKIP)
		printf(" # SKIP %s", tap.reason);
	putchar('\n');
	fflush(stdout);
	tap.failed += result == TAP_FAIL;
}

int tap_finish(void)
{
	printf("1..%d\n", tap.run);
	if (tap.failed)
		tap_note("%d of %d failed", tap.failed, tap.run);
	return tap.failed ? 1 : 0;
}
