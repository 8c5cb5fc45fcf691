/* SPDX-License-Identifier: MIT */
/*
 * perf counts or samples while a slice lasts, and at no other time: perf takes
 * `enable` and `disable` from a fifo and acknowledges each in another one
 * (perf record --delay=-1 --control fifo:CTL,ACK).
 */
#ifndef PAGECOPY_PERF_CONTROL_H
#define PAGECOPY_PERF_CONTROL_H

#include <stdbool.h>

/* How long perf may take to acknowledge. */
#define PERF_CONTROL_MS	10000

/**
 * struct perf_control - the two fifos; all zero without perf
 * @open:       there is one to talk to
 * @ctl:        takes the commands
 * @ack:        has the answers; -1 where perf gives none
 * @timeout_ms: how long to wait for one
 * @error:      why it failed, once it has; nothing is sent from then on
 */
struct perf_control {
	bool open;
	int ctl;
	int ack;
	int timeout_ms;
	char error[200];
};

/**
 * perf_control_open() - find perf at the other end, and have it disabled
 * @c:    filled in, also when it fails
 * @arg:  FIFO[,ACK], as in perf's --control; terminals do as well
 * @timeout_ms: how long to wait for an answer: PERF_CONTROL_MS
 *
 * From then on the process ignores SIGPIPE: perf may end before it does.
 *
 * Return: 0 or -errno, with the reason in @c->error.
 */
int perf_control_open(struct perf_control *c, const char *arg,
		      int timeout_ms);

/**
 * perf_control_on() - events count from now on; off: no longer
 *
 * They return when perf has said that it is so, where it says so. Without one,
 * and after an error, they do nothing.
 */
void perf_control_on(struct perf_control *c);
void perf_control_off(struct perf_control *c);

void perf_control_close(struct perf_control *c);

#endif
