// SPDX-License-Identifier: MIT
/*
 * Do the mutators use the memory they should, and no other? What they have no
 * business with is not there, what they may only load cannot be written.
 */
#include "test.h"

#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "pagecopy/port.h"
#include "contend.h"

#define PLACES	2U
#define BYTES	(64U << 10)
#define SMALL	4096U
/* Three lines of the second page: 60 to 63, 64 to 127, 128 to 159. */
#define OFFSET	(SMALL + 60)
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
	assert_int_equal(run->layout.page_bytes, 2 * SMALL);
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

/* Of @used only what is copied is there, and of @other nothing. */
static void hide(char *used, char *other, int access)
{
	unsigned int k;
	char *page;

	assert_int_equal(mprotect(other, BYTES, PROT_NONE), 0);
	assert_int_equal(mprotect(used, BYTES, PROT_NONE), 0);
	for (k = 0; k < PLACES; k++) {
		page = used + ARENA_GAP + k * run->layout.stride + SMALL;
		assert_int_equal(mprotect(page, SMALL, access), 0);
	}
}

static void show(char *used, char *other)
{
	mprotect(used, BYTES, PROT_READ | PROT_WRITE);
	mprotect(other, BYTES, PROT_READ | PROT_WRITE);
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
	hide(used, other, stores ? PROT_READ | PROT_WRITE : PROT_READ);
	while (run->row.mutations < 100 * LINES) {
		assert_int_equal(contend_start(run), 0);
		contend_stop(run);
	}
	assert_int_equal(run->row.mutations % LINES, 0);
	show(used, other);
	assert_memory_equal(used, before, BYTES);
}

/* Does a mutator fault that has no more than @access to what it uses? */
static bool faults(unsigned int op, char *used, char *other, int access)
{
	pid_t child;
	int status;

	run->cell.op = op;
	hide(used, other, access);
	child = fork();
	assert_true(child >= 0);
	if (!child) {
		signal(SIGSEGV, SIG_DFL);
		contend_start(run);
		_exit(0);
	}
	assert_int_equal(waitpid(child, &status, 0), child);
	show(used, other);
	return WIFSIGNALED(status) && WTERMSIG(status) == SIGSEGV;
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

/* A store leaves what is there, so it shows only where it may not be made. */
static void test_writers_store_and_readers_load(void **state)
{
	char *page = run->pages.base, *buffer = run->buffers[0].base;

	(void)state;
	run->cell.mutators = MUTATORS_W1;
	assert_true(faults(PAGECOPY_OP_READ, page, buffer, PROT_READ));
	assert_false(faults(PAGECOPY_OP_READ, page, buffer,
			    PROT_READ | PROT_WRITE));
	run->cell.mutators = MUTATORS_R1;
	assert_true(faults(PAGECOPY_OP_WRITE, page, buffer, PROT_NONE));
	assert_false(faults(PAGECOPY_OP_WRITE, page, buffer, PROT_READ));
}

/* In every turn a byte of each line that the copy has a byte in. */
static void test_each_line_of_a_copy_is_used(void **state)
{
	static const uint32_t offsets[] = { 0, 1, 60, 63, 64 };
	static const uint32_t sizes[] = { 1, 4, 5, 64, 65, 66, 130 };
	unsigned int i, k;
	uint64_t lines;

	(void)state;
	run->cell.op = PAGECOPY_OP_READ;
	run->cell.mutators = MUTATORS_W1;
	for (i = 0; i < ARRAY_SIZE(offsets); i++)
		for (k = 0; k < ARRAY_SIZE(sizes); k++) {
			run->cell.offset = offsets[i];
			run->cell.size = sizes[k];
			layout_of(&run->cell, 0, &run->layout);
			lines = (offsets[i] + sizes[k] - 1) / LINE -
				offsets[i] / LINE + 1;
			run->row.mutations = 0;
			assert_int_equal(contend_start(run), 0);
			contend_stop(run);
			assert_int_equal(run->row.mutations, PLACES * lines *
					 run->rival[0].mutator.turns);
		}
}

/* All that is copied has been used when the copies begin. */
static void test_every_mutator_has_begun(void **state)
{
	(void)state;
	run->cell.op = PAGECOPY_OP_READ;
	run->cell.mutators = MUTATORS_W2;
	assert_int_equal(contend_start(run), 0);
	assert_int_equal(run->rivals, 2);
	assert_true(READ_ONCE(run->rival[0].lines) >= LINES);
	assert_true(READ_ONCE(run->rival[1].lines) >= LINES);
	contend_stop(run);
	assert_int_equal(run->rivals, 0);
	assert_int_equal(run->row.mutations,
			 run->rival[0].lines + run->rival[1].lines);
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
		ON_A_RUN(test_writers_store_and_readers_load),
		ON_A_RUN(test_each_line_of_a_copy_is_used),
		ON_A_RUN(test_every_mutator_has_begun),
		ON_A_RUN(test_without_mutators_nothing_is_touched),
		ON_A_RUN(test_a_cpu_that_is_not_there_is_said),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
