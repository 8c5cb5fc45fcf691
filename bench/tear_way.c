// SPDX-License-Identifier: MIT
/* How one copy of the tear test is made. */
#include "tear.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "pagecopy/strategy.h"
#include "dev.h"
#include "run.h"

static struct tear_side user_side(const struct tear *t)
{
	const size_t at = t->cell.buf_offset + t->cell.offset;

	return (struct tear_side){ t->user, at };
}

static struct tear_side page_side(const struct tear *t)
{
	return (struct tear_side){
		t->cell.path == PATH_USER ? t->page : NULL, t->cell.offset,
	};
}

struct tear_side tear_source(const struct tear *t)
{
	return t->cell.op == PAGECOPY_OP_READ ? page_side(t) : user_side(t);
}

struct tear_side tear_target(const struct tear *t)
{
	return t->cell.op == PAGECOPY_OP_READ ? user_side(t) : page_side(t);
}

/* The order of a page that holds @bytes. */
static unsigned int order_of(size_t bytes)
{
	unsigned int order = 0;

	while (4096ULL << order < bytes)
		order++;
	return order;
}

int tear_device_open(struct tear *t, bool ring)
{
	const size_t bytes = list_largest(&t->o->offset) +
			     list_largest(&t->o->size);
	int ret;

	t->fd = dev_open(t->o->dev);
	if (t->fd == -ENOENT || t->fd == -ENXIO || t->fd == -ENODEV)
		return tear_fail(t, EXIT_SKIPPED, "%s is not there: load the "
				 "module, or use --path user", t->o->dev);
	if (t->fd < 0)
		return tear_fail(t, EXIT_FAILED, "%s: %s", t->o->dev,
				 strerror(-t->fd));
	ret = dev_info(t->fd, &t->info);
	if (!ret)
		ret = dev_setup(t->fd, order_of(bytes), 1);
	if (!ret)
		ret = dev_mode(t->fd, 1, PAGECOPY_COMPLETE_INLINE, 0);
	if (!ret && ring) {
		ret = ring_open(&t->ring, RING_PLAIN, 1, -1);
		t->ring_up = !ret;
		if (!ret)
			ret = ring_file(&t->ring, t->fd);
	}
	return ret ? tear_fail(t, EXIT_FAILED, "%s: %s", t->o->dev,
			       strerror(-ret)) : 0;
}

void tear_device_close(struct tear *t)
{
	if (t->ring_up)
		ring_close(&t->ring);
	if (t->fd >= 0)
		close(t->fd);
}

static uint32_t command(const struct tear *t, struct pagecopy_cmd *arg)
{
	const struct tear_side user = user_side(t);

	arg->addr = (uintptr_t)user.memory + user.at;
	arg->len = t->cell.size;
	arg->offset = t->cell.offset;
	return PAGECOPY_CMD_OP(t->cell.op, PAGECOPY_BUF_USER, t->cell.strategy,
			       0);
}

static int copy_ioctl(struct tear *t)
{
	struct pagecopy_run cmd = { 0 };
	int ret;

	cmd.cmd_op = command(t, &cmd.arg);
	ret = dev_run(t->fd, &cmd);
	return ret == (int)t->cell.size ? 0 : ret < 0 ? ret : -EIO;
}

static int copy_uring(struct tear *t)
{
	struct outcome bad = { 0 };
	int ret = ring_once(&t->ring, 0, 1, &bad);

	if (ret || !bad.errors)
		return ret;
	return bad.res < 0 ? bad.res : -EIO;
}

/* Through the lines that hold the source, each loaded at once. */
static void copy_control(const struct tear *t)
{
	const struct tear_side from = tear_source(t), to = tear_target(t);
	const size_t first = from.at / GENERATION_LINE * GENERATION_LINE;
	const size_t end = from.at + t->cell.size;

	t->g.read(t->back, from.memory + first,
		  (end - first + GENERATION_LINE - 1) / GENERATION_LINE *
		  GENERATION_LINE);
	memcpy(to.memory + to.at, t->back + (from.at - first), t->cell.size);
}

int tear_copy(struct tear *t)
{
	const struct tear_side from = tear_source(t), to = tear_target(t);

	if (t->cell.path == PATH_IOCTL)
		return copy_ioctl(t);
	if (t->cell.path == PATH_URING)
		return copy_uring(t);
	if (t->cell.strategy == TEAR_CONTROL)
		copy_control(t);
	else
		pagecopy_strategies[t->cell.strategy].copy(
			to.memory + to.at, from.memory + from.at, t->cell.size);
	return 0;
}

int tear_aim(struct tear *t)
{
	struct pagecopy_cmd cmd;
	struct io_uring_sqe *sqe;

	if (t->cell.path != PATH_URING)
		return 0;
	sqe = ring_slot(&t->ring, 0);
	sqe->opcode = IORING_OP_URING_CMD;
	sqe->flags = IOSQE_FIXED_FILE;
	sqe->cmd_op = command(t, &cmd);
	memcpy(sqe->cmd, &cmd, sizeof(cmd));
	t->ring.expect = (int)t->cell.size;
	return 0;
}

static bool here_in_module(const struct pagecopy_info *info, unsigned int nr)
{
	return info->strategies[nr / 64] >> nr % 64 & 1;
}

const char *tear_missing(const struct tear *t, const struct tear_cell *c)
{
	if (c->strategy == TEAR_CONTROL)
		return NULL;
	if (!pagecopy_strategies[c->strategy].copies)
		return "copies nothing";
	if (c->path == PATH_USER)
		return pagecopy_strategy_missing(c->strategy);
	return here_in_module(&t->info, c->strategy) ? NULL :
	       "not in this module";
}

const char *tear_strategy(const struct tear_cell *c)
{
	return c->strategy == TEAR_CONTROL ? "control" :
	       names_of(&names_strategy, c->strategy);
}
