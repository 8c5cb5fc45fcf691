/* SPDX-License-Identifier: MIT */
/*
 * For the checks only: reading below the root, and saying what came of it.
 */
#ifndef PAGECOPY_DOCTOR_TREE_H
#define PAGECOPY_DOCTOR_TREE_H

#include <dirent.h>
#include <stdint.h>

#include "doctor.h"

#define CPU_DIR		"/sys/devices/system/cpu"

/**
 * struct tree_file - a small file, or one line of a larger one
 * @path:  without the root
 * @text:  what is in it, without the last newline
 * @len:   of @text, which may hold bytes of zero
 * @error: positive errno; 0 when @text is good. ENODATA: the line is not there
 */
struct tree_file {
	char path[160];
	char text[4096];
	size_t len;
	int error;
};

/* Each leaves the reason in @file->error and returns whether it worked. */

/** tree_read() - the start of a file */
__attribute__((format(printf, 3, 4)))
bool tree_read(const struct doctor *d, struct tree_file *file,
	       const char *fmt, ...);

/** tree_field() - what follows @key in the first line that begins with it */
bool tree_field(const struct doctor *d, struct tree_file *file,
		const char *path, const char *key);

/** tree_number() - a file that holds one whole number */
__attribute__((format(printf, 4, 5)))
bool tree_number(const struct doctor *d, struct tree_file *file, long *value,
		 const char *fmt, ...);

/** tree_dir() - open a folder; its path and what went wrong are in @file */
__attribute__((format(printf, 3, 4)))
DIR *tree_dir(const struct doctor *d, struct tree_file *file,
	      const char *fmt, ...);

/** tree_next() - name of the next entry that begins with @prefix, or NULL */
const char *tree_next(DIR *dir, const char *prefix);

/**
 * tree_word() - a parameter of the kernel's command line
 * @value: what stands behind "@name=" where it is given last; "" for a bare
 *         word
 *
 * Return: whether it is given. False also when the command line cannot be read.
 */
bool tree_word(const struct doctor *d, const char *name, char *value,
	       size_t size);

/** tree_may() - this process has capability number @cap */
bool tree_may(const struct doctor *d, unsigned int cap);

/** cpulist_has() - is @cpu in a list as "0-3,8"? */
bool cpulist_has(const char *list, int cpu);

/** cpulist_other() - the last CPU of the list that is not @cpu, or -1 */
int cpulist_other(const char *list, int cpu);

/** words_has() - is @word one of the words of @text? */
bool words_has(const char *text, const char *word);

/** finding_set() - the verdict, and what was found */
__attribute__((format(printf, 3, 4)))
void finding_set(struct finding *f, enum doctor_verdict verdict,
		 const char *fmt, ...);

/** finding_fix() - the command that mends it */
__attribute__((format(printf, 2, 3)))
void finding_fix(struct finding *f, const char *fmt, ...);

/** finding_unread() - unknown, because of this file */
void finding_unread(struct finding *f, const struct tree_file *file);

/** add_item() - @item to the list in @text, after a comma if need be */
void add_item(char *text, size_t size, const char *item);

/* The checks, by file. */
typedef void doctor_fn(const struct doctor *d, struct finding *f);

doctor_fn check_governor, check_turbo, check_smt, check_cstates;
doctor_fn check_clocksource, check_tsc, check_mitigations, check_hypervisor;

doctor_fn check_isolcpus, check_nohz_full, check_rcu_nocbs, check_irqs;
doctor_fn check_irqbalance, check_steal, check_load, check_cpu_use;

doctor_fn check_thp, check_hugepages, check_numa, check_memlock;

doctor_fn check_perf, check_pmu, check_nmi_watchdog, check_kptr;
doctor_fn check_io_uring, check_module_sig, check_lockdown;

doctor_fn check_debug_kernel, check_hardening, check_preempt;

#endif
