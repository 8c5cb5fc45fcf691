// SPDX-License-Identifier: MIT
/* A uring_cmd on /dev/null: what a command costs that a driver answers. */
#include "path.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

static int null_open(struct worker *w)
{
	unsigned int i;
	int fd, ret;

	fd = open("/dev/null", O_RDWR | O_CLOEXEC);
	if (fd < 0)
		return run_fail(w->run, EXIT_FAILED, "/dev/null: %s",
				strerror(errno));
	ret = ring_file(w->r, fd);
	close(fd);
	if (ret)
		return ret;
	for (i = 0; i < w->r->slots; i++) {
		struct io_uring_sqe *sqe = ring_slot(w->r, i);

		sqe->opcode = IORING_OP_URING_CMD;
		sqe->flags = IOSQE_FIXED_FILE;
	}
	w->r->expect = 0;
	return 0;
}

static void null_close(struct worker *w)
{
	ring_file(w->r, -1);
}

const struct path_ops path_null = {
	.desc = "uring_cmd on /dev/null: the cost of a command (Linux 6.1)",
	.open = null_open,
	.once = path_ring_once,
	.slice = path_ring_slice,
	.close = null_close,
};
