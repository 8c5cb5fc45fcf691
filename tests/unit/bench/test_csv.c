// SPDX-License-Identifier: MIT
#include "test.h"

#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "csv.h"
#include "csv_threads.h"

/* The contract: append only. */
static const char header[] =
	"schema,run_id,round,order,platform,path,op,strategy,size,offset,"
	"depth,buffer,completion,ring,cache,threads,rate,ops,bytes,seconds,"
	"ops_per_s,gb_per_s,lat_mean_ns,lat_p50_ns,lat_p90_ns,lat_p99_ns,"
	"lat_p999_ns,lat_max_ns,kernel_ns,cycles_user,cycles_kernel,"
	"instructions_kernel,completed_inline,completed_task,completed_iowq,"
	"errors,verified,notes,lat_batch,kernel_cmd_ns,buffers,"
	"completed_work,completed_poll,pages,buf_offset,"
	"batch,stop,turns,kernel_ns_user,instructions_user,llc_misses_user,"
	"llc_misses_kernel,"
	"dtlb_misses_user,dtlb_misses_kernel,page_faults,context_switches,"
	"cpu_migrations,rate_kept,resp_mean_ns,resp_p50_ns,resp_p90_ns,"
	"resp_p99_ns,resp_p999_ns,resp_max_ns,preempted,interrupts,steal_ns,"
	"cpu_mhz,disturbed,mutators,mutations\n";

static struct row row;

static int clear_row(void **state)
{
	(void)state;
	row_clear(&row);
	row.run_id = "id";
	row.platform = "uml";
	row.cell.op = PAGECOPY_OP_READ;
	row.cell.strategy = PAGECOPY_S_raw;
	row.cell.size = 4096;
	row.cell.depth = 8;
	row.cell.buffer = PAGECOPY_BUF_FIXED;
	row.cell.ring = RING_DEFER;
	row.cell.threads = 1;
	row.verified = true;
	return 0;
}

static char *text_of(void (*print)(FILE *f))
{
	char *text = NULL;
	size_t len;
	FILE *f = open_memstream(&text, &len);

	assert_non_null(f);
	print(f);
	fclose(f);
	return text;
}

static void print_row(FILE *f)
{
	csv_row(&row, f);
}

static unsigned int commas(const char *s)
{
	unsigned int nr = 0;

	for (; *s; s++)
		nr += *s == ',';
	return nr;
}

static void test_header_is_the_contract(void **state)
{
	char *text = text_of(csv_header);

	(void)state;
	assert_string_equal(text, header);
	free(text);
}

static void test_unknown_numbers_are_empty(void **state)
{
	char *text = text_of(print_row);

	(void)state;
	assert_string_equal(text, "1,id,0,0,uml,uring,read,raw,4096,0,8,fixed,"
			    "inline,defer,hot,1,,0,0,0,,,,,,,,,,,,,,,,0,1,,,,"
			    "0,,,4k,0,all,,0,,,,,,,,,,,,,,,,,,,,,0,,\n");
	assert_int_equal(commas(text), commas(header));
	free(text);
}

static void test_numbers_are_plain(void **state)
{
	char *text;

	(void)state;
	row.ops = 12345678901ULL;
	row.ops_per_s = 3021147.25;
	row.gb_per_s = 12.5;
	row.kernel_ns = -0.25;
	row.completed[PAGECOPY_COMPLETE_INLINE] = 0;
	row.completed[PAGECOPY_COMPLETE_WORK] = 7;
	row.lat_batch = 64;
	text = text_of(print_row);
	assert_non_null(strstr(text, ",12345678901,"));
	assert_non_null(strstr(text, ",3021147.25,12.5,"));
	assert_non_null(strstr(text, ",-0.25,,,,0,,,0,1,,64,,0,7,,4k,0,all,,0,,"));
	free(text);
}

static void test_a_twin_has_a_name_of_its_own(void **state)
{
	char *text;

	(void)state;
	row.cell.twin = true;
	row.stop = "precise";
	row.turns = 2;
	text = text_of(print_row);
	assert_non_null(strstr(text, ",read,raw.twin,4096,"));
	assert_non_null(strstr(text, ",all,precise,2,,"));
	free(text);
}

static void test_floors_have_no_buffer(void **state)
{
	char *text;

	(void)state;
	row.cell.buffer = BUFFER_NONE;
	row.cell.ring = RING_NR;
	text = text_of(print_row);
	assert_non_null(strstr(text, ",none,inline,none,hot,"));
	free(text);
}

static void test_notes_are_quoted(void **state)
{
	char *text;

	(void)state;
	row.cell.batch = 7;
	strcpy(row.notes, "a, \"b\"");
	text = text_of(print_row);
	assert_non_null(strstr(text, ",1,\"a, \"\"b\"\"\",,,0,,,4k,0,7,,0,,"));
	free(text);
}

static void test_remarks_add_up_and_are_cut(void **state)
{
	unsigned int i;

	(void)state;
	row_remark(&row, "%d threads", 4);
	row_remark(&row, "late");
	assert_string_equal(row.notes, "4 threads; late");
	for (i = 0; i < sizeof(row.notes); i++)
		row_remark(&row, "%0*d", (int)(i % 7 + 1), 1);
	assert_int_equal(strlen(row.notes), sizeof(row.notes) - 1);
}

static void test_the_file_of_the_threads_is_beside(void **state)
{
	char name[40];

	(void)state;
	assert_true(csv_threads_name("d.csv/results.csv", name, sizeof(name)));
	assert_string_equal(name, "d.csv/results.threads.csv");
	assert_true(csv_threads_name("out", name, sizeof(name)));
	assert_string_equal(name, "out.threads.csv");
	assert_false(csv_threads_name("long.csv", name, 8));
}

static void test_a_thread_has_a_row(void **state)
{
	struct run *run = calloc(1, sizeof(*run));
	struct worker w = { .run = run, .index = 3, .cpu = 7 };
	struct share *share = calloc(4, sizeof(*share));
	struct member m = { .share = share };
	char *text = NULL;
	size_t len;
	FILE *f = open_memstream(&text, &len);

	(void)state;
	run->worker[3] = &w;
	m.row.run_id = "id";
	m.row.round = 2;
	m.row.order = 5;
	share[3].did = (struct figures) {
		.ops = 10, .seconds = 0.5, .rate = 20, .errors = 1,
		.lat = { 1, 2, 3, NAN, 5.5 },
	};
	csv_threads_row(run, &m, 3, f);
	fclose(f);
	assert_string_equal(text, "id,2,5,3,7,10,0.5,20,1,2,3,,5.5,1\n");
	free(text);
	free(share);
	free(run);
}

static void test_content_is_not_overwritten(void **state)
{
	char path[] = "/tmp/pagecopy-test-XXXXXX";
	struct csv csv;
	int fd = mkstemp(path);

	(void)state;
	assert_true(fd >= 0);
	assert_int_equal(csv_open(&csv, path), 0);
	assert_int_equal(csv_append(&csv, "x\n", 2), 0);
	csv_close(&csv);
	assert_int_equal(csv_open(&csv, path), -EEXIST);
	assert_int_equal(csv_open(&csv, "/nosuch/folder/x.csv"), -ENOENT);
	close(fd);
	unlink(path);
}

static void test_full_device_is_an_error(void **state)
{
	struct csv csv;

	(void)state;
	assert_int_equal(csv_open(&csv, "/dev/full"), 0);
	assert_int_equal(csv_append(&csv, "x\n", 2), -ENOSPC);
	csv_close(&csv);
}

/* A file that may not grow stands for a disk that fills up in mid-row. */
static void test_half_a_row_is_taken_back(void **state)
{
	const struct rlimit tight = { 1000, RLIM_INFINITY };
	const struct rlimit wide = { RLIM_INFINITY, RLIM_INFINITY };
	char path[] = "/tmp/pagecopy-test-XXXXXX", text[600];
	struct stat st;
	struct csv csv;
	int fd = mkstemp(path), first, second;

	(void)state;
	memset(text, 'x', sizeof(text));
	assert_true(fd >= 0);
	signal(SIGXFSZ, SIG_IGN);
	assert_int_equal(csv_open(&csv, path), 0);
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &tight), 0);
	first = csv_append(&csv, text, sizeof(text));
	second = csv_append(&csv, text, sizeof(text));
	setrlimit(RLIMIT_FSIZE, &wide);
	csv_close(&csv);
	assert_int_equal(first, 0);
	assert_int_equal(second, -EFBIG);
	assert_int_equal(fstat(fd, &st), 0);
	assert_int_equal(st.st_size, sizeof(text));
	close(fd);
	unlink(path);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(test_header_is_the_contract, clear_row),
		cmocka_unit_test_setup(test_unknown_numbers_are_empty,
				       clear_row),
		cmocka_unit_test_setup(test_numbers_are_plain, clear_row),
		cmocka_unit_test_setup(test_a_twin_has_a_name_of_its_own,
				       clear_row),
		cmocka_unit_test_setup(test_floors_have_no_buffer, clear_row),
		cmocka_unit_test_setup(test_notes_are_quoted, clear_row),
		cmocka_unit_test_setup(test_remarks_add_up_and_are_cut,
				       clear_row),
		cmocka_unit_test(test_the_file_of_the_threads_is_beside),
		cmocka_unit_test(test_a_thread_has_a_row),
		cmocka_unit_test(test_content_is_not_overwritten),
		cmocka_unit_test(test_full_device_is_an_error),
		cmocka_unit_test(test_half_a_row_is_taken_back),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
