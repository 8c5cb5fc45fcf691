// SPDX-License-Identifier: MIT
/*
 * bare-ring - the fastest loop of empty io_uring operations known here
 *
 * No cells, no histogram, no stamps: one ring, one kind of operation, always
 * the whole depth submitted and waited for in one system call. The SQEs never
 * change, so they are filled once; per batch only the tail of the submission
 * ring and the head of the completion ring move. It is what the loop of
 * pagecopy is compared with.
 */
#include <argp.h>
#include <errno.h>
#include <fcntl.h>
#include <liburing.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#define EXIT_USAGE	2
#define EXIT_SKIP	77
#define DEPTH_MAX	4096
/* Operations between two looks at the clock. */
#define CLOCK_EVERY	4096

struct bare {
	struct io_uring ring;
	int enter_fd;
	unsigned int enter_flags;
	int null_fd;
	bool null_op;
	unsigned int depth;
	double seconds;
};

static double now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec + t.tv_nsec * 1e-9;
}

/* Every slot holds the same operation for good. */
static void fill(struct bare *b)
{
	struct io_uring_sq *sq = &b->ring.sq;
	const unsigned int entries = *sq->kring_entries;
	struct io_uring_sqe *sqe;
	unsigned int i;

	for (i = 0; i < entries; i++) {
		sqe = &sq->sqes[i];
		memset(sqe, 0, sizeof(*sqe));
		sqe->opcode = IORING_OP_NOP;
		if (b->null_op) {
			sqe->opcode = IORING_OP_URING_CMD;
			sqe->flags = IOSQE_FIXED_FILE;
		}
		sq->array[i] = i;
	}
}

/* Index 0 of the file table is /dev/null; the ring itself is registered too. */
static int register_files(struct bare *b)
{
	int ret;

	if (b->null_op) {
		b->null_fd = open("/dev/null", O_RDWR | O_CLOEXEC);
		if (b->null_fd < 0)
			return -errno;
		ret = io_uring_register_files(&b->ring, &b->null_fd, 1);
		if (ret)
			return ret;
	}
	ret = io_uring_register_ring_fd(&b->ring);
	if (ret != 1)
		return ret < 0 ? ret : -EINVAL;
	b->enter_fd = b->ring.enter_ring_fd;
	b->enter_flags = IORING_ENTER_GETEVENTS | IORING_ENTER_REGISTERED_RING;
	return 0;
}

static int setup(struct bare *b)
{
	struct io_uring_params p = {
		.flags = IORING_SETUP_SINGLE_ISSUER |
			 IORING_SETUP_DEFER_TASKRUN,
	};
	int ret;

	b->null_fd = -1;
	ret = io_uring_queue_init_params(b->depth, &b->ring, &p);
	if (ret)
		return ret;
	ret = register_files(b);
	if (ret)
		goto out_exit;
	fill(b);
	return 0;

out_exit:
	io_uring_queue_exit(&b->ring);
	if (b->null_fd >= 0)
		close(b->null_fd);
	return ret;
}

static void teardown(struct bare *b)
{
	io_uring_queue_exit(&b->ring);
	if (b->null_fd >= 0)
		close(b->null_fd);
}

/* The first error among @nr completions, all of which are then consumed. */
static int reap(struct io_uring_cq *cq, unsigned int nr, unsigned int mask)
{
	const unsigned int head = *cq->khead;
	unsigned int i;
	int ret = 0;

	for (i = 0; i < nr; i++) {
		const int res = cq->cqes[(head + i) & mask].res;

		if (res < 0 && !ret)
			ret = res;
	}
	io_uring_smp_store_release(cq->khead, head + nr);
	return ret;
}

/* One batch: the whole depth, in one system call. */
static int turn(struct bare *b, unsigned int mask)
{
	struct io_uring_sq *sq = &b->ring.sq;
	struct io_uring_cq *cq = &b->ring.cq;
	unsigned int done;
	long ret;

	io_uring_smp_store_release(sq->ktail, *sq->ktail + b->depth);
	ret = syscall(__NR_io_uring_enter, b->enter_fd, b->depth, b->depth,
		      b->enter_flags, NULL, 0);
	if (ret < 0)
		return -errno;
	done = io_uring_smp_load_acquire(cq->ktail) - *cq->khead;
	if (ret != b->depth || done != b->depth)
		return -EIO;
	return reap(cq, done, mask);
}

static int run(struct bare *b, unsigned long long *ops, double *seconds)
{
	const unsigned int mask = *b->ring.cq.kring_mask;
	const unsigned int turns = (CLOCK_EVERY + b->depth - 1) / b->depth;
	const double start = now(), end = start + b->seconds;
	unsigned int i;
	double t;
	int ret;

	*ops = 0;
	do {
		for (i = 0; i < turns; i++) {
			ret = turn(b, mask);
			if (ret)
				return ret;
		}
		*ops += (unsigned long long)turns * b->depth;
		t = now();
	} while (t < end);
	*seconds = t - start;
	return 0;
}

static bool parse_double(const char *arg, double max, double *value)
{
	char *end;

	errno = 0;
	*value = strtod(arg, &end);
	return end != arg && !*end && !errno && *value > 0 && *value <= max;
}

static error_t parse(int key, char *arg, struct argp_state *state)
{
	struct bare *b = state->input;
	double value;

	switch (key) {
	case 'o':
		b->null_op = !strcmp(arg, "null");
		if (!b->null_op && strcmp(arg, "nop"))
			argp_error(state, "--op %s: nop or null", arg);
		return 0;
	case 'd':
		if (!parse_double(arg, DEPTH_MAX, &value) ||
		    value != (unsigned int)value)
			argp_error(state, "--depth %s: 1 to %d", arg,
				   DEPTH_MAX);
		b->depth = value;
		return 0;
	case 's':
		if (!parse_double(arg, 3600, &b->seconds))
			argp_error(state, "--seconds %s: up to 3600", arg);
		return 0;
	case ARGP_KEY_ARG:
		argp_error(state, "%s: takes no arguments", arg);
		return 0;
	}
	return ARGP_ERR_UNKNOWN;
}

int main(int argc, char **argv)
{
	static const struct argp_option options[] = {
		{ "op", 'o', "OP", 0, "nop (default) or null", 0 },
		{ "depth", 'd', "N", 0, "operations per batch (1)", 0 },
		{ "seconds", 's', "S", 0, "how long (1)", 0 },
		{ 0 },
	};
	static const struct argp argp = {
		.options = options,
		.parser = parse,
		.doc = "The fastest loop of empty io_uring operations.",
	};
	struct bare b = { .depth = 1, .seconds = 1 };
	unsigned long long ops;
	double seconds;
	int ret;

	argp_err_exit_status = EXIT_USAGE;
	argp_parse(&argp, argc, argv, 0, NULL, &b);
	ret = setup(&b);
	if (ret) {
		fprintf(stderr, "bare-ring: no such ring here: %s\n",
			strerror(-ret));
		return EXIT_SKIP;
	}
	ret = run(&b, &ops, &seconds);
	teardown(&b);
	if (ret) {
		fprintf(stderr, "bare-ring: %s\n", strerror(-ret));
		return EXIT_FAILURE;
	}
	printf("op=%s depth=%u ops=%llu seconds=%.6f ops_per_s=%.0f\n",
	       b.null_op ? "null" : "nop", b.depth, ops, seconds,
	       ops / seconds);
	return EXIT_SUCCESS;
}
