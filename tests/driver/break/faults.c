// SPDX-License-Identifier: MIT
#include "break.h"

void break_faults(const struct options *o)
{
	(void)o;
}
