// SPDX-License-Identifier: GPL-2.0-only
/*
 * Commands that wait for the poll of their IOPOLL ring, as those of a device
 * without interrupts. io_uring polls for one command at a time, and a device
 * then takes all it finds off its completion queue; so does the poll here, for
 * as many commands of the same ring as it meets within a bound.
 */
#include "internal.h"

#include <linux/list.h>
#include <linux/spinlock.h>

/* Waiting commands one poll looks at; those of other rings are passed over. */
#define PC_POLL_MAX	64

/**
 * struct pc_poll_pdu - a command that waits
 * @list: in the order of submission; pc_file.polled, under its lock
 * @res2: for the CQE, if it has room
 * @res:  for the CQE
 */
struct pc_poll_pdu {
	struct list_head list;
	u64 res2;
	s32 res;
};

static struct io_uring_cmd *pc_poll_cmd(struct pc_poll_pdu *pdu)
{
	return container_of((void *)pdu, struct io_uring_cmd, pdu);
}

struct pc_answer pc_poll_answer(struct pc_ticket *ticket,
				const struct pc_cmd *cmd)
{
	struct pc_poll_pdu *pdu = pc_cmd_pdu(cmd->ioucmd, struct pc_poll_pdu);
	struct pc_file *file = cmd->file;
	struct pc_outcome out = {};
	struct pc_answer answer;

	pc_cmd_do(cmd, &out);
	pc_count_work(file, &out);
	pdu->res2 = pc_res2(cmd, &out, PAGECOPY_COMPLETE_POLL);
	pdu->res = out.res;
	pc_live_add(cmds, 1);
	answer = pc_answer_polled(ticket);
	spin_lock(&file->poll_lock);
	list_add_tail(&pdu->list, &file->polled);
	spin_unlock(&file->poll_lock);
	return answer;
}

/* Take @asked and what else waits for the same ring, oldest first. */
static void pc_poll_take(struct pc_file *file, struct io_uring_cmd *asked,
			 struct list_head *found)
{
	const void *ring = pc_cmd_ring(asked);
	struct pc_poll_pdu *pdu, *next;
	unsigned int looks = 0;

	spin_lock(&file->poll_lock);
	list_for_each_entry_safe(pdu, next, &file->polled, list) {
		if (looks++ == PC_POLL_MAX)
			break;
		if (pc_cmd_ring(pc_poll_cmd(pdu)) == ring)
			list_move_tail(&pdu->list, found);
	}
	list_move(&pc_cmd_pdu(asked, struct pc_poll_pdu)->list, found);
	spin_unlock(&file->poll_lock);
}

/* The ring is locked, and no flag says more than that. */
static void pc_poll_complete(struct pc_file *file, struct pc_poll_pdu *pdu)
{
	struct pc_ticket ticket = pc_ticket_of(pc_poll_cmd(pdu));

	list_del(&pdu->list);
	pc_count_end(file, pdu->res, PAGECOPY_COMPLETE_POLL);
	pc_live_add(cmds, -1);
	pc_complete(&ticket, pdu->res, pdu->res2, 0);
}

/*
 * In any task that polls the ring, or a kernel thread when the ring ends. Not
 * called for a command that was completed.
 */
int pc_uring_cmd_iopoll(struct io_uring_cmd *ioucmd, struct io_comp_batch *iob,
			unsigned int poll_flags)
{
	struct pc_file *file = ioucmd->file->private_data;
	struct pc_poll_pdu *pdu, *next;
	LIST_HEAD(found);

	pc_poll_take(file, ioucmd, &found);
	list_for_each_entry_safe(pdu, next, &found, list)
		pc_poll_complete(file, pdu);
	return 0;
}
