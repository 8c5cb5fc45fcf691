/* SPDX-License-Identifier: MIT */
#ifndef PAGECOPY_DEV_H
#define PAGECOPY_DEV_H

#include "pagecopy/abi.h"

/* An open file of the module. All return 0, a descriptor or -errno. */
int dev_open(const char *path);
int dev_info(int fd, struct pagecopy_info *info);

/** dev_why() - why strategy @why->nr does not work there */
int dev_why(int fd, struct pagecopy_why *why);

int dev_setup(int fd, unsigned int order, unsigned int nr_pages);
int dev_stats(int fd, struct pagecopy_stats *stats);

/** dev_mode() - as struct pagecopy_mode says */
int dev_mode(int fd, unsigned int repeat, unsigned int completion,
	     unsigned int flags);

/** dev_run() - one command; its result, or -errno */
int dev_run(int fd, struct pagecopy_run *run);

#endif
