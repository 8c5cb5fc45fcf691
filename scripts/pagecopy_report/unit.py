# SPDX-License-Identifier: MIT
"""What is counted as one observation of a difference: a round, a segment, a run.

Each class answers the same: interval(), p(), and least_p(), the p value of the
clearest difference that so few observations can show.
"""

from __future__ import annotations

import math
from typing import Protocol

import numpy as np
from scipy import stats as laws

from . import infer
from .infer import Found

# Pieces that a run is cut into where its rounds do not pair with those of another.
SEGMENTS = 10
# So many runs can be counted one by one; and how sure it must be that they differ.
RUNS_FEWEST = 3
RUNS_DIFFER = 0.05


class Judge(Protocol):
    """A difference of logarithms, test less base."""

    unit: str

    def interval(self, confidence: float) -> Found:
        """Where the difference lies."""

    def p(self, shift: float = 0.0) -> float:
        """Chance of such data if the difference were @shift."""

    def least_p(self) -> float:
        """The smallest p that can come out."""

    def needed(self, alpha: float) -> int:
        """Rounds a side that can reach @alpha; 0 if that cannot be said."""


class Paired:
    """Rounds measured side by side: the sign of the difference in each."""

    unit = "round"

    def __init__(self, apart: np.ndarray, runs: np.ndarray) -> None:
        self.apart = apart
        self.worth = infer.chain(apart, runs)

    def interval(self, confidence: float) -> Found:
        """Order statistics: no law is assumed."""
        return infer.sign_interval(self.apart, confidence, self.worth)

    def p(self, shift: float = 0.0) -> float:
        """Sign test."""
        return infer.sign_p(self.apart, shift, self.worth)

    def least_p(self) -> float:
        """All rounds to one side."""
        return float(min(1.0, 2.0 ** (1 - len(self.apart) / self.worth)))

    def needed(self, alpha: float) -> int:
        """Rounds, as much chained as these."""
        return math.ceil(self.worth * (1 - math.log2(alpha)))


class TwoRuns:
    """One run a side: medians of segments of time, by rank.

    Neighbouring rounds share the mood of the machine; medians of segments do
    less, and what is still left between them is allowed for.
    """

    unit = "segment"

    def __init__(self, test: np.ndarray, base: np.ndarray) -> None:
        self.test, self.base = (infer.segments(side, SEGMENTS) for side in (test, base))
        self.worth = (infer.chain(self.test) + infer.chain(self.base)) / 2

    def interval(self, confidence: float) -> Found:
        """Order statistics of the differences of all pairs of segments."""
        return infer.rank_sum_interval(self.test, self.base, confidence, self.worth)

    def p(self, shift: float = 0.0) -> float:
        """Mann and Whitney's test."""
        return infer.rank_sum_p(self.test, self.base, shift, self.worth)

    def least_p(self) -> float:
        """All of one side above all of the other."""
        return infer.rank_sum_p(np.arange(len(self.test)) + 0.0,
                                np.arange(len(self.base)) + 1e9, 0.0, self.worth)

    def needed(self, alpha: float) -> int:
        """Rounds, one a segment; 0 where all segments there are would not do."""
        for n in range(2, SEGMENTS + 1):
            ladder = np.arange(n) + 0.0
            if infer.rank_sum_p(ladder, ladder + 1e9, 0.0, self.worth) <= alpha:
                return n
        return 0


class Runs:
    """Several runs: the median of each is one observation (Student, Welch).

    @base None: @test are differences already.
    """

    unit = "run"

    def __init__(self, test: np.ndarray, base: np.ndarray | None) -> None:
        self.test, self.base = test, base

    def interval(self, confidence: float) -> Found:
        """Student's interval: the only one that holds with three to ten runs."""
        return infer.student_interval(self.test, self.base, confidence)

    def p(self, shift: float = 0.0) -> float:
        """Student's or Welch's test."""
        return infer.student_p(self.test, self.base, shift)

    def least_p(self) -> float:
        """As small as one likes."""
        return 0.0

    def needed(self, alpha: float) -> int:
        """No number of rounds; it takes runs."""
        del alpha
        return 0


def middles(values: np.ndarray, runs: np.ndarray) -> np.ndarray:
    """The median of each run."""
    return np.array([np.median(values[runs == run]) for run in np.unique(runs)])


def differ(values: np.ndarray, runs: np.ndarray) -> bool:
    """True if the runs do not say the same (Kruskal and Wallis)."""
    labels = np.unique(runs)
    if len(labels) < RUNS_FEWEST or np.ptp(values) == 0:
        return False
    return bool(laws.kruskal(*(values[runs == run] for run in labels)).pvalue < RUNS_DIFFER)


def of_pairs(apart: np.ndarray, runs: np.ndarray) -> Judge:
    """Rounds of one run, or of several that say the same; else its runs."""
    if differ(apart, runs):
        return Runs(middles(apart, runs), None)
    return Paired(apart, runs)


def of_sides(test: np.ndarray, test_runs: np.ndarray, base: np.ndarray,
             base_runs: np.ndarray) -> Judge:
    """Runs where both sides have two or more, else segments of time."""
    if min(len(np.unique(test_runs)), len(np.unique(base_runs))) >= 2:
        return Runs(middles(test, test_runs), middles(base, base_runs))
    return TwoRuns(test, base)
