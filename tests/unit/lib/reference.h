/* SPDX-License-Identifier: MIT */
#ifndef PAGECOPY_TEST_REFERENCE_H
#define PAGECOPY_TEST_REFERENCE_H

#include <stddef.h>

/**
 * reference_copy() - what every strategy must do, too dumb to be wrong
 * @dst: where to
 * @src: where from
 * @len: how many bytes
 */
void reference_copy(volatile unsigned char *dst,
		    const volatile unsigned char *src, size_t len);

#endif
