/* SPDX-License-Identifier: MIT */
#ifndef PAGECOPY_REASONS_H
#define PAGECOPY_REASONS_H

#include "pagecopy/abi.h"

/* By strategy number: why the module does not have it; empty if it does. */
typedef char reasons[PAGECOPY_S_MAX][sizeof(((struct pagecopy_why *)0)->why)];

/** reasons_read() - ask the module; @info is its own */
void reasons_read(reasons why, int fd, const struct pagecopy_info *info);

#endif
