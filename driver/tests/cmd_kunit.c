// SPDX-License-Identifier: GPL-2.0-only
/* The command object: who may complete, how often, and what is read. */
#include "../cmd.h"

#include <kunit/static_stub.h>
#include <kunit/test.h>

/**
 * struct said - what io_uring would have been told
 * @ioucmd: stands in for a command of a ring
 * @sqe:    its SQE, 128 bytes
 * @done:   completions
 * @tasks:  task works
 * @empty:  how often an empty ticket was noticed
 * @res:    of the last completion
 * @res2:   of the last completion
 * @flags:  of the last completion
 */
struct said {
	struct io_uring_cmd ioucmd;
	struct io_uring_sqe sqe[2];
	unsigned int done;
	unsigned int tasks;
	unsigned int empty;
	s32 res;
	u64 res2;
	unsigned int flags;
};

static struct said *said_here(void)
{
	return kunit_get_current_test()->priv;
}

static void say_post(struct io_uring_cmd *ioucmd, s32 res, u64 res2,
		     unsigned int issue_flags)
{
	struct said *said = said_here();

	said->done++;
	said->res = res;
	said->res2 = res2;
	said->flags = issue_flags;
}

static void say_task(struct io_uring_cmd *ioucmd, pc_task_work_fn *fn)
{
	said_here()->tasks++;
}

static void say_empty(void)
{
	said_here()->empty++;
}

static int cmd_init(struct kunit *test)
{
	struct said *said = kunit_kzalloc(test, sizeof(*said), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, said);
	said->ioucmd.sqe = said->sqe;
	test->priv = said;
	kunit_activate_static_stub(test, pc_post, say_post);
	kunit_activate_static_stub(test, pc_post_task, say_task);
	kunit_activate_static_stub(test, pc_ticket_empty, say_empty);
	return 0;
}

PC_TASK_WORK(no_work)
{
}

/* The plain case tells io_uring by the return value alone. */
static void result_is_returned(struct kunit *test)
{
	struct said *said = test->priv;
	struct pc_ticket t = pc_ticket_of(&said->ioucmd);

	KUNIT_EXPECT_EQ(test, pc_answer_result(&t, 4096, 7, false, 0).ret,
			4096);
	KUNIT_EXPECT_NULL(test, t.ioucmd);
	KUNIT_EXPECT_EQ(test, said->done, 0);
	KUNIT_EXPECT_EQ(test, said->empty, 0);
}

/* With a second word, and on an IOPOLL ring, by a completion alone. */
static void result_is_posted(struct kunit *test)
{
	struct said *said = test->priv;
	struct pc_ticket t = pc_ticket_of(&said->ioucmd);

	KUNIT_EXPECT_EQ(test, pc_answer_result(&t, -EFAULT, 7, true, 3).ret,
			-EIOCBQUEUED);
	KUNIT_EXPECT_EQ(test, said->done, 1);
	KUNIT_EXPECT_EQ(test, said->res, -EFAULT);
	KUNIT_EXPECT_EQ(test, said->res2, 7);
	KUNIT_EXPECT_EQ(test, said->flags, 3);
	t = pc_ticket_of(&said->ioucmd);
	KUNIT_EXPECT_EQ(test, pc_answer_result(&t, 0, 0, false,
					       IO_URING_F_IOPOLL).ret,
			-EIOCBQUEUED);
	KUNIT_EXPECT_EQ(test, said->done, 2);
	KUNIT_EXPECT_EQ(test, said->empty, 0);
}

/* After any answer the right is gone, and no way to complete is left. */
static void expect_used(struct kunit *test, struct pc_ticket *t)
{
	struct said *said = test->priv;
	const unsigned int done = said->done, tasks = said->tasks;

	KUNIT_EXPECT_NULL(test, t->ioucmd);
	pc_complete(t, 0, 0, 0);
	pc_complete_in_task(t, no_work);
	KUNIT_EXPECT_EQ(test, pc_answer_result(t, 0, 0, false, 0).ret,
			-EIOCBQUEUED);
	KUNIT_EXPECT_EQ(test, pc_answer_result(t, 0, 0, true, 0).ret,
			-EIOCBQUEUED);
	KUNIT_EXPECT_EQ(test, pc_answer_again(t).ret, -EIOCBQUEUED);
	KUNIT_EXPECT_EQ(test, said->done, done);
	KUNIT_EXPECT_EQ(test, said->tasks, tasks);
	KUNIT_EXPECT_EQ(test, said->empty, 5);
	said->empty = 0;
}

static void completes_once(struct kunit *test)
{
	struct said *said = test->priv;
	struct pc_ticket t = pc_ticket_of(&said->ioucmd), kept = {};

	pc_answer_result(&t, 0, 0, false, 0);
	expect_used(test, &t);
	t = pc_ticket_of(&said->ioucmd);
	pc_answer_result(&t, 0, 0, true, 0);
	expect_used(test, &t);
	t = pc_ticket_of(&said->ioucmd);
	KUNIT_EXPECT_EQ(test, pc_answer_again(&t).ret, -EAGAIN);
	expect_used(test, &t);
	t = pc_ticket_of(&said->ioucmd);
	KUNIT_EXPECT_EQ(test, pc_answer_task(&t, no_work).ret, -EIOCBQUEUED);
	KUNIT_EXPECT_EQ(test, said->tasks, 1);
	expect_used(test, &t);
	t = pc_ticket_of(&said->ioucmd);
	KUNIT_EXPECT_EQ(test, pc_answer_polled(&t).ret, -EIOCBQUEUED);
	expect_used(test, &t);
	t = pc_ticket_of(&said->ioucmd);
	KUNIT_EXPECT_EQ(test, pc_answer_kept(&t, &kept).ret, -EIOCBQUEUED);
	expect_used(test, &t);
	KUNIT_EXPECT_PTR_EQ(test, kept.ioucmd, &said->ioucmd);
	pc_complete(&kept, 0, 0, 0);
	expect_used(test, &kept);
}

/* What is given up completes with the flags of whoever completes it. */
static void flags_are_of_the_completer(struct kunit *test)
{
	struct said *said = test->priv;
	struct pc_ticket t = pc_ticket_of(&said->ioucmd), kept;

	pc_answer_kept(&t, &kept);
	pc_complete(&kept, 5, 6, IO_URING_F_COMPLETE_DEFER);
	KUNIT_EXPECT_EQ(test, said->res, 5);
	KUNIT_EXPECT_EQ(test, said->res2, 6);
	KUNIT_EXPECT_EQ(test, said->flags, IO_URING_F_COMPLETE_DEFER);
}

static void payload_is_a_snapshot(struct kunit *test)
{
	struct said *said = test->priv;
	struct pagecopy_cmd *shared = (void *)said->sqe->cmd;
	struct pagecopy_cmd arg;

	*shared = (struct pagecopy_cmd){ 0x1122334455667788, 0x99aabbcc,
					 0xddeeff00 };
	KUNIT_EXPECT_EQ(test, pc_cmd_payload_read(&said->ioucmd, 0, &arg), 0);
	memset(shared, 0, sizeof(*shared));
	KUNIT_EXPECT_EQ(test, arg.addr, 0x1122334455667788);
	KUNIT_EXPECT_EQ(test, arg.len, 0x99aabbcc);
	KUNIT_EXPECT_EQ(test, arg.offset, 0xddeeff00);
}

/* Each of the 64 bytes behind the payload, in a large SQE only. */
static void reserved_bytes_are_refused(struct kunit *test)
{
	struct said *said = test->priv;
	u8 *area = said->sqe->cmd;
	struct pagecopy_cmd arg;
	unsigned int i;

	for (i = 0; i < 80; i++) {
		area[i] = 1;
		KUNIT_EXPECT_EQ(test, pc_cmd_payload_read(&said->ioucmd, 0,
							  &arg), 0);
		KUNIT_EXPECT_EQ(test,
				pc_cmd_payload_read(&said->ioucmd,
						    IO_URING_F_SQE128, &arg),
				i < sizeof(arg) ? 0 : -EINVAL);
		area[i] = 0;
	}
}

/* The private area is the command's own, whole and nothing beside it. */
static void pdu_is_inside(struct kunit *test)
{
	struct whole { u8 byte[32]; };
	struct said *said = test->priv;
	struct whole *pdu = pc_cmd_pdu(&said->ioucmd, struct whole);

	KUNIT_EXPECT_PTR_EQ(test, (void *)pdu, (void *)said->ioucmd.pdu);
	KUNIT_EXPECT_EQ(test, sizeof(*pdu), sizeof(said->ioucmd.pdu));
}

static struct kunit_case cmd_cases[] = {
	KUNIT_CASE(result_is_returned),
	KUNIT_CASE(result_is_posted),
	KUNIT_CASE(completes_once),
	KUNIT_CASE(flags_are_of_the_completer),
	KUNIT_CASE(payload_is_a_snapshot),
	KUNIT_CASE(reserved_bytes_are_refused),
	KUNIT_CASE(pdu_is_inside),
	{}
};

static struct kunit_suite cmd_suite = {
	.name = "pagecopy_cmd",
	.init = cmd_init,
	.test_cases = cmd_cases,
};
kunit_test_suite(cmd_suite);
