// SPDX-License-Identifier: GPL-2.0-only
/* The device pages of an open file: allocation, bounds, read() and write(). */
#include "internal.h"

#include <linux/err.h>
#include <linux/mm.h>
#include <linux/nospec.h>
#include <linux/overflow.h>
#include <linux/sched/signal.h>
#include <linux/slab.h>
#include <linux/uaccess.h>

/*
 * Charged to the memory cgroup of the caller, who also must not be able to
 * trigger the OOM killer by asking for more than there is.
 */
#define PC_GFP	(GFP_KERNEL_ACCOUNT | __GFP_ZERO | __GFP_COMP | \
		 __GFP_NOWARN | __GFP_RETRY_MAYFAIL)

static size_t pc_page_bytes(const struct pc_pages *pages)
{
	return PAGE_SIZE << pages->order;
}

static int pc_setup_check(const struct pagecopy_setup *setup, u64 max_bytes)
{
	if (setup->order > PAGECOPY_ORDER_MAX || !setup->nr_pages ||
	    setup->nr_pages > PAGECOPY_PAGES_MAX ||
	    setup->resv[0] || setup->resv[1])
		return -EINVAL;
	if ((u64)setup->nr_pages << (PAGE_SHIFT + setup->order) > max_bytes)
		return -EDQUOT;
	return 0;
}

/* @pages->page[] is filled up to @pages->nr. */
static int pc_pages_fill(struct pc_pages *pages, unsigned int nr)
{
	while (pages->nr < nr) {
		struct page *page = alloc_pages(PC_GFP, pages->order);

		if (!page)
			return -ENOMEM;
		pages->page[pages->nr++] = page;
		pc_live_add(pages, 1 << pages->order);
	}
	return 0;
}

static void pc_pages_drop(struct pc_pages *pages)
{
	while (pages->nr) {
		__free_pages(pages->page[--pages->nr], pages->order);
		pc_live_add(pages, -(1LL << pages->order));
	}
	kfree(pages);
}

struct pc_pages *pc_pages_alloc(const struct pagecopy_setup *setup,
				u64 max_bytes, struct pc_user *user)
{
	struct pc_pages *pages;
	unsigned long charge;
	int ret;

	ret = pc_setup_check(setup, max_bytes);
	if (ret)
		return ERR_PTR(ret);
	charge = (unsigned long)setup->nr_pages << setup->order;
	ret = pc_user_charge(user, charge);
	if (ret)
		return ERR_PTR(ret);
	pages = kzalloc(struct_size(pages, page, setup->nr_pages),
			GFP_KERNEL_ACCOUNT);
	if (!pages) {
		ret = -ENOMEM;
		goto out_uncharge;
	}
	pages->order = setup->order;
	ret = pc_pages_fill(pages, setup->nr_pages);
	if (!ret)
		return pages;
	pc_pages_drop(pages);
out_uncharge:
	pc_user_uncharge(user, charge);
	return ERR_PTR(ret);
}

void pc_pages_free(struct pc_pages *pages, struct pc_user *user)
{
	unsigned long charge;

	if (!pages)
		return;
	charge = (unsigned long)pages->nr << pages->order;
	pc_pages_drop(pages);
	pc_user_uncharge(user, charge);
}

void *pc_pages_range(const struct pc_pages *pages, u64 nr, u32 offset, u32 len)
{
	size_t bytes;

	if (!pages || nr >= pages->nr)
		return ERR_PTR(-ENXIO);
	nr = array_index_nospec(nr, pages->nr);
	bytes = pc_page_bytes(pages);
	if (offset > bytes || len > bytes - offset)
		return ERR_PTR(-EINVAL);
	return page_address(pages->page[nr]) + offset;
}

static u64 pc_pages_total(const struct pc_pages *pages)
{
	return (u64)pages->nr * pc_page_bytes(pages);
}

/**
 * pc_pages_span() - what read() and write() may copy in one go
 * @pages: of the open file
 * @pos:   first byte
 * @count: how many are wanted; reduced to what one page holds from @pos on
 *
 * Return: the address of byte @pos, NULL behind the last page.
 */
static void *pc_pages_span(const struct pc_pages *pages, u64 pos,
			   size_t *count)
{
	const size_t bytes = pc_page_bytes(pages);
	const size_t offset = pos & (bytes - 1);
	u64 nr = pos >> (PAGE_SHIFT + pages->order);

	if (nr >= pages->nr)
		return NULL;
	nr = array_index_nospec(nr, pages->nr);
	*count = min(*count, bytes - offset);
	return page_address(pages->page[nr]) + offset;
}

loff_t pc_llseek(struct file *filp, loff_t offset, int whence)
{
	const struct pc_pages *pages = pc_pages_of(filp->private_data);

	if (!pages)
		return -ENXIO;
	return fixed_size_llseek(filp, offset, whence, pc_pages_total(pages));
}

ssize_t pc_read(struct file *filp, char __user *to, size_t count, loff_t *pos)
{
	const struct pc_pages *pages = pc_pages_of(filp->private_data);
	size_t done = 0, chunk;
	void *from;

	if (!pages)
		return -ENXIO;
	for (; done < count; done += chunk, *pos += chunk) {
		chunk = count - done;
		from = pc_pages_span(pages, *pos, &chunk);
		if (!from || fatal_signal_pending(current))
			break;
		if (copy_to_user(to + done, from, chunk))
			return done ?: -EFAULT;
		cond_resched();
	}
	return done;
}

ssize_t pc_write(struct file *filp, const char __user *from, size_t count,
		 loff_t *pos)
{
	const struct pc_pages *pages = pc_pages_of(filp->private_data);
	size_t done = 0, chunk;
	void *to;

	if (!pages)
		return -ENXIO;
	for (; done < count; done += chunk, *pos += chunk) {
		chunk = count - done;
		to = pc_pages_span(pages, *pos, &chunk);
		if (!to)
			return done ?: -ENOSPC;
		if (fatal_signal_pending(current))
			break;
		if (copy_from_user(to, from + done, chunk))
			return done ?: -EFAULT;
		cond_resched();
	}
	return done;
}
