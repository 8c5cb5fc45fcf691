// SPDX-License-Identifier: GPL-2.0-only
/* A strategy over mapped memory, several times. */
#include "internal.h"

#include <linux/cacheflush.h>
#include <linux/highmem.h>
#include <linux/sched.h>
#include <linux/sched/signal.h>
#include <linux/uaccess.h>

/* Between two looks at the scheduler and the signals of the task. */
#define PC_BATCH_BYTES	(128U << 10)
#define PC_BATCH_COPIES	1024U

typedef void pc_loop_fn(void *dst, const void *src, size_t len,
			unsigned int nr);

/*
 * A loop per strategy, so that the call inside it is a direct one: an indirect
 * call costs as much as a small copy where speculation is mitigated.
 */
#define STRATEGY(nr, where, name, ...)					\
static void __maybe_unused pc_loop_##name(void *dst, const void *src,	\
					  size_t len, unsigned int n)	\
{									\
	while (n--)							\
		pagecopy_copy_##name(dst, src, len);			\
}
#include "pagecopy/strategies.def"
#undef STRATEGY

static pc_loop_fn *const pc_loops[PAGECOPY_S_MAX] = {
#define STRATEGY(nr, where, name, ...) \
	[nr] = PAGECOPY_HERE_##where(pc_loop_##name),
#include "pagecopy/strategies.def"
#undef STRATEGY
};

static void pc_loop(const struct pc_copy *copy, pc_loop_fn *loop, u32 done,
		    void *mem, size_t len, unsigned int nr)
{
	void *dev = copy->dev + done;

	if (copy->to_dev)
		loop(dev, mem, len, nr);
	else
		loop(mem, dev, len, nr);
}

/* One page of user memory, @nr times. */
static void pc_copy_segment(const struct pc_copy *copy, pc_loop_fn *loop,
			    u32 done, struct bio_vec seg, unsigned int nr)
{
	void *mem = kmap_local_page(seg.bv_page);

	pc_loop(copy, loop, done, mem + seg.bv_offset, seg.bv_len, nr);
	if (!copy->to_dev)
		flush_dcache_page(seg.bv_page);
	kunmap_local(mem);
}

/* User memory page by page, as a driver has to. */
static void pc_copy_segments(const struct pc_copy *copy, pc_loop_fn *loop)
{
	const struct pc_buffer *buf = copy->buf;
	struct bvec_iter iter;
	struct bio_vec seg;
	u32 done = 0;

	for_each_bvec(seg, buf->bvec, iter, buf->iter) {
		pc_copy_segment(copy, loop, done, seg, 1);
		done += seg.bv_len;
	}
}

/* The copy of the kernel itself, which may fault in the middle. */
static int pc_copy_user(const struct pc_copy *copy, unsigned int nr)
{
	void __user *user = copy->buf->user;

	while (nr--) {
		if (copy->to_dev ?
		    copy_from_user(copy->dev, user, copy->len) :
		    copy_to_user(user, copy->dev, copy->len))
			return -EFAULT;
	}
	return 0;
}

static int pc_copy_batch(const struct pc_copy *copy, pc_loop_fn *loop,
			 unsigned int nr)
{
	const struct pc_buffer *buf = copy->buf;
	struct bio_vec seg;

	if (copy->walk) {
		pc_walk_run(copy, nr);
		return 0;
	}
	if (buf->by_address)
		return pc_copy_user(copy, nr);
	if (buf->linear) {
		pc_loop(copy, loop, 0, buf->linear, copy->len, nr);
		return 0;
	}
	seg = bvec_iter_bvec(buf->bvec, buf->iter);
	if (seg.bv_len == copy->len) {
		pc_copy_segment(copy, loop, 0, seg, nr);
		return 0;
	}
	while (nr--)
		pc_copy_segments(copy, loop);
	return 0;
}

static u32 pc_batch(u32 len, u32 repeat)
{
	if (repeat == 1 || len >= PC_BATCH_BYTES)
		return 1;
	return min3(repeat, PC_BATCH_BYTES / len, PC_BATCH_COPIES);
}

static int pc_stopped(const struct pc_copy *copy)
{
	if (pc_task_gone(copy->task))
		return -EINTR;
	return copy->stop && READ_ONCE(*copy->stop) ? -ECANCELED : 0;
}

int pc_run(const struct pc_copy *copy, u32 repeat, u32 *copies)
{
	const u32 batch = pc_batch(copy->len, repeat);
	pc_loop_fn *loop = pc_loops[copy->strategy];
	u32 nr;
	int ret;

	for (*copies = 0;;) {
		nr = min(batch, repeat - *copies);
		ret = pc_copy_batch(copy, loop, nr);
		if (ret)
			return ret;
		*copies += nr;
		if (*copies == repeat)
			return 0;
		cond_resched();
		ret = pc_stopped(copy);
		if (ret)
			return ret;
	}
}
