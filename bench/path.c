// SPDX-License-Identifier: MIT
#include "path.h"

static const struct path_ops *const paths[PATH_NR] = {
	[PATH_URING] = &path_uring,
	[PATH_IOCTL] = &path_ioctl,
	[PATH_NULL] = &path_null,
	[PATH_NOP] = &path_nop,
	[PATH_USER] = &path_user,
};

const struct path_ops *path_of(unsigned int path)
{
	return paths[path];
}
