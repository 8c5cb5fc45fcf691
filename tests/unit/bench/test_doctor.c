// SPDX-License-Identifier: MIT
#include "test.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "doctor.h"
#include "doctor_cases.h"
#include "doctor_tree.h"
#include "root.h"

static void put_file(const char *name, const char *content)
{
	int32_t us;

	if (!strcmp(name, "dev/cpu_dma_latency")) {
		us = (int32_t)strtol(content, NULL, 10);
		root_put(name, &us, sizeof(us));
	} else {
		root_put(name, content, strlen(content));
	}
}

static const struct doctor_case *at_hand;

static void put_files(bool later)
{
	unsigned int i;

	for (i = 0; i < CASE_FILES && at_hand->files[i]; i += 2) {
		const char *name = at_hand->files[i];

		if ((*name == '+') == later)
			put_file(name + later, at_hand->files[i + 1]);
	}
}

static void between_the_looks(const struct doctor *d)
{
	(void)d;
	put_files(true);
}

/* The number of the check of this name. */
static unsigned int number_of(const char *name)
{
	struct doctor d = { .root = "/nowhere", .wait = between_the_looks };
	struct finding f;
	unsigned int i;

	for (i = 0; doctor_check(&d, i, &f); i++)
		if (!strcmp(f.name, name))
			return i;
	fail_msg("%s: no such check", name);
	return 0;
}

static void test_case(void **state)
{
	struct finding f;
	struct doctor d;

	at_hand = *state;
	root_make(NULL);
	put_files(false);
	doctor_open(&d, root, 1);
	d.wait = between_the_looks;
	doctor_check(&d, number_of(at_hand->check), &f);
	root_remove(NULL);
	if (f.verdict != at_hand->verdict ||
	    (!strstr(f.found, at_hand->word) && !strstr(f.fix, at_hand->word)))
		fail_msg("%s '%s' expected, but: %s '%s' '%s'",
			 doctor_verdict_name(at_hand->verdict), at_hand->word,
			 doctor_verdict_name(f.verdict), f.found, f.fix);
	assert_true(f.why[0]);
	assert_int_equal(!f.fix[0], f.verdict == DOCTOR_PASS);
}

/* A check without these cases would be one that nobody has seen at work. */
static void test_every_check_has_its_cases(void **state)
{
	struct doctor d = { .root = "/nowhere", .wait = between_the_looks };
	unsigned int i, k, seen[DOCTOR_VERDICTS];
	struct finding f;

	(void)state;
	for (i = 0; doctor_check(&d, i, &f); i++) {
		memset(seen, 0, sizeof(seen));
		for (k = 0; k < nr_doctor_cases; k++)
			if (!strcmp(doctor_cases[k].check, f.name))
				seen[doctor_cases[k].verdict]++;
		if (!seen[DOCTOR_PASS] || !seen[DOCTOR_UNKNOWN] ||
		    !(seen[DOCTOR_WARN] + seen[DOCTOR_FAIL]))
			fail_msg("%s: no case for each of pass, unknown, and "
				 "warn or fail", f.name);
	}
}

static void test_nothing_passes_where_nothing_can_be_read(void **state)
{
	struct doctor_report report;
	struct doctor d;

	(void)state;
	doctor_open(&d, root, 1);
	doctor_run(&d, &report);
	assert_int_equal(doctor_count(&report, DOCTOR_UNKNOWN), report.nr);
}

/* A root with a blank in it, as here, must reach zcat in one piece. */
static void test_the_zipped_configuration_is_read(void **state)
{
	char command[256], text[100];

	(void)state;
	put_file("proc/config", "CONFIG_KASAN=y\nCONFIG_LOCKDEP=y\n");
	snprintf(command, sizeof(command), "gzip '%s/proc/config'", root);
	assert_int_equal(system(command), 0);
	assert_ptr_equal(doctor_debug_kernel(root, text, sizeof(text)), text);
	assert_string_equal(text, "KASAN, LOCKDEP");
}

static void test_no_debug_options_is_not_unknown(void **state)
{
	char text[100];

	(void)state;
	assert_null(doctor_debug_kernel(root, text, sizeof(text)));
	assert_non_null(strstr(text, "config.gz"));
	put_file("proc/sys/kernel/osrelease", "t\n");
	put_file("boot/config-t", "# CONFIG_KASAN is not set\n");
	assert_ptr_equal(doctor_debug_kernel(root, text, sizeof(text)), text);
	assert_string_equal(text, "");
}

static void test_lists_of_cpus_are_read(void **state)
{
	(void)state;
	assert_true(cpulist_has("0-3,8", 2));
	assert_true(cpulist_has("0-3,8", 8));
	assert_false(cpulist_has("0-3,8", 4));
	assert_false(cpulist_has("10-13", 1));
	assert_false(cpulist_has("", 0));
	assert_false(cpulist_has("(null)", 0));
	assert_int_equal(cpulist_other("1", 1), -1);
	assert_int_equal(cpulist_other("0-1", 1), 0);
	assert_int_equal(cpulist_other("0,4", 0), 4);
}

static size_t widest(const char *text)
{
	size_t most = 0, len;

	for (; *text; text += len + (text[len] == '\n')) {
		len = strcspn(text, "\n");
		if (len > most)
			most = len;
	}
	return most;
}

static void test_no_line_is_wider_than_100(void **state)
{
	struct doctor_report report;
	struct doctor d;
	char *text = NULL;
	size_t len;
	FILE *f = open_memstream(&text, &len);

	(void)state;
	doctor_open(&d, root, 1);
	doctor_run(&d, &report);
	doctor_print(&report, f);
	fclose(f);
	assert_in_range(widest(text), 60, 100);
	assert_non_null(strstr(text, "\n0 pass, 0 warn, 0 fail, 30 unknown\n"));
	free(text);
}

static void test_bytes_that_are_no_text_become_null(void **state)
{
	struct doctor_report report = { .nr = 1, .finding = { {
		.name = "governor", .verdict = DOCTOR_WARN,
		.found = "'\xff'", .why = "why", .fix = "fix",
	} } };
	json_t *all = doctor_json(&report);
	json_t *one = json_object_get(all, "governor");

	(void)state;
	assert_true(json_is_null(json_object_get(one, "found")));
	assert_string_equal("warn", json_string_value(
				json_object_get(one, "verdict")));
	json_decref(all);
}

#define WITH_ROOT(test) \
	cmocka_unit_test_setup_teardown(test, root_make, root_remove)

/* A test for each case, named after its check and the verdict. */
static struct CMUnitTest *case_tests(void)
{
	struct CMUnitTest *tests = calloc(nr_doctor_cases, sizeof(*tests));
	unsigned int i;

	for (i = 0; tests && i < nr_doctor_cases; i++) {
		const struct doctor_case *c = &doctor_cases[i];
		char *name = NULL;

		if (asprintf(&name, "%s: %s: %s", c->check,
			     doctor_verdict_name(c->verdict), c->word) < 0)
			exit(1);
		tests[i].name = name;
		tests[i].test_func = test_case;
		tests[i].initial_state = (void *)c;
	}
	return tests;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_every_check_has_its_cases),
		WITH_ROOT(test_nothing_passes_where_nothing_can_be_read),
		WITH_ROOT(test_the_zipped_configuration_is_read),
		WITH_ROOT(test_no_debug_options_is_not_unknown),
		cmocka_unit_test(test_lists_of_cpus_are_read),
		WITH_ROOT(test_no_line_is_wider_than_100),
		cmocka_unit_test(test_bytes_that_are_no_text_become_null),
	};
	struct CMUnitTest *cases = case_tests();
	unsigned int i;
	int failed;

	if (!cases)
		return 1;
	failed = cmocka_run_group_tests(tests, NULL, NULL) +
		 _cmocka_run_group_tests("cases", cases, nr_doctor_cases, NULL,
					 NULL);
	for (i = 0; i < nr_doctor_cases; i++)
		free((char *)cases[i].name);
	free(cases);
	return failed;
}
