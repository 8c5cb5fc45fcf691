// SPDX-License-Identifier: MIT
#include "break.h"

void break_caps(const struct options *o)
{
	(void)o;
}
