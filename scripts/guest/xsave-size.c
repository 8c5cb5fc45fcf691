// SPDX-License-Identifier: MIT
/*
 * xsave-size - print the bytes of this CPU's whole register state.
 *
 * CPUID leaf 0xD: EBX is what the running kernel enabled, ECX what the CPU
 * has; ptrace() hands out up to the larger one.
 */
#include <cpuid.h>
#include <stdio.h>

int main(void)
{
	unsigned int a = 0, b = 0, c = 0, d = 0;

	if (!__get_cpuid_count(0xd, 0, &a, &b, &c, &d))
		b = c = 0;
	printf("%u\n", b > c ? b : c);
	return 0;
}
