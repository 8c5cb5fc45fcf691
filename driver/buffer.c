// SPDX-License-Identifier: GPL-2.0-only
/* The buffer of a command: user memory pinned or registered, or a page. */
#include "internal.h"

#include <linux/err.h>
#include <linux/mm.h>
#include <linux/slab.h>
#include <linux/uaccess.h>

/* TOUCH stands in for READ, so both write to the buffer. */
static bool pc_writes_buffer(const struct pc_cmd *cmd)
{
	return cmd->op != PAGECOPY_OP_WRITE;
}

/* One array of @nr entries for both, when the inline ones are too small. */
static struct bio_vec *pc_buffer_arrays(struct pc_buffer *buf, unsigned int nr)
{
	struct bio_vec *bvec = buf->inline_bvec;

	buf->pages = buf->inline_pages;
	if (nr <= PC_BUFFER_INLINE)
		return bvec;
	bvec = kmalloc_array(nr, sizeof(*bvec) + sizeof(*buf->pages),
			     GFP_KERNEL);
	buf->heap = bvec;
	buf->pages = (struct page **)(bvec + nr);
	return bvec;
}

static void pc_unpin(struct pc_buffer *buf, struct pc_file *file, bool dirty)
{
	if (!buf->nr_pinned)
		return;
	unpin_user_pages_dirty_lock(buf->pages, buf->nr_pinned, dirty);
	pc_count(file, unpinned, buf->nr_pinned);
	pc_live_add(pins, -(s64)buf->nr_pinned);
	buf->nr_pinned = 0;
}

/* All of @nr pages or none. */
static int pc_pin(struct pc_buffer *buf, struct pc_file *file, u64 addr,
		  unsigned int nr, bool write)
{
	int got;

	got = pin_user_pages_fast(addr, nr, write ? FOLL_WRITE : 0, buf->pages);
	if (got <= 0)
		return got ?: -EFAULT;
	buf->nr_pinned = got;
	pc_count(file, pinned, got);
	pc_live_add(pins, got);
	if (got == nr)
		return 0;
	pc_unpin(buf, file, false);
	return -EFAULT;
}

static void pc_fill_bvec(struct bio_vec *bvec, struct page **pages,
			 unsigned int nr, unsigned int offset, u32 len)
{
	unsigned int i;

	for (i = 0; i < nr; i++) {
		bvec[i].bv_page = pages[i];
		bvec[i].bv_offset = offset;
		bvec[i].bv_len = min_t(u32, len, PAGE_SIZE - offset);
		len -= bvec[i].bv_len;
		offset = 0;
	}
}

static int pc_map_user(struct pc_buffer *buf, const struct pc_cmd *cmd)
{
	const u64 addr = cmd->arg.addr;
	const u32 len = cmd->arg.len;
	const unsigned int offset = offset_in_page(addr);
	const unsigned int nr = DIV_ROUND_UP(offset + (u64)len, PAGE_SIZE);
	struct bio_vec *bvec;
	int ret;

	if (!access_ok(u64_to_user_ptr(addr), len))
		return -EFAULT;
	bvec = pc_buffer_arrays(buf, nr);
	if (!bvec)
		return -ENOMEM;
	ret = pc_pin(buf, cmd->file, addr, nr, pc_writes_buffer(cmd));
	if (ret) {
		kfree(buf->heap);
		return ret;
	}
	pc_fill_bvec(bvec, buf->pages, nr, offset, len);
	buf->bvec = bvec;
	return 0;
}

/* io_uring pinned the memory when it was registered. */
static int pc_map_fixed(struct pc_buffer *buf, const struct pc_cmd *cmd)
{
	const int direction = pc_writes_buffer(cmd) ? ITER_DEST : ITER_SOURCE;
	struct iov_iter iter;
	int ret;

	ret = pc_cmd_import_fixed(cmd->ioucmd, cmd->arg.addr, cmd->arg.len,
				  direction, &iter, cmd->issue_flags);
	if (ret)
		return ret;
	if (WARN_ON_ONCE(!iov_iter_is_bvec(&iter)))
		return -EFAULT;
	buf->bvec = iter.bvec;
	buf->iter.bi_bvec_done = iter.iov_offset;
	return 0;
}

/* The same range of a second page. Copies may not overlap. */
static int pc_map_kernel(struct pc_buffer *buf, const struct pc_cmd *cmd)
{
	void *second = pc_pages_range(pc_pages_of(cmd->file), cmd->arg.addr,
				      cmd->arg.offset, cmd->arg.len);

	if (IS_ERR(second))
		return PTR_ERR(second);
	if (cmd->arg.addr == cmd->page && cmd->op != PAGECOPY_OP_TOUCH)
		return -EINVAL;
	buf->linear = second;
	return 0;
}

int pc_buffer_map(struct pc_buffer *buf, const struct pc_cmd *cmd)
{
	buf->bvec = NULL;
	buf->iter = (struct bvec_iter){ .bi_size = cmd->arg.len };
	buf->linear = NULL;
	buf->by_address = false;
	buf->nr_pinned = 0;
	buf->heap = NULL;
	if (cmd->buffer == PAGECOPY_BUF_KERNEL)
		return pc_map_kernel(buf, cmd);
	if (!cmd->arg.len)
		return 0;
	switch (cmd->buffer) {
	case PAGECOPY_BUF_FIXED:
		return pc_map_fixed(buf, cmd);
	case PAGECOPY_BUF_COPY:
		buf->by_address = true;
		buf->user = u64_to_user_ptr(cmd->arg.addr);
		return 0;
	}
	return pc_map_user(buf, cmd);
}

void pc_buffer_unmap(struct pc_buffer *buf, const struct pc_cmd *cmd)
{
	pc_unpin(buf, cmd->file, pc_writes_buffer(cmd));
	kfree(buf->heap);
}
