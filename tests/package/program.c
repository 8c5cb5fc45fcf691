/* SPDX-License-Identifier: MIT */
/* What libpagecopy-dev promises: the library, and the device's interface. */
#include <pagecopy/abi.h>
#include <pagecopy/atomic_memcpy.h>

#include <string.h>

int main(void)
{
	char shared[100] = PAGECOPY_DEV_PATH, out[100] = "";

	atomic_load_per_byte_memcpy(out, shared, sizeof(out),
				    memory_order_acquire);
	return strcmp(out, shared) || PAGECOPY_S_raw == PAGECOPY_S_NONE;
}
