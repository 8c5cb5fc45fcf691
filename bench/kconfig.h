/* SPDX-License-Identifier: MIT */
#ifndef PAGECOPY_KCONFIG_H
#define PAGECOPY_KCONFIG_H

#define KCONFIG_UNREADABLE \
	"neither /proc/config.gz nor /boot/config-* is readable"

/**
 * kconfig_fn - told of one option of the kernel
 * @data:  as given to kconfig_each()
 * @name:  without CONFIG_
 * @value: as in the file: "y", "m", a number, a quoted text; "n" when not set
 */
typedef void kconfig_fn(void *data, const char *name, const char *value);

/**
 * kconfig_each() - every option that the running kernel was built with
 * @root: what comes before each path; "" for this machine
 * @take: told of each
 * @data: handed to @take
 *
 * Return: the number of options; 0 when there is no such file to read.
 */
unsigned int kconfig_each(const char *root, kconfig_fn *take, void *data);

#endif
