// SPDX-License-Identifier: MIT
/*
 * Copies through vector registers leave those of user space alone: over a call
 * of the task that made it, and while another task of the same CPU has its own
 * in use.
 */
#include "tests.h"

#include "pagecopy/strategy.h"

#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#ifdef __x86_64__

#define REGS	16
#define WIDTH	32
/* Times that the registers are looked at while another task copies. */
#define LOOKS	400
#define CPUS_MAX	4
/* Commands after which those tasks were never let run, it seems. */
#define PATIENCE	200000

struct regs {
	unsigned char byte[REGS][WIDTH];
};

static const unsigned int strategies[] = {
	PAGECOPY_S_nt, PAGECOPY_S_sse2, PAGECOPY_S_avx2, PAGECOPY_S_avx512,
	PAGECOPY_S_fpu,
};

#define ALL16(f)							\
	f(0) f(1) f(2) f(3) f(4) f(5) f(6) f(7)				\
	f(8) f(9) f(10) f(11) f(12) f(13) f(14) f(15)
#define CLOBBERS							\
	"memory", "xmm0", "xmm1", "xmm2", "xmm3", "xmm4", "xmm5",	\
	"xmm6", "xmm7", "xmm8", "xmm9", "xmm10", "xmm11", "xmm12",	\
	"xmm13", "xmm14", "xmm15"
#define LOAD_YMM(n)	"vmovdqu " #n "*32(%[in]), %%ymm" #n "\n\t"
#define STORE_YMM(n)	"vmovdqu %%ymm" #n ", " #n "*32(%[out])\n\t"
#define LOAD_XMM(n)	"movdqu " #n "*32(%[in]), %%xmm" #n "\n\t"
#define STORE_XMM(n)	"movdqu %%xmm" #n ", " #n "*32(%[out])\n\t"

static bool has_ymm(void)
{
	return pagecopy_strategy_here(PAGECOPY_S_avx2);
}

/* Never the same in two registers, nor with two seeds in a row. */
static void fill(struct regs *r, unsigned int seed)
{
	const unsigned int width = has_ymm() ? WIDTH : 16;
	unsigned int i, j;

	memset(r, 0, sizeof(*r));
	for (i = 0; i < REGS; i++)
		for (j = 0; j < width; j++)
			r->byte[i][j] = 1 + (seed * 37 + i * 16 + j) % 255;
}

/* ioctl(@fd, RUN) with all registers live across it. */
static long live_run(int fd, struct pagecopy_run *run, const struct regs *in,
		     struct regs *out)
{
	long ret = SYS_ioctl;

	if (has_ymm())
		__asm__ volatile(ALL16(LOAD_YMM) "syscall\n\t"
				 ALL16(STORE_YMM) "vzeroupper"
				 : "+a"(ret)
				 : "D"((long)fd), "S"(PAGECOPY_IOC_RUN),
				   "d"(run), [in] "r"(in), [out] "r"(out)
				 : "rcx", "r11", CLOBBERS);
	else
		__asm__ volatile(ALL16(LOAD_XMM) "syscall\n\t"
				 ALL16(STORE_XMM)
				 : "+a"(ret)
				 : "D"((long)fd), "S"(PAGECOPY_IOC_RUN),
				   "d"(run), [in] "r"(in), [out] "r"(out)
				 : "rcx", "r11", CLOBBERS);
	return ret;
}

/* All registers live for some 100 us in which the task can be preempted. */
static void live_spin(const struct regs *in, struct regs *out)
{
	unsigned long turns = 300000;

	if (has_ymm())
		__asm__ volatile(ALL16(LOAD_YMM) "1: dec %[turns]\n\tjnz 1b\n\t"
				 ALL16(STORE_YMM) "vzeroupper"
				 : [turns] "+r"(turns)
				 : [in] "r"(in), [out] "r"(out)
				 : "cc", CLOBBERS);
	else
		__asm__ volatile(ALL16(LOAD_XMM) "1: dec %[turns]\n\tjnz 1b\n\t"
				 ALL16(STORE_XMM)
				 : [turns] "+r"(turns)
				 : [in] "r"(in), [out] "r"(out)
				 : "cc", CLOBBERS);
}

static bool is_here(struct dev *d, unsigned int nr)
{
	struct pagecopy_info info = {};

	dev_ioctl(d, PAGECOPY_IOC_INFO, &info);
	return info.strategies[nr / 64] >> nr % 64 & 1;
}

static enum tap_result live_over(struct dev *d, unsigned int strategy)
{
	struct pagecopy_run run = {
		.cmd_op = PAGECOPY_CMD_OP(PAGECOPY_OP_READ, PAGECOPY_BUF_USER,
					  strategy, 0),
		.arg = { .addr = dev_addr(d->area + 5), .len = 4001 },
	};
	struct regs in, out = {};
	unsigned int i;

	for (i = 0; i < 300; i++) {
		fill(&in, i);
		T_EQ(live_run(d->fd, &run, &in, &out), 4001);
		if (memcmp(&in, &out, sizeof(in)))
			tap_note("strategy %s, call %u: registers changed",
				 pagecopy_strategies[strategy].name, i);
		T_EQ(memcmp(&in, &out, sizeof(in)), 0);
	}
	return TAP_PASS;
}

static enum tap_result registers_live_over_a_call(struct dev *d)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(strategies); i++)
		if (is_here(d, strategies[i]))
			T_EQ(live_over(d, strategies[i]), TAP_PASS);
	return TAP_PASS;
}

/* The other tasks, one a CPU: a worker of the kernel then comes after one. */
static struct other {
	atomic_uint looks;
	atomic_uint changed;
	atomic_bool stop;
} other;

static void *look(void *cpu)
{
	struct regs in, out = {};
	cpu_set_t only;

	CPU_ZERO(&only);
	CPU_SET((uintptr_t)cpu, &only);
	sched_setaffinity(0, sizeof(only), &only);
	while (!atomic_load(&other.stop)) {
		fill(&in, atomic_fetch_add(&other.looks, 1));
		live_spin(&in, &out);
		if (memcmp(&in, &out, sizeof(in)))
			atomic_fetch_add(&other.changed, 1);
	}
	return NULL;
}

/* Until the other tasks have looked often enough; 0 or what went wrong. */
static int copy_meanwhile(struct dev *d, unsigned int strategy)
{
	struct request r = dev_request(PAGECOPY_OP_WRITE, PAGECOPY_BUF_FIXED,
				       strategy, 0);
	unsigned int i;
	int ret;

	r.arg.addr = dev_addr(d->area + 3);
	r.arg.len = 4000;
	for (i = 0; i < PATIENCE && atomic_load(&other.looks) < LOOKS; i++) {
		ret = dev_cmd(d, &r);
		if (ret != 4000)
			return ret < 0 ? ret : -1;
	}
	return i < PATIENCE ? 0 : -1;
}

static enum tap_result registers_of_another_task(struct dev *d)
{
	pthread_t thread[CPUS_MAX];
	unsigned int nr;
	size_t i;
	int ret = 0;

	atomic_store(&other.changed, 0);
	atomic_store(&other.stop, false);
	T_EQ(dev_mode(d, 16, 0), 0);
	for (nr = 0; nr < CPUS_MAX && nr < sysconf(_SC_NPROCESSORS_ONLN); nr++)
		if (pthread_create(&thread[nr], NULL, look,
				   (void *)(uintptr_t)nr))
			break;
	T_TRUE(nr);
	for (i = 0; i < ARRAY_SIZE(strategies) && !ret; i++) {
		atomic_store(&other.looks, 0);
		if (is_here(d, strategies[i]))
			ret = copy_meanwhile(d, strategies[i]);
	}
	atomic_store(&other.stop, true);
	while (nr--)
		pthread_join(thread[nr], NULL);
	T_EQ(ret, 0);
	T_EQ(atomic_load(&other.changed), 0);
	return TAP_PASS;
}

#else

static enum tap_result registers_live_over_a_call(struct dev *d)
{
	(void)d;
	return tap_skip("knows the vector registers of x86-64 only");
}

static enum tap_result registers_of_another_task(struct dev *d)
{
	return registers_live_over_a_call(d);
}

#endif

const struct test tests_vector[] = {
	TEST("vector: registers live over a call", registers_live_over_a_call),
	TEST_EACH("vector: registers of another task",
		  registers_of_another_task),
	{ }
};
