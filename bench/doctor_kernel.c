// SPDX-License-Identifier: MIT
/* The checks of what the kernel lets a measurement do. */
#include "doctor_tree.h"

#include <errno.h>
#include <liburing.h>
#include <string.h>

#include "kconfig.h"

/* Numbers of include/uapi/linux/capability.h, which older headers lack. */
#define CAP_SYS_ADMIN	21
#define CAP_SYSLOG	34
#define CAP_PERFMON	38

static void fix_sysctl(struct finding *f, const char *name, int value)
{
	finding_fix(f, "sudo sysctl kernel.%s=%d", name, value);
}

/* 1 and less lets anyone count in the kernel (Documentation/.../perf-security). */
void check_perf(const struct doctor *d, struct finding *f)
{
	struct tree_file file;
	long level;

	if (!tree_number(d, &file, &level,
			 "/proc/sys/kernel/perf_event_paranoid")) {
		finding_unread(f, &file);
		return;
	}
	if (level <= 1) {
		finding_set(f, DOCTOR_PASS, "%ld", level);
		return;
	}
	if (tree_may(d, CAP_PERFMON) || tree_may(d, CAP_SYS_ADMIN)) {
		finding_set(f, DOCTOR_PASS, "%ld, but this user may", level);
		return;
	}
	finding_set(f, DOCTOR_WARN, "%ld: no counts in the kernel", level);
	fix_sysctl(f, "perf_event_paranoid", 1);
}

/* cpu, or cpu_core and cpu_atom on hybrids; armv8_pmuv3 and the like. */
void check_pmu(const struct doctor *d, struct finding *f)
{
	struct tree_file folder;
	bool found;
	DIR *dir;

	dir = tree_dir(d, &folder, "/sys/bus/event_source/devices");
	if (!dir) {
		finding_unread(f, &folder);
		return;
	}
	found = tree_next(dir, "cpu");
	if (!found) {
		rewinddir(dir);
		found = tree_next(dir, "armv");
	}
	closedir(dir);
	if (found) {
		finding_set(f, DOCTOR_PASS, "there is one");
		return;
	}
	finding_set(f, DOCTOR_WARN, "none: software counters only");
	finding_fix(f, "in a guest, its host must hand one on: qemu -cpu "
		    "host,pmu=on");
}

/* It counts cycles on each CPU, all the time (admin-guide/lockup-watchdogs). */
void check_nmi_watchdog(const struct doctor *d, struct finding *f)
{
	struct tree_file file;
	long on;

	if (!tree_number(d, &file, &on, "/proc/sys/kernel/nmi_watchdog")) {
		finding_unread(f, &file);
		return;
	}
	finding_set(f, on ? DOCTOR_WARN : DOCTOR_PASS, on ? "on" : "off");
	if (on)
		fix_sysctl(f, "nmi_watchdog", 0);
}

/* 0 shows addresses to all, 1 to those with CAP_SYSLOG, 2 to nobody. */
void check_kptr(const struct doctor *d, struct finding *f)
{
	struct tree_file file;
	long level;

	if (!tree_number(d, &file, &level, "/proc/sys/kernel/kptr_restrict")) {
		finding_unread(f, &file);
		return;
	}
	if (!level || (level == 1 && tree_may(d, CAP_SYSLOG))) {
		finding_set(f, DOCTOR_PASS, "%ld", level);
		return;
	}
	finding_set(f, DOCTOR_WARN, "%ld: functions of the kernel have no "
		    "names", level);
	fix_sysctl(f, "kptr_restrict", 0);
}

/* 0, or what the kernel says to a ring of this process: -EPERM, -ENOSYS... */
static int try_ring(void)
{
	struct io_uring ring;
	int ret = io_uring_queue_init(1, &ring, 0);

	if (!ret)
		io_uring_queue_exit(&ring);
	return ret;
}

/*
 * The file came with 6.6, and a container may refuse the system call whatever
 * the file says; so on the machine itself a ring is asked for.
 */
void check_io_uring(const struct doctor *d, struct finding *f)
{
	struct tree_file file;
	long level = 0;
	bool told;
	int ret;

	told = tree_number(d, &file, &level,
			   "/proc/sys/kernel/io_uring_disabled");
	if (level == 2 || (level == 1 && !tree_may(d, CAP_SYS_ADMIN))) {
		finding_set(f, DOCTOR_FAIL, "io_uring_disabled is %ld", level);
		fix_sysctl(f, "io_uring_disabled", 0);
		return;
	}
	ret = *d->root ? 0 : try_ring();
	if (ret == -ENOMEM) {
		finding_set(f, DOCTOR_FAIL, "no ring: %s", strerror(-ret));
		finding_fix(f, "as root: ulimit -l unlimited");
	} else if (ret) {
		finding_set(f, DOCTOR_FAIL, "refused: %s (a container's "
			    "seccomp, or CONFIG_IO_URING=n)", strerror(-ret));
	} else if (*d->root && !told) {
		finding_unread(f, &file);
	} else {
		finding_set(f, DOCTOR_PASS, "allowed");
	}
}

/* Options that decide where the file below is missing. */
struct module_options {
	bool modules;
	bool signed_only;
	bool lockdown;
};

static void take_module_option(void *data, const char *name, const char *value)
{
	struct module_options *o = data;
	bool on = *value == 'y';

	if (!strcmp(name, "MODULES"))
		o->modules = on;
	else if (!strcmp(name, "MODULE_SIG"))
		o->signed_only = on;
	else if (!strcmp(name, "SECURITY_LOCKDOWN_LSM"))
		o->lockdown = on;
}

static bool module_options(const struct doctor *d, struct module_options *o)
{
	memset(o, 0, sizeof(*o));
	return kconfig_each(d->root, take_module_option, o);
}

/* The parameter is there in kernels with signatures, and N lets others load. */
void check_module_sig(const struct doctor *d, struct finding *f)
{
	struct module_options o;
	struct tree_file file;
	bool told, known;

	told = tree_read(d, &file, "/sys/module/module/parameters/sig_enforce");
	if (told && file.text[0] == 'N') {
		finding_set(f, DOCTOR_PASS, "not enforced");
		return;
	}
	if (told) {
		finding_set(f, DOCTOR_WARN, "enforced: the module must be "
			    "signed");
		finding_fix(f, "sign pagecopy.ko with scripts/sign-file of the "
			    "kernel's tree, or boot without "
			    "module.sig_enforce");
		return;
	}
	known = module_options(d, &o);
	if (known && !o.modules) {
		finding_set(f, DOCTOR_WARN, "this kernel loads no modules");
		finding_fix(f, "a kernel built with CONFIG_MODULES=y, or "
			    "scripts/bench --platform uml");
	} else if (known && !o.signed_only) {
		finding_set(f, DOCTOR_PASS, "this kernel knows no signatures");
	} else {
		finding_unread(f, &file);
	}
}

/* Both levels refuse modules without a signature (kernel_lockdown.7). */
void check_lockdown(const struct doctor *d, struct finding *f)
{
	struct module_options o;
	struct tree_file file;

	if (tree_read(d, &file, "/sys/kernel/security/lockdown")) {
		if (strstr(file.text, "[none]")) {
			finding_set(f, DOCTOR_PASS, "none");
			return;
		}
		finding_set(f, DOCTOR_WARN, "%s", file.text);
		finding_fix(f, "boot without lockdown=, and with Secure Boot "
			    "off");
	} else if (module_options(d, &o) && !o.lockdown) {
		finding_set(f, DOCTOR_PASS, "this kernel has none");
	} else {
		finding_unread(f, &file);
		finding_fix(f, "sudo mount -t securityfs none "
			    "/sys/kernel/security");
	}
}
