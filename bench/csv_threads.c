// SPDX-License-Identifier: MIT
#include "csv_threads.h"

#include <errno.h>
#include <inttypes.h>
#include <limits.h>
#include <math.h>
#include <string.h>

static const char header[] =
	"run_id,round,order,thread,cpu,ops,seconds,ops_per_s,lat_p50_ns,"
	"lat_p90_ns,lat_p99_ns,lat_p999_ns,lat_max_ns,errors\n";

bool csv_threads_name(const char *results, char *name, size_t size)
{
	size_t len = strlen(results);

	if (len > 4 && !strcmp(results + len - 4, ".csv"))
		len -= 4;
	return (size_t)snprintf(name, size, "%.*s.threads.csv", (int)len,
				results) < size;
}

int csv_threads_open(struct csv *csv, const char *results, bool again)
{
	char name[PATH_MAX];
	int ret;

	if (!csv_threads_name(results, name, sizeof(name)))
		return -ENAMETOOLONG;
	ret = again ? csv_reopen(csv, name) : csv_open(csv, name);
	if (ret || csv->good)
		return ret;
	return csv_append(csv, header, strlen(header));
}

void csv_threads_row(const struct run *run, const struct member *m,
		     unsigned int thread, FILE *f)
{
	const struct row *row = &m->row;
	const struct figures *did = &m->share[thread].did;
	unsigned int i;

	fprintf(f, "%s,%" PRIu64 ",%" PRIu64 ",%u,%d,%" PRIu64 ",%.9g,%.9g",
		row->run_id, row->round, row->order, thread,
		run->worker[thread]->cpu, did->ops, did->seconds, did->rate);
	for (i = 0; i < 5; i++) {
		fputc(',', f);
		if (!isnan(did->lat[i]))
			fprintf(f, "%.9g", did->lat[i]);
	}
	fprintf(f, ",%" PRIu64 "\n", did->errors);
}
