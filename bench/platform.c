// SPDX-License-Identifier: MIT
#include "platform.h"

#include <stdio.h>
#include <string.h>

#include "cpu_id.h"
#include "names.h"

static bool is_uml(void)
{
	char line[256];
	bool found = false;
	FILE *f;

	f = fopen("/proc/cpuinfo", "re");
	if (!f)
		return false;
	while (!found && fgets(line, sizeof(line), f))
		found = strstr(line, "User Mode Linux");
	fclose(f);
	return found;
}

void platform_detect(unsigned int *platform, bool *emulated)
{
	char hypervisor[13];
	bool uml = is_uml();

	/* Under UML the instruction still tells of the machine below. */
	cpuid_hypervisor(hypervisor);
	*emulated = !strcmp(hypervisor, "TCGTCGTCGTCG");
	if (*platform != PLATFORM_AUTO)
		return;
	if (uml)
		*platform = PLATFORM_UML;
	else
		*platform = *emulated ? PLATFORM_VM : PLATFORM_HOST;
}
