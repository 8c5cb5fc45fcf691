// SPDX-License-Identifier: MIT
#include "break.h"

void break_module(const struct options *o)
{
	(void)o;
}
