// SPDX-License-Identifier: MIT
#include "reference.h"

void reference_copy(volatile unsigned char *dst,
		    const volatile unsigned char *src, size_t len)
{
	size_t i;

	for (i = 0; i < len; i++)
		dst[i] = src[i];
}
