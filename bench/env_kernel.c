// SPDX-License-Identifier: MIT
#include "env.h"

#include <dirent.h>
#include <string.h>
#include <sys/utsname.h>

#include "kconfig.h"
#include "memcpy_flags.h"

#define MODULE_DIR	"/sys/module/pagecopy/"
#define MITIGATIONS	"/sys/devices/system/cpu/vulnerabilities"

/* Options that change what a copy or a system call costs. */
static const char *const config_prefixes[] = {
	"PREEMPT", "KASAN", "KCSAN", "KMSAN", "UBSAN", "LOCKDEP",
	"PROVE_LOCKING", "DEBUG_LIST", "FORTIFY_SOURCE", "HARDENED_USERCOPY",
	"INIT_ON_ALLOC", "INIT_ON_FREE", "INIT_STACK", "HZ", "SMP", "CFI_CLANG",
	"STACKPROTECTOR", "X86_KERNEL_IBT", "MITIGATION", "TRANSPARENT_HUGE",
	"CC_VERSION_TEXT", "CC_OPTIMIZE",
};

static bool matters(const char *name)
{
	unsigned int i;

	for (i = 0; i < sizeof(config_prefixes) / sizeof(config_prefixes[0]);
	     i++)
		if (!strncmp(name, config_prefixes[i],
			     strlen(config_prefixes[i])))
			return true;
	return false;
}

static void keep_option(void *data, const char *name, const char *value)
{
	json_t *config = data;

	if (matters(name))
		json_object_set_new(config, name, json_string(value));
}

static void add_config(struct env *env, json_t *at)
{
	json_t *config = json_object();

	if (kconfig_each("", keep_option, config)) {
		json_object_set_new(at, "config", config);
		return;
	}
	json_decref(config);
	env_missing(env, at, "config", KCONFIG_UNREADABLE);
}

static void add_mitigations(struct env *env, json_t *at)
{
	json_t *object = json_object();
	struct dirent *entry;
	char path[512];
	DIR *dir;

	dir = opendir(MITIGATIONS);
	if (!dir) {
		json_decref(object);
		env_missing(env, at, "mitigations",
			    MITIGATIONS " is not there");
		return;
	}
	json_object_set_new(at, "mitigations", object);
	while ((entry = readdir(dir))) {
		if (entry->d_name[0] == '.')
			continue;
		snprintf(path, sizeof(path), MITIGATIONS "/%s",
			 entry->d_name);
		env_file(env, object, entry->d_name, path);
	}
	closedir(dir);
}

void env_kernel(struct env *env)
{
	json_t *at = json_object();
	struct utsname u = { 0 };

	uname(&u);
	json_object_set_new(env->root, "kernel", at);
	env_text(env, at, "release", u.release);
	env_text(env, at, "version", u.version);
	env_text(env, at, "machine", u.machine);
	env_file(env, at, "cmdline", "/proc/cmdline");
	env_file(env, at, "clocksource", "/sys/devices/system/clocksource/"
		 "clocksource0/current_clocksource");
	env_file(env, at, "transparent_hugepage",
		 "/sys/kernel/mm/transparent_hugepage/enabled");
	env_file(env, at, "tainted", "/proc/sys/kernel/tainted");
	add_config(env, at);
	add_mitigations(env, at);
}

void env_module(struct env *env, const struct pagecopy_info *info)
{
	char loop[sizeof(info->memcpy_loop) + 1] = "", flags[80];
	json_t *at;

	if (!info->abi) {
		env_missing(env, env->root, "module",
			    "path uring is not part of this run");
		return;
	}
	at = json_object();
	json_object_set_new(env->root, "module", at);
	env_file(env, at, "module_version", MODULE_DIR "version");
	env_file(env, at, "srcversion", MODULE_DIR "srcversion");
	json_object_set_new(at, "abi", json_integer(info->abi));
	json_object_set_new(at, "max_bytes",
			    json_integer((json_int_t)info->max_bytes));
	memcpy(loop, info->memcpy_loop, sizeof(info->memcpy_loop));
	env_text(env, at, "memcpy_loop", loop);
	memcpy_flags(flags, sizeof(flags));
	env_text(env, at, "memcpy_flags", flags);
}
