// SPDX-License-Identifier: MIT
/* What the CSV of `pagecopy run` holds, column by column. */
#include "csv.h"

#include <inttypes.h>
#include <math.h>
#include <string.h>

static void put_count(uint64_t v, FILE *f)
{
	if (v != ROW_NONE)
		fprintf(f, "%" PRIu64, v);
}

static void put_real(double v, FILE *f)
{
	if (!isnan(v))
		fprintf(f, "%.9g", v);
}

/* Quoted where a comma, a quote or a line end asks for it. */
static void put_text(const char *s, FILE *f)
{
	if (!strpbrk(s, ",\"\r\n")) {
		fputs(s, f);
		return;
	}
	fputc('"', f);
	for (; *s; s++) {
		if (*s == '"')
			fputc('"', f);
		fputc(*s, f);
	}
	fputc('"', f);
}

static void put_rate_asked(uint64_t rate, FILE *f)
{
	if (rate != RATE_CLOSED)
		put_count(rate, f);
}

static void put_cell_batch(const struct cell *c, FILE *f)
{
	if (c->ring == RING_NR)
		fputs("none", f);
	else if (c->batch == BATCH_ALL)
		fputs("all", f);
	else
		put_count(c->batch, f);
}

#define PUT(name, how, expr)						\
	static void put_##name(const struct row *row, FILE *f)		\
	{								\
		(void)row;						\
		how(expr, f);						\
	}
#define PUT_NAME(name, names, value)					\
	PUT(name, fputs, names_of(&names, value))

static void put_strategy(const struct row *row, FILE *f)
{
	fprintf(f, "%s%s", cell_strategy(&row->cell),
		row->cell.twin ? CSV_TWIN : "");
}

#define PUT_COUNTER(name, which)					\
	PUT(name, put_real, row->counter[COUNTER_##which])

#define PUT_DONE(name, how)						\
	PUT(name, put_count, row->completed[PAGECOPY_COMPLETE_##how])

PUT(schema, put_count, CSV_SCHEMA)
PUT(run_id, put_text, row->run_id)
PUT(round, put_count, row->round)
PUT(order, put_count, row->order)
PUT(platform, fputs, row->platform)
PUT_NAME(path, names_path, row->cell.path)
PUT_NAME(op, names_op, row->cell.op)
PUT(size, put_count, row->cell.size)
PUT(offset, put_count, row->cell.offset)
PUT(depth, put_count, row->cell.depth)
PUT_NAME(buffer, names_buffer, row->cell.buffer)
PUT_NAME(completion, names_completion, row->cell.completion)
PUT_NAME(ring, names_ring, row->cell.ring)
PUT_NAME(cache, names_cache, row->cell.cache)
PUT(threads, put_count, row->cell.threads)
PUT(rate, put_rate_asked, row->cell.rate)
PUT(ops, put_count, row->ops)
PUT(bytes, put_count, row->bytes)
PUT(seconds, put_real, row->seconds)
PUT(ops_per_s, put_real, row->ops_per_s)
PUT(gb_per_s, put_real, row->gb_per_s)
PUT(lat_mean_ns, put_real, row->lat_mean_ns)
PUT(lat_p50_ns, put_real, row->lat_p50_ns)
PUT(lat_p90_ns, put_real, row->lat_p90_ns)
PUT(lat_p99_ns, put_real, row->lat_p99_ns)
PUT(lat_p999_ns, put_real, row->lat_p999_ns)
PUT(lat_max_ns, put_real, row->lat_max_ns)
PUT(kernel_ns, put_real, row->kernel_ns)
PUT_COUNTER(cycles_user, CYCLES_USER)
PUT_COUNTER(cycles_kernel, CYCLES_KERNEL)
PUT_COUNTER(instructions_kernel, INSTRUCTIONS_KERNEL)
PUT_DONE(completed_inline, INLINE)
PUT_DONE(completed_task, TASK)
PUT_DONE(completed_iowq, IOWQ)
PUT(errors, put_count, row->errors)
PUT(verified, put_count, row->verified)
PUT(notes, put_text, row->notes)
PUT(lat_batch, put_count, row->lat_batch)
PUT(kernel_cmd_ns, put_real, row->kernel_cmd_ns)
PUT(buffers, put_count, row->buffers)
PUT_DONE(completed_work, WORK)
PUT_DONE(completed_poll, POLL)
PUT(batch, put_cell_batch, &row->cell)
PUT_NAME(pages, names_memory, row->cell.memory)
PUT(buf_offset, put_count, row->cell.buf_offset)
PUT(stop, fputs, row->stop)
PUT(turns, put_count, row->turns)
PUT(kernel_ns_user, put_real, row->kernel_ns_user)
PUT_COUNTER(instructions_user, INSTRUCTIONS_USER)
PUT_COUNTER(llc_misses_user, LLC_MISSES_USER)
PUT_COUNTER(llc_misses_kernel, LLC_MISSES_KERNEL)
PUT_COUNTER(dtlb_misses_user, DTLB_MISSES_USER)
PUT_COUNTER(dtlb_misses_kernel, DTLB_MISSES_KERNEL)
PUT_COUNTER(page_faults, PAGE_FAULTS)
PUT_COUNTER(context_switches, CONTEXT_SWITCHES)
PUT_COUNTER(cpu_migrations, CPU_MIGRATIONS)
PUT(rate_kept, put_count, row->rate_kept)
PUT(resp_mean_ns, put_real, row->resp_mean_ns)
PUT(resp_p50_ns, put_real, row->resp_p50_ns)
PUT(resp_p90_ns, put_real, row->resp_p90_ns)
PUT(resp_p99_ns, put_real, row->resp_p99_ns)
PUT(resp_p999_ns, put_real, row->resp_p999_ns)
PUT(resp_max_ns, put_real, row->resp_max_ns)
PUT(preempted, put_count, row->preempted)
PUT(interrupts, put_count, row->interrupts)
PUT(steal_ns, put_count, row->steal_ns)
PUT(cpu_mhz, put_real, row->cpu_mhz)
PUT(mutators, put_text, row->cell.mutators ?
    names_of(&names_mutators, row->cell.mutators) : "")
PUT(mutations, put_count, row->cell.mutators ? row->mutations : ROW_NONE)
PUT(disturbed, put_count, row->disturbed)

/* What is in a column. */
#define INTEGER	"integer"
#define REAL	"real"
#define NAME	"name"
#define TEXT	"text"
/* 0 or 1. */
#define FLAG	"flag"

/* Which rows have a value; the others are empty, which is not 0. */
#define ALWAYS		"always"
#define COPIES		"bytes are copied"
#define LATENCY		"--latency split or with"
#define MODULE		"path uring or ioctl"
#define MODULE_COPIES	"path uring or ioctl, op read or write, repeatable"
#define PMU		"the CPU's counters may be read"
#define PERF		"the kernel's counters may be read"
#define ASKED_RATE	"--rate other than closed"
#define MUTATORS	"--mutators other than none"
#define LAST_ROW	"last row of a cell"
#define REMARK		"there is a remark"
#define PROC		"/proc tells it"

/* New columns go to the end: readers go by name, old files stay readable. */
static const struct column {
	const char *name;
	void (*put)(const struct row *row, FILE *f);
	const char *unit;
	const char *type;
	const char *filled;
	const char *desc;
} columns[] = {
	{ "schema", put_schema, "", INTEGER, ALWAYS,
	  "of this file" },
	{ "run_id", put_run_id, "", TEXT, ALWAYS,
	  "time of the start and a random number" },
	{ "round", put_round, "", INTEGER, ALWAYS,
	  "from 0" },
	{ "order", put_order, "", INTEGER, ALWAYS,
	  "number of the cell in its round, from 0; those compared with each "
	  "other are measured in turns" },
	{ "platform", put_platform, "", NAME, ALWAYS,
	  "host, vm or uml" },
	{ "path", put_path, "", NAME, ALWAYS,
	  "how the copy is reached" },
	{ "op", put_op, "", NAME, ALWAYS,
	  "what a command does" },
	{ "strategy", put_strategy, "", TEXT, ALWAYS,
	  "how bytes are copied; copy_user: the kernel's own, buffer copy; "
	  "NAME" CSV_TWIN ": NAME measured as if it were another one" },
	{ "size", put_size, "bytes", INTEGER, ALWAYS,
	  "bytes of a copy; 0 where there is none" },
	{ "offset", put_offset, "bytes", INTEGER, ALWAYS,
	  "first byte within page and buffer" },
	{ "depth", put_depth, "commands", INTEGER, ALWAYS,
	  "commands in flight; path user: buffers taken in turn" },
	{ "buffer", put_buffer, "", NAME, ALWAYS,
	  "the user's side" },
	{ "completion", put_completion, "", NAME, ALWAYS,
	  "how a command completes" },
	{ "ring", put_ring, "", NAME, ALWAYS,
	  "set-up of the ring, as granted" },
	{ "cache", put_cache, "", NAME, ALWAYS,
	  "where the bytes are before a copy: hot (as small copies leave them), "
	  "llc, dram, or flushed (no cache, but the TLB)" },
	{ "threads", put_threads, "threads", INTEGER, ALWAYS,
	  "submitters" },
	{ "rate", put_rate, "1/s", INTEGER, ASKED_RATE,
	  "ops/s asked for; empty: closed loop" },
	{ "ops", put_ops, "ops", INTEGER, ALWAYS,
	  "done in the slice that gives ops_per_s" },
	{ "bytes", put_bytes, "bytes", INTEGER, ALWAYS,
	  "copied by them, counted once" },
	{ "seconds", put_seconds, "s", REAL, ALWAYS,
	  "they took; the longest of the threads" },
	{ "ops_per_s", put_ops_per_s, "1/s", REAL, ALWAYS,
	  "their rate; the sum of the threads" },
	{ "gb_per_s", put_gb_per_s, "GB/s", REAL, COPIES,
	  "1e9 bytes/s" },
	{ "lat_mean_ns", put_lat_mean_ns, "ns", REAL, LATENCY,
	  "service time, submission to completion seen" },
	{ "lat_p50_ns", put_lat_p50_ns, "ns", REAL, LATENCY,
	  "median" },
	{ "lat_p90_ns", put_lat_p90_ns, "ns", REAL, LATENCY,
	  "90 % are not above" },
	{ "lat_p99_ns", put_lat_p99_ns, "ns", REAL, LATENCY,
	  "99 % are not above" },
	{ "lat_p999_ns", put_lat_p999_ns, "ns", REAL, LATENCY,
	  "99.9 % are not above" },
	{ "lat_max_ns", put_lat_max_ns, "ns", REAL, LATENCY,
	  "the largest, exact" },
	{ "kernel_ns", put_kernel_ns, "ns", REAL, MODULE_COPIES,
	  "one copy inside the kernel: (2U copies - U copies) / U" },
	{ "cycles_user", put_cycles_user, "cycles/op", REAL, PMU,
	  "CPU cycles of an op in user code; as all counters: of the "
	  "submitting threads, not of sqpoll, io-wq and workqueue threads" },
	{ "cycles_kernel", put_cycles_kernel, "cycles/op", REAL, PMU,
	  "and in the kernel" },
	{ "instructions_kernel", put_instructions_kernel, "instructions/op",
	  REAL, PMU,
	  "instructions of an op in the kernel" },
	{ "completed_inline", put_completed_inline, "ops", INTEGER, MODULE,
	  "completions in the context that submitted, both half slices" },
	{ "completed_task", put_completed_task, "ops", INTEGER, MODULE,
	  "by task work" },
	{ "completed_iowq", put_completed_iowq, "ops", INTEGER, MODULE,
	  "by a worker of io_uring" },
	{ "errors", put_errors, "ops", INTEGER, ALWAYS,
	  "results other than the expected one" },
	{ "verified", put_verified, "", FLAG, ALWAYS,
	  "1: every byte and result as expected" },
	{ "notes", put_notes, "", TEXT, REMARK,
	  "what else there is to say" },
	{ "lat_batch", put_lat_batch, "copies", INTEGER, LATENCY,
	  "copies averaged in a latency sample" },
	{ "kernel_cmd_ns", put_kernel_cmd_ns, "ns", REAL, MODULE,
	  "one whole command inside the module, mean" },
	{ "buffers", put_buffers, "places", INTEGER, ALWAYS,
	  "different buffers and pages in use; where the cache is not hot, "
	  "places that the copies walk through" },
	{ "completed_work", put_completed_work, "ops", INTEGER, MODULE,
	  "by a workqueue of the module" },
	{ "completed_poll", put_completed_poll, "ops", INTEGER, MODULE,
	  "by polling the ring" },
	{ "pages", put_pages, "", NAME, ALWAYS,
	  "what the memory of the user's buffer is made of" },
	{ "buf_offset", put_buf_offset, "bytes", INTEGER, ALWAYS,
	  "bytes by which that buffer is moved further into its memory" },
	{ "batch", put_batch, "commands", TEXT, ALWAYS,
	  "commands submitted together; all: the ready ones" },
	{ "stop", put_stop, "", NAME, LAST_ROW,
	  "why this is the last row of its cell: precise, rounds or budget" },
	{ "turns", put_turns, "slices", INTEGER, ALWAYS,
	  "slices that the row is put together from" },
	{ "kernel_ns_user", put_kernel_ns_user, "ns", REAL, MODULE_COPIES,
	  "kernel_ns by the clock of user space" },
	{ "instructions_user", put_instructions_user, "instructions/op",
	  REAL, PMU,
	  "instructions of an op in user code" },
	{ "llc_misses_user", put_llc_misses_user, "misses/op", REAL, PMU,
	  "misses of the last level cache of an op in user code" },
	{ "llc_misses_kernel", put_llc_misses_kernel, "misses/op", REAL, PMU,
	  "and in the kernel" },
	{ "dtlb_misses_user", put_dtlb_misses_user, "misses/op", REAL, PMU,
	  "loads of an op that missed the data TLB, in user code" },
	{ "dtlb_misses_kernel", put_dtlb_misses_kernel, "misses/op", REAL, PMU,
	  "and in the kernel" },
	{ "page_faults", put_page_faults, "faults", INTEGER, PERF,
	  "of the submitting threads while ops_per_s was measured" },
	{ "context_switches", put_context_switches, "switches", INTEGER, PERF,
	  "of them, also those to wait" },
	{ "cpu_migrations", put_cpu_migrations, "migrations", INTEGER, PERF,
	  "of them to another CPU" },
	{ "rate_kept", put_rate_kept, "", FLAG, ASKED_RATE,
	  "1: the rate was kept to 1 %; 0: commands were not sent, or not "
	  "answered, at that rate" },
	{ "resp_mean_ns", put_resp_mean_ns, "ns", REAL, ASKED_RATE,
	  "response time, from when a command was meant to be sent; lat_* "
	  "begins when it was" },
	{ "resp_p50_ns", put_resp_p50_ns, "ns", REAL, ASKED_RATE,
	  "median" },
	{ "resp_p90_ns", put_resp_p90_ns, "ns", REAL, ASKED_RATE,
	  "90 % are not above" },
	{ "resp_p99_ns", put_resp_p99_ns, "ns", REAL, ASKED_RATE,
	  "99 % are not above" },
	{ "resp_p999_ns", put_resp_p999_ns, "ns", REAL, ASKED_RATE,
	  "99.9 % are not above" },
	{ "resp_max_ns", put_resp_max_ns, "ns", REAL, ASKED_RATE,
	  "the largest, exact" },
	{ "preempted", put_preempted, "times", INTEGER, PROC,
	  "times in all slices that another thread got the CPU of one of ours" },
	{ "interrupts", put_interrupts, "times", INTEGER, PROC,
	  "that our CPUs took in all slices" },
	{ "steal_ns", put_steal_ns, "ns", INTEGER, PROC,
	  "time that a hypervisor took from them, as the kernel reports it: in "
	  "ticks of mostly 10 ms" },
	{ "cpu_mhz", put_cpu_mhz, "MHz", REAL, PROC,
	  "of them, as read after each slice, mean" },
	{ "disturbed", put_disturbed, "", FLAG, ALWAYS,
	  "1: another thread or a hypervisor had a CPU of ours for a time, or "
	  "ours was moved; not where the cell's own threads share a CPU" },
	{ "mutators", put_mutators, "", NAME, MUTATORS,
	  "threads that used the memory of the copies meanwhile: w1, w2 stored "
	  "into the source, r1, r2 loaded from the destination; empty: none" },
	{ "mutations", put_mutations, "lines", INTEGER, MUTATORS,
	  "cache lines that they stored into or loaded from, once for each time" },
};

#define NR_COLUMNS	(sizeof(columns) / sizeof(columns[0]))

void csv_header(FILE *f)
{
	unsigned int i;

	for (i = 0; i < NR_COLUMNS; i++)
		fprintf(f, "%s%s", i ? "," : "", columns[i].name);
	fputc('\n', f);
}

void csv_row(const struct row *row, FILE *f)
{
	unsigned int i;

	for (i = 0; i < NR_COLUMNS; i++) {
		if (i)
			fputc(',', f);
		columns[i].put(row, f);
	}
	fputc('\n', f);
}

void csv_columns(FILE *f)
{
	unsigned int i;

	fputs("column\tmeaning\tunit\ttype\tfilled\n", f);
	for (i = 0; i < NR_COLUMNS; i++)
		fprintf(f, "%s\t%s\t%s\t%s\t%s\n", columns[i].name,
			columns[i].desc, columns[i].unit, columns[i].type,
			columns[i].filled);
}

unsigned int csv_columns_nr(void)
{
	return NR_COLUMNS;
}

unsigned int csv_column(const char *name)
{
	unsigned int i = 0;

	while (strcmp(columns[i].name, name))
		i++;
	return i;
}

const char *csv_column_name(unsigned int index)
{
	return index < NR_COLUMNS ? columns[index].name : NULL;
}
