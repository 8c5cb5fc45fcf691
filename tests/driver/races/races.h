/* SPDX-License-Identifier: MIT */
/* Two threads that race in the module, and what KCSAN says of it. */
#ifndef RACES_H
#define RACES_H

#include "pagecopy/abi.h"

#include <pthread.h>
#include <stdbool.h>

/**
 * struct race_log - the end of the kernel log
 * @fd:	     /dev/kmsg
 * @reports: data races with the module in their title since races_start()
 * @title:   the first of them
 */
struct race_log {
	int fd;
	unsigned int reports;
	char title[256];
};

/**
 * struct racer - what one thread does, again and again
 * @name:   its strategy; NULL for user space writing to the other's buffer
 * @cmd_op: the command word
 * @op:	    PAGECOPY_OP_WRITE or READ, of the page
 * @offset: in the page
 * @own:    in the buffer
 * @len:    bytes
 */
struct racer {
	const char *name;
	unsigned int cmd_op;
	unsigned int op;
	unsigned int offset;
	unsigned int own;
	unsigned int len;
};

/* One of the two threads. */
struct race_thread {
	struct races *races;
	struct racer racer;
	unsigned char *mem;
	unsigned long long copies;
	unsigned int cpu;
	pthread_t id;
};

/**
 * struct races - the device, the threads and the log
 * @fd:	     the device, one page set up
 * @log:     read by races_read_log()
 * @thread:  on CPUs 0 and 1
 * @stop:    both threads end
 * @failure: errno of a command, positive, or 0
 */
struct races {
	int fd;
	struct race_log log;
	struct race_thread thread[2];
	bool stop;
	int failure;
};

/* NULL, or why nothing can be tested here. */
const char *races_open(struct races *r);

/* Begin a race, with an empty log; false if there is no thread to be had. */
bool races_start(struct races *r, const struct racer *a,
		 const struct racer *b);
void races_stop(struct races *r);

/* What the slower of the threads has done so far. */
unsigned long long races_copies(const struct races *r);

/* Count what the log has got since the last time. */
void races_read_log(struct race_log *log);

/* Does the title of the report name the copy of this strategy? */
bool races_named(const struct race_log *log, const char *strategy);

#endif /* RACES_H */
