# SPDX-License-Identifier: MIT
"""Intervals and p values by rank; nothing here assumes a normal law of rounds.

All values are logarithms, so that a ratio and its inverse are judged alike.
Every interval is the set of shifts that the test beside it does not reject.
"""

from __future__ import annotations

import functools
from dataclasses import dataclass

import numpy as np
from scipy import special
from scipy import stats as laws

# Up to here the law of a rank sum is counted out, beyond it is close to normal.
EXACT_MOST = 50
# Neighbours that hang together more than this: the run is too short to tell how much.
CHAINED_MOST = 0.9
# Fewer values say nothing about how they hang together.
CHAIN_FEWEST = 10


@dataclass(frozen=True)
class Found:
    """A shift with its interval. @coverage: what the interval is sure of."""

    shift: float
    low: float
    high: float
    coverage: float


NOTHING = Found(np.nan, np.nan, np.nan, 0.0)


def chain(values: np.ndarray, runs: np.ndarray | None = None) -> float:
    """How many neighbouring values are worth one that knows nothing of the last.

    From the correlation of the ranks of neighbours, in order of time, freed of
    the bias it has in few values; 1 unless it is more than chance gives. @runs
    labels the runs: the last of one and the first of the next are no neighbours.
    """
    n = len(values)
    if n < CHAIN_FEWEST:
        return 1.0
    ranks = laws.rankdata(values) - (n + 1) / 2
    products = ranks[1:] * ranks[:-1]
    if runs is not None:
        products = products[runs[1:] == runs[:-1]]
    whole = (ranks * ranks).sum()
    if whole == 0:
        return 1.0
    weight = products.sum() / whole
    weight += (1 + 3 * weight) / n
    if weight < 1 / np.sqrt(n):
        return 1.0
    weight = min(weight, CHAINED_MOST)
    return float(np.clip((1 + weight) / (1 - weight), 1.0, max(n / 3, 1.0)))


def sign_p(values: np.ndarray, shift: float = 0.0, worth: float = 1.0) -> float:
    """Chance of so uneven a split if the median were @shift; ties say nothing.

    @worth values count as one, see chain().
    """
    above = int((values > shift).sum())
    below = int((values < shift).sum())
    return min(1.0, 2 * _coins_below(min(above, below), above + below, worth))


def sign_interval(values: np.ndarray, confidence: float, worth: float = 1.0) -> Found:
    """The narrowest pair of order statistics that holds the median.

    With too few values for @confidence: the extremes, with the coverage they have.
    """
    ordered = np.sort(values)
    n = len(ordered)
    if n == 0:
        return NOTHING
    ranks = np.arange(1, (n + 1) // 2 + 1)
    coverage = 1 - 2 * _coins_below(ranks - 1, n, worth)
    k = int(max(ranks[coverage >= confidence], default=1))
    return Found(float(np.median(ordered)), float(ordered[k - 1]), float(ordered[n - k]),
                 max(float(coverage[k - 1]), 0.0))


def _coins_below(k, n: int, worth: float):
    """P(at most @k heads of @n coins), each @worth of them thrown as one."""
    return special.betainc((n - k) / worth, k / worth + 1, 0.5) if n else 1.0


def rank_sum_p(test: np.ndarray, base: np.ndarray, shift: float = 0.0,
               worth: float = 1.0) -> float:
    """Mann and Whitney: chance of so uneven ranks if @test were @base plus @shift."""
    n, m = len(test), len(base)
    apart = (test[:, None] - base[None, :] - shift).ravel()
    above = (apart > 0).sum() + 0.5 * (apart == 0).sum()
    return min(1.0, 2 * _rank_sum_below(min(above, n * m - above), n, m, worth)) if n * m else 1.0


def rank_sum_interval(test: np.ndarray, base: np.ndarray, confidence: float,
                      worth: float = 1.0) -> Found:
    """Order statistics of the differences of all pairs; their median is the shift."""
    n, m = len(test), len(base)
    if not n or not m:
        return NOTHING
    apart = np.sort((test[:, None] - base[None, :]).ravel())
    k = max(_rank_sum_cut(n, m, round(1 - confidence, 12), worth), 1)
    coverage = 1 - 2 * _rank_sum_below(k - 1, n, m, worth)
    return Found(float(np.median(apart)), float(apart[k - 1]), float(apart[-k]),
                 max(coverage, 0.0))


def student_p(test: np.ndarray, base: np.ndarray | None, shift: float = 0.0) -> float:
    """Student's or Welch's test; for means of whole runs only."""
    middle, error, free = _student(test, base)
    if not free > 0:
        return 1.0
    if error == 0:
        return 1.0 if middle == shift else 0.0
    return float(2 * special.stdtr(free, -abs(middle - shift) / error))


def student_interval(test: np.ndarray, base: np.ndarray | None, confidence: float) -> Found:
    """The interval of student_p()."""
    middle, error, free = _student(test, base)
    if not free > 0:
        return Found(middle, middle, middle, 0.0)
    reach = error * float(special.stdtrit(free, (1 + confidence) / 2))
    return Found(middle, middle - reach, middle + reach, confidence)


def holm(p: np.ndarray) -> np.ndarray:
    """p values so raised that the chance of any false alarm among all stays below alpha."""
    p = np.asarray(p, dtype=float)
    order = np.argsort(p, kind="stable")
    raised = np.maximum.accumulate(p[order] * np.arange(len(p), 0, -1))
    back = np.empty_like(p)
    back[order] = np.minimum(raised, 1.0)
    return back


def _student(test: np.ndarray, base: np.ndarray | None) -> tuple[float, float, float]:
    """Middle, standard error, degrees of freedom; 0 of these if there are too few values."""
    sides = [side for side in (test, base) if side is not None]
    if min(map(len, sides)) < 1:
        return np.nan, np.nan, 0.0
    middle = float(np.mean(test)) - (float(np.mean(base)) if base is not None else 0.0)
    if min(map(len, sides)) < 2:
        return middle, 0.0, 0.0
    parts = np.array([np.var(side, ddof=1) / len(side) for side in sides])
    total = parts.sum()
    if total == 0:
        return middle, 0.0, float(min(map(len, sides)) - 1)
    free = total ** 2 / sum(v * v / (len(s) - 1) for v, s in zip(parts, sides))
    return middle, float(np.sqrt(total)), float(free)


@functools.cache
def _rank_sum_law(n: int, m: int) -> np.ndarray:
    """P(U <= u) for u = 0.. of n and m values without ties."""
    count = np.zeros(n * m + 1)
    count[0] = 1.0
    for i in range(1, m + 1):
        # Generating function of the Gaussian binomial coefficient, factor by factor.
        if n + i <= n * m:
            count[n + i:] -= count[:-(n + i)].copy()
        for at in range(i, n * m + 1):
            count[at] += count[at - i]
    return np.cumsum(count) / special.binom(n + m, n)


def _rank_sum_below(u: float, n: int, m: int, worth: float = 1.0) -> float:
    """P(U <= @u); counted out for few values that do not hang together."""
    if u < 0:
        return 0.0
    if n + m <= EXACT_MOST and worth == 1.0:
        # Ties give halves; the next whole number is the careful side.
        return float(min(1.0, _rank_sum_law(n, m)[int(np.ceil(u))]))
    spread = np.sqrt(worth * n * m * (n + m + 1) / 12)
    return float(special.ndtr((u + 0.5 - n * m / 2) / spread))


def _rank_sum_cut(n: int, m: int, alpha: float, worth: float) -> int:
    """Largest k such that k-1 is rejected at @alpha; 0 if nothing is."""
    low, high = 0, n * m // 2 + 1
    while low < high:
        middle = (low + high + 1) // 2
        if 2 * _rank_sum_below(middle - 1, n, m, worth) <= alpha:
            low = middle
        else:
            high = middle - 1
    return low


def segments(values: np.ndarray, most: int) -> np.ndarray:
    """Medians of @most pieces of @values, each of neighbours in time."""
    return np.array([np.median(part) for part in np.array_split(values, min(most, len(values)))])
