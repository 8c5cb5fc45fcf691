// SPDX-License-Identifier: MIT
/* What disturbs a slice, read from made-up files, and judged. */
#include "test.h"

#include <errno.h>
#include <math.h>
#include <pthread.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "disturb_run.h"

#define CPUFREQ	"/sys/devices/system/cpu/cpu%d/cpufreq"

static char root[] = "/tmp/pagecopy-test-XXXXXX";
static struct disturb d;
static struct disturbance sum;

static void write_file(const char *file, const char *text)
{
	char path[200];
	FILE *f;

	snprintf(path, sizeof(path), "%s%s", root, file);
	f = fopen(path, "w");
	assert_non_null(f);
	fputs(text, f);
	fclose(f);
}

static void write_mhz(int cpu, const char *text)
{
	char file[100];

	snprintf(file, sizeof(file), CPUFREQ "/scaling_cur_freq", cpu);
	write_file(file, text);
}

/* CPU 1 is switched off; CPU 12 is not the one whose name begins alike. */
#define INTERRUPTS(two, three)						\
	"           CPU0       CPU2       CPU3       CPU12\n"		\
	"  0:          9        " two "         " three "     7  IO-APIC 2\n" \
	" 24:          9          5          6         7  PCI-MSI 40-edge\n" \
	"LOC:         90         10         20        70   Local timer\n" \
	"ERR:       1000\n"						\
	"MIS:          0\n"
#define STAT(two, twelve)						\
	"cpu  1 2 3 4 5 6 7 99 9 10\n"					\
	"cpu0 1 2 3 4 5 6 7 50 9 10\n"					\
	"cpu2 1 2 3 4 5 6 7 " two " 9 10\n"				\
	"cpu3 1 2 3 4 5 6 7 3 9 10\n"					\
	"cpu12 1 2 3 4 5 6 7 " twelve " 9 10\n"				\
	"intr 5 0 0\n"

static int make_tree(void **state)
{
	char command[300];

	(void)state;
	strcpy(root + strlen(root) - 6, "XXXXXX");
	assert_non_null(mkdtemp(root));
	snprintf(command, sizeof(command), "mkdir -p %s/proc "
		 "%s/sys/devices/system/cpu/cpu2/cpufreq "
		 "%s/sys/devices/system/cpu/cpu3/cpufreq", root, root, root);
	assert_int_equal(system(command), 0);
	write_file("/proc/interrupts", INTERRUPTS("1", "2"));
	write_file("/proc/stat", STAT("4", "8"));
	write_mhz(2, "2000000\n");
	write_mhz(3, "3000000\n");
	memset(&sum, 0, sizeof(sum));
	return 0;
}

static int remove_tree(void **state)
{
	char command[100];

	(void)state;
	snprintf(command, sizeof(command), "rm -r %s", root);
	return system(command);
}

/* Two slices that do not follow one upon the other. */
static void wait_a_moment(void)
{
	const struct timespec pause = { .tv_nsec = 1000000 };

	nanosleep(&pause, NULL);
}

static void open_for(int first, int second)
{
	const int cpu[] = { first, second, first };

	assert_int_equal(disturb_open(&d, root, cpu, ARRAY_SIZE(cpu)), 0);
}

static void expect(uint64_t interrupts, uint64_t steal_ticks)
{
	const uint64_t tick = 1000000000 / (uint64_t)sysconf(_SC_CLK_TCK);

	assert_int_equal(sum.interrupts, interrupts);
	assert_int_equal(sum.steal_ns, steal_ticks * tick);
}

static void test_what_happens_in_a_slice_is_added(void **state)
{
	(void)state;
	open_for(2, 3);
	disturb_begin(&d);
	disturb_end(&d, &sum);
	expect(0, 0);
	disturb_begin(&d);
	write_file("/proc/interrupts", INTERRUPTS("4", "6"));
	write_file("/proc/stat", STAT("6", "8"));
	disturb_end(&d, &sum);
	expect(3 + 4, 2);
	/* Between two slices anything may happen. */
	write_file("/proc/interrupts", INTERRUPTS("40", "60"));
	wait_a_moment();
	disturb_begin(&d);
	write_file("/proc/interrupts", INTERRUPTS("41", "60"));
	disturb_end(&d, &sum);
	expect(3 + 4 + 1, 2);
	/* These do: nothing is counted twice. */
	disturb_begin(&d);
	disturb_end(&d, &sum);
	expect(3 + 4 + 1, 2);
	disturb_close(&d);
}

static void test_other_cpus_do_not_matter(void **state)
{
	(void)state;
	open_for(3, 3);
	disturb_begin(&d);
	write_file("/proc/interrupts", INTERRUPTS("4", "2"));
	write_file("/proc/stat", STAT("6", "9"));
	disturb_end(&d, &sum);
	expect(0, 0);
	disturb_close(&d);
	open_for(12, 12);
	disturb_begin(&d);
	write_file("/proc/stat", STAT("60", "19"));
	disturb_end(&d, &sum);
	expect(0, 10);
	/* It was switched off, and has nothing to tell. */
	disturb_close(&d);
	open_for(1, 1);
	disturb_begin(&d);
	write_file("/proc/interrupts", INTERRUPTS("9", "9"));
	disturb_end(&d, &sum);
	expect(0, 10);
	disturb_close(&d);
}

/* They are in the column of the first CPU. */
static void test_errors_are_no_interrupts(void **state)
{
	(void)state;
	write_file("/proc/interrupts", "  CPU0\n  0: 5 timer\nERR: 1\n");
	open_for(0, 0);
	disturb_begin(&d);
	write_file("/proc/interrupts", "  CPU0\n  0: 6 timer\nERR: 9\n");
	disturb_end(&d, &sum);
	expect(1, 0);
	disturb_close(&d);
}

static void test_a_counter_that_falls_is_no_time(void **state)
{
	(void)state;
	open_for(2, 2);
	disturb_begin(&d);
	write_file("/proc/stat", STAT("3", "8"));
	disturb_end(&d, &sum);
	expect(0, 0);
	disturb_close(&d);
}

static void test_the_frequency_is_that_of_our_cpus(void **state)
{
	(void)state;
	open_for(2, 3);
	disturb_end(&d, &sum);
	write_mhz(3, "4000000\n");
	disturb_end(&d, &sum);
	assert_int_equal(sum.readings, 4);
	assert_true(fabs(sum.mhz - (2000 + 3000 + 2000 + 4000)) < 0.001);
	disturb_close(&d);
}

static void test_what_cannot_be_read_is_said(void **state)
{
	char path[100];

	(void)state;
	snprintf(path, sizeof(path), "%s/proc/stat", root);
	unlink(path);
	open_for(2, 12);
	assert_string_equal(d.why[DISTURB_STEAL],
			    "/proc/stat: No such file or directory");
	assert_string_equal(d.why[DISTURB_INTERRUPTS], "");
	/* Half the CPUs would not be the mean. */
	assert_non_null(strstr(d.why[DISTURB_MHZ], "no cpufreq"));
	disturb_begin(&d);
	write_file("/proc/interrupts", INTERRUPTS("4", "2"));
	disturb_end(&d, &sum);
	expect(3, 0);
	assert_int_equal(sum.readings, 0);
	disturb_close(&d);
}

static void test_a_file_that_is_too_long_is_not_cut(void **state)
{
	char *text = malloc(70001);

	(void)state;
	memset(text, ' ', 70000);
	text[70000] = '\0';
	write_file("/proc/interrupts", text);
	free(text);
	open_for(2, 2);
	assert_non_null(strstr(d.why[DISTURB_INTERRUPTS], "too long"));
	assert_string_equal(d.why[DISTURB_STEAL], "");
	disturb_begin(&d);
	disturb_end(&d, &sum);
	expect(0, 0);
	disturb_close(&d);
}

static volatile bool stop;

static void *spin(void *arg)
{
	(void)arg;
	while (!stop)
		;
	return NULL;
}

static void pin_self(int cpu)
{
	cpu_set_t set;

	CPU_ZERO(&set);
	CPU_SET((size_t)cpu, &set);
	assert_int_equal(sched_setaffinity(0, sizeof(set), &set), 0);
}

static void test_a_rival_on_our_cpu_is_noticed(void **state)
{
	const struct timespec pause = { .tv_nsec = 1000000 };
	const int cpu = sched_getcpu();
	struct disturb_own own = { 0 };
	struct rusage before, after;
	pthread_t rival;
	cpu_set_t all;

	(void)state;
	sched_getaffinity(0, sizeof(all), &all);
	pin_self(cpu);
	/* The rival inherits where to run. */
	assert_int_equal(pthread_create(&rival, NULL, spin, NULL), 0);
	disturb_own_begin(&own);
	getrusage(RUSAGE_THREAD, &before);
	do {
		getrusage(RUSAGE_THREAD, &after);
	} while (after.ru_nivcsw < before.ru_nivcsw + 3);
	disturb_own_end(&own, cpu);
	stop = true;
	pthread_join(rival, NULL);
	assert_true(own.preempted >= 3);
	assert_int_equal(own.migrated, 0);
	/* To wait is no disturbance. */
	memset(&own, 0, sizeof(own));
	getrusage(RUSAGE_THREAD, &before);
	disturb_own_begin(&own);
	nanosleep(&pause, NULL);
	disturb_own_end(&own, cpu + 1);
	getrusage(RUSAGE_THREAD, &after);
	assert_true((long)own.preempted <= after.ru_nivcsw - before.ru_nivcsw);
	assert_true(after.ru_nvcsw > before.ru_nvcsw);
	assert_int_equal(own.migrated, 1);
	sched_setaffinity(0, sizeof(all), &all);
}

static struct run *run;
static struct member member;

/* A row of two turns; in one of them each thread was preempted @times. */
static bool judge(unsigned int times)
{
	unsigned int i;

	row_clear(&run->row);
	memset(&member, 0, sizeof(member));
	disturb_start(run);
	for (i = 0; i < 2; i++)
		run->worker[i]->disturb.preempted = times;
	disturb_add(run);
	disturb_start(run);
	disturb_add(run);
	disturb_take(run);
	assert_int_equal(run->row.preempted, run->cell.threads * times);
	return run->row.disturbed;
}

static int make_run(void **state)
{
	unsigned int i;

	(void)state;
	run = calloc(1, sizeof(*run));
	for (i = 0; i < 2; i++)
		run->worker[i] = calloc(1, sizeof(*run->worker[i]));
	for (i = 0; i < DISTURB_SOURCES; i++)
		run->disturb.fd[i] = -1;
	run->now = &member;
	run->cpus.nr = 2;
	run->cell.threads = 1;
	run->cell.ring = RING_DEFER;
	return 0;
}

static int free_run(void **state)
{
	(void)state;
	free(run->worker[0]);
	free(run->worker[1]);
	free(run);
	return 0;
}

static void test_who_is_preempted_is_disturbed(void **state)
{
	(void)state;
	assert_false(judge(0));
	assert_true(judge(1));
	run->cell.threads = 2;
	assert_true(judge(1));
}

static void test_own_threads_are_no_disturbance(void **state)
{
	(void)state;
	run->cell.completion = PAGECOPY_COMPLETE_WORK;
	assert_false(judge(1));
	run->cell.completion = PAGECOPY_COMPLETE_IOWQ;
	assert_false(judge(1));
	run->cell.completion = PAGECOPY_COMPLETE_TASK;
	assert_true(judge(1));
	run->cell.ring = RING_SQPOLL | RING_SQE128;
	assert_true(judge(1));
	run->cell.threads = 2;
	assert_false(judge(1));
	run->cell.ring = RING_NR;
	assert_true(judge(1));
	run->cpus.nr = 1;
	assert_false(judge(1));
}

static void test_steal_and_moves_always_disturb(void **state)
{
	(void)state;
	run->cpus.nr = 0;
	row_clear(&run->row);
	memset(&member, 0, sizeof(member));
	member.disturbed.interrupts = 5;
	disturb_take(run);
	assert_false(run->row.disturbed);
	assert_int_equal(run->row.interrupts, 5);
	assert_true(isnan(run->row.cpu_mhz));
	member.disturbed.steal_ns = 1;
	disturb_take(run);
	assert_true(run->row.disturbed);
	memset(&member, 0, sizeof(member));
	run->worker[0]->disturb.migrated = 1;
	disturb_add(run);
	disturb_take(run);
	assert_true(run->row.disturbed);
	assert_non_null(strstr(run->row.notes, "moved"));
	/* What has no source stays unknown. */
	strcpy(run->disturb.why[DISTURB_STEAL], "because");
	row_clear(&run->row);
	disturb_take(run);
	assert_int_equal(run->row.steal_ns, ROW_NONE);
	assert_string_equal(disturb_why(run, "steal_ns"), "because");
	assert_null(disturb_why(run, "interrupts"));
}

#define ON_FILES(test)							\
	cmocka_unit_test_setup_teardown(test, make_tree, remove_tree)
#define ON_A_RUN(test)							\
	cmocka_unit_test_setup_teardown(test, make_run, free_run)

int main(void)
{
	const struct CMUnitTest tests[] = {
		ON_FILES(test_what_happens_in_a_slice_is_added),
		ON_FILES(test_other_cpus_do_not_matter),
		ON_FILES(test_errors_are_no_interrupts),
		ON_FILES(test_a_counter_that_falls_is_no_time),
		ON_FILES(test_the_frequency_is_that_of_our_cpus),
		ON_FILES(test_what_cannot_be_read_is_said),
		ON_FILES(test_a_file_that_is_too_long_is_not_cut),
		cmocka_unit_test(test_a_rival_on_our_cpu_is_noticed),
		ON_A_RUN(test_who_is_preempted_is_disturbed),
		ON_A_RUN(test_own_threads_are_no_disturbance),
		ON_A_RUN(test_steal_and_moves_always_disturb),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
