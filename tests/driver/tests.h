/* SPDX-License-Identifier: MIT */
/* The tables of tests, one per file. */
#ifndef TESTS_H
#define TESTS_H

#include "dev.h"
#include "tap.h"

/**
 * struct test - one test
 * @name: says what holds when it passes
 * @run:  gets a device of four pages of order 0, or what the flags say
 * @bare: no SETUP was made
 * @ring: IORING_SETUP_*; the test is skipped where the kernel lacks them
 * @completion: of the mode it starts with
 */
struct test {
	const char *name;
	enum tap_result (*run)(struct dev *d);
	bool bare;
	unsigned int ring;
	unsigned int completion;
};

#define TESTS_PAGES	4

#define ARRAY_SIZE(array)	(sizeof(array) / sizeof((array)[0]))

/* An entry of a table: name, function and what else is to be set. */
#define TEST(_name, _run, ...)	{ .name = _name, .run = _run, ##__VA_ARGS__ }

extern const struct test tests_word[];
extern const struct test tests_range[];
extern const struct test tests_setup[];
extern const struct test tests_run[];
extern const struct test tests_walk[];
extern const struct test tests_kill[];
extern const struct test tests_share[];
extern const struct test tests_completion[];
extern const struct test tests_mode[];
extern const struct test tests_buffer[];
extern const struct test tests_ioctl[];
extern const struct test tests_vector[];

/* The same test in every completion, each on a ring that can have it. */
#define TEST_EACH(_name, _run, ...)					\
	TEST(_name ", inline", _run, ##__VA_ARGS__),			\
	TEST(_name ", task", _run, ##__VA_ARGS__,			\
	     .completion = PAGECOPY_COMPLETE_TASK),			\
	TEST(_name ", work", _run, ##__VA_ARGS__,			\
	     .completion = PAGECOPY_COMPLETE_WORK),			\
	TEST(_name ", iowq", _run, ##__VA_ARGS__,			\
	     .completion = PAGECOPY_COMPLETE_IOWQ),			\
	TEST(_name ", poll", _run, ##__VA_ARGS__,			\
	     .completion = PAGECOPY_COMPLETE_POLL,			\
	     .ring = IORING_SETUP_IOPOLL)

/* One line per op, strategy and buffer whose name contains @pattern. */
void tests_data(const char *pattern);

#endif /* TESTS_H */
