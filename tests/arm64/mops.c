// SPDX-License-Identifier: MIT
#include "mops.h"

#include <stdint.h>
#include <stdlib.h>
#include <sys/ucontext.h>

#define CPYF_MASK	0xff20fc00U
#define CPYF		0x19000400U
#define PSTATE_C	(1ULL << 29)
#define PSTATE_NZCV	(0xfULL << 28)

enum { PROLOGUE, MAIN, EPILOGUE };

/* What an instruction of the three leaves to the next. */
struct state {
	uint32_t registers;
	uint64_t dst, src, len;
	size_t left;
};

static volatile enum mops_option mops_option;
static volatile struct mops_seen seen;
static struct state state;

static void move(unsigned char *d, const unsigned char *s, size_t len)
{
	while (len--)
		*d++ = *s++;
}

/* A third by the prologue, half of the rest by main, the rest by the last. */
static size_t share(unsigned int stage, size_t left)
{
	return stage == EPILOGUE ? left : left / (3 - stage);
}

static void check_turn(const mcontext_t *m, uint32_t insn, unsigned int stage)
{
	const unsigned int d = insn & 31, s = insn >> 16 & 31;
	const unsigned int n = insn >> 5 & 31;

	if (seen.nr++ % 3 != stage)
		seen.wrong = true;
	if (stage == PROLOGUE)
		return;
	if (state.registers != (insn & 0x1f03ffU) || state.dst != m->regs[d] ||
	    state.src != m->regs[s] || state.len != m->regs[n])
		seen.wrong = true;
}

static void execute(mcontext_t *m, uint32_t insn, unsigned int stage)
{
	uint64_t *d = (uint64_t *)&m->regs[insn & 31];
	uint64_t *s = (uint64_t *)&m->regs[insn >> 16 & 31];
	uint64_t *n = (uint64_t *)&m->regs[insn >> 5 & 31];
	const bool a = mops_option == MOPS_OPTION_A;
	const size_t left = stage == PROLOGUE ? *n : state.left;
	const size_t now = share(stage, left);
	const uint64_t back = a && stage != PROLOGUE ? left : 0;

	move((unsigned char *)(*d - back), (const unsigned char *)(*s - back),
	     now);
	if (stage == PROLOGUE)
		m->pstate = (m->pstate & ~PSTATE_NZCV) | (a ? 0 : PSTATE_C);
	if (!a || stage == PROLOGUE) {
		*d += a ? left : now;
		*s += a ? left : now;
	}
	*n = a ? -(uint64_t)(left - now) : left - now;
	state = (struct state) {
		.registers = insn & 0x1f03ffU,
		.dst = *d, .src = *s, .len = *n, .left = left - now,
	};
}

static void on_illegal(int sig, siginfo_t *info, void *context)
{
	mcontext_t *m = &((ucontext_t *)context)->uc_mcontext;
	const uint32_t insn = *(const uint32_t *)m->pc;
	const unsigned int stage = insn >> 22 & 3;

	(void)sig;
	(void)info;
	if ((insn & CPYF_MASK) != CPYF || stage > EPILOGUE)
		abort();
	check_turn(m, insn, stage);
	execute(m, insn, stage);
	m->pc += 4;
}

void mops_emulate(enum mops_option option)
{
	struct sigaction sa = {
		.sa_sigaction = on_illegal,
		.sa_flags = SA_SIGINFO,
	};

	mops_option = option;
	seen.nr = 0;
	seen.wrong = false;
	if (sigaction(SIGILL, &sa, NULL))
		abort();
}

struct mops_seen mops_stop(void)
{
	if (signal(SIGILL, SIG_DFL) == SIG_ERR)
		abort();
	return (struct mops_seen) { .nr = seen.nr, .wrong = seen.wrong };
}
