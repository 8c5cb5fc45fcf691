/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
#ifndef PAGECOPY_CPU_H
#define PAGECOPY_CPU_H

/* Registers that a copy may use: the CPU has them and the system keeps them. */
#define PAGECOPY_CPU_SSE2	(1U << 0)
#define PAGECOPY_CPU_AVX2	(1U << 1)
#define PAGECOPY_CPU_AVX512	(1U << 2)

/**
 * pagecopy_cpu() - what this CPU has, as PAGECOPY_CPU_*
 *
 * Found out once: no system takes it back while it runs.
 */
unsigned int pagecopy_cpu(void);

#endif /* PAGECOPY_CPU_H */
