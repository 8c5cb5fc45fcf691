// SPDX-License-Identifier: MIT
/*
 * Do the mutators use the memory they should, and no other? What they have no
 * business with is not there, what they may only load cannot be written.
 */
#include "test.h"

#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "contend.h"

#define PLACES	2U
#define BYTES	(64U << 10)
/* Three lines: 60 to 63, 64 to 127, 128 to 159. */
#define OFFSET	60U
#define SIZE	100U
#define LINES	(3 * PLACES)

static struct run *run;
static struct worker worker;

static char *map(void)
{
	return mmap(NULL, BYTES, PROT_READ | PROT_WRITE,
		    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
}

static int setup(void **state)
{
	(void)state;
	run = calloc(1, sizeof(*run));
	run->worker[0] = &worker;
	run->cell.path = PATH_USER;
	run->cell.strategy = PAGECOPY_S_raw;
	run->cell.buffer = PAGECOPY_BUF_USER;
	run->cell.depth = PLACES;
	run->cell.size = SIZE;
	run->cell.offset = OFFSET;
	run->cell.threads = 1;
	layout_of(&run->cell, 0, &run->layout);
	assert_true(arena_need(&run->layout) <= BYTES);
	assert_int_equal(run->layout.buffers, PLACES);
	run->pages.base = map();
	run->buffers[0].base = map();
	worker.side[SIDE_PAGE].arena = &run->pages;
	worker.side[SIDE_BUFFER].arena = &run->buffers[0];
	return cpus_read(&run->cpus);
}

static int teardown(void **state)
{
	(void)state;
	munmap(run->pages.base, BYTES);
	munmap(run->buffers[0].base, BYTES);
	free(run);
	return 0;
}

/* @used is what they shall use; @other is not there at all. */
static void check(unsigned int op, unsigned int mutators, char *used,
		  char *other, bool stores)
{
	char before[BYTES];

	run->cell.op = op;
	run->cell.mutators = mutators;
	run->row.mutations = 0;
	memset(used, 0x5a, BYTES);
	memcpy(before, used, BYTES);
	assert_int_equal(mprotect(other, BYTES, PROT_NONE), 0);
	if (!stores)
		assert_int_equal(mprotect(used, BYTES, PROT_READ), 0);
	/* A thread may be asked to end before its first round. */
	while (run->row.mutations < 100 * LINES) {
		assert_int_equal(contend_start(run), 0);
		contend_stop(run);
	}
	assert_int_equal(run->row.mutations % LINES, 0);
	assert_memory_equal(used, before, BYTES);
	mprotect(used, BYTES, PROT_READ | PROT_WRITE);
	mprotect(other, BYTES, PROT_READ | PROT_WRITE);
}

static void test_writers_store_into_what_is_copied_from(void **state)
{
	char *page = run->pages.base, *buffer = run->buffers[0].base;

	(void)state;
	check(PAGECOPY_OP_READ, MUTATORS_W1, page, buffer, true);
	check(PAGECOPY_OP_WRITE, MUTATORS_W2, buffer, page, true);
}

static void test_readers_load_from_what_is_copied_to(void **state)
{
	char *page = run->pages.base, *buffer = run->buffers[0].base;

	(void)state;
	check(PAGECOPY_OP_READ, MUTATORS_R2, buffer, page, false);
	check(PAGECOPY_OP_WRITE, MUTATORS_R1, page, buffer, false);
}

static void test_without_mutators_nothing_is_touched(void **state)
{
	(void)state;
	run->cell.op = PAGECOPY_OP_READ;
	mprotect(run->pages.base, BYTES, PROT_NONE);
	mprotect(run->buffers[0].base, BYTES, PROT_NONE);
	assert_int_equal(contend_start(run), 0);
	contend_stop(run);
	assert_int_equal(run->row.mutations, 0);
}

static void test_a_cpu_that_is_not_there_is_said(void **state)
{
	(void)state;
	run->cell.op = PAGECOPY_OP_READ;
	run->cell.mutators = MUTATORS_W1;
	run->cpus = (struct cpus) { .nr = 1, .cpu = { CPUS_MAX - 1 } };
	assert_int_not_equal(contend_start(run), 0);
	contend_stop(run);
}

#define ON_A_RUN(test) cmocka_unit_test_setup_teardown(test, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		ON_A_RUN(test_writers_store_into_what_is_copied_from),
		ON_A_RUN(test_readers_load_from_what_is_copied_to),
		ON_A_RUN(test_without_mutators_nothing_is_touched),
		ON_A_RUN(test_a_cpu_that_is_not_there_is_said),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
