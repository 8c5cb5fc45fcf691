// SPDX-License-Identifier: MIT
/* What perf is told, with a perf that the test plays at the other end. */
#include "test.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "perf_control.h"

#define LONG_MS		20000
#define SHORT_MS	50

static char folder[64], ctl[80], ack[80], both[200];
static struct perf_control c;

/*
 * The other end: after each command it waits, if it shall, notes what has been
 * said and answers; after @answers of them it ends.
 */
static struct {
	pthread_t thread;
	int in;
	int out;
	const char *answer;
	unsigned int answers;
	unsigned int delay_ms;
	unsigned int heard;
	char said[200];
} perf;

static void *play(void *arg)
{
	const struct timespec wait = {
		.tv_nsec = (long)perf.delay_ms * 1000000,
	};
	size_t used = 0;
	char byte;

	(void)arg;
	while (perf.heard < perf.answers && read(perf.in, &byte, 1) == 1) {
		perf.said[used++] = byte;
		if (byte != '\n')
			continue;
		nanosleep(&wait, NULL);
		__atomic_add_fetch(&perf.heard, 1, __ATOMIC_SEQ_CST);
		/* As perf does: with the zero byte. */
		if (perf.out >= 0 &&
		    write(perf.out, perf.answer, strlen(perf.answer) + 1) < 0)
			break;
	}
	close(perf.in);
	if (perf.out >= 0)
		close(perf.out);
	return NULL;
}

static void start(const char *answer, unsigned int answers,
		  unsigned int delay_ms)
{
	memset(&perf, 0, sizeof(perf));
	perf.answer = answer;
	perf.answers = answers;
	perf.delay_ms = delay_ms;
	perf.in = open(ctl, O_RDONLY | O_NONBLOCK);
	assert_true(perf.in >= 0);
	assert_int_equal(fcntl(perf.in, F_SETFL, 0), 0);
	perf.out = answer ? open(ack, O_RDWR) : -1;
}

static void go(void)
{
	assert_int_equal(pthread_create(&perf.thread, NULL, play, NULL), 0);
}

static void end(void)
{
	perf_control_close(&c);
	assert_int_equal(pthread_join(perf.thread, NULL), 0);
}

static int setup(void **state)
{
	(void)state;
	snprintf(folder, sizeof(folder), "/tmp/pagecopy-control.XXXXXX");
	if (!mkdtemp(folder))
		return -1;
	snprintf(ctl, sizeof(ctl), "%s/ctl", folder);
	snprintf(ack, sizeof(ack), "%s/ack", folder);
	snprintf(both, sizeof(both), "%s,%s", ctl, ack);
	memset(&c, 0, sizeof(c));
	return mkfifo(ctl, 0600) || mkfifo(ack, 0600);
}

static int teardown(void **state)
{
	(void)state;
	unlink(ctl);
	unlink(ack);
	return rmdir(folder);
}

/* A writer of our own, so that the other end waits for the first command. */
static int open_with(const char *arg, int timeout_ms)
{
	const int hold = open(ctl, O_WRONLY | O_NONBLOCK);
	int ret;

	go();
	ret = perf_control_open(&c, arg, timeout_ms);
	close(hold);
	return ret;
}

static void test_each_is_said_and_has_been_done(void **state)
{
	(void)state;
	start("ack\n", 3, 20);
	assert_int_equal(open_with(both, LONG_MS), 0);
	/* It starts disabled, whatever perf was told when it began. */
	assert_string_equal(perf.said, "disable\n");
	perf_control_on(&c);
	/* The slice may begin: it has been done, not only been asked for. */
	assert_int_equal(__atomic_load_n(&perf.heard, __ATOMIC_SEQ_CST), 2);
	perf_control_off(&c);
	assert_int_equal(__atomic_load_n(&perf.heard, __ATOMIC_SEQ_CST), 3);
	assert_string_equal(c.error, "");
	end();
	assert_string_equal(perf.said, "disable\nenable\ndisable\n");
}

static void test_without_answers_none_is_awaited(void **state)
{
	(void)state;
	start(NULL, 3, 0);
	assert_int_equal(open_with(ctl, SHORT_MS), 0);
	perf_control_on(&c);
	perf_control_off(&c);
	assert_string_equal(c.error, "");
	end();
	assert_string_equal(perf.said, "disable\nenable\ndisable\n");
}

static void test_an_old_answer_is_not_taken_for_the_new_one(void **state)
{
	(void)state;
	start("ack\n", 2, 20);
	assert_int_equal(write(perf.out, "ack\n", 5), 5);
	assert_int_equal(open_with(both, LONG_MS), 0);
	assert_int_equal(__atomic_load_n(&perf.heard, __ATOMIC_SEQ_CST), 1);
	perf_control_on(&c);
	assert_int_equal(__atomic_load_n(&perf.heard, __ATOMIC_SEQ_CST), 2);
	end();
}

static void test_perf_that_ends_is_noticed(void **state)
{
	(void)state;
	start("ack\n", 2, 0);
	assert_int_equal(open_with(both, LONG_MS), 0);
	perf_control_on(&c);
	assert_string_equal(c.error, "");
	pthread_join(perf.thread, NULL);
	perf_control_off(&c);
	assert_string_equal(c.error, "perf has ended");
	/* It is said once, and the reason stays. */
	perf_control_on(&c);
	assert_string_equal(c.error, "perf has ended");
	perf_control_close(&c);
}

static void test_perf_that_ends_before_its_answer_is_noticed(void **state)
{
	(void)state;
	start("", 1, 0);
	assert_int_equal(open_with(both, LONG_MS), -EPIPE);
	assert_string_equal(c.error, "perf has ended");
	end();
}

static void test_perf_that_is_silent_is_not_waited_for_forever(void **state)
{
	(void)state;
	start("", 2, 0);
	assert_int_equal(open_with(both, SHORT_MS), -ETIMEDOUT);
	assert_string_equal(c.error, "no answer from perf within 50 ms");
	end();
}

static void test_another_answer_is_an_error(void **state)
{
	(void)state;
	start("nack\n", 2, 0);
	assert_int_equal(open_with(both, LONG_MS), -EPROTO);
	assert_non_null(strstr(c.error, "something else"));
	end();
}

static void refused(const char *arg, int error, const char *word)
{
	assert_int_equal(perf_control_open(&c, arg, SHORT_MS), error);
	assert_non_null(strstr(c.error, word));
	assert_non_null(strstr(c.error, folder));
	assert_false(c.open);
	/* Neither does anything now. */
	perf_control_on(&c);
	perf_control_off(&c);
	perf_control_close(&c);
}

static void test_what_is_no_fifo_is_refused(void **state)
{
	char file[80], arg[200];
	int fd;

	(void)state;
	snprintf(file, sizeof(file), "%s/file", folder);
	refused(file, -ENOENT, "No such file");
	fd = open(file, O_CREAT | O_WRONLY, 0600);
	assert_true(fd >= 0);
	refused(file, -EINVAL, "no fifo");
	assert_int_equal(lseek(fd, 0, SEEK_END), 0);
	close(fd);
	snprintf(arg, sizeof(arg), "%s,%s", ctl, file);
	refused(arg, -EINVAL, "no fifo");
	unlink(file);
	refused(ctl, -ENXIO, "nobody reads it");
	snprintf(arg, sizeof(arg), "%s,", ctl);
	refused(arg, -EINVAL, "want FIFO or FIFO,ACK");
	snprintf(arg, sizeof(arg), ",%s", ack);
	refused(arg, -EINVAL, "want FIFO or FIFO,ACK");
}

static void test_without_perf_nothing_happens(void **state)
{
	(void)state;
	perf_control_on(&c);
	perf_control_off(&c);
	perf_control_close(&c);
	assert_string_equal(c.error, "");
}

#define TEST(name)	cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_each_is_said_and_has_been_done),
		TEST(test_without_answers_none_is_awaited),
		TEST(test_an_old_answer_is_not_taken_for_the_new_one),
		TEST(test_perf_that_ends_is_noticed),
		TEST(test_perf_that_ends_before_its_answer_is_noticed),
		TEST(test_perf_that_is_silent_is_not_waited_for_forever),
		TEST(test_another_answer_is_an_error),
		TEST(test_what_is_no_fifo_is_refused),
		TEST(test_without_perf_nothing_happens),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
