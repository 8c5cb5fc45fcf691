# SPDX-License-Identifier: MIT
"""Medians, spreads and paired ratios; nothing here assumes a normal law."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from . import infer
from .cells import SETTING, TRANSPORT, select
from .columns import ROUND, RUN
from .disturbed import quiet

CONFIDENCE = 0.95


@dataclass(frozen=True)
class Interval:
    """Two order statistics around a median, and how sure they are."""

    low: float
    high: float
    coverage: float


@dataclass(frozen=True)
class Ratio:
    """A paired ratio over rounds. @dropped pairs had no positive value."""

    n: int
    dropped: int
    median: float
    low: float
    high: float
    iqr: float
    interval: Interval

    def verdict(self) -> str:
        """"~" within noise, "n<6" too few rounds to tell, else "<1" or ">1"."""
        if self.n == 0:
            return ""
        if self.interval.low <= 1 <= self.interval.high:
            return "~"
        if self.interval.coverage < CONFIDENCE:
            return "n<6"
        return "<1" if self.median < 1 else ">1"


@dataclass(frozen=True)
class Difference:
    """A paired difference over rounds."""

    n: int
    median: float
    interval: Interval


def median_interval(values: np.ndarray, confidence: float = CONFIDENCE) -> Interval:
    """The narrowest pair of order statistics that holds the median.

    Each value lies below the true median with probability 1/2, whatever the
    law, so the number below it is binomial: x(k)..x(n+1-k) holds the median
    with probability 1 - 2 P(B(n, 1/2) < k). Under six values not even the
    extremes reach 95 %: they are returned with the coverage they have.
    """
    found = infer.sign_interval(np.asarray(values, dtype=float), confidence)
    return Interval(found.low, found.high, found.coverage)


def iqr(values: np.ndarray) -> float:
    """Distance between the quartiles."""
    low, high = np.percentile(values, [25, 75])
    return float(high - low)


def paired_ratio(rows: pd.DataFrame, test: str, base: str, column: str,
                 axis: str = "strategy") -> Ratio:
    """@column where @axis is @test over that where it is @base, paired round by round.

    @rows differ in nothing else. A round that has only one of the two is left
    out; so is a pair with a value that is empty or not positive, and a
    disturbed one where enough others remain.
    """
    pairs = _pairs(rows, test, base, column, axis)
    return ratio_of(pairs["test"], pairs["base"])


def ratio_of(test: pd.Series | np.ndarray, base: pd.Series | np.ndarray) -> Ratio:
    """@test over @base, element by element; both have the same index."""
    good = (test > 0) & (base > 0)
    dropped = int((~good).sum())
    ratio = np.asarray(test[good] / base[good], dtype=float)
    if len(ratio) == 0:
        nothing = Interval(np.nan, np.nan, 0.0)
        return Ratio(0, dropped, np.nan, np.nan, np.nan, np.nan, nothing)
    return Ratio(len(ratio), dropped, float(np.median(ratio)),
                 float(ratio.min()), float(ratio.max()), iqr(ratio), median_interval(ratio))


def paired_difference(rows: pd.DataFrame, test: str, base: str, column: str,
                      axis: str) -> Difference:
    """@column where @axis is @test less that where it is @base, paired as in paired_ratio()."""
    pairs = _pairs(rows, test, base, column, axis).dropna()
    apart = (pairs["test"] - pairs["base"]).to_numpy()
    middle = float(np.median(apart)) if len(apart) else np.nan
    return Difference(len(apart), middle, median_interval(apart))


def _pairs(rows: pd.DataFrame, test: str, base: str, column: str, axis: str) -> pd.DataFrame:
    needed = [*ROUND, column, "disturbed"]
    sides = [rows.loc[rows[axis] == name, needed].set_index(list(ROUND)) for name in (test, base)]
    both = sides[0].join(sides[1], how="inner", lsuffix=" test", rsuffix=" base")
    loud = (both["disturbed test"] > 0) | (both["disturbed base"] > 0)
    pairs = both[quiet(loud)]
    return pd.DataFrame({"test": pairs[f"{column} test"], "base": pairs[f"{column} base"]})


@dataclass(frozen=True)
class Noise:
    """How far identical cells of nothing lie apart, in per cent of their median."""

    cells: int
    rounds: int
    typical: float
    worst: float
    range_worst: float


def noise(frame: pd.DataFrame) -> Noise | None:
    """Spread of ops/s of the transport floors within a run; None if not to be had."""
    spreads = []
    rounds = 0
    for floor in TRANSPORT:
        rows = select(frame, floor.where).dropna(subset=["ops_per_s"])
        for _, cell in rows.groupby([*RUN, *SETTING], dropna=False):
            value = cell["ops_per_s"].to_numpy()
            if len(value) < 2 or np.median(value) <= 0:
                continue
            middle = np.median(value)
            spreads.append((iqr(value) / middle, np.ptp(value) / middle))
            rounds = max(rounds, len(value))
    if not spreads:
        return None
    quartiles, ranges = 100 * np.array(spreads).T
    return Noise(len(spreads), rounds, float(np.median(quartiles)),
                 float(quartiles.max()), float(ranges.max()))


def rounds_of(frame: pd.DataFrame) -> int:
    """Rounds in the data, those of different runs counted apart."""
    return len(frame[list(ROUND)].drop_duplicates())
