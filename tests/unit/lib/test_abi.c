// SPDX-License-Identifier: MIT
/*
 * The binary interface, written out a second time as literals: a program built
 * yesterday must be understood by the module of today.
 */
#include "pagecopy/abi.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
/* cmocka.h wants those above. */
#include <cmocka.h>

#define ARRAY_SIZE(a)	(sizeof(a) / sizeof((a)[0]))

struct field {
	const char *name;
	size_t offset, size, offset_was, size_was;
};

#define FIELD(type, field, at, len) \
	{ #type "." #field, offsetof(struct type, field), \
	  sizeof(((struct type *)0)->field), at, len }

static const struct field fields[] = {
	FIELD(pagecopy_cmd, addr, 0, 8),
	FIELD(pagecopy_cmd, len, 8, 4),
	FIELD(pagecopy_cmd, offset, 12, 4),
	FIELD(pagecopy_info, abi, 0, 4),
	FIELD(pagecopy_info, page_size, 4, 4),
	FIELD(pagecopy_info, max_bytes, 8, 8),
	FIELD(pagecopy_info, strategies, 16, 32),
	FIELD(pagecopy_info, memcpy_loop, 48, 16),
	FIELD(pagecopy_info, live_files, 64, 8),
	FIELD(pagecopy_info, live_pages, 72, 8),
	FIELD(pagecopy_info, live_pins, 80, 8),
	FIELD(pagecopy_info, live_cmds, 88, 8),
	FIELD(pagecopy_setup, order, 0, 4),
	FIELD(pagecopy_setup, nr_pages, 4, 4),
	FIELD(pagecopy_setup, resv, 8, 16),
	FIELD(pagecopy_mode, repeat, 0, 4),
	FIELD(pagecopy_mode, completion, 4, 1),
	FIELD(pagecopy_mode, flags, 5, 1),
	FIELD(pagecopy_mode, resv, 6, 2),
	FIELD(pagecopy_stats, commands, 0, 8),
	FIELD(pagecopy_stats, errors, 8, 8),
	FIELD(pagecopy_stats, copies, 16, 8),
	FIELD(pagecopy_stats, bytes, 24, 8),
	FIELD(pagecopy_stats, kernel_ns, 32, 8),
	FIELD(pagecopy_stats, pinned, 40, 8),
	FIELD(pagecopy_stats, unpinned, 48, 8),
	FIELD(pagecopy_stats, completed, 56, 40),
	FIELD(pagecopy_stats, canceled, 96, 8),
	FIELD(pagecopy_stats, resv, 104, 24),
	FIELD(pagecopy_run, cmd_op, 0, 4),
	FIELD(pagecopy_run, resv, 4, 4),
	FIELD(pagecopy_run, arg, 8, 16),
	FIELD(pagecopy_run, res2, 24, 8),
	FIELD(pagecopy_why, nr, 0, 4),
	FIELD(pagecopy_why, resv, 4, 4),
	FIELD(pagecopy_why, why, 8, 56),
};

static void test_structs_are_frozen(void **state)
{
	const struct field *f;

	(void)state;
	assert_int_equal(sizeof(struct pagecopy_cmd), 16);
	assert_int_equal(sizeof(struct pagecopy_info), 96);
	assert_int_equal(sizeof(struct pagecopy_setup), 24);
	assert_int_equal(sizeof(struct pagecopy_mode), 8);
	assert_int_equal(sizeof(struct pagecopy_stats), 128);
	assert_int_equal(sizeof(struct pagecopy_run), 32);
	assert_int_equal(sizeof(struct pagecopy_why), 64);
	for (f = fields; f < fields + ARRAY_SIZE(fields); f++)
		if (f->offset != f->offset_was || f->size != f->size_was)
			fail_msg("%s: %zu bytes at %zu, were %zu at %zu",
				 f->name, f->size, f->offset, f->size_was,
				 f->offset_was);
}

/* The encoding of x86, arm64 and riscv; a few others swap the directions. */
static void test_ioctls_are_frozen(void **state)
{
	(void)state;
	if (_IOC_READ != 2U || _IOC_SIZEBITS != 14)
		skip();
	assert_int_equal(PAGECOPY_IOC_INFO, 0x80605080U);
	assert_int_equal(PAGECOPY_IOC_SETUP, 0x40185081U);
	assert_int_equal(PAGECOPY_IOC_MODE, 0x40085082U);
	assert_int_equal(PAGECOPY_IOC_STATS, 0x80805083U);
	assert_int_equal(PAGECOPY_IOC_RUN, 0xc0205084U);
	assert_int_equal(PAGECOPY_IOC_WHY, 0xc0405085U);
}

static void test_numbers_are_frozen(void **state)
{
	(void)state;
	assert_int_equal(PAGECOPY_ABI_VERSION, 1);
	assert_string_equal(PAGECOPY_DEV_PATH, "/dev/pagecopy");
	assert_int_equal(PAGECOPY_CMD_MAGIC, 'P');
	assert_int_equal(PAGECOPY_OP_READ, 1);
	assert_int_equal(PAGECOPY_OP_WRITE, 2);
	assert_int_equal(PAGECOPY_OP_TOUCH, 3);
	assert_int_equal(PAGECOPY_OP_NOP, 4);
	assert_int_equal(PAGECOPY_BUF_USER, 0);
	assert_int_equal(PAGECOPY_BUF_FIXED, 1);
	assert_int_equal(PAGECOPY_BUF_KERNEL, 2);
	assert_int_equal(PAGECOPY_COMPLETE_INLINE, 0);
	assert_int_equal(PAGECOPY_COMPLETE_TASK, 1);
	assert_int_equal(PAGECOPY_COMPLETE_WORK, 2);
	assert_int_equal(PAGECOPY_COMPLETE_IOWQ, 3);
	assert_int_equal(PAGECOPY_COMPLETE_POLL, 4);
	assert_int_equal(PAGECOPY_MODE_TIME, 1);
	assert_int_equal(PAGECOPY_MODE_WALK, 2);
	assert_int_equal(PAGECOPY_MODE_ALL, 3);
}

static void test_limits_fit_their_fields(void **state)
{
	(void)state;
	assert_int_equal(PAGECOPY_ORDER_MAX, 9);
	assert_int_equal(PAGECOPY_PAGES_MAX, 256);
	assert_int_equal(PAGECOPY_REPEAT_MAX, 1 << 20);
	assert_int_equal(PAGECOPY_CMD_BYTES_MAX, 1 << 30);
	/* The largest page number survives cmd_op; the next one would not. */
	assert_int_equal(PAGECOPY_CMD_OP_PAGE(PAGECOPY_CMD_OP(
				 0, 0, 0, PAGECOPY_PAGES_MAX - 1)),
			 PAGECOPY_PAGES_MAX - 1);
	/* A result is a signed int: the largest page must fit. */
	assert_in_range(4096ULL << PAGECOPY_ORDER_MAX, 1, INT32_MAX);
	/* Every number a command can carry has a bit in the info. */
	assert_int_equal(sizeof(((struct pagecopy_info *)0)->strategies) * 8,
			 256);
}

static void test_cmd_op_is_frozen(void **state)
{
	(void)state;
	assert_int_equal(PAGECOPY_CMD_OP(PAGECOPY_OP_READ, PAGECOPY_BUF_FIXED,
					 3, 7),
			 0x50071103U);
	assert_int_equal(PAGECOPY_CMD_OP(PAGECOPY_OP_WRITE, PAGECOPY_BUF_USER,
					 255, 255),
			 0x50ff02ffU);
	assert_int_equal(PAGECOPY_CMD_OP(PAGECOPY_OP_NOP, PAGECOPY_BUF_KERNEL,
					 1, 0),
			 0x50002401U);
	assert_int_equal(sizeof(PAGECOPY_CMD_OP(0, 0, 0, 0)), 4);
}

static bool round_trips(__u32 op, __u32 buf, __u32 strategy, __u32 page)
{
	const __u32 w = PAGECOPY_CMD_OP(op, buf, strategy, page);

	return PAGECOPY_CMD_OP_MAGIC(w) == PAGECOPY_CMD_MAGIC &&
	       PAGECOPY_CMD_OP_OP(w) == (op & 0xf) &&
	       PAGECOPY_CMD_OP_BUFFER(w) == (buf & 0xf) &&
	       PAGECOPY_CMD_OP_STRATEGY(w) == (strategy & 0xff) &&
	       PAGECOPY_CMD_OP_PAGE(w) == (page & 0xff);
}

static void test_cmd_op_round_trips(void **state)
{
	__u32 op_buf, strategy, page;

	(void)state;
	for (op_buf = 0; op_buf < 256; op_buf++)
		for (strategy = 0; strategy < 256; strategy++)
			for (page = 0; page < 256; page++)
				if (!round_trips(op_buf & 0xf, op_buf >> 4,
						 strategy, page))
					fail_msg("op and buffer %#x, %u, %u",
						 op_buf, strategy, page);
}

/* A value too large for its field must not leak into the next. */
static void test_cmd_op_masks(void **state)
{
	static const __u32 wide[] = {
		0x10, 0x1f, 0x100, 0x1ff, 0xff00, 0x80000000U, 0xffffffffU,
	};
	size_t i, j;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(wide); i++)
		for (j = 0; j < ARRAY_SIZE(wide); j++) {
			assert_true(round_trips(wide[i], 0, wide[j], 0));
			assert_true(round_trips(0, wide[i], 0, wide[j]));
			assert_true(round_trips(wide[i], wide[j], 1, 1));
		}
	assert_int_equal(PAGECOPY_CMD_OP(-1, 0, 0, 0), 0x50000f00U);
}

/* An expression as argument is taken whole. */
static void test_cmd_op_arguments_are_safe(void **state)
{
	const __u32 one = 1;

	(void)state;
	assert_int_equal(PAGECOPY_CMD_OP(one | 2, one | 0, one | 4, one | 8),
			 0x50091305U);
	assert_int_equal(PAGECOPY_CMD_OP_PAGE(0x50000000U | 0x90000U), 9);
}

static void test_res2_round_trips(void **state)
{
	const __u64 max = (1ULL << 56) - 1;

	(void)state;
	assert_int_equal(PAGECOPY_RES2(1, PAGECOPY_COMPLETE_POLL),
			 0x0400000000000001ULL);
	assert_int_equal(PAGECOPY_RES2_NS(PAGECOPY_RES2(max, 255)), max);
	assert_int_equal(PAGECOPY_RES2_HOW(PAGECOPY_RES2(max, 255)), 255);
	assert_int_equal(PAGECOPY_RES2_HOW(PAGECOPY_RES2(~0ULL, 0)), 0);
	assert_int_equal(PAGECOPY_RES2_NS(PAGECOPY_RES2(max + 1, 3)), 0);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_structs_are_frozen),
		cmocka_unit_test(test_ioctls_are_frozen),
		cmocka_unit_test(test_numbers_are_frozen),
		cmocka_unit_test(test_limits_fit_their_fields),
		cmocka_unit_test(test_cmd_op_is_frozen),
		cmocka_unit_test(test_cmd_op_round_trips),
		cmocka_unit_test(test_cmd_op_masks),
		cmocka_unit_test(test_cmd_op_arguments_are_safe),
		cmocka_unit_test(test_res2_round_trips),
	};

	return cmocka_run_group_tests_name("abi", tests, NULL, NULL);
}
