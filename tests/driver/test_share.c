// SPDX-License-Identifier: MIT
/* Two threads, each with a ring, on one open file. */
#include "tests.h"

#include <errno.h>
#include <pthread.h>
#include <sched.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#define ROUNDS	300
/* Two SETUPs at the same time; on one CPU they never are. */
#define SETUPS	100

/**
 * struct sharer - one of the threads
 * @d:	     the file both use
 * @gate:    both wait for the other here
 * @page:    the device page of this thread
 * @failure: what went wrong first, or 0
 * @won:     this thread's SETUP succeeded
 */
struct sharer {
	struct dev *d;
	volatile int *gate;
	unsigned int page;
	int failure;
	bool won;
};

/* Run @fn in two threads; false if that was not possible. */
static bool run_two(struct sharer s[2], void *(*fn)(void *))
{
	pthread_t thread[2];

	if (pthread_create(&thread[0], NULL, fn, &s[0]))
		return false;
	if (pthread_create(&thread[1], NULL, fn, &s[1])) {
		pthread_join(thread[0], NULL);
		return false;
	}
	pthread_join(thread[0], NULL);
	pthread_join(thread[1], NULL);
	return true;
}

/* What was written must come back, whatever the other thread writes. */
static int write_and_read(struct sharer *s, struct io_uring *ring,
			  unsigned char *mem, unsigned int round)
{
	const unsigned int len = 1 + round * 13 % DEV_PAGE;
	struct request w = dev_request(PAGECOPY_OP_WRITE, round % 2,
				       PAGECOPY_S_raw, s->page);
	struct request r = dev_request(PAGECOPY_OP_READ, (round + 1) % 2,
				       PAGECOPY_S_words, s->page);
	uint64_t res2;

	w.arg.addr = dev_addr(mem);
	r.arg.addr = dev_addr(mem + 2 * DEV_PAGE);
	w.arg.len = r.arg.len = len;
	memset(mem, (round << 1 | s->page) & 0xff, len);
	if (dev_submit(ring, s->d->fd, &w, &res2) != (int)len ||
	    dev_submit(ring, s->d->fd, &r, &res2) != (int)len)
		return -EIO;
	return memcmp(mem, mem + 2 * DEV_PAGE, len) ? -EILSEQ : 0;
}

static void *share_file(void *arg)
{
	struct sharer *s = arg;
	struct io_uring ring;
	unsigned char *mem;
	unsigned int i;

	mem = mmap(NULL, DEV_AREA, PROT_READ | PROT_WRITE,
		   MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	s->failure = mem == MAP_FAILED ? -ENOMEM : dev_ring(&ring, 0, mem);
	if (s->failure)
		return NULL;
	for (i = 0; i < ROUNDS && !s->failure; i++)
		s->failure = write_and_read(s, &ring, mem, i);
	io_uring_queue_exit(&ring);
	munmap(mem, DEV_AREA);
	return NULL;
}

static enum tap_result two_rings_one_file(struct dev *d)
{
	struct sharer s[2] = { { .d = d, .page = 0 }, { .d = d, .page = 1 } };

	T_EQ(dev_mode(d, 20, 0), 0);
	T_TRUE(run_two(s, share_file));
	T_EQ(s[0].failure, 0);
	T_EQ(s[1].failure, 0);
	T_EQ(dev_stats(d).commands, 4 * ROUNDS);
	T_EQ(dev_stats(d).copies, 4 * ROUNDS * 20);
	T_EQ(dev_stats(d).errors, 0);
	return TAP_PASS;
}

static void *race_setup(void *arg)
{
	struct sharer *s = arg;
	int ret;

	__atomic_add_fetch(s->gate, 1, __ATOMIC_SEQ_CST);
	while (*s->gate < 2)
		sched_yield();
	ret = dev_setup(s->d, 5, 8);
	s->won = !ret;
	if (ret && ret != -EBUSY)
		s->failure = ret;
	return NULL;
}

static enum tap_result one_setup_wins(struct dev *d)
{
	struct pagecopy_info info = {};
	struct sharer s[2];
	struct dev other;
	unsigned int i;
	int gate;

	for (i = 0; i < SETUPS; i++) {
		memset(s, 0, sizeof(s));
		gate = 0;
		T_EQ(dev_open(&other, 0), 0);
		s[0].d = s[1].d = &other;
		s[0].gate = s[1].gate = &gate;
		T_TRUE(run_two(s, race_setup));
		T_EQ(s[0].failure | s[1].failure, 0);
		T_EQ(s[0].won + s[1].won, 1);
		T_EQ(dev_ioctl(d, PAGECOPY_IOC_INFO, &info), 0);
		T_EQ(info.live_pages, 8 << 5);
		dev_close(&other);
	}
	return TAP_PASS;
}

/* A command in flight holds the file, so closing it is no danger. */
static enum tap_result close_while_queued(struct dev *d)
{
	struct request r = dev_request(PAGECOPY_OP_READ, PAGECOPY_BUF_USER,
				       PAGECOPY_S_raw, 0);
	struct io_uring_cqe *cqe;
	struct dev other;
	unsigned int i;

	(void)d;
	T_EQ(dev_open(&other, 0), 0);
	T_EQ(dev_setup(&other, 0, 1), 0);
	r.arg.addr = dev_addr(other.area);
	r.arg.len = 64;
	r.sqe_flags = IOSQE_ASYNC;
	for (i = 0; i < 32; i++)
		dev_queue(&other.ring, other.fd, &r);
	T_EQ(io_uring_submit(&other.ring), 32);
	T_EQ(close(other.fd), 0);
	for (i = 0; i < 32; i++) {
		T_EQ(dev_wait(&other.ring, &cqe), 0);
		T_EQ(cqe->res, 64);
		io_uring_cqe_seen(&other.ring, cqe);
	}
	io_uring_queue_exit(&other.ring);
	munmap(other.area, DEV_AREA);
	return TAP_PASS;
}

const struct test tests_share[] = {
	TEST("share: two rings on one file", two_rings_one_file),
	TEST("share: one of two SETUPs wins", one_setup_wins, .bare = true),
	TEST("share: close while commands are queued", close_while_queued),
	{ }
};
