/* SPDX-License-Identifier: MIT */
#ifndef PAGECOPY_ENV_H
#define PAGECOPY_ENV_H

#include <jansson.h>

#include "run.h"

/**
 * env_write() - env.json beside the CSV: what the numbers were measured on
 * @argc: of @argv
 * @argv: the command line
 *
 * Return: 0 or -errno.
 */
int env_write(const struct run *run, int argc, char **argv);

/**
 * struct env - the document while it grows
 * @root:        the whole
 * @unavailable: by key: why a value is null
 */
struct env {
	json_t *root;
	json_t *unavailable;
};

/** env_missing() - @key of @at is null, because of @why */
void env_missing(struct env *env, json_t *at, const char *key,
		 const char *why);

/** env_text() - @key of @at is @text; missing when empty */
void env_text(struct env *env, json_t *at, const char *key, const char *text);

/** env_file() - @key of @at is the first line of the file at @path */
void env_file(struct env *env, json_t *at, const char *key, const char *path);

/* The parts. */
void env_cpu(struct env *env, int cpu);
void env_kernel(struct env *env);
void env_module(struct env *env, const struct pagecopy_info *info);

#endif
