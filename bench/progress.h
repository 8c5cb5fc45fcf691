/* SPDX-License-Identifier: MIT */
#ifndef PAGECOPY_PROGRESS_H
#define PAGECOPY_PROGRESS_H

#include <stdbool.h>
#include <stdint.h>

/**
 * struct progress - how far the run is, on standard error
 * @tty:    one line, rewritten; otherwise a line now and then
 * @cells:  in a round
 * @rounds: of each cell, at most
 * @slice:  time of a cell in a round, in ns
 * @total:  rows, as far as is known
 * @done:   of them
 * @was:    of them, done before this run began
 * @round:  of the last line written
 * @start:  of the run, in ns
 * @last:   line written, in ns
 */
struct progress {
	bool tty;
	uint64_t cells;
	uint64_t rounds;
	uint64_t slice;
	uint64_t total;
	uint64_t done;
	uint64_t was;
	uint64_t round;
	uint64_t start;
	uint64_t last;
};

void progress_start(struct progress *p, uint64_t cells, uint64_t rounds,
		    uint64_t slice_ms);

/** progress_step() - the next cells are of @round */
void progress_step(struct progress *p, uint64_t round);

/** progress_did() - @nr cells of @round are finished, for good if @over */
void progress_did(struct progress *p, unsigned int nr, uint64_t round,
		  bool over);

/** progress_was() - the next @nr cells were finished before */
void progress_was(struct progress *p, unsigned int nr);

/** progress_spent() - ns since the start */
uint64_t progress_spent(const struct progress *p);

/** progress_end() - leave the line */
void progress_end(struct progress *p);

#endif
