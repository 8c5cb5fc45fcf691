/* SPDX-License-Identifier: MIT */
/* Results as TAP, one line a test, the reason of a failure above it. */
#ifndef TAP_H
#define TAP_H

#include <stdbool.h>

enum tap_result {
	TAP_PASS,
	TAP_FAIL,
	TAP_SKIP,
};

/**
 * tap_expect() - is a number what it should be?
 * @where:    "file:line", for a person
 * @what:     the expression
 * @got:      its value
 * @expected: what it should be
 *
 * Return: yes or no; the difference has then been printed.
 */
bool tap_expect(const char *where, const char *what, long long got,
		long long expected);

/* Print a line for a person. */
__attribute__((format(printf, 1, 2)))
void tap_note(const char *format, ...);

/* Say why, and skip: return tap_skip("..."). */
enum tap_result tap_skip(const char *reason);

/* Print the line of a finished test. */
__attribute__((format(printf, 2, 3)))
void tap_report(enum tap_result result, const char *format, ...);

/* Print the plan; the exit status of the program. */
int tap_finish(void);

#define TAP_LINE_(n)	#n
#define TAP_LINE(n)	TAP_LINE_(n)
#define TAP_WHERE	__FILE_NAME__ ":" TAP_LINE(__LINE__)

/* In a function that returns enum tap_result: fail unless both are equal. */
#define T_EQ(got, expected)						\
	do {								\
		if (!tap_expect(TAP_WHERE, #got, (got), (expected)))	\
			return TAP_FAIL;				\
	} while (0)

#define T_TRUE(expr)	T_EQ(!!(expr), 1)

#endif /* TAP_H */
