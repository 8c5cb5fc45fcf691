// SPDX-License-Identifier: MIT
#include "resume.h"

#include <errno.h>
#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "csv_threads.h"

#define LINE_MAX_LEN	16384
#define FIELDS_MAX	128
#define ARRAY_SIZE(a)	(sizeof(a) / sizeof((a)[0]))

/* Lines of the head that may be another time what they like. */
static const char *const free_keys[] = { "command", "clock" };

/* Options that do not change what is measured. */
static const char *const free_options[] = {
	"csv", "env", "perf-control", "seed"
};

static int refuse(struct run *run, const char *why)
{
	return run_fail(run, EXIT_USAGE, "--resume %s: %s", run->o->csv, why);
}

/* The value of "#key: value", NULL if @line is another one. */
static const char *value_of(const char *line, const char *key)
{
	size_t len = strlen(key);

	if (line[0] != '#' || strncmp(line + 1, key, len) ||
	    strncmp(line + 1 + len, ": ", 2))
		return NULL;
	return line + len + 3;
}

static bool next_line(FILE *f, char *line)
{
	size_t len;

	if (!fgets(line, LINE_MAX_LEN, f))
		return false;
	len = strlen(line);
	if (!len || line[len - 1] != '\n')
		return false;
	line[len - 1] = '\0';
	return true;
}

int resume_begin(struct run *run, const struct options *o)
{
	char line[LINE_MAX_LEN];
	const char *value;
	bool seed = false;
	FILE *f;

	f = fopen(o->csv, "re");
	if (!f && errno == ENOENT)
		return 0;
	if (!f)
		return refuse(run, strerror(errno));
	run->resume.file = f;
	if (fgetc(f) == EOF) {
		resume_end(run);
		return 0;
	}
	rewind(f);
	while (next_line(f, line) && line[0] == '#') {
		value = value_of(line, "seed");
		if (value) {
			run->seed = strtoull(value, NULL, 10);
			seed = true;
		}
		value = value_of(line, "run_id");
		if (value)
			snprintf(run->resume.run_id,
				 sizeof(run->resume.run_id), "%s", value);
	}
	rewind(f);
	if (!seed || !run->resume.run_id[0])
		return refuse(run, "no results of pagecopy run: no seed in its "
			      "head; measure anew, into another file");
	if (o->seed != OPTION_UNSET && o->seed != run->seed)
		return refuse(run, "--seed differs from the one in the file; "
			      "leave it out");
	return 0;
}

static bool is_free(const char *const *list, size_t nr, const char *word,
		    size_t len)
{
	size_t i;

	for (i = 0; i < nr; i++)
		if (strlen(list[i]) == len && !memcmp(list[i], word, len))
			return true;
	return false;
}

/* Is the word at @word, of @len bytes, one of @line? */
static bool has_word(const char *line, const char *word, size_t len)
{
	size_t n;

	for (; *line; line += n, line += strspn(line, " ")) {
		n = strcspn(line, " ");
		if (n == len && !memcmp(line, word, len))
			return true;
	}
	return false;
}

/* The options of @line that @other has not, but for those that do not matter. */
static unsigned int put_words(FILE *f, const char *line, const char *other)
{
	unsigned int nr = 0;
	size_t n;

	for (; *line; line += n, line += strspn(line, " ")) {
		n = strcspn(line, " ");
		if (is_free(free_options, ARRAY_SIZE(free_options), line,
			    strcspn(line, "= ")) || has_word(other, line, n))
			continue;
		if (f)
			fprintf(f, " --%.*s", (int)n, line);
		nr++;
	}
	return nr;
}

/* Do two lines of a head differ? If so, that goes to @f. */
static bool differ(FILE *f, const char *was, const char *now)
{
	const char *a = value_of(was, "options"), *b = value_of(now, "options");

	if (!a || !b) {
		if (!strcmp(was, now))
			return false;
		fprintf(f, "\n  was: %.200s\n  now: %.200s", was, now);
		return true;
	}
	if (!put_words(NULL, a, b) && !put_words(NULL, b, a))
		return false;
	fputs("\n  was:", f);
	put_words(f, a, b);
	fputs("\n  now:", f);
	put_words(f, b, a);
	return true;
}

/* Length of the key of a line of the head, with the sign before it. */
static size_t key_len(const char *line)
{
	return line[0] == '#' ? strcspn(line, ":") : 0;
}

/* Both heads line by line; differences go to @f. The file stays behind it. */
static unsigned int compare(struct run *run, const char *head, FILE *f)
{
	char was[LINE_MAX_LEN], now[LINE_MAX_LEN];
	unsigned int nr = 0;

	while (*head) {
		size_t len = strcspn(head, "\n"), key;

		snprintf(now, sizeof(now), "%.*s", (int)len, head);
		head += len + (head[len] == '\n');
		if (!next_line(run->resume.file, was))
			snprintf(was, sizeof(was), "(the file ends)");
		key = key_len(was);
		/* Behind a line more or less nothing matches any longer. */
		if (key != key_len(now) || strncmp(was, now, key)) {
			differ(f, was, now);
			return nr + 1;
		}
		if (!key || !is_free(free_keys, ARRAY_SIZE(free_keys), was + 1,
				     key - 1))
			nr += differ(f, was, now);
	}
	return nr;
}

int resume_head(struct run *run, const char *head)
{
	char *text = NULL;
	unsigned int nr;
	size_t len;
	FILE *f;

	f = open_memstream(&text, &len);
	if (!f)
		return run_fail(run, EXIT_FAILED, "%s", strerror(ENOMEM));
	nr = compare(run, head, f);
	fclose(f);
	if (nr)
		run_fail(run, EXIT_USAGE, "--resume %s: not the same run, so "
			 "its rows cannot be put beside new ones:%s",
			 run->o->csv, text);
	free(text);
	run->resume.at = ftello(run->resume.file);
	return nr ? -ECANCELED : 0;
}

/* Cut @line at its commas; quotes are taken off. */
static unsigned int split(char *line, char **field)
{
	unsigned int nr = 0;
	char *to;

	for (;;) {
		bool quoted = *line == '"';

		if (nr == FIELDS_MAX)
			return 0;
		line += quoted;
		field[nr++] = to = line;
		while (*line && (quoted || *line != ',')) {
			if (quoted && *line == '"' && *++line != '"') {
				quoted = false;
				continue;
			}
			*to++ = *line++;
		}
		if (!*line) {
			*to = '\0';
			return nr;
		}
		*to = '\0';
		line++;
	}
}

static double real_at(char *const *field, const char *column)
{
	const char *text = field[csv_column(column)];

	return *text ? strtod(text, NULL) : NAN;
}

static const char *stop_named(const char *name)
{
	static const char *const names[] = { "precise", "rounds", "budget" };
	unsigned int i;

	for (i = 0; i < 3; i++)
		if (!strcmp(names[i], name))
			return names[i];
	return "";
}

/* The figures that decide what is measured next. */
static int take(struct run *run, char *const *field, uint64_t round,
		uint64_t order, struct row *row)
{
	row_clear(row);
	row->round = (uint64_t)real_at(field, "round");
	row->order = (uint64_t)real_at(field, "order");
	if (row->round != round || row->order != order)
		return run_fail(run, EXIT_USAGE, "--resume %s: round %" PRIu64
				" order %" PRIu64 " is not in its place: the "
				"file was changed", run->o->csv, row->round,
				row->order);
	row->ops_per_s = real_at(field, "ops_per_s");
	row->kernel_ns = real_at(field, "kernel_ns");
	row->disturbed = real_at(field, "disturbed") > 0;
	row->verified = real_at(field, "verified") > 0;
	row->stop = stop_named(field[csv_column("stop")]);
	return 0;
}

/* What is behind row (@round, @order) in the file of the threads goes, too. */
static int cut_threads(struct run *run, uint64_t round, uint64_t order)
{
	char line[LINE_MAX_LEN], name[4096];
	uint64_t r, o;
	off_t at = 0;
	FILE *f;
	int ret;

	if (run->threads.fd < 0 ||
	    !csv_threads_name(run->o->csv, name, sizeof(name)))
		return 0;
	f = fopen(name, "re");
	if (!f)
		return -errno;
	while (next_line(f, line)) {
		if (sscanf(line, "%*[^,],%" SCNu64 ",%" SCNu64, &r, &o) == 2 &&
		    (r > round || (r == round && o >= order)))
			break;
		at = ftello(f);
	}
	fclose(f);
	ret = csv_cut(&run->threads, at);
	return ret;
}

static int go_on(struct run *run, uint64_t round, uint64_t order)
{
	int ret;

	ret = csv_cut(&run->csv, run->resume.at);
	if (!ret)
		ret = cut_threads(run, round, order);
	resume_end(run);
	fprintf(stderr, "going on with round %" PRIu64 ", cell %" PRIu64 "\n",
		round + 1, order + 1);
	return ret ? run_fail(run, EXIT_FAILED, "%s: %s", run->o->csv,
			      strerror(-ret)) : 0;
}

int resume_visit(struct run *run, const struct group *g, uint64_t round,
		 uint64_t order)
{
	char line[LINE_MAX_LEN], *field[FIELDS_MAX];
	unsigned int i;
	int ret;

	if (!run->resume.file)
		return 0;
	for (i = 0; i < g->nr; i++) {
		if (!next_line(run->resume.file, line))
			return go_on(run, round, order);
		if (split(line, field) != csv_columns_nr())
			return refuse(run, "a row with more or fewer fields "
				      "than there are columns: the file was "
				      "changed");
		run->member[i].cell = g->cell[i];
		ret = take(run, field, round, order + i, &run->member[i].row);
		if (ret)
			return ret;
	}
	for (i = 0; i < g->nr; i++)
		run->failed += !run->member[i].row.verified;
	run->resume.at = ftello(run->resume.file);
	return 1;
}

void resume_end(struct run *run)
{
	if (run->resume.file)
		fclose(run->resume.file);
	run->resume.file = NULL;
}
