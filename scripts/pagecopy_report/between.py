# SPDX-License-Identifier: MIT
"""Several runs of one place: how far they lie apart, beside how far rounds do."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from . import stats, text
from .columns import RUN

COLUMNS = {"ops_per_s": "ops/s", "kernel_ns": "kernel ns"}
# A cell is named when its runs lie this many times further apart than its rounds.
MUCH = 2
NAMED_MAX = 6


@dataclass(frozen=True)
class Spread:
    """One cell: half the range of its runs' medians, half the quartile range within a run.

    Both in per cent of the median of the medians.
    """

    size: float
    strategy: str
    runs: int
    between: float
    within: float

    def wide(self) -> bool:
        """True if one run of this cell says little about the next."""
        return self.between > MUCH * self.within


def number(frame: pd.DataFrame) -> int:
    """How many runs the rows are from."""
    return len(frame[list(RUN)].drop_duplicates())


def spreads(rows: pd.DataFrame, column: str) -> list[Spread]:
    """Of each size and strategy in @rows that two runs have measured twice or more."""
    found = []
    for (size, strategy), cell in rows.groupby(["size", "strategy"]):
        cell = cell[cell[column] > 0]
        values = [run.to_numpy() for _, run in cell.groupby(list(RUN))[column] if len(run) > 1]
        if len(values) < 2:
            continue
        medians = [np.median(run) for run in values]
        per_cent = 50 / np.median(medians)
        found.append(Spread(size, strategy, len(values), per_cent * float(np.ptp(medians)),
                            per_cent * float(np.median([stats.iqr(run) for run in values]))))
    return found


def ratio_spreads(rows: pd.DataFrame, pair: tuple[str, str], column: str) -> list[Spread]:
    """The same of the paired ratio of two strategies, at each size."""
    found = []
    for size, of_size in rows.groupby("size"):
        ratios = [stats.paired_ratio(run, *pair, column) for _, run in of_size.groupby(list(RUN))]
        ratios = [one for one in ratios if one.n > 1]
        if len(ratios) < 2:
            continue
        medians = [one.median for one in ratios]
        per_cent = 50 / np.median(medians)
        found.append(Spread(size, " / ".join(pair), len(ratios),
                            per_cent * float(np.ptp(medians)),
                            per_cent * float(np.median([one.iqr for one in ratios]))))
    return found


def table(rows: pd.DataFrame, pair: tuple[str, str] | None) -> list[text.Table | str]:
    """Between runs and within them, for the cells of the main table and the ratio of @pair."""
    if number(rows) < 2:
        return []
    shown = text.Table(
        "Spread of the figures above between runs (half the range of the runs' medians) and "
        "within a run (half the quartile range of its rounds): median over cells [largest]",
        ("of", "between runs", "within a run", "runs", "cells"), frozenset({0}))
    groups = {words: spreads(rows, column) for column, words in COLUMNS.items()}
    if pair:
        groups.update({f"ratio of {words}": ratio_spreads(rows, pair, column)
                       for column, words in COLUMNS.items()})
    for words, found in groups.items():
        if found:
            shown.add(words, _both([one.between for one in found]),
                      _both([one.within for one in found]), str(max(one.runs for one in found)),
                      str(len(found)))
    wide = [(words, one) for words, found in groups.items() for one in found if one.wide()]
    parts: list[text.Table | str] = [shown] if shown.rows else []
    return parts + ([_named(wide)] if wide else [])


def _both(values: list[float]) -> str:
    return f"±{np.median(values):.1f}% [±{max(values):.1f}%]"


def _named(wide: list[tuple[str, Spread]]) -> str:
    wide = sorted(wide, key=lambda one: -one[1].between)
    cells = "; ".join(f"{text.size(one.size)} {text.clean(one.strategy, 2 * text.NAME_MAX)} "
                      f"{words} ±{one.between:.1f}% against ±{one.within:.1f}%"
                      for words, one in wide[:NAMED_MAX])
    more = f"; and {len(wide) - NAMED_MAX} more" if len(wide) > NAMED_MAX else ""
    return text.wrap(f"RUNS DIFFER more than {MUCH} times as much as the rounds of one: what "
                     f"rounds say of these is too sure: {cells}{more}.")
