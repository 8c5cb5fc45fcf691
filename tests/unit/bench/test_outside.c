// SPDX-License-Identifier: MIT
/*
 * Both sides of the mutator outside, over a file as memory: the outside is a
 * process, the pages of the inside lie in the file in another order.
 */
#include "test.h"

#include <errno.h>
#include <signal.h>
#include <stdbool.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "generation.h"
#include "outside.h"

#define PAGE	OUTSIDE_PAGE
#define PAGES	40U
#define SOURCE	5U

static const uint8_t marker[MARKER_BYTES] = "a marker of ours";
/* Where in the file the pages of the source are. */
static const unsigned int place[SOURCE] = { 17, 3, 30, 4, 9 };
#define CONTROL		21U

static struct generations g;
static unsigned char *memory;
static pid_t child;
static struct outside o;

static int begin(void **state)
{
	struct mutate m = { 0 };
	int fd = memfd_create("memory", MFD_CLOEXEC);

	(void)state;
	generations_init(&g);
	assert_int_equal(ftruncate(fd, PAGES * PAGE), 0);
	memory = mmap(NULL, PAGES * PAGE, PROT_READ | PROT_WRITE, MAP_SHARED,
		      fd, 0);
	assert_ptr_not_equal(memory, MAP_FAILED);
	child = fork();
	if (!child) {
		memcpy(m.marker, marker, MARKER_BYTES);
		m.alive = getppid();
		if (mutate_open(&m, fd))
			_exit(2);
		while (mutate_serve(&m))
			;
		_exit(0);
	}
	close(fd);
	return 0;
}

static int end(void **state)
{
	(void)state;
	kill(child, SIGKILL);
	waitpid(child, NULL, 0);
	munmap(memory, PAGES * PAGE);
	return 0;
}

static unsigned char *page(unsigned int index)
{
	return memory + (size_t)place[index] * PAGE;
}

static void mark(unsigned int nr)
{
	struct outside_mark m;
	unsigned int i;

	outside_epoch(&o);
	for (i = 0; i < nr; i++) {
		outside_mark(&o, i, &m);
		memcpy(page(i), &m, sizeof(m));
	}
}

static void open_source(void)
{
	outside_open(&o, memory + CONTROL * PAGE, marker);
	mark(SOURCE);
	assert_int_equal(outside_find(&o, SOURCE), 0);
}

/* Byte @at of the source is of generation @nr. */
static bool is_of(size_t at, uint64_t nr)
{
	return page((unsigned int)(at / PAGE))[at % PAGE] ==
	       generation_byte(&g, nr, at);
}

static void test_the_range_is_written_and_nothing_else(void **state)
{
	const size_t first = PAGE - 64, len = 2 * PAGE + 128;
	unsigned char before[PAGES * PAGE];
	uint64_t nr;
	size_t i;

	(void)state;
	open_source();
	memcpy(before, memory, sizeof(before));
	assert_int_equal(outside_run(&o, first, len), 0);
	assert_int_equal(outside_stop(&o, &nr), 0);
	for (i = 0; i < SOURCE * PAGE; i++) {
		if (i >= first && i < first + len)
			assert_true(is_of(i, nr));
		else
			assert_int_equal(page((unsigned int)(i / PAGE))[i % PAGE],
					 before[place[i / PAGE] * PAGE +
						i % PAGE]);
	}
	for (i = 0; i < PAGES; i++)
		if (i == 0 || i == 1 || i == 20 || i == 39)
			assert_memory_equal(memory + i * PAGE,
					    before + i * PAGE, PAGE);
	outside_quit(&o);
}

static void test_generations_go_on_until_it_is_told_to_stop(void **state)
{
	unsigned char was[64];
	uint64_t nr;

	(void)state;
	open_source();
	assert_int_equal(outside_run(&o, 0, 64), 0);
	usleep(20000);
	assert_int_equal(outside_stop(&o, &nr), 0);
	assert_true(nr > GENERATIONS);
	memcpy(was, page(0), sizeof(was));
	usleep(5000);
	assert_memory_equal(was, page(0), sizeof(was));
	outside_quit(&o);
}

static void test_a_page_that_is_not_there_is_missed(void **state)
{
	(void)state;
	open_source();
	mark(SOURCE - 1);
	assert_int_equal(outside_find(&o, SOURCE), -ENOENT);
	assert_int_equal(o.c->found, SOURCE - 1);
	outside_quit(&o);
}

static void test_a_page_that_is_there_twice_is_told(void **state)
{
	(void)state;
	open_source();
	mark(SOURCE);
	memcpy(memory + 35 * PAGE, page(2), PAGE);
	assert_int_equal(outside_find(&o, SOURCE), -ENOENT);
	assert_int_equal(o.c->twice, 1);
	outside_quit(&o);
}

static void test_old_marks_do_not_count(void **state)
{
	(void)state;
	open_source();
	/* As a program that has ended may have left it. */
	memcpy(memory + 35 * PAGE, page(2), PAGE);
	mark(SOURCE);
	assert_int_equal(outside_find(&o, SOURCE), 0);
	outside_quit(&o);
}

static void test_marks_of_others_do_not_count(void **state)
{
	struct outside_mark m;

	(void)state;
	open_source();
	mark(SOURCE);
	outside_mark(&o, 1, &m);
	m.marker[15] ^= 1;
	memcpy(memory + 35 * PAGE, &m, sizeof(m));
	assert_int_equal(outside_find(&o, SOURCE), 0);
	outside_quit(&o);
}

static void test_who_comes_after_a_quit_is_served(void **state)
{
	uint64_t nr;

	(void)state;
	open_source();
	assert_int_equal(outside_quit(&o), 0);
	/* Behind the old one, which would be found first if it still counted. */
	outside_open(&o, memory + 33 * PAGE, marker);
	mark(SOURCE);
	assert_int_equal(outside_find(&o, SOURCE), 0);
	assert_int_equal(outside_run(&o, 0, PAGE), 0);
	assert_int_equal(outside_stop(&o, &nr), 0);
	assert_true(is_of(77, nr));
	outside_quit(&o);
}

static void test_it_ends_with_the_guest(void **state)
{
	struct mutate m = { .fd = -1 };
	int status;
	pid_t gone;

	(void)state;
	gone = fork();
	if (!gone)
		_exit(0);
	waitpid(gone, &status, 0);
	m.alive = gone;
	assert_int_equal(mutate_serve(&m), 0);
}

#define TEST(name)	cmocka_unit_test_setup_teardown(name, begin, end)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_the_range_is_written_and_nothing_else),
		TEST(test_generations_go_on_until_it_is_told_to_stop),
		TEST(test_a_page_that_is_not_there_is_missed),
		TEST(test_a_page_that_is_there_twice_is_told),
		TEST(test_old_marks_do_not_count),
		TEST(test_marks_of_others_do_not_count),
		TEST(test_who_comes_after_a_quit_is_served),
		TEST(test_it_ends_with_the_guest),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
