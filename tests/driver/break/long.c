// SPDX-License-Identifier: MIT
#include "break.h"

void break_long(const struct options *o)
{
	(void)o;
}
