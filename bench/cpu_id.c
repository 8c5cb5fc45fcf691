// SPDX-License-Identifier: MIT
#include "cpu_id.h"

#include <stddef.h>
#include <string.h>

enum reg { EAX, EBX, ECX, EDX };

#ifdef __x86_64__

#include <cpuid.h>

static bool leaf(unsigned int nr, unsigned int sub, unsigned int r[4])
{
	if ((nr & 0xf0000000) != 0x40000000 &&
	    (unsigned int)__get_cpuid_max(nr & 0x80000000, NULL) < nr)
		return false;
	__cpuid_count(nr, sub, r[EAX], r[EBX], r[ECX], r[EDX]);
	return true;
}

#else

static bool leaf(unsigned int nr, unsigned int sub, unsigned int r[4])
{
	(void)nr;
	(void)sub;
	memset(r, 0, 4 * sizeof(*r));
	return false;
}

#endif

/* Features that bear on a copy, and where CPUID has them. */
static const struct feature {
	const char *name;
	unsigned int leaf;
	enum reg reg;
	unsigned int bit;
} features[] = {
	{ "sse2", 1, EDX, 26 },
	{ "avx", 1, ECX, 28 },
	{ "xsave", 1, ECX, 26 },
	{ "erms", 7, EBX, 9 },
	{ "fsrm", 7, EDX, 4 },
	{ "avx2", 7, EBX, 5 },
	{ "avx512f", 7, EBX, 16 },
	{ "amx_tile", 7, EDX, 24 },
	{ "clflushopt", 7, EBX, 23 },
	{ "clwb", 7, EBX, 24 },
	{ "smap", 7, EBX, 20 },
	{ "movdiri", 7, ECX, 27 },
	{ "movdir64b", 7, ECX, 28 },
	{ "rdtscp", 0x80000001, EDX, 27 },
	{ "invariant_tsc", 0x80000007, EDX, 8 },
};

const char *cpuid_feature(unsigned int index, bool *present)
{
	const struct feature *f = &features[index];
	unsigned int r[4];

	if (index >= sizeof(features) / sizeof(features[0]))
		return NULL;
	*present = leaf(f->leaf, 0, r) && (r[f->reg] >> f->bit & 1);
	return f->name;
}

bool cpuid_invariant_tsc(void)
{
	unsigned int r[4];

	return leaf(0x80000007, 0, r) && (r[EDX] >> 8 & 1);
}

void cpuid_hypervisor(char sig[13])
{
	unsigned int r[4];

	memset(sig, 0, 13);
	if (!leaf(1, 0, r) || !(r[ECX] >> 31 & 1) || !leaf(0x40000000, 0, r))
		return;
	memcpy(sig, &r[EBX], 12);
}

void cpuid_vendor(char vendor[13])
{
	unsigned int r[4];

	memset(vendor, 0, 13);
	if (!leaf(0, 0, r))
		return;
	memcpy(vendor, &r[EBX], 4);
	memcpy(vendor + 4, &r[EDX], 4);
	memcpy(vendor + 8, &r[ECX], 4);
}

void cpuid_brand(char brand[49])
{
	unsigned int r[4], i;

	memset(brand, 0, 49);
	for (i = 0; i < 3; i++)
		if (leaf(0x80000002 + i, 0, r))
			memcpy(brand + 16 * i, r, 16);
}

bool cpuid_signature(unsigned int *family, unsigned int *model,
		     unsigned int *stepping)
{
	unsigned int r[4], base;

	if (!leaf(1, 0, r))
		return false;
	base = r[EAX] >> 8 & 0xf;
	*family = base + (base == 0xf ? r[EAX] >> 20 & 0xff : 0);
	*model = r[EAX] >> 4 & 0xf;
	if (base == 0x6 || base == 0xf)
		*model |= (r[EAX] >> 16 & 0xf) << 4;
	*stepping = r[EAX] & 0xf;
	return true;
}

bool cpuid_cache(unsigned int index, struct cpuid_cache *c)
{
	static const char types[] = "?diu";
	char vendor[13];
	unsigned int r[4], nr;

	cpuid_vendor(vendor);
	nr = strcmp(vendor, "AuthenticAMD") ? 4 : 0x8000001d;
	if (!leaf(nr, index, r) || !(r[EAX] & 0x1f) || (r[EAX] & 0x1f) > 3)
		return false;
	c->type = types[r[EAX] & 0x1f];
	c->level = r[EAX] >> 5 & 7;
	c->line = (r[EBX] & 0xfff) + 1;
	c->ways = (r[EBX] >> 22) + 1;
	c->bytes = (uint64_t)c->ways * ((r[EBX] >> 12 & 0x3ff) + 1) * c->line *
		   (r[ECX] + 1ULL);
	return true;
}
