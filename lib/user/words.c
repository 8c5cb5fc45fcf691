// SPDX-License-Identifier: GPL-2.0-only OR MIT
/* For every machine: words of 8 bytes, narrower ones at the end. */
#include "variant.h"

void *pagecopy_user_load_words(void *dest, const void *source, size_t count,
			       pagecopy_order order)
{
	pagecopy_load_words(dest, source, count);
	pagecopy_fence_after(order);
	return dest;
}

void *pagecopy_user_store_words(void *dest, const void *source, size_t count,
				pagecopy_order order)
{
	pagecopy_fence_before(order);
	pagecopy_store_words(dest, source, count);
	return dest;
}
