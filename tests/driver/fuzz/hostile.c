// SPDX-License-Identifier: MIT
/*
 * What an attacker does meanwhile: rewrites SQEs that were submitted, so that
 * what is checked may not be what is used, and takes memory away from under
 * commands and gives it back.
 */
#include "fuzz.h"

#include <errno.h>
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

/* Between two looks at whether there still is something to do. */
#define BURST	64

struct hot {
	struct io_uring_sqe *sqe;
	struct pagecopy_cmd arg[2];
	uint32_t op[2];
};

static struct {
	pthread_mutex_t lock;
	struct hot hot[FZ_BATCH];
	unsigned int nr;
	atomic_bool stop;
	struct fz_space moving;
	pthread_t thread[2];
} hostile = { .lock = PTHREAD_MUTEX_INITIALIZER };

void fz_hot_add(struct io_uring_sqe *sqe, const struct fz_cmd *c)
{
	const struct hot hot = {
		sqe, { c->arg, c->other }, { c->cmd_op, c->other_op },
	};

	pthread_mutex_lock(&hostile.lock);
	hostile.hot[hostile.nr++] = hot;
	pthread_mutex_unlock(&hostile.lock);
}

void fz_hot_clear(void)
{
	pthread_mutex_lock(&hostile.lock);
	hostile.nr = 0;
	pthread_mutex_unlock(&hostile.lock);
}

/* Each field by itself, so that every mixture of the two is seen. */
static void rewrite(const struct hot *hot, unsigned int bits)
{
	struct pagecopy_cmd *arg = (struct pagecopy_cmd *)hot->sqe->cmd;

	__atomic_store_n(&arg->len, hot->arg[bits & 1].len, __ATOMIC_RELAXED);
	__atomic_store_n(&arg->offset, hot->arg[bits >> 1 & 1].offset,
			 __ATOMIC_RELAXED);
	__atomic_store_n(&arg->addr, hot->arg[bits >> 2 & 1].addr,
			 __ATOMIC_RELAXED);
	__atomic_store_n(&hot->sqe->cmd_op, hot->op[bits >> 3 & 1],
			 __ATOMIC_RELAXED);
}

static void *rewriter(void *arg)
{
	unsigned int i, n, bits = 0, idle = 0;

	(void)arg;
	while (!hostile.stop) {
		pthread_mutex_lock(&hostile.lock);
		n = hostile.nr;
		for (i = 0; n && i < BURST; i++)
			rewrite(&hostile.hot[i % n], bits += 7);
		pthread_mutex_unlock(&hostile.lock);
		idle = n ? 0 : idle + 1;
		if (idle > 100)
			usleep(50);
		else
			sched_yield();
	}
	return NULL;
}

static void move_once(unsigned int round)
{
	const int rw = PROT_READ | PROT_WRITE;
	unsigned char *p = hostile.moving.mem + round % 3 * 4 * FZ_PAGE;
	const size_t len = 4 * FZ_PAGE;

	switch (round % 4) {
	case 0:
		munmap(p, len);
		break;
	case 1:
		mprotect(p, len, PROT_READ);
		break;
	case 2:
		madvise(p, len, MADV_DONTNEED);
		break;
	case 3:
		mprotect(p, len, PROT_NONE);
		break;
	}
	usleep(30);
	/* Back again; whoever took the place in between keeps it. */
	if (mmap(p, len, rw, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED_NOREPLACE,
		 -1, 0) == MAP_FAILED)
		mprotect(p, len, rw);
}

static void *mover(void *arg)
{
	unsigned int round = 0;

	(void)arg;
	while (!hostile.stop) {
		move_once(round++);
		usleep(50);
	}
	return NULL;
}

int fz_hostile_start(struct fz_world *w)
{
	int ret;

	hostile.moving = w->space[SPACE_SEG(SEG_MOVING)];
	ret = pthread_create(&hostile.thread[0], NULL, rewriter, NULL);
	if (ret)
		return -ret;
	return -pthread_create(&hostile.thread[1], NULL, mover, NULL);
}

void fz_hostile_stop(void)
{
	hostile.stop = true;
	pthread_join(hostile.thread[0], NULL);
	pthread_join(hostile.thread[1], NULL);
}
