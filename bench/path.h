/* SPDX-License-Identifier: MIT */
#ifndef PAGECOPY_PATH_H
#define PAGECOPY_PATH_H

#include "run.h"

/**
 * struct path_ops - how a copy is asked for
 * @desc:   one line for a person
 * @open:   get what the cells of one place need, for one thread. Thread 0 has
 *	    done it before the others begin. Required.
 * @aim:    what follows is for run->cell, the first or another one of the place
 *	    (see cell_same_place()). As @open. Optional.
 * @once:   run commands @first to @first + @nr - 1 once. Required.
 * @slice:  keep the cell busy for a slice. Required.
 * @stats:  what the module counted for the thread's file since @open. Optional.
 * @kernel: measure the time inside the kernel, into run->now. Optional.
 * @close:  undo @open, also one that failed half way. Required.
 *
 * All but @close return 0 or -errno; -ECANCELED when run_fail() has the reason.
 */
struct path_ops {
	const char *desc;
	int (*open)(struct worker *w);
	int (*aim)(struct worker *w);
	int (*once)(struct worker *w, unsigned int first, unsigned int nr,
		    struct outcome *bad);
	int (*slice)(struct worker *w, struct slice *s);
	int (*stats)(struct worker *w, struct pagecopy_stats *stats);
	int (*kernel)(struct run *run);
	void (*close)(struct worker *w);
};

extern const struct path_ops path_uring;
extern const struct path_ops path_ioctl;
extern const struct path_ops path_null;
extern const struct path_ops path_nop;
extern const struct path_ops path_user;

/** path_of() - by enum path_nr */
const struct path_ops *path_of(unsigned int path);

/* What the paths over a ring share; defined in path_nop.c. */
int path_ring_once(struct worker *w, unsigned int first, unsigned int nr,
		   struct outcome *bad);
int path_ring_slice(struct worker *w, struct slice *s);

/** kernel_time() - the @kernel of the paths to the module */
int kernel_time(struct run *run);

/** kernel_time_finish() - what its turns gave, into run->row */
void kernel_time_finish(struct run *run);

/** kernel_time_close() - let go of the pages that kernel_time() keeps */
void kernel_time_close(struct run *run);

/** uring_fill() - write the SQE of a command; arguments as for device_cmd() */
void uring_fill(const struct run *run, struct io_uring_sqe *sqe, uint32_t page,
		uint32_t i, uint32_t slot);

#endif
