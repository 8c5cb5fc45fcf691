// SPDX-License-Identifier: MIT
#include "csv.h"

#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

void row_clear(struct row *row)
{
	unsigned int i;

	memset(row, 0, sizeof(*row));
	for (i = 0; i < COMPLETION_NR; i++)
		row->completed[i] = ROW_NONE;
	row->lat_batch = ROW_NONE;
	row->ops_per_s = NAN;
	row->gb_per_s = NAN;
	row->lat_mean_ns = NAN;
	row->lat_p50_ns = NAN;
	row->lat_p90_ns = NAN;
	row->lat_p99_ns = NAN;
	row->lat_p999_ns = NAN;
	row->lat_max_ns = NAN;
	row->kernel_ns = NAN;
	row->kernel_cmd_ns = NAN;
	row->kernel_ns_user = NAN;
	row->stop = "";
	for (i = 0; i < COUNTER_NR; i++)
		row->counter[i] = NAN;
	row->rate_kept = ROW_NONE;
	row->resp_mean_ns = NAN;
	row->resp_p50_ns = NAN;
	row->resp_p90_ns = NAN;
	row->resp_p99_ns = NAN;
	row->resp_p999_ns = NAN;
	row->resp_max_ns = NAN;
	row->preempted = ROW_NONE;
	row->interrupts = ROW_NONE;
	row->steal_ns = ROW_NONE;
	row->cpu_mhz = NAN;
}

void row_remark(struct row *row, const char *fmt, ...)
{
	const size_t used = strlen(row->notes), left = sizeof(row->notes) - used;
	const char *sep = used ? "; " : "";
	va_list args;

	if (left <= strlen(sep))
		return;
	strcpy(row->notes + used, sep);
	va_start(args, fmt);
	vsnprintf(row->notes + used + strlen(sep), left - strlen(sep), fmt,
		  args);
	va_end(args);
}

int csv_reopen(struct csv *csv, const char *path)
{
	struct stat st;
	int ret;

	csv->good = 0;
	csv->fd = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0666);
	if (csv->fd < 0)
		return -errno;
	if (!fstat(csv->fd, &st)) {
		csv->regular = S_ISREG(st.st_mode);
		csv->good = st.st_size;
		return 0;
	}
	ret = -errno;
	csv_close(csv);
	return ret;
}

int csv_open(struct csv *csv, const char *path)
{
	int ret = csv_reopen(csv, path);

	if (ret || !csv->good)
		return ret;
	csv_close(csv);
	return -EEXIST;
}

int csv_cut(struct csv *csv, off_t good)
{
	if (ftruncate(csv->fd, good))
		return -errno;
	csv->good = good;
	return 0;
}

void csv_close(struct csv *csv)
{
	if (csv->fd >= 0)
		close(csv->fd);
	csv->fd = -1;
}

static int write_all(int fd, const char *text, size_t len)
{
	ssize_t n;

	while (len) {
		n = write(fd, text, len);
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return n ? -errno : -EIO;
		text += n;
		len -= (size_t)n;
	}
	/* Pipes and the like have nothing to sync. */
	if (fdatasync(fd) && errno != EINVAL && errno != EROFS)
		return -errno;
	return 0;
}

int csv_append(struct csv *csv, const char *text, size_t len)
{
	int ret = write_all(csv->fd, text, len);

	if (!ret) {
		csv->good += (off_t)len;
		return 0;
	}
	/* A device cannot be cut; the error says enough. */
	if (ftruncate(csv->fd, csv->good))
		return ret;
	return ret;
}

FILE *csv_begin(struct csv *csv)
{
	csv->out = open_memstream(&csv->text, &csv->len);
	return csv->out;
}

int csv_end(struct csv *csv)
{
	int ret;

	if (fclose(csv->out))
		ret = -errno;
	else
		ret = csv_append(csv, csv->text, csv->len);
	free(csv->text);
	return ret;
}
