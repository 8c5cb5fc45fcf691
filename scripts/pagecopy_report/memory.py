# SPDX-License-Identifier: MIT
"""Memory of large results: kept when it is free, since its pages are the dear part."""

from __future__ import annotations

import ctypes

# mallopt(3), malloc.h of glibc: what it takes, and the most that it takes.
M_TRIM_THRESHOLD, M_TOP_PAD, M_MMAP_THRESHOLD = -1, -2, -3
MOST = ((M_MMAP_THRESHOLD, 32 << 20), (M_TRIM_THRESHOLD, (1 << 31) - 1), (M_TOP_PAD, 256 << 20))


def keep() -> None:
    """Let malloc() keep what is freed, up to 2 GiB, where it is glibc's.

    A column of 10^6 rows is 8 MB. Taken from the kernel and given back for every
    step, each of its pages is cleared anew: a quarter of the time of a report.
    """
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None)
    for what, most in MOST if mallopt else ():
        mallopt(what, most)
