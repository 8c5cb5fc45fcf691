// SPDX-License-Identifier: MIT
#include "env.h"

#include <unistd.h>

#include "cpu_id.h"
#include "doctor_tree.h"

static void add_signature(struct env *env, json_t *at)
{
	unsigned int family, model, stepping;

	if (!cpuid_signature(&family, &model, &stepping)) {
		env_missing(env, at, "family", "no CPUID");
		env_missing(env, at, "model_number", "no CPUID");
		env_missing(env, at, "stepping", "no CPUID");
		return;
	}
	json_object_set_new(at, "family", json_integer(family));
	json_object_set_new(at, "model_number", json_integer(model));
	json_object_set_new(at, "stepping", json_integer(stepping));
}

static void add_caches(struct env *env, json_t *at)
{
	struct cpuid_cache c;
	json_t *list = json_array();
	unsigned int i;

	for (i = 0; cpuid_cache(i, &c); i++) {
		const char type[] = { c.type, '\0' };

		json_array_append_new(list, json_pack(
			"{s:i, s:s, s:I, s:i, s:i}", "level", (int)c.level,
			"type", type, "bytes", (json_int_t)c.bytes,
			"line", (int)c.line, "ways", (int)c.ways));
	}
	if (i) {
		json_object_set_new(at, "caches", list);
		return;
	}
	json_decref(list);
	env_missing(env, at, "caches", "CPUID does not tell");
}

static void add_features(json_t *at)
{
	json_t *object = json_object();
	const char *name;
	bool present;
	unsigned int i;

	for (i = 0; (name = cpuid_feature(i, &present)); i++)
		json_object_set_new(object, name, json_boolean(present));
	json_object_set_new(at, "features", object);
}

static void add_text(struct env *env, json_t *at, const char *key,
		     const char *line)
{
	const struct doctor here = { .root = "" };
	struct tree_file file;

	env_text(env, at, key, tree_field(&here, &file, "/proc/cpuinfo", line) ?
		 file.text : "");
}

void env_cpu(struct env *env, int cpu)
{
	char vendor[13], brand[49], hypervisor[13], path[128];
	json_t *at = json_object();

	json_object_set_new(env->root, "cpu", at);
	cpuid_vendor(vendor);
	cpuid_brand(brand);
	cpuid_hypervisor(hypervisor);
	env_text(env, at, "vendor", vendor);
	env_text(env, at, "model", brand);
	add_signature(env, at);
	add_text(env, at, "microcode", "microcode");
	add_text(env, at, "flags", "flags");
	add_features(at);
	add_caches(env, at);
	json_object_set_new(at, "online",
			    json_integer(sysconf(_SC_NPROCESSORS_ONLN)));
	json_object_set_new(at, "pinned_to", json_integer(cpu));
	snprintf(path, sizeof(path), "/sys/devices/system/cpu/cpu%d/cpufreq/"
		 "scaling_governor", cpu);
	env_file(env, at, "governor", path);
	if (hypervisor[0])
		json_object_set_new(at, "hypervisor", json_string(hypervisor));
	else
		env_missing(env, at, "hypervisor", "CPUID names none");
}
