// SPDX-License-Identifier: MIT
/* The checks of how the kernel was built: what it does besides the work. */
#include "doctor_tree.h"

#include <stdlib.h>
#include <string.h>

#include "kconfig.h"

#define ARRAY_SIZE(a)	(sizeof(a) / sizeof((a)[0]))

/**
 * struct build_option - an option of the kernel that costs time
 * @label:  what it is called
 * @config: when built in, it is at work unless
 * @param:  this word of the command line has one of the values in
 * @off:    a comma list; if @config is not set, and the kernel knows
 * @known:  this option, then the word with any other value turns it on
 */
struct build_option {
	const char *label;
	const char *config;
	const char *param;
	const char *off;
	const char *known;
};

/*
 * Each of these instruments memory accesses, locks or allocations, so that
 * what takes longer is the checking (Documentation/dev-tools, lib/Kconfig.debug).
 * UBSAN counts with its check of each access only: distributions ship the
 * checks of bounds and shifts in the kernels that people use.
 */
static const struct build_option debug_options[] = {
	{ "KASAN", "KASAN", NULL, NULL, NULL },
	{ "KCSAN", "KCSAN", NULL, NULL, NULL },
	{ "KMSAN", "KMSAN", NULL, NULL, NULL },
	{ "KCOV", "KCOV", NULL, NULL, NULL },
	{ "GCOV", "GCOV_KERNEL", NULL, NULL, NULL },
	{ "UBSAN", "UBSAN_ALIGNMENT", NULL, NULL, NULL },
	{ "LOCKDEP", "LOCKDEP", NULL, NULL, NULL },
	{ "PROVE_LOCKING", "PROVE_LOCKING", NULL, NULL, NULL },
	{ "LOCK_STAT", "LOCK_STAT", NULL, NULL, NULL },
	{ "DEBUG_OBJECTS", "DEBUG_OBJECTS", NULL, NULL, NULL },
	{ "DEBUG_PAGEALLOC", "DEBUG_PAGEALLOC_ENABLE_DEFAULT",
	  "debug_pagealloc", "off,0", "DEBUG_PAGEALLOC" },
	{ "SLUB_DEBUG", "SLUB_DEBUG_ON", "slub_debug", "-", "SLUB_DEBUG" },
	{ "SLUB_DEBUG", NULL, "slab_debug", "-", "SLUB_DEBUG" },
	{ "PAGE_POISONING", NULL, "page_poison", "off,0", "PAGE_POISONING" },
	{ "KMEMLEAK", "DEBUG_KMEMLEAK", "kmemleak", "off", "DEBUG_KMEMLEAK" },
};

/* What people run in earnest, and what still is part of each copy there. */
static const struct build_option hard_options[] = {
	{ "FORTIFY_SOURCE", "FORTIFY_SOURCE", NULL, NULL, NULL },
	{ "HARDENED_USERCOPY", "HARDENED_USERCOPY", "hardened_usercopy",
	  "off,0", NULL },
	{ "INIT_ON_ALLOC", "INIT_ON_ALLOC_DEFAULT_ON", "init_on_alloc",
	  "off,0", "SLUB" },
	{ "INIT_ON_FREE", "INIT_ON_FREE_DEFAULT_ON", "init_on_free",
	  "off,0", "SLUB" },
	{ "KFENCE", "KFENCE", "kfence.sample_interval", "0", NULL },
	{ "UBSAN", "UBSAN", NULL, NULL, NULL },
	{ "CFI", "CFI_CLANG", NULL, NULL, NULL },
	{ "CFI", "CFI", NULL, NULL, NULL },
	{ "DEBUG_LIST", "DEBUG_LIST", NULL, NULL, NULL },
	{ "DEBUG_VM", "DEBUG_VM", NULL, NULL, NULL },
};

#define OPTIONS_MAX	16

/**
 * struct built - what the configuration says of a table
 * @table: the table
 * @nr:    of its lines
 * @on:    by line: its option is built in
 * @known: by line: its word is understood
 * @quiet: labels of what is built in but at work only when a word says so
 */
struct built {
	const struct build_option *table;
	unsigned int nr;
	bool on[OPTIONS_MAX];
	bool known[OPTIONS_MAX];
	const char *quiet[2];
};

static bool is(const char *option, const char *name)
{
	return option && !strcmp(option, name);
}

static void take_built(void *data, const char *name, const char *value)
{
	struct built *b = data;
	unsigned int i;

	for (i = 0; i < b->nr; i++) {
		if (is(b->table[i].config, name))
			b->on[i] = *value == 'y';
		if (is(b->table[i].known, name))
			b->known[i] = *value == 'y';
	}
	if (!strcmp(name, "KFENCE_SAMPLE_INTERVAL") && !strcmp(value, "0"))
		b->quiet[0] = "KFENCE";
	if (!strcmp(name, "DEBUG_KMEMLEAK_DEFAULT_OFF") && *value == 'y')
		b->quiet[1] = "KMEMLEAK";
}

static bool at_work(const struct doctor *d, const struct built *b,
		    unsigned int i)
{
	const struct build_option *o = &b->table[i];
	char value[64], off[16] = "", *word, *rest;

	if (!o->param || !tree_word(d, o->param, value, sizeof(value)))
		return b->on[i] && !is(b->quiet[0], o->label) &&
		       !is(b->quiet[1], o->label);
	strcpy(off, o->off);
	for (word = strtok_r(off, ",", &rest); word;
	     word = strtok_r(NULL, ",", &rest))
		if (!strcmp(word, value))
			return false;
	return b->on[i] || b->known[i];
}

/* The labels of what is at work, or NULL when that cannot be read. */
static const char *options_at_work(const struct doctor *d,
				   const struct build_option *table,
				   unsigned int nr, char *text, size_t size)
{
	struct built b = { .table = table, .nr = nr };
	unsigned int i;

	text[0] = '\0';
	if (!kconfig_each(d->root, take_built, &b)) {
		snprintf(text, size, "%s", KCONFIG_UNREADABLE);
		return NULL;
	}
	for (i = 0; i < nr; i++)
		if (at_work(d, &b, i) && !strstr(text, table[i].label))
			add_item(text, size, table[i].label);
	return text;
}

const char *doctor_debug_kernel(const char *root, char *text, size_t size)
{
	const struct doctor d = { .root = root };

	return options_at_work(&d, debug_options, ARRAY_SIZE(debug_options),
			       text, size);
}

/* Why such a file may be missing is known where the kernel is built. */
static void unknown_options(struct finding *f, const char *why)
{
	finding_set(f, DOCTOR_UNKNOWN, "%s", why);
	finding_fix(f, "sudo modprobe configs, or a kernel built with "
		    "CONFIG_IKCONFIG_PROC=y");
}

/* A kernel that checks itself is no kernel that anybody runs in earnest. */
void check_debug_kernel(const struct doctor *d, struct finding *f)
{
	char text[200];

	if (!doctor_debug_kernel(d->root, text, sizeof(text))) {
		unknown_options(f, text);
		return;
	}
	if (!text[0]) {
		finding_set(f, DOCTOR_PASS, "no debug options");
		return;
	}
	finding_set(f, DOCTOR_FAIL, "%s", text);
	finding_fix(f, "boot a kernel without them (and without their words "
		    "on its command line)");
}

/* Only a warning: these are the costs that users of such kernels pay. */
void check_hardening(const struct doctor *d, struct finding *f)
{
	char text[200];

	if (!options_at_work(d, hard_options, ARRAY_SIZE(hard_options), text,
			     sizeof(text))) {
		unknown_options(f, text);
		return;
	}
	if (!text[0]) {
		finding_set(f, DOCTOR_PASS, "none");
		return;
	}
	finding_set(f, DOCTOR_WARN, "%s", text);
	finding_fix(f, "to see the copies without: a kernel built without "
		    "them");
}

/* The mode that a kernel with PREEMPT_DYNAMIC begins with. */
static void take_preempt(void *data, const char *name, const char *value)
{
	static const struct {
		const char *config;
		const char *mode;
	} modes[] = {
		{ "PREEMPT_NONE", "none" },
		{ "PREEMPT_VOLUNTARY", "voluntary" },
		{ "PREEMPT_LAZY", "lazy" },
		{ "PREEMPT", "full" },
	};
	const char **mode = data;
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(modes); i++)
		if (*value == 'y' && !strcmp(name, modes[i].config))
			*mode = modes[i].mode;
}

/*
 * The banner names PREEMPT, PREEMPT_RT or PREEMPT_DYNAMIC; for the last the
 * debugfs says which, where the mode in use is in parentheses; whoever changes
 * it has that at hand, so that without it the mode is the one of the boot.
 */
static const char *preempt_mode(const struct doctor *d, const char *banner,
				char *text, size_t size)
{
	const char *mode = NULL;
	struct tree_file file;
	char *open, *end;

	if (strstr(banner, "PREEMPT_RT") || strstr(banner, "PREEMPT_{RT"))
		return "rt";
	if (!strstr(banner, "PREEMPT"))
		return "none";
	if (!strstr(banner, "PREEMPT_DYNAMIC"))
		return "full";
	if (tree_read(d, &file, "/sys/kernel/debug/sched/preempt")) {
		open = strchr(file.text, '(');
		end = open ? strchr(open, ')') : NULL;
		if (end) {
			*end = '\0';
			snprintf(text, size, "%s", open + 1);
			return text;
		}
	}
	if (tree_word(d, "preempt", text, size))
		return text;
	kconfig_each(d->root, take_preempt, &mode);
	return mode;
}

/* none and voluntary do not interrupt a copy; the others may at any byte. */
void check_preempt(const struct doctor *d, struct finding *f)
{
	struct tree_file file;
	const char *mode;
	char text[32];

	if (!tree_read(d, &file, "/proc/version")) {
		finding_unread(f, &file);
		return;
	}
	mode = preempt_mode(d, file.text, text, sizeof(text));
	if (!mode) {
		finding_set(f, DOCTOR_UNKNOWN, "dynamic; /sys/kernel/debug/"
			    "sched/preempt cannot be read, nor the "
			    "configuration");
		finding_fix(f, "sudo mount -t debugfs none /sys/kernel/debug");
		return;
	}
	if (!strcmp(mode, "none") || !strcmp(mode, "voluntary")) {
		finding_set(f, DOCTOR_PASS, "%s", mode);
		return;
	}
	finding_set(f, DOCTOR_WARN, "%s", mode);
	if (strcmp(mode, "rt"))
		finding_fix(f, "boot with preempt=none, if the kernel has "
			    "PREEMPT_DYNAMIC");
	else
		finding_fix(f, "boot a kernel without PREEMPT_RT");
}
