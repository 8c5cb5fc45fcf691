// SPDX-License-Identifier: GPL-2.0-only
/*
 * Commands that a workqueue copies. The submitter maps and pins, because only
 * it has the memory; the workqueue copies and unpins; task work completes,
 * because only there io_uring can be told. Who holds the ticket moves along:
 * first the work, as long as it is pending or runs, then the task work. A cancel
 * gets it only by taking a pending work off the queue.
 */
#include "internal.h"

#include <linux/cpumask.h>
#include <linux/module.h>
#include <linux/sched/signal.h>
#include <linux/sched/task.h>
#include <linux/slab.h>
#include <linux/workqueue.h>

static uint pc_max_queued = 4096;
module_param_named(max_queued, pc_max_queued, uint, 0444);
MODULE_PARM_DESC(max_queued,
		 "commands of an open file the workqueue may hold (default 4096)");

/**
 * struct pc_work - a command in the workqueue
 * @work:     queued once
 * @ticket:   the right to complete the command
 * @cmd:      the command; its flags are of no use to anyone any more
 * @transfer: mapped, unless the command is a NOP
 * @out:      what happened so far
 * @charged:  pages on the account of the user
 * @task:     who submitted; referenced
 * @stop:     the ring is ending
 */
struct pc_work {
	struct work_struct work;
	struct pc_ticket ticket;
	struct pc_cmd cmd;
	struct pc_transfer transfer;
	struct pc_outcome out;
	unsigned int charged;
	struct task_struct *task;
	bool stop;
};

struct pc_work_pdu {
	struct pc_work *work;
};

static struct kmem_cache *pc_work_cache;
static struct workqueue_struct *pc_work_queue;

/*
 * No CPU in particular: a command may keep one busy for a second. Copies do not
 * sleep, so more of them at once than there are CPUs would gain nothing but let
 * users crowd out others; the administrator may confine them further in sysfs.
 */
int pc_work_init(void)
{
	pc_work_cache = KMEM_CACHE(pc_work, SLAB_ACCOUNT);
	if (!pc_work_cache)
		return -ENOMEM;
	pc_work_queue = alloc_workqueue("pagecopy", WQ_UNBOUND | WQ_SYSFS,
					num_online_cpus());
	if (pc_work_queue)
		return 0;
	kmem_cache_destroy(pc_work_cache);
	return -ENOMEM;
}

/* No file is open, so no work is queued; one may still be on its way out. */
void pc_work_exit(void)
{
	destroy_workqueue(pc_work_queue);
	kmem_cache_destroy(pc_work_cache);
}

static int pc_work_charge(struct pc_work *w)
{
	const unsigned int pages = w->transfer.buf.nr_pinned;
	int ret;

	ret = pc_user_charge(w->cmd.file->user, pages);
	if (!ret)
		w->charged = pages;
	return ret;
}

static int pc_work_begin(struct pc_work *w)
{
	int ret;

	if (w->cmd.op == PAGECOPY_OP_NOP)
		return 0;
	ret = pc_transfer_begin(&w->transfer, &w->cmd, &w->out);
	if (ret)
		return ret;
	w->transfer.copy.task = w->task;
	w->transfer.copy.stop = &w->stop;
	ret = pc_work_charge(w);
	if (ret)
		pc_transfer_end(&w->transfer, &w->cmd);
	return ret;
}

static void pc_work_end(struct pc_work *w)
{
	if (w->cmd.op == PAGECOPY_OP_NOP)
		return;
	pc_transfer_end(&w->transfer, &w->cmd);
	pc_user_uncharge(w->cmd.file->user, w->charged);
}

static struct pc_work *pc_work_alloc(const struct pc_cmd *cmd)
{
	struct pc_work *w = kmem_cache_zalloc(pc_work_cache, GFP_KERNEL);

	if (!w)
		return NULL;
	w->cmd = *cmd;
	w->task = get_task_struct(current);
	return w;
}

static void pc_work_free(struct pc_work *w)
{
	put_task_struct(w->task);
	kmem_cache_free(pc_work_cache, w);
}

/* The last act of a command: nothing of it may be touched afterwards. */
static void pc_work_complete(struct pc_work *w, struct pc_ticket *ticket,
			     unsigned int issue_flags)
{
	struct pc_file *file = w->cmd.file;

	pc_count_work(file, &w->out);
	pc_count_end(file, w->out.res, PAGECOPY_COMPLETE_WORK);
	pc_live_add(cmds, -1);
	atomic_dec(&file->queued);
	pc_complete(ticket, w->out.res,
		    pc_res2(&w->cmd, &w->out, PAGECOPY_COMPLETE_WORK),
		    issue_flags);
	pc_work_free(w);
}

PC_TASK_WORK(pc_work_done)
{
	struct pc_ticket ticket = pc_ticket_of(ioucmd);

	pc_work_complete(pc_cmd_pdu(ioucmd, struct pc_work_pdu)->work, &ticket,
			 issue_flags);
}

static void pc_work_fn(struct work_struct *work)
{
	struct pc_work *w = container_of(work, struct pc_work, work);

	if (READ_ONCE(w->stop) || pc_task_gone(w->task))
		w->out.res = -ECANCELED;
	else if (w->cmd.op == PAGECOPY_OP_NOP)
		pc_cmd_do(&w->cmd, &w->out);
	else
		pc_transfer_copy(&w->transfer, &w->cmd, &w->out);
	pc_work_end(w);
	pc_complete_in_task(&w->ticket, pc_work_done);
}

void pc_work_cancel(struct io_uring_cmd *ioucmd, unsigned int issue_flags)
{
	struct pc_work *w = pc_cmd_pdu(ioucmd, struct pc_work_pdu)->work;

	WRITE_ONCE(w->stop, true);
	if (!cancel_work(&w->work))
		return;
	pc_work_end(w);
	w->out.res = -ECANCELED;
	pc_work_complete(w, &w->ticket, issue_flags);
}

/* The right, the mark and the pointer are in place before the work can run. */
static struct pc_answer pc_work_queue_it(struct pc_ticket *ticket,
					 struct pc_work *w)
{
	struct io_uring_cmd *ioucmd = w->cmd.ioucmd;
	struct pc_answer answer = pc_answer_kept(ticket, &w->ticket);

	INIT_WORK(&w->work, pc_work_fn);
	pc_cmd_pdu(ioucmd, struct pc_work_pdu)->work = w;
	pc_live_add(cmds, 1);
	pc_cmd_mark_cancelable(ioucmd, w->cmd.issue_flags);
	queue_work(pc_work_queue, &w->work);
	return answer;
}

struct pc_answer pc_work_answer(struct pc_ticket *ticket,
				const struct pc_cmd *cmd)
{
	struct pc_file *file = cmd->file;
	struct pc_outcome out = {};
	struct pc_work *w;

	if (atomic_inc_return(&file->queued) > pc_max_queued) {
		out.res = -EBUSY;
		goto out_dec;
	}
	w = pc_work_alloc(cmd);
	if (!w) {
		out.res = -ENOMEM;
		goto out_dec;
	}
	out.res = pc_work_begin(w);
	if (!out.res)
		return pc_work_queue_it(ticket, w);
	pc_work_free(w);
out_dec:
	atomic_dec(&file->queued);
	return pc_answer_here(ticket, cmd, &out);
}
