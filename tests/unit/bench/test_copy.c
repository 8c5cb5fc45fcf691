// SPDX-License-Identifier: MIT
/* `pagecopy copy`, whole: how often it calls the strategy, and what it notices. */
#include "test.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cmd.h"
#include "copy_options.h"
#include "pagecopy/strategy.h"
#include "ring.h"

/* Calls of the strategy, in the whole command. */
static uint64_t calls;
/* The call that forgets the last byte; 0 for none. */
#define ALWAYS	UINT64_MAX
static uint64_t forgets;
/* The results of commands are not what was expected. */
static bool refuse;
static char *said;

static void copy(void *dst, const void *src, size_t len)
{
	calls++;
	memcpy(dst, src, len - (forgets == calls || forgets == ALWAYS));
}

const struct pagecopy_strategy *
__real_pagecopy_strategy_here(unsigned int nr);
const struct pagecopy_strategy *
__wrap_pagecopy_strategy_here(unsigned int nr);
int __real_ring_slice(struct ring *r, struct slice *s);
int __wrap_ring_slice(struct ring *r, struct slice *s);

const struct pagecopy_strategy *__wrap_pagecopy_strategy_here(unsigned int nr)
{
	static struct pagecopy_strategy s;

	s = *__real_pagecopy_strategy_here(nr);
	s.copy = copy;
	return &s;
}

int __wrap_ring_slice(struct ring *r, struct slice *s)
{
	if (refuse)
		r->expect = 5;
	return __real_ring_slice(r, s);
}

/* Run it with the words of @line; its exit code, what it printed in said. */
static int run(const char *line)
{
	char *argv[32] = { "pagecopy copy" }, *words = strdup(line), *word;
	int out = dup(1), err = dup(2), argc = 1, code;
	FILE *f = tmpfile();
	size_t len;

	for (word = strtok(words, " "); word; word = strtok(NULL, " "))
		argv[argc++] = word;
	assert_non_null(f);
	fflush(stdout);
	dup2(fileno(f), 1);
	dup2(fileno(f), 2);
	calls = 0;
	code = cmd_copy(argc, argv);
	fflush(stdout);
	dup2(out, 1);
	dup2(err, 2);
	close(out);
	close(err);
	free(said);
	len = (size_t)ftell(f);
	said = calloc(1, len + 1);
	rewind(f);
	assert_int_equal(fread(said, 1, len, f), len);
	fclose(f);
	free(words);
	return code;
}

static void test_the_strategy_is_called_count_times(void **state)
{
	static const uint64_t counts[] = { 0, 1, 3, 8, 9, 1003, 70001 };
	char line[100];
	unsigned int i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(counts); i++) {
		snprintf(line, sizeof(line), "--count %lu --depth 8 --size 100",
			 counts[i]);
		if (run(line) || said[0])
			fail_msg("%s: %s", line, said);
		assert_int_equal(calls, counts[i]);
	}
}

static void expect_wrong(const char *line)
{
	if (run(line) != 1 || !strstr(said, "strategy=raw size=4096") ||
	    !strstr(said, "wrong byte after measuring"))
		fail_msg("%s: %s", line, said);
}

static void test_wrong_bytes_are_told_with_their_cell(void **state)
{
	(void)state;
	/* Each of the first eight copies is the first into its buffer. */
	for (forgets = 1; forgets <= 8; forgets++)
		expect_wrong("--count 8 --depth 8 --op write");
	/* A later copy mends what one forgot, unless all forget. */
	forgets = 3;
	assert_int_equal(run("--count 16 --depth 8"), 0);
	forgets = ALWAYS;
	expect_wrong("--count 1000 --depth 8");
	forgets = 0;
}

static void test_few_copies_leave_the_other_buffers_alone(void **state)
{
	(void)state;
	forgets = 3;
	assert_int_equal(run("--count 3 --depth 8"), 1);
	forgets = 0;
	assert_int_equal(run("--count 3 --depth 8"), 0);
}

static void test_failed_commands_are_told_with_their_cell(void **state)
{
	(void)state;
	refuse = true;
	if (run("--count 10 --path nop --depth 4") == 77) {
		refuse = false;
		skip();
	}
	refuse = false;
	assert_non_null(strstr(said, "path=nop op=nop"));
	assert_non_null(strstr(said, "resulted in 0"));
	assert_int_equal(run("--count 10 --path nop --depth 4"), 0);
	assert_string_equal(said, "");
}

static void test_every_axis_has_one_value(void **state)
{
	static const char *const lists[] = {
		"--path user,nop", "--op read,write", "--strategy raw,words",
		"--size 4K,8K", "--depth 1,2", "--batch 1,2",
		"--buffer fixed,user", "--ring plain,coop",
		"--completion inline,task", "--offset 0,1", "--buf-offset 0,1",
		"--pages 4k,thp", "--path all", "--size all", "--ring all",
	};
	char line[100];
	unsigned int i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(lists); i++) {
		snprintf(line, sizeof(line), "--count 1 %s", lists[i]);
		if (run(line) != 2 || !strstr(said, "one value only") ||
		    strchr(said, '\n') != strrchr(said, '\n'))
			fail_msg("%s: %s", line, said);
	}
	assert_int_equal(calls, 0);
}

static void test_the_sweep_of_a_cell_is_that_cell(void **state)
{
	char *argv[] = { "pagecopy copy", "--count", "7", "--size", "64K",
			 "--batch", "all", NULL };
	struct copy_options o;
	unsigned int i;

	(void)state;
	assert_int_equal(copy_options_parse(&o, 7, argv, stderr), 0);
	assert_int_equal(o.count, 7);
	assert_int_equal(o.run.axis[AXIS_SIZE].value[0], 65536);
	for (i = 0; i < AXIS_NR; i++)
		assert_int_equal(o.run.axis[i].nr, 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_the_strategy_is_called_count_times),
		cmocka_unit_test(test_wrong_bytes_are_told_with_their_cell),
		cmocka_unit_test(test_few_copies_leave_the_other_buffers_alone),
		cmocka_unit_test(test_failed_commands_are_told_with_their_cell),
		cmocka_unit_test(test_every_axis_has_one_value),
		cmocka_unit_test(test_the_sweep_of_a_cell_is_that_cell),
	};
	int ret = cmocka_run_group_tests(tests, NULL, NULL);

	free(said);
	return ret;
}
