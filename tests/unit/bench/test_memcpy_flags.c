// SPDX-License-Identifier: MIT
#include "test.h"

#include "memcpy_flags.h"

static void test_the_release_decides(void **state)
{
	static const struct {
		const char *release, *flags, *want;
	} cases[] = {
		{ "6.1.0-56-cloud-amd64", " fpu erms rep_good fsrm\n",
		  "rep_movsb" },
		{ "6.1.0-56-cloud-amd64", " fpu rep_good nopl", "rep_movsq" },
		{ "6.1.0-56-cloud-amd64", " fpu fsrm_not", "unrolled" },
		{ "6.3.9", " erms", "rep_movsb" },
		{ "6.4.0", " erms rep_good", "unrolled" },
		{ "6.12.117+deb12", " erms rep_good fsrm\n", "rep_movsb" },
		{ "6.12.117+deb12", " erms rep_good", "unrolled" },
		{ "7.0.1", "fsrm", "rep_movsb" },
		{ "5.10.0", "fsrm rep_good", "rep_movsq" },
	};
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(cases); i++)
		assert_string_equal(memcpy_expected(cases[i].release,
						    cases[i].flags, false),
				    cases[i].want);
}

static void test_uml_patches_nothing(void **state)
{
	(void)state;
	assert_string_equal(memcpy_expected("6.12.117", " fsrm erms", true),
			    "unrolled");
}

static void test_no_flags_expect_nothing(void **state)
{
	(void)state;
	assert_null(memcpy_expected("6.12.117", "", false));
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_the_release_decides),
		cmocka_unit_test(test_uml_patches_nothing),
		cmocka_unit_test(test_no_flags_expect_nothing),
	};

	return cmocka_run_group_tests_name("memcpy_flags", tests, NULL, NULL);
}
