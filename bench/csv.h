/* SPDX-License-Identifier: MIT */
#ifndef PAGECOPY_CSV_H
#define PAGECOPY_CSV_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/types.h>

#include "counters.h"
#include "matrix.h"

#define CSV_SCHEMA	1

/* Behind the name of the strategy of a twin. */
#define CSV_TWIN	".twin"

/**
 * struct row - what one cell gave in one round
 *
 * A number that cannot be had is NaN, a count that cannot be had ROW_NONE:
 * both become an empty field.
 */
struct row {
	const char *run_id;
	const char *platform;
	struct cell cell;
	uint64_t round;
	uint64_t order;
	uint64_t ops;
	uint64_t bytes;
	uint64_t errors;
	uint64_t completed[COMPLETION_NR];
	uint64_t lat_batch;
	uint64_t buffers;
	double seconds;
	double ops_per_s;
	double gb_per_s;
	double lat_mean_ns;
	double lat_p50_ns;
	double lat_p90_ns;
	double lat_p99_ns;
	double lat_p999_ns;
	double lat_max_ns;
	double kernel_ns;
	double kernel_cmd_ns;
	double kernel_ns_user;
	uint64_t turns;
	const char *stop;
	double counter[COUNTER_NR];
	uint64_t rate_kept;
	double resp_mean_ns;
	double resp_p50_ns;
	double resp_p90_ns;
	double resp_p99_ns;
	double resp_p999_ns;
	double resp_max_ns;
	uint64_t preempted;
	uint64_t interrupts;
	uint64_t steal_ns;
	double cpu_mhz;
	bool disturbed;
	uint64_t mutations;
	bool verified;
	char notes[200];
};

#define ROW_NONE	UINT64_MAX

/** row_remark() - one thing more that is to be said about it */
void row_remark(struct row *row, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));

/** row_clear() - everything that is measured becomes unknown */
void row_clear(struct row *row);

/**
 * struct csv - the file
 * @fd:   of it
 * @good: its length up to the last whole row
 * @regular: it is a file, not a pipe or a device
 * @text: what is being put together, between csv_begin() and csv_end()
 * @len:  of it
 * @out:  writes to it
 */
struct csv {
	int fd;
	off_t good;
	bool regular;
	char *text;
	size_t len;
	FILE *out;
};

/**
 * csv_open() - create @path, or take it if it is empty
 *
 * Return: 0 or -errno; -EEXIST when it has content.
 */
int csv_open(struct csv *csv, const char *path);

/** csv_reopen() - take @path as it is, to append to it; 0 or -errno */
int csv_reopen(struct csv *csv, const char *path);

/** csv_cut() - what is behind @good bytes goes; 0 or -errno */
int csv_cut(struct csv *csv, off_t good);
void csv_close(struct csv *csv);

/**
 * csv_append() - @text is on disk, or the file is as it was
 *
 * Return: 0 or -errno.
 */
int csv_append(struct csv *csv, const char *text, size_t len);

/**
 * csv_begin() - put lines together in memory, to be written as one
 *
 * Return: where to print them, NULL when there is no memory.
 */
FILE *csv_begin(struct csv *csv);

/**
 * csv_end() - append what was printed since csv_begin()
 *
 * Return: as csv_append().
 */
int csv_end(struct csv *csv);

/** csv_header() - the line of column names */
void csv_header(FILE *f);

/** csv_row() - one line */
void csv_row(const struct row *row, FILE *f);

/** csv_columns_nr() - how many columns there are */
unsigned int csv_columns_nr(void);

/** csv_column() - the number of a column that there is */
unsigned int csv_column(const char *name);

/** csv_column_name() - of the @index-th column; NULL past the last one */
const char *csv_column_name(unsigned int index);

/**
 * csv_columns() - the data dictionary: name, meaning, unit, type and which rows
 * have a value, separated by tabs; more may follow
 */
void csv_columns(FILE *f);

#endif
