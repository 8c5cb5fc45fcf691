// SPDX-License-Identifier: GPL-2.0-only
/* What the module offers, and which loop the kernel's memcpy() is. */
#include "internal.h"

#include <linux/nospec.h>
#include <linux/string.h>

/* How much of a function is looked at. */
#define PC_TEXT_BYTES	32
/* Nops before the first real instruction, endbr64 counted as one. */
#define PC_TEXT_NOPS	8

struct pc_opcode {
	u8 len;
	u8 byte[4];
};

static const struct pc_opcode pc_nops[] = {
	{ 4, { 0xf3, 0x0f, 0x1e, 0xfa } },	/* endbr64 */
	{ 1, { 0x90 } },
	{ 2, { 0x66, 0x90 } },
	{ 3, { 0x0f, 0x1f, 0x00 } },
	{ 4, { 0x0f, 0x1f, 0x40, 0x00 } },
	{ 4, { 0x0f, 0x1f, 0x40, 0xd6 } },	/* an endbr64 found needless */
	{ 4, { 0x66, 0x0f, 0x1f, 0x00 } },
};

static const u8 *pc_skip_nop(const u8 *text)
{
	unsigned int i;

	if (text[0] == 0x0f && text[1] == 0x1f && text[2] == 0x44)
		return text + 5;
	for (i = 0; i < ARRAY_SIZE(pc_nops); i++)
		if (!memcmp(text, pc_nops[i].byte, pc_nops[i].len))
			return text + pc_nops[i].len;
	return text;
}

static const u8 *pc_skip_nops(const u8 *text)
{
	unsigned int i;

	for (i = 0; i < PC_TEXT_NOPS; i++)
		text = pc_skip_nop(text);
	return text;
}

/* The target of the jump at @text, or @text if there is none. */
static const u8 *pc_follow_jump(const u8 *text)
{
	s32 far;

	if (text[0] == 0xeb)
		return text + 2 + (s8)text[1];
	if (text[0] != 0xe9)
		return text;
	memcpy(&far, text + 1, sizeof(far));
	return text + 5 + far;
}

/* The first string instruction, or NULL. */
static const char *pc_find_rep(const u8 *text)
{
	unsigned int i;

	for (i = 0; i + 2 < PC_TEXT_BYTES; i++) {
		if (text[i] != 0xf3)
			continue;
		if (text[i + 1] == 0xa4)
			return "rep_movsb";
		if (text[i + 1] == 0x48 && text[i + 2] == 0xa5)
			return "rep_movsq";
	}
	return NULL;
}

/*
 * Which loop memcpy() is depends on the kernel, the CPU and the mitigations,
 * and is decided when the kernel patches its own text; so the text is asked.
 * On x86 it either is a string instruction, or jumps to one or to a loop.
 */
static const char *pc_memcpy_loop(void)
{
	const u8 *text = (const u8 *)pagecopy_arch_memcpy;
	const u8 *start, *target;
	const char *rep;

	if (!IS_ENABLED(CONFIG_X86_64))
		return "unknown";
	start = pc_skip_nops(text);
	target = pc_follow_jump(start);
	rep = pc_find_rep(target);
	if (rep)
		return rep;
	return target == start ? "unknown" : "unrolled";
}

void pc_info_fill(struct pagecopy_info *info, u64 max_bytes)
{
	unsigned int nr;

	info->abi = PAGECOPY_ABI_VERSION;
	info->page_size = PAGE_SIZE;
	info->max_bytes = max_bytes;
	for (nr = 0; nr < PAGECOPY_S_MAX; nr++)
		if (pagecopy_strategy_here(nr))
			info->strategies[nr / 64] |= 1ULL << nr % 64;
	strscpy(info->memcpy_loop, pc_memcpy_loop(),
		sizeof(info->memcpy_loop));
}

int pc_info_why(struct pagecopy_why *why)
{
	const char *missing;
	unsigned int nr = why->nr;

	if (why->resv)
		return -EINVAL;
	if (nr >= PAGECOPY_S_MAX)
		return -ENOTTY;
	nr = array_index_nospec(nr, PAGECOPY_S_MAX);
	if (!pagecopy_strategies[nr].name)
		return -ENOTTY;
	missing = pagecopy_strategy_missing(nr);
	strscpy_pad(why->why, missing ?: "", sizeof(why->why));
	return 0;
}
