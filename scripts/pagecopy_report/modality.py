# SPDX-License-Identifier: MIT
"""Does a list of values have two modes: centres, shares, or None."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

# Fewer values cannot tell two modes from one with a tail.
FEWEST = 20
# The smaller mode has at least this share of the values.
SHARE = 0.15
# Centres so many spreads apart, and more where values are few: then one law
# makes two heaps by chance (tests/scripts/test_modality.py has the laws).
APART = 4.5
APART_OF_FEW = 60
# Centres closer than this are of no interest: 1 %, as logarithm.
CLOSE = 0.01


@dataclass(frozen=True)
class Modes:
    """Two centres and the share of values about the upper one."""

    low: float
    high: float
    share: float


def split(ordered: np.ndarray) -> tuple[int, float]:
    """Where to part @ordered in two, and how many spreads the centres lie apart."""
    n = len(ordered)
    least = max(4, int(np.ceil(SHARE * n)))
    at = np.arange(least, n - least + 1)
    if not len(at):
        return 0, 0.0
    # About the median: sums of squares of large values lose their digits.
    moved = ordered - ordered[n // 2]
    total, square = np.cumsum(moved), np.cumsum(moved * moved)
    means = total[at - 1] / at, (total[-1] - total[at - 1]) / (n - at)
    within = (square[at - 1] - at * means[0] ** 2,
              square[-1] - square[at - 1] - (n - at) * means[1] ** 2)
    best = int(np.argmin(within[0] + within[1]))
    k = int(at[best])
    spread = np.sqrt(max((within[0][best] / (k - 1) + within[1][best] / (n - k - 1)) / 2, 0.0))
    apart = means[1][best] - means[0][best]
    if apart <= 0:
        return k, 0.0
    return k, float(apart / spread) if spread > 0 else np.inf


def modes(logs: np.ndarray) -> Modes | None:
    """Two modes of values given as logarithms.

    The values are parted where the spread within both parts is least. They are
    two modes if the centres lie so many spreads apart as one law hardly ever
    makes them: a normal law makes 2.7, a flat one 3.5.
    """
    if len(logs) < FEWEST:
        return None
    ordered = np.sort(logs)
    k, apart = split(ordered)
    if apart < APART + APART_OF_FEW / len(ordered):
        return None
    low, high = float(np.median(ordered[:k])), float(np.median(ordered[k:]))
    return Modes(low, high, 1 - k / len(ordered)) if high - low >= CLOSE else None
