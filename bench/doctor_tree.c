// SPDX-License-Identifier: MIT
#include "doctor_tree.h"

#include <ctype.h>
#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

/* The one place where the root is put before a path. */
static FILE *tree_open(const struct doctor *d, struct tree_file *file)
{
	char path[4096];
	FILE *f;

	snprintf(path, sizeof(path), "%s%s", d->root, file->path);
	f = fopen(path, "re");
	file->error = f ? 0 : errno;
	file->text[0] = '\0';
	file->len = 0;
	return f;
}

static bool read_start(const struct doctor *d, struct tree_file *file)
{
	FILE *f = tree_open(d, file);

	if (!f)
		return false;
	errno = 0;
	file->len = fread(file->text, 1, sizeof(file->text) - 1, f);
	if (ferror(f))
		file->error = errno ? errno : EIO;
	fclose(f);
	file->text[file->len] = '\0';
	if (file->len && file->text[file->len - 1] == '\n')
		file->text[--file->len] = '\0';
	return !file->error;
}

bool tree_read(const struct doctor *d, struct tree_file *file,
	       const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(file->path, sizeof(file->path), fmt, ap);
	va_end(ap);
	return read_start(d, file);
}

bool tree_field(const struct doctor *d, struct tree_file *file,
		const char *path, const char *key)
{
	size_t len = strlen(key);
	char *line = NULL;
	size_t size = 0;
	FILE *f;

	snprintf(file->path, sizeof(file->path), "%s", path);
	f = tree_open(d, file);
	if (!f)
		return false;
	file->error = ENODATA;
	while (file->error && getline(&line, &size, f) > 0) {
		char *value = line + len;

		if (strncmp(line, key, len) || !strchr(" \t:", *value))
			continue;
		value += strspn(value, " \t:");
		value[strcspn(value, "\n")] = '\0';
		snprintf(file->text, sizeof(file->text), "%s", value);
		file->error = 0;
	}
	free(line);
	fclose(f);
	file->len = strlen(file->text);
	return !file->error;
}

bool tree_number(const struct doctor *d, struct tree_file *file, long *value,
		 const char *fmt, ...)
{
	va_list ap;
	char *end;

	va_start(ap, fmt);
	vsnprintf(file->path, sizeof(file->path), fmt, ap);
	va_end(ap);
	if (!read_start(d, file))
		return false;
	*value = strtol(file->text, &end, 10);
	if (end == file->text || *end)
		file->error = EINVAL;
	return !file->error;
}

DIR *tree_dir(const struct doctor *d, struct tree_file *file,
	      const char *fmt, ...)
{
	char path[4096];
	va_list ap;
	DIR *dir;

	va_start(ap, fmt);
	vsnprintf(file->path, sizeof(file->path), fmt, ap);
	va_end(ap);
	snprintf(path, sizeof(path), "%s%s", d->root, file->path);
	dir = opendir(path);
	file->error = dir ? 0 : errno;
	file->text[0] = '\0';
	return dir;
}

const char *tree_next(DIR *dir, const char *prefix)
{
	struct dirent *entry;

	while ((entry = readdir(dir)))
		if (entry->d_name[0] != '.' &&
		    !strncmp(entry->d_name, prefix, strlen(prefix)))
			return entry->d_name;
	return NULL;
}

bool tree_word(const struct doctor *d, const char *name, char *value,
	       size_t size)
{
	const size_t len = strlen(name);
	struct tree_file file;
	char *word, *rest;
	bool found = false;

	if (!tree_read(d, &file, "/proc/cmdline"))
		return false;
	for (word = strtok_r(file.text, " ", &rest); word;
	     word = strtok_r(NULL, " ", &rest)) {
		if (strncmp(word, name, len) ||
		    (word[len] && word[len] != '='))
			continue;
		found = true;
		snprintf(value, size, "%s", word + len + (word[len] == '='));
	}
	return found;
}

bool tree_may(const struct doctor *d, unsigned int cap)
{
	struct tree_file file;

	return tree_field(d, &file, "/proc/self/status", "CapEff") &&
	       (strtoull(file.text, NULL, 16) >> cap & 1);
}

/* The next range of a list, or NULL at its end or at what is none. */
static const char *next_range(const char *list, long *first, long *last)
{
	char *end;

	list += strspn(list, ", \t");
	if (!isdigit((unsigned char)*list))
		return NULL;
	*first = *last = strtol(list, &end, 10);
	if (*end == '-')
		*last = strtol(end + 1, &end, 10);
	return end;
}

bool cpulist_has(const char *list, int cpu)
{
	long first, last;

	while ((list = next_range(list, &first, &last)))
		if (first <= cpu && cpu <= last)
			return true;
	return false;
}

int cpulist_other(const char *list, int cpu)
{
	long first, last, other = -1;

	while ((list = next_range(list, &first, &last))) {
		if (last != cpu)
			other = last;
		else if (first < last)
			other = last - 1;
	}
	return (int)other;
}

bool words_has(const char *text, const char *word)
{
	size_t len = strlen(word);
	const char *at = text;

	while ((at = strstr(at, word))) {
		if ((at == text || isspace((unsigned char)at[-1])) &&
		    (!at[len] || isspace((unsigned char)at[len])))
			return true;
		at += len;
	}
	return false;
}

void finding_set(struct finding *f, enum doctor_verdict verdict,
		 const char *fmt, ...)
{
	va_list ap;

	f->verdict = verdict;
	va_start(ap, fmt);
	vsnprintf(f->found, sizeof(f->found), fmt, ap);
	va_end(ap);
}

void finding_fix(struct finding *f, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(f->fix, sizeof(f->fix), fmt, ap);
	va_end(ap);
}

void finding_unread(struct finding *f, const struct tree_file *file)
{
	const char *why = strerror(file->error);

	if (file->error == ENODATA)
		why = "has no such line";
	else if (file->error == EINVAL)
		why = "holds something else";
	finding_set(f, DOCTOR_UNKNOWN, "%s: %s", file->path, why);
	if (file->error == EACCES || file->error == EPERM)
		finding_fix(f, "sudo pagecopy doctor");
}

void add_item(char *text, size_t size, const char *item)
{
	size_t len = strlen(text);

	snprintf(text + len, size - len, "%s%s", len ? ", " : "", item);
}
