// SPDX-License-Identifier: GPL-2.0-only
/*
 * PAGECOPY_MODE_WALK: each copy of a command between pages at another place.
 *
 * The places of both sides have the same number: that of the page, from the
 * first one of its side on, and that of the block within it. From one place to
 * the next it is a step of about 0.618 of them, which is prime to their number:
 * every place comes once a lap, and none is near the one before.
 */
#include "internal.h"

#include <linux/gcd.h>
#include <linux/log2.h>
#include <linux/mm.h>
#include <linux/nospec.h>

#define PC_BLOCK_MIN	64U

typedef void pc_walk_fn(struct pc_walk *walk, bool to_dev, size_t len,
			unsigned int nr);

static void *pc_walk_at(const struct pc_walk *walk, u32 first)
{
	const u32 slot = walk->at & ((1U << walk->slots_shift) - 1);
	struct page *page = walk->pages->page[first +
					      (walk->at >> walk->slots_shift)];

	return page_address(page) + ((size_t)slot << walk->block_shift) +
	       walk->offset;
}

static void pc_walk_on(struct pc_walk *walk)
{
	walk->at += walk->step;
	if (walk->at >= walk->nr)
		walk->at -= walk->nr;
}

/* As the loops of run.c: a direct call for each strategy. */
#define STRATEGY(nr, where, name, ...)					\
static void __maybe_unused pc_walk_##name(struct pc_walk *walk,		\
					  bool to_dev, size_t len,	\
					  unsigned int n)		\
{									\
	for (; n; n--, pc_walk_on(walk)) {				\
		void *dev = pc_walk_at(walk, walk->page);		\
		void *mem = pc_walk_at(walk, walk->second);		\
									\
		pagecopy_copy_##name(to_dev ? dev : mem,		\
				     to_dev ? mem : dev, len);		\
	}								\
}
#include "pagecopy/strategies.def"
#undef STRATEGY

static pc_walk_fn *const pc_walks[PAGECOPY_S_MAX] = {
#define STRATEGY(nr, where, name, ...) \
	[nr] = PAGECOPY_HERE_##where(pc_walk_##name),
#include "pagecopy/strategies.def"
#undef STRATEGY
};

void pc_walk_run(const struct pc_copy *copy, unsigned int nr)
{
	pc_walks[copy->strategy](copy->walk, copy->to_dev, copy->len, nr);
}

static u32 pc_walk_step(u32 nr)
{
	u32 step = max(1U, (u32)((u64)nr * 618 / 1000));

	while (gcd(step, nr) != 1)
		step++;
	return step;
}

int pc_walk_start(struct pc_walk *walk, const struct pc_cmd *cmd)
{
	const struct pc_pages *pages = pc_pages_of(cmd->file);
	const struct pagecopy_cmd *arg = &cmd->arg;
	const u32 block = max(PC_BLOCK_MIN, arg->offset + arg->len);
	u32 span, above;

	if (cmd->buffer != PAGECOPY_BUF_KERNEL)
		return -EINVAL;
	if (arg->addr >= pages->nr)
		return -ENXIO;
	walk->page = array_index_nospec(cmd->page, pages->nr);
	walk->second = array_index_nospec(arg->addr, pages->nr);
	if (walk->page == walk->second)
		return -EINVAL;
	above = max(walk->page, walk->second);
	span = above - min(walk->page, walk->second);
	if (span > pages->nr - above)
		return -ENXIO;
	walk->pages = pages;
	walk->offset = arg->offset;
	walk->block_shift = order_base_2(block);
	walk->slots_shift = PAGE_SHIFT + pages->order - walk->block_shift;
	walk->nr = span << walk->slots_shift;
	walk->step = pc_walk_step(walk->nr);
	walk->at = READ_ONCE(cmd->file->walk) % walk->nr;
	return 0;
}
