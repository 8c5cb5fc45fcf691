/* SPDX-License-Identifier: MIT */
/*
 * What the CPU says of itself. The instruction works where /proc and /sys are
 * thin, as under User-Mode Linux. Elsewhere than on x86 nothing is known.
 */
#ifndef PAGECOPY_CPU_ID_H
#define PAGECOPY_CPU_ID_H

#include <stdbool.h>
#include <stdint.h>

/**
 * struct cpuid_cache - one level of cache
 * @level: 1 to 4
 * @type:  'd'ata, 'i'nstructions or 'u'nified
 * @bytes: capacity
 * @line:  bytes of a line
 * @ways:  associativity
 */
struct cpuid_cache {
	unsigned int level;
	char type;
	uint64_t bytes;
	unsigned int line;
	unsigned int ways;
};

bool cpuid_invariant_tsc(void);

/** cpuid_hypervisor() - the signature, or "" when there is none */
void cpuid_hypervisor(char sig[13]);

/** cpuid_vendor() - "GenuineIntel", or "" when unknown */
void cpuid_vendor(char vendor[13]);

/** cpuid_brand() - the model name, or "" when unknown */
void cpuid_brand(char brand[49]);

/** cpuid_signature() - false when unknown */
bool cpuid_signature(unsigned int *family, unsigned int *model,
		     unsigned int *stepping);

/** cpuid_cache() - cache number @index; false past the last one */
bool cpuid_cache(unsigned int index, struct cpuid_cache *c);

/** cpuid_feature() - name of feature @index, NULL past the last one */
const char *cpuid_feature(unsigned int index, bool *present);

#endif
