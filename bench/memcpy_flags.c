// SPDX-License-Identifier: MIT
#include "memcpy_flags.h"

#include <stdio.h>
#include <string.h>
#include <sys/utsname.h>

#include "doctor_tree.h"
#include "names.h"
#include "platform.h"

static const char *const deciding[] = { "fsrm", "erms", "rep_good" };

static bool has(const char *flags, const char *flag)
{
	const size_t len = strlen(flag);
	const char *p = flags;

	while ((p = strstr(p, flag))) {
		if ((p == flags || p[-1] == ' ') &&
		    (!p[len] || p[len] == ' ' || p[len] == '\n'))
			return true;
		p += len;
	}
	return false;
}

/* Since 6.4 only FSRM selects a string instruction. */
static bool knows_fsrm(const char *release)
{
	unsigned int major = 0, minor = 0;

	sscanf(release, "%u.%u", &major, &minor);
	return major > 6 || (major == 6 && minor >= 4);
}

const char *memcpy_expected(const char *release, const char *flags, bool uml)
{
	if (!flags[0])
		return NULL;
	if (uml)
		return "unrolled";
	if (knows_fsrm(release))
		return has(flags, "fsrm") ? "rep_movsb" : "unrolled";
	if (has(flags, "erms"))
		return "rep_movsb";
	return has(flags, "rep_good") ? "rep_movsq" : "unrolled";
}

void memcpy_flags(char *text, size_t size)
{
	const struct doctor here = { .root = "" };
	unsigned int platform = PLATFORM_AUTO, i;
	const char *loop, *flags;
	struct utsname u = { 0 };
	struct tree_file file;
	bool emulated;
	size_t len = 0;

	text[0] = '\0';
	flags = tree_field(&here, &file, "/proc/cpuinfo", "flags") ?
		file.text : "";
	platform_detect(&platform, &emulated);
	uname(&u);
	loop = memcpy_expected(u.release, flags, platform == PLATFORM_UML);
	if (!loop)
		return;
	for (i = 0; i < sizeof(deciding) / sizeof(deciding[0]); i++)
		if (has(flags, deciding[i]))
			len += (size_t)snprintf(text + len, size - len, "%s%s",
						len ? " " : "", deciding[i]);
	snprintf(text + len, size - len, "%s; expected %s",
		 len ? "" : "none", loop);
}
