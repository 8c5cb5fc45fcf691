// SPDX-License-Identifier: MIT
/*
 * driver-tests [PATTERN] - test the module that is loaded; TAP on stdout
 *
 * PATTERN runs the tests whose name contains it. Exit status 0 when nothing
 * failed, 1 when something did, 77 when there is no module.
 */
#include "tests.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

static const struct test *const tables[] = {
	tests_word, tests_range, tests_setup, tests_run, tests_walk, tests_share,
	tests_completion, tests_mode, tests_buffer, tests_ioctl, tests_vector,
	tests_kill,
};

/* The counters must be level after every test, whatever it provoked. */
static enum tap_result pins_are_level(const struct dev *d)
{
	const struct pagecopy_stats stats = dev_stats(d);

	T_EQ(stats.unpinned, stats.pinned);
	return TAP_PASS;
}

static enum tap_result run_one(const struct test *t)
{
	enum tap_result result;
	struct dev d;
	int ret;

	ret = dev_open(&d, t->ring);
	if (ret && t->ring)
		return tap_skip("this kernel lacks such a ring");
	T_EQ(ret, 0);
	d.completion = t->completion;
	T_EQ(dev_mode(&d, 1, 0), 0);
	if (!t->bare && dev_setup(&d, 0, TESTS_PAGES))
		result = TAP_FAIL;
	else
		result = t->run(&d);
	if (result == TAP_PASS)
		result = pins_are_level(&d);
	dev_close(&d);
	return result;
}

int main(int argc, char **argv)
{
	const char *pattern = argc > 1 ? argv[1] : "";
	const struct test *t;
	size_t i;

	if (access(PAGECOPY_DEV_PATH, R_OK | W_OK)) {
		puts("1..0 # SKIP no access to " PAGECOPY_DEV_PATH);
		return 77;
	}
	for (i = 0; i < ARRAY_SIZE(tables); i++)
		for (t = tables[i]; t->name; t++)
			if (strstr(t->name, pattern))
				tap_report(run_one(t), "%s", t->name);
	tests_data(pattern);
	return tap_finish();
}
