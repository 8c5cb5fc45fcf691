// SPDX-License-Identifier: MIT
#include "env.h"

#include <errno.h>
#include <gnu/libc-version.h>
#include <string.h>
#include <unistd.h>

#include "absent.h"
#include "setup.h"

#ifdef __clang__
#define COMPILER	__VERSION__
#else
#define COMPILER	"gcc " __VERSION__
#endif

void env_missing(struct env *env, json_t *at, const char *key,
		 const char *why)
{
	json_object_set_new(at, key, json_null());
	json_object_set_new(env->unavailable, key, json_string(why));
}

void env_text(struct env *env, json_t *at, const char *key, const char *text)
{
	json_t *value = *text ? json_string(text) : NULL;

	if (value)
		json_object_set_new(at, key, value);
	else
		env_missing(env, at, key, *text ? "not UTF-8" : "unknown here");
}

void env_file(struct env *env, json_t *at, const char *key, const char *path)
{
	char line[4096] = "", why[4200];
	FILE *f;

	f = fopen(path, "re");
	if (!f) {
		snprintf(why, sizeof(why), "%s: %s", path, strerror(errno));
		env_missing(env, at, key, why);
		return;
	}
	if (!fgets(line, sizeof(line), f))
		line[0] = '\0';
	fclose(f);
	line[strcspn(line, "\n")] = '\0';
	env_text(env, at, key, line);
}

static json_t *strings(int argc, char **argv)
{
	json_t *list = json_array();
	int i;

	for (i = 0; i < argc; i++)
		json_array_append_new(list, json_string(argv[i]));
	return list;
}

static void env_program(struct env *env, int argc, char **argv)
{
	json_t *at = json_object();

	json_object_set_new(env->root, "program", at);
	json_object_set_new(at, "version", json_string(PAGECOPY_VERSION));
	json_object_set_new(at, "abi", json_integer(PAGECOPY_ABI_VERSION));
	json_object_set_new(at, "command", strings(argc, argv));
	json_object_set_new(at, "compiler", json_string(COMPILER));
	json_object_set_new(at, "libc", json_string(gnu_get_libc_version()));
	json_object_set_new(at, "liburing",
			    json_string(PAGECOPY_LIBURING_VERSION));
	json_object_set_new(at, "jansson", json_string(JANSSON_VERSION));
}

static json_t *ring_object(const struct ring *r)
{
	bool registered = r->enter_flags & IORING_ENTER_REGISTERED_RING;

	return json_pack("{s:I, s:I, s:I, s:I, s:b, s:b}",
			 "setup_flags", (json_int_t)r->u.flags,
			 "features", (json_int_t)r->u.features,
			 "sq_entries", (json_int_t)r->u.sq.ring_entries,
			 "cq_entries", (json_int_t)r->u.cq.ring_entries,
			 "registered_ring", registered, "registered_file", 1);
}

static json_t *modes(const struct list *l)
{
	json_t *list = json_array();
	unsigned int i;

	for (i = 0; i < l->nr; i++)
		json_array_append_new(list, json_string(names_of(&names_ring,
					(unsigned int)l->value[i])));
	return list;
}

static void env_rings(struct env *env, const struct run *run)
{
	json_t *at = json_object(), *granted = json_object();
	unsigned int i;

	json_object_set_new(env->root, "io_uring", at);
	json_object_set_new(at, "asked", modes(&run->asked));
	json_object_set_new(at, "granted", granted);
	for (i = 0; i < RING_NR; i++)
		if (run->worker[0]->ring[i])
			json_object_set_new(granted, names_of(&names_ring, i),
					    ring_object(run->worker[0]->ring[i]));
	for (i = 0; i < 2; i++)
		if (run->timing_up[i])
			json_object_set_new(at, i ? "timing+iopoll" : "timing",
					    ring_object(&run->timing[i]));
}

static void env_host(struct env *env, const struct options *o)
{
	json_t *at = json_object();
	unsigned int i;

	json_object_set_new(env->root, "host", at);
	for (i = 0; i < o->env.nr; i++) {
		const char *pair = o->env.pair[i];
		size_t len = strcspn(pair, "=");

		json_object_setn_new(at, pair, len,
				     json_string(pair + len + 1));
	}
}

static void env_run(struct env *env, const struct run *run)
{
	const int locked = setup_locked(run);
	json_t *root = env->root;

	json_object_set_new(root, "schema", json_integer(CSV_SCHEMA));
	json_object_set_new(root, "run_id", json_string(run->run_id));
	json_object_set_new(root, "seed", json_integer((json_int_t)run->seed));
	json_object_set_new(root, "platform", json_string(
				names_of(&names_platform, run->platform)));
	json_object_set_new(root, "emulated", json_boolean(run->emulated));
	json_object_set_new(root, "clock", json_pack("{s:s, s:f}",
				"name", clock_name(&run->clk),
				"ns_per_tick", run->clk.ns_per_tick));
	if (locked < 0)
		env_missing(env, root, "buffers_locked", "no buffers in use");
	else
		json_object_set_new(root, "buffers_locked",
				    json_boolean(locked));
}

static void env_columns(struct env *env, const struct run *run)
{
	const char *name, *why;
	unsigned int i;

	for (i = 0; (name = csv_column_name(i)); i++) {
		why = absent_why(run, name);
		if (why)
			json_object_set_new(env->unavailable, name,
					    json_string(why));
	}
}

/* Beside the CSV. */
static int path_of_env(const char *csv, char *path, size_t size)
{
	const char *slash = strrchr(csv, '/');
	int folder = slash ? (int)(slash - csv + 1) : 0;
	int len = snprintf(path, size, "%.*senv.json", folder, csv);

	return len < 0 || (size_t)len >= size ? -ENAMETOOLONG : 0;
}

static int dump(const json_t *root, const char *path)
{
	FILE *f;
	int ret = 0;

	f = fopen(path, "we");
	if (!f)
		return -errno;
	errno = 0;
	if (json_dumpf(root, f, JSON_INDENT(2)) || fputc('\n', f) == EOF ||
	    fflush(f))
		ret = errno ? -errno : -EIO;
	if (!ret && fsync(fileno(f)) && errno != EINVAL)
		ret = -errno;
	if (fclose(f) && !ret)
		ret = -errno;
	return ret;
}

int env_write(const struct run *run, int argc, char **argv)
{
	struct env env = { json_object(), json_object() };
	char path[4096];
	int ret;

	ret = path_of_env(run->o->csv, path, sizeof(path));
	if (ret)
		goto out_free;
	env_run(&env, run);
	env_cpu(&env, run->cpu);
	env_kernel(&env);
	env_module(&env, &run->info);
	env_rings(&env, run);
	env_program(&env, argc, argv);
	env_host(&env, run->o);
	json_object_set_new(env.root, "doctor", doctor_json(&run->doctor));
	env_columns(&env, run);
	json_object_set(env.root, "unavailable", env.unavailable);
	ret = dump(env.root, path);

out_free:
	json_decref(env.root);
	json_decref(env.unavailable);
	return ret;
}
