// SPDX-License-Identifier: MIT
#include "dev.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/ioctl.h>

static int call(int fd, unsigned long request, void *arg)
{
	return ioctl(fd, request, arg) < 0 ? -errno : 0;
}

int dev_open(const char *path)
{
	int fd = open(path, O_RDWR | O_CLOEXEC);

	return fd < 0 ? -errno : fd;
}

int dev_info(int fd, struct pagecopy_info *info)
{
	return call(fd, PAGECOPY_IOC_INFO, info);
}

int dev_why(int fd, struct pagecopy_why *why)
{
	return call(fd, PAGECOPY_IOC_WHY, why);
}

int dev_setup(int fd, unsigned int order, unsigned int nr_pages)
{
	struct pagecopy_setup setup = {
		.order = order,
		.nr_pages = nr_pages,
	};

	return call(fd, PAGECOPY_IOC_SETUP, &setup);
}

int dev_stats(int fd, struct pagecopy_stats *stats)
{
	return call(fd, PAGECOPY_IOC_STATS, stats);
}

int dev_mode(int fd, unsigned int repeat, unsigned int completion,
	     unsigned int flags)
{
	struct pagecopy_mode mode = {
		.repeat = repeat,
		.completion = (__u8)completion,
		.flags = (__u8)flags,
	};

	return call(fd, PAGECOPY_IOC_MODE, &mode);
}

int dev_run(int fd, struct pagecopy_run *run)
{
	int ret = ioctl(fd, PAGECOPY_IOC_RUN, run);

	return ret < 0 ? -errno : ret;
}
