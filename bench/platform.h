/* SPDX-License-Identifier: MIT */
#ifndef PAGECOPY_PLATFORM_H
#define PAGECOPY_PLATFORM_H

#include <stdbool.h>

/**
 * platform_detect() - where are we?
 * @platform: PLATFORM_AUTO is replaced by what is found
 * @emulated: the CPU is not a real one
 */
void platform_detect(unsigned int *platform, bool *emulated);

#endif
