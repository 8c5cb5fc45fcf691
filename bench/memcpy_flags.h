/* SPDX-License-Identifier: MIT */
#ifndef PAGECOPY_MEMCPY_FLAGS_H
#define PAGECOPY_MEMCPY_FLAGS_H

#include <stdbool.h>
#include <stddef.h>

/**
 * memcpy_expected() - which loop the kernel's memcpy() should be
 * @release: of the kernel, as uname says
 * @flags:   of /proc/cpuinfo
 * @uml:     User-Mode Linux, which does not patch its code to suit the CPU
 *
 * As the sources of x86-64 have it; what the module reads from the code may
 * differ, and is then right.
 *
 * Return: as memcpy_loop of struct pagecopy_info; NULL for no flags.
 */
const char *memcpy_expected(const char *release, const char *flags, bool uml);

/**
 * memcpy_flags() - the flags that decide, and what they lead to expect
 * @text: "fsrm erms rep_good; expected rep_movsb", or "" where nothing is known
 */
void memcpy_flags(char *text, size_t size);

#endif
