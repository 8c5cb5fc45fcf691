/* SPDX-License-Identifier: MIT */
#ifndef PAGECOPY_OPTIONS_TABLE_H
#define PAGECOPY_OPTIONS_TABLE_H

#include "options.h"
#include "opts.h"

#define FIELD(f)	offsetof(struct options, f)

/* The options of `pagecopy run`. */
extern const struct opts run_opts;

#endif
