// SPDX-License-Identifier: GPL-2.0-only OR MIT
#include "pagecopy/cpu.h"
#include "pagecopy/port.h"

/* Set when the other bits have been found out. */
#define KNOWN	(1U << 31)

#if defined(PAGECOPY_KERNEL_CPU)

/* The kernel knows: what its command line switches off is off here too. */
static unsigned int find(void)
{
	unsigned int found = 0;

	if (boot_cpu_has(X86_FEATURE_XMM2))
		found |= PAGECOPY_CPU_SSE2;
	if (boot_cpu_has(X86_FEATURE_AVX2) &&
	    cpu_has_xfeatures(XFEATURE_MASK_SSE | XFEATURE_MASK_YMM, NULL))
		found |= PAGECOPY_CPU_AVX2;
	if (boot_cpu_has(X86_FEATURE_AVX512F) &&
	    cpu_has_xfeatures(XFEATURE_MASK_SSE | XFEATURE_MASK_YMM |
			      XFEATURE_MASK_AVX512, NULL))
		found |= PAGECOPY_CPU_AVX512;
	return found;
}

#elif defined(__x86_64__)

enum reg { EAX, EBX, ECX, EDX };

/* CPUID.1:EDX, CPUID.1:ECX and CPUID.7:EBX. */
#define HAS_SSE2	(1U << 26)
#define HAS_OSXSAVE	(1U << 27)
#define HAS_AVX		(1U << 28)
#define HAS_AVX2	(1U << 5)
#define HAS_AVX512F	(1U << 16)
/* XCR0: xmm and ymm; and with them the mask registers and both parts of zmm. */
#define KEEPS_YMM	0x06U
#define KEEPS_ZMM	0xe6U

static void cpuid(unsigned int leaf, unsigned int r[4])
{
	__asm__ volatile("cpuid"
			 : "=a"(r[EAX]), "=b"(r[EBX]), "=c"(r[ECX]), "=d"(r[EDX])
			 : "a"(leaf), "c"(0));
}

/* The registers that the system saves and restores. */
static unsigned int kept(void)
{
	unsigned int low, high;

	__asm__ volatile("xgetbv" : "=a"(low), "=d"(high) : "c"(0));
	return low;
}

static unsigned int find(void)
{
	unsigned int found = 0, max, keeps = 0, r[4];

	cpuid(0, r);
	max = r[EAX];
	cpuid(1, r);
	if (r[EDX] & HAS_SSE2)
		found |= PAGECOPY_CPU_SSE2;
	if (r[ECX] & HAS_OSXSAVE && r[ECX] & HAS_AVX)
		keeps = kept();
	if (max < 7)
		return found;
	cpuid(7, r);
	if (r[EBX] & HAS_AVX2 && (keeps & KEEPS_YMM) == KEEPS_YMM)
		found |= PAGECOPY_CPU_AVX2;
	if (r[EBX] & HAS_AVX512F && (keeps & KEEPS_ZMM) == KEEPS_ZMM)
		found |= PAGECOPY_CPU_AVX512;
	return found;
}

#else

static unsigned int find(void)
{
	return 0;
}

#endif

/*
 * CPUID leaves a virtual machine, so it is not asked for each command. Two
 * callers that come first find the same.
 */
unsigned int pagecopy_cpu(void)
{
	static unsigned int known;
	unsigned int found = READ_ONCE(known);

	if (!(found & KNOWN)) {
		found = find() | KNOWN;
		WRITE_ONCE(known, found);
	}
	return found & ~KNOWN;
}
