/* SPDX-License-Identifier: MIT */
#ifndef PAGECOPY_PROGRESS_H
#define PAGECOPY_PROGRESS_H

#include <stdbool.h>
#include <stdint.h>

/**
 * struct progress - how far the run is, on standard error
 * @tty:    one line, rewritten; otherwise a line now and then
 * @total:  cells in all rounds
 * @rounds: in all
 * @round:  of the last line written
 * @start:  of the run, in ns
 * @last:   line written, in ns
 */
struct progress {
	bool tty;
	uint64_t total;
	uint64_t rounds;
	uint64_t round;
	uint64_t start;
	uint64_t last;
};

void progress_start(struct progress *p, uint64_t cells, uint64_t rounds);

/** progress_step() - @done cells are finished, the next is of @round */
void progress_step(struct progress *p, uint64_t done, uint64_t round);

/** progress_end() - leave the line */
void progress_end(struct progress *p, uint64_t done);

#endif
