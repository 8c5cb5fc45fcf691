/* SPDX-License-Identifier: MIT */
/*
 * The parts of the fuzzer. A batch of commands is made (make.c), its results
 * are predicted (model.c), it is sent through one of several rings (send.c)
 * while two threads interfere (hostile.c), and then results and memory are
 * compared with the prediction (judge.c). world.c holds files, rings, memory.
 */
#ifndef FUZZ_H
#define FUZZ_H

#include "pagecopy/abi.h"

#include <liburing.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define FZ_PAGE		4096UL
#define FZ_BATCH	32
#define FZ_ENTRIES	64
#define FZ_RINGS	16
#define FZ_BUFS		4

#define ARRAY_SIZE(array)	(sizeof(array) / sizeof((array)[0]))

/* Files: small pages, large pages, one without SETUP, one for raced commands. */
enum { FILE_SMALL, FILE_LARGE, FILE_BARE, FILE_RACED, FILE_NR };

/* User memory; inaccessible on either side of each. */
enum {
	SEG_MAIN,	/* what most commands name */
	SEG_RO,		/* may be read only */
	SEG_EDGE,	/* two pages: most ranges leave it */
	SEG_RACED,	/* of the commands that are rewritten */
	SEG_HUGE,	/* in a huge page, if there is one */
	SEG_MOVING,	/* unmapped, remapped and protected meanwhile */
	SEG_RING,	/* memory of a ring that nobody uses */
	SEG_NR
};

/* A space is something with bytes: first the files, then the segments. */
#define SPACE_SEG(seg)	(FILE_NR + (seg))
#define SPACE_NR	SPACE_SEG(SEG_NR)

/**
 * struct fz_space - a file's pages or a segment of user memory
 * @mem:     where it is (segments only)
 * @bytes:   its size; 0 if it does not exist
 * @shadow:  what it should hold; NULL if nobody can know
 * @actual:  what a file holds, read back
 */
struct fz_space {
	unsigned char *mem;
	size_t bytes;
	unsigned char *shadow;
	unsigned char *actual;
};

struct fz_file {
	int fd;
	unsigned int order;
	unsigned int nr_pages;
	size_t page_bytes;
};

/**
 * struct fz_ring - a kind of ring
 * @name:  for a person
 * @flags: IORING_SETUP_*; FZ_BY_IOCTL stands for no ring at all
 * @skip:  commands may ask for no CQE on success; none is then drained
 * @rare:  so slow that it gets fewer commands
 * @here:  the kernel has it
 * @drain: batches for which a drained command may still change the order
 */
struct fz_ring {
	const char *name;
	unsigned int flags;
	bool skip;
	bool rare;
	bool here;
	unsigned int drain;
	struct io_uring ring;
};

#define FZ_BY_IOCTL	(1U << 31)

/* Results as a set, so that a prediction may leave a choice. */
#define WANT_LEN	(1U << 0)
#define WANT_ENOTTY	(1U << 1)
#define WANT_EOPNOTSUPP	(1U << 2)
#define WANT_EINVAL	(1U << 3)
#define WANT_ENXIO	(1U << 4)
#define WANT_E2BIG	(1U << 5)
#define WANT_EFAULT	(1U << 6)
#define WANT_ECANCELED	(1U << 7)
#define WANT_EBADF	(1U << 8)
#define WANT_ENOBUFS	(1U << 9)
#define WANT_ENOMEM	(1U << 10)
#define WANT_BITS	11
#define WANT_OTHER	(1U << 31)

enum fz_kind {
	KIND_MODEL,	/* the result is known beforehand */
	KIND_RACED,	/* its SQE is rewritten meanwhile */
	KIND_MOVING,	/* its memory comes and goes */
	KIND_GARBAGE,	/* a field that is io_uring's is broken */
	KIND_NR
};

struct fz_range {
	unsigned int space;
	uint64_t start;
	uint64_t len;
};

/**
 * struct fz_cmd - one command
 * @kind:    what may be expected
 * @file:    FILE_*
 * @cmd_op to @tail: what the SQE holds
 * @garbage: which field of io_uring's is broken, 0 for none
 * @pair:    a no-op is linked behind, because success has no CQE
 * @other:   second payload of a raced command
 * @other_op: second command word of a raced command
 * @want:    set of results
 * @len:     the result of a success
 * @src:     read by it; length 0 if nothing is
 * @dst:     written by it; length 0 if nothing is
 * @res:     the result
 * @how:     the second word of the CQE, where there is one
 * @done:    its CQE came, or the one of its no-op
 * @cqe:     its CQE came
 */
struct fz_cmd {
	enum fz_kind kind;
	unsigned int file;
	uint32_t cmd_op;
	struct pagecopy_cmd arg;
	uint32_t cmd_flags;
	uint16_t buf_index;
	uint8_t sqe_flags;
	uint8_t tail;
	unsigned int garbage;
	bool pair;
	struct pagecopy_cmd other;
	uint32_t other_op;
	uint32_t want;
	int len;
	struct fz_range src;
	struct fz_range dst;
	int res;
	uint64_t how;
	bool done;
	bool cqe;
};

/**
 * struct fz_world - everything
 * @seed:     of the run
 * @rng:      state of the generator
 * @batch:    number of the batch
 * @commands: sent so far
 * @seen:     results so far, by bit of WANT_*, success of 0 bytes apart
 * @kinds:    commands by kind
 * @by_ring:  commands by ring
 * @by_mode:  commands by completion
 * @ring_seconds: time by ring
 * @mode_seconds: time by completion
 * @mode:     of all files
 * @plain:    io_uring runs every command of this batch where it is submitted
 * @ordered:  they also run one after the other
 * @here:     strategies of this module
 */
struct fz_world {
	uint64_t seed;
	uint64_t rng;
	uint32_t batch;
	uint64_t commands;
	uint64_t seen[WANT_BITS + 1];
	uint64_t kinds[KIND_NR];
	uint64_t by_ring[FZ_RINGS];
	double ring_seconds[FZ_RINGS];
	double mode_seconds[PAGECOPY_COMPLETE_POLL + 1];
	uint64_t by_mode[PAGECOPY_COMPLETE_POLL + 1];
	struct pagecopy_mode mode;
	bool plain;
	bool ordered;
	uint64_t here[4];
	struct fz_file file[FILE_NR];
	struct fz_space space[SPACE_NR];
	struct fz_ring ring[FZ_RINGS];
	unsigned int nr_rings;
	struct io_uring idle;
	struct iovec bufs[FZ_BUFS];
	unsigned int nr_bufs;
	struct fz_cmd cmd[FZ_BATCH];
	unsigned int nr;
};

/* world.c: 0 or negative errno. */
int fz_world_open(struct fz_world *w);
void fz_world_close(struct fz_world *w);
int fz_set_mode(struct fz_world *w, struct pagecopy_mode mode);
uint64_t fz_random(struct fz_world *w);
unsigned int fz_below(struct fz_world *w, unsigned int n);

static inline bool fz_chance(struct fz_world *w, unsigned int one_in)
{
	return !fz_below(w, one_in);
}

/* make.c: fill w->cmd for this ring, in the mode that is set. */
void fz_make(struct fz_world *w, struct fz_ring *r);

/* model.c: predict want, len, src and dst of one command. */
void fz_predict(const struct fz_world *w, const struct fz_ring *r,
		struct fz_cmd *c);
uint32_t fz_result_bit(int res, int len);

/* send.c: send the batch and collect every CQE; false after a report. */
bool fz_send(struct fz_world *w, struct fz_ring *r);

/* judge.c: compare results and memory; false after a report. */
bool fz_judge(struct fz_world *w, const struct fz_ring *r);
bool fz_idle_is_clean(const struct fz_world *w);
void fz_print_cmd(const struct fz_world *w, unsigned int i);
void fz_print_batch(const struct fz_world *w, const struct fz_ring *r);

/* hostile.c: the threads that interfere. */
int fz_hostile_start(struct fz_world *w);
void fz_hostile_stop(void);
void fz_hot_add(struct io_uring_sqe *sqe, const struct fz_cmd *c);
void fz_hot_clear(void);

#endif /* FUZZ_H */
