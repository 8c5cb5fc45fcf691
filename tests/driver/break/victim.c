// SPDX-License-Identifier: MIT
#include "break.h"
#include "victim.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>

#define ORDER		4
#define LEN		(DEV_PAGE << ORDER)
#define ENTRIES		16
#define COMMAND_US	800

/* Exit statuses of a victim that has something to complain about. */
enum { BAD_SETUP = 10, BAD_RESULT, BAD_LOST, BAD_EXEC };

const char *const event_names[EVENT_NR] = {
	"kill", "exit", "exec", "fork", "close-ring", "close-device",
	"thread-exit",
};

static const struct kind {
	const char *name;
	unsigned int flags;
} kinds[] = {
	{ "plain", 0 },
	{ "coop", IORING_SETUP_COOP_TASKRUN },
	{ "defer", DEFER },
	{ "sqpoll", IORING_SETUP_SQPOLL },
	{ "cqe32", IORING_SETUP_CQE32 },
	/* For completion poll, from here on. */
	{ "iopoll", IORING_SETUP_IOPOLL },
	{ "iopoll,defer", IORING_SETUP_IOPOLL | DEFER },
};

#define KIND_IOPOLL	5

/* What a victim works with; one per process. */
static struct {
	const struct victim *v;
	struct shared *shared;
	struct io_uring ring;
	unsigned char *mem;
	int fd;
	uint32_t reaped;
	uint64_t state;
	volatile bool stop;
} me;

const char *victim_ring_name(const struct victim *v)
{
	return kinds[v->ring].name;
}

bool victim_calibrate(struct victim *v)
{
	struct pagecopy_run run = {
		.cmd_op = PAGECOPY_CMD_OP(PAGECOPY_OP_READ, PAGECOPY_BUF_KERNEL,
					  PAGECOPY_S_bytes, 0),
		.arg = { .addr = 1, .len = LEN },
	};
	int fd = open(PAGECOPY_DEV_PATH, O_RDWR | O_CLOEXEC);
	double start, us;

	if (fd < 0 || set_up(fd, ORDER, 2) || set_mode(fd, 0, 16) ||
	    ioctl(fd, PAGECOPY_IOC_RUN, &run) != LEN)
		return false;
	start = seconds_now();
	ioctl(fd, PAGECOPY_IOC_RUN, &run);
	us = (seconds_now() - start) * 1e6 / 16;
	close(fd);
	v->repeat = us < COMMAND_US ? COMMAND_US / us : 1;
	tap_note("commands repeat %u times", v->repeat);
	return true;
}

/* What cannot be, or has nothing in flight, is not chosen. */
static bool makes_sense(const struct victim *v)
{
	const bool iopoll = v->ring >= KIND_IOPOLL;

	if (iopoll != (v->completion == PAGECOPY_COMPLETE_POLL))
		return false;
	/* Such a ring belongs to its submitter, dead or alive. */
	if (v->event == EVENT_THREAD && kinds[v->ring].flags & DEFER)
		return false;
	return true;
}

void victim_choose(struct victim *v)
{
	v->seed = v->state;
	do {
		v->event = random_below(&v->state, EVENT_NR);
		v->completion = random_below(&v->state, MODES);
		v->ring = random_below(&v->state, ARRAY_SIZE(kinds));
	} while (!makes_sense(v));
	v->commands = 1 + random_below(&v->state, ENTRIES);
	v->delay_us = random_below(&v->state, 3000 * slowness());
	random_next(&v->state);
}

static void count_completed(void)
{
	me.shared->completed = *me.ring.cq.ktail;
}

static void note_busy(void)
{
	count_completed();
	me.shared->busy = me.shared->inside ||
			  me.shared->submitted != me.shared->completed;
}

static void put_command(void)
{
	struct io_uring_sqe *sqe = io_uring_get_sqe(&me.ring);
	const unsigned int op = 1 + random_below(&me.state, 2);
	unsigned int buffer = random_below(&me.state, 4), strategy;
	struct pagecopy_cmd arg = {
		.addr = (uintptr_t)me.mem,
		.len = LEN - random_below(&me.state, 5000),
	};

	if (!sqe)
		return;
	if (buffer == PAGECOPY_BUF_COPY &&
	    me.v->completion == PAGECOPY_COMPLETE_WORK)
		buffer = PAGECOPY_BUF_USER;
	if (buffer == PAGECOPY_BUF_KERNEL)
		arg.addr = 1;
	strategy = buffer == PAGECOPY_BUF_COPY ? 0 : PAGECOPY_S_bytes;
	io_uring_prep_nop(sqe);
	sqe->opcode = IORING_OP_URING_CMD;
	sqe->fd = me.fd;
	sqe->cmd_op = PAGECOPY_CMD_OP(op, buffer, strategy, 0);
	sqe->uring_cmd_flags = buffer == PAGECOPY_BUF_FIXED ?
			       IORING_URING_CMD_FIXED : 0;
	sqe->user_data = arg.len;
	*(struct pagecopy_cmd *)sqe->cmd = arg;
}

/* Results a command may have at any time, or because of what happens. */
static bool may_be(const struct io_uring_cqe *cqe)
{
	switch (cqe->res) {
	case -EBADF:
		return me.v->event == EVENT_CLOSE_DEV;
	case -ECANCELED:
	case -EINTR:
		return me.v->event != EVENT_CLOSE_DEV;
	}
	return cqe->res == (int)cqe->user_data;
}

static void take_cqes(void)
{
	struct io_uring_cqe *cqe;

	count_completed();
	while (!io_uring_peek_cqe(&me.ring, &cqe)) {
		if (!may_be(cqe)) {
			tap_note("a command ended with %d", cqe->res);
			fflush(stdout);
			_exit(BAD_RESULT);
		}
		io_uring_cqe_seen(&me.ring, cqe);
		me.reaped++;
	}
}

/* Enter the ring, and say so. */
static int enter(unsigned int wait)
{
	int ret;

	me.shared->inside = true;
	me.shared->ready = true;
	ret = io_uring_submit_and_wait(&me.ring, wait);
	me.shared->inside = false;
	if (ret >= 0)
		me.shared->submitted = me.ring.sq.sqe_tail;
	count_completed();
	return ret;
}

static unsigned int in_flight(void)
{
	return me.shared->submitted - me.reaped;
}

/* Keep commands in flight until told to stop, or until the ring is gone. */
static void *submitter(void *arg)
{
	unsigned int i;

	(void)arg;
	while (!me.stop) {
		for (i = in_flight(); i < me.v->commands; i++)
			put_command();
		if (enter(0) < 0)
			return NULL;
		take_cqes();
		if (in_flight() && enter(1) < 0)
			return NULL;
		take_cqes();
	}
	return NULL;
}

/* One round without waiting, then the thread is gone. */
static void *leaver(void *arg)
{
	unsigned int i;

	(void)arg;
	for (i = 0; i < me.v->commands; i++)
		put_command();
	enter(0);
	note_busy();
	return NULL;
}

/* Everything submitted must complete, whoever is gone. */
static void reap_all(void)
{
	struct __kernel_timespec second = { .tv_sec = 1 };
	const double end = seconds_now() + 20;
	struct io_uring_cqe *cqe;

	for (;;) {
		take_cqes();
		if (!in_flight())
			return;
		if (seconds_now() > end)
			_exit(BAD_LOST);
		if (kinds[me.v->ring].flags & IORING_SETUP_IOPOLL)
			io_uring_submit_and_wait(&me.ring, 1);
		else
			io_uring_wait_cqe_timeout(&me.ring, &cqe, &second);
	}
}

/* The child of a victim uses what it inherited, and lives on for a while. */
static void orphan(void)
{
	struct pagecopy_stats stats;

	ioctl(me.fd, PAGECOPY_IOC_STATS, &stats);
	if (!kinds[me.v->ring].flags) {
		put_command();
		io_uring_submit(&me.ring);
	}
	linger_us(me.v->delay_us / 2);
	_exit(0);
}

static void happen(void)
{
	char *const argv[] = { (char *)"driver-break", (char *)"--nothing",
			       NULL };

	note_busy();
	switch (me.v->event) {
	case EVENT_EXEC:
		execv("/proc/self/exe", argv);
		_exit(BAD_EXEC);
	case EVENT_FORK:
		if (!fork())
			orphan();
		break;
	case EVENT_CLOSE_RING:
		close(me.ring.ring_fd);
		linger_us(me.v->delay_us / 4);
		break;
	case EVENT_CLOSE_DEV:
		close(me.fd);
		break;
	default:
		break;
	}
}

static void open_everything(void)
{
	const bool keep = random_below(&me.state, 2);
	struct iovec iov = { .iov_len = 2 * LEN };
	struct io_uring_params p = {
		.flags = kinds[me.v->ring].flags,
		.sq_thread_idle = 2,
	};

	if (!keep)
		p.flags |= IORING_SETUP_CLAMP;
	me.fd = open(PAGECOPY_DEV_PATH, O_RDWR | (keep ? 0 : O_CLOEXEC));
	me.mem = mmap(NULL, 2 * LEN, PROT_READ | PROT_WRITE,
		      MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	iov.iov_base = me.mem;
	if (me.fd < 0 || me.mem == MAP_FAILED || set_up(me.fd, ORDER, 3) ||
	    set_mode(me.fd, me.v->completion, me.v->repeat))
		_exit(BAD_SETUP);
	if (io_uring_queue_init_params(ENTRIES, &me.ring, &p))
		_exit(BAD_SETUP);
	if (io_uring_register_buffers(&me.ring, &iov, 1))
		_exit(BAD_SETUP);
}

static void *event_thread(void *arg)
{
	(void)arg;
	while (!me.shared->ready)
		linger_us(10);
	linger_us(me.v->delay_us);
	happen();
	if (me.v->event == EVENT_CLOSE_DEV)
		me.stop = true;
	else if (me.v->event != EVENT_KILL)
		_exit(0);
	return NULL;
}

void victim_run(const struct victim *v)
{
	pthread_t other;

	me.v = v;
	me.shared = v->shared;
	me.state = v->seed;
	open_everything();
	if (v->event == EVENT_THREAD) {
		if (pthread_create(&other, NULL, leaver, NULL))
			_exit(BAD_SETUP);
		pthread_join(other, NULL);
		reap_all();
		_exit(0);
	}
	if (v->event == EVENT_KILL) {
		submitter(NULL);
		_exit(0);
	}
	if (pthread_create(&other, NULL, event_thread, NULL))
		_exit(BAD_SETUP);
	/* This thread made the ring, so it may submit to one for it alone. */
	submitter(NULL);
	if (v->event == EVENT_CLOSE_DEV) {
		pthread_join(other, NULL);
		reap_all();
		_exit(0);
	}
	pause();
	_exit(0);
}
