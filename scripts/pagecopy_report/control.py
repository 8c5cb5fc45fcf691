# SPDX-License-Identifier: MIT
"""The control: what the base cells differ by from themselves under a second name."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import pandas as pd

from . import cells, stats
from .columns import ROUND
from .disturbed import quiet

KEY = (*cells.SETTING, "strategy")
COLUMNS = {"ops_per_s": "ops/s", "kernel_ns": "kernel ns"}


@dataclass(frozen=True)
class Floor:
    """What a number of controls say together about one column, in per cent.

    @typical, @worst: of their distances from 1. @low, @high: ends of their
    intervals, the typical ones. @apart: how many are told apart from 1.
    """

    controls: int
    apart: int
    enough: bool
    typical: float
    worst: float
    low: float
    high: float


def controls(frame: pd.DataFrame, column: str) -> dict[tuple, stats.Ratio]:
    """For each control the ratio of the twin over its base, paired by round; by its KEY."""
    rows = frame[[*ROUND, *KEY, column, "disturbed"]]
    twin = cells.is_twin(rows)
    second = rows[twin].assign(strategy=rows.loc[twin, "strategy"].str.removesuffix(cells.TWIN))
    first = rows[~twin & rows["strategy"].isin(second["strategy"].unique())]
    both = second.merge(first, on=[*ROUND, *KEY], suffixes=(" twin", ""))
    loud = ((both["disturbed twin"] > 0) | (both["disturbed"] > 0)).to_numpy()
    values = both[[f"{column} twin", column]].to_numpy()
    found = {}
    for key, at in _groups(both):
        at = at[quiet(loud[at])]
        ratio = stats.ratio_of(values[at, 0], values[at, 1])
        if ratio.n:
            found[key] = ratio
    return found


def _groups(rows: pd.DataFrame) -> Iterator[tuple[tuple, np.ndarray]]:
    """Each KEY with the places of its rows."""
    if rows.empty:
        return
    number = rows.groupby(list(KEY), dropna=False).ngroup().to_numpy()
    order = np.argsort(number, kind="stable")
    starts = np.flatnonzero(np.diff(number[order], prepend=-1))
    keys = rows[list(KEY)].iloc[order[starts]].itertuples(index=False, name=None)
    yield from zip(keys, np.split(order, starts[1:]))


def floor(frame: pd.DataFrame, column: str) -> Floor | None:
    """All controls of @frame together; None where there is none of @column."""
    ratios = list(controls(frame, column).values())
    if not ratios:
        return None
    distance = 100 * np.abs(np.array([one.median for one in ratios]) - 1)
    ends = 100 * (np.array([(one.interval.low, one.interval.high) for one in ratios]) - 1)
    low, high = np.median(ends, axis=0)
    return Floor(len(ratios), sum(one.verdict() in ("<1", ">1") for one in ratios),
                 any(one.interval.coverage >= stats.CONFIDENCE for one in ratios),
                 float(np.median(distance)), float(distance.max()), float(low), float(high))


def sentence(frame: pd.DataFrame) -> str:
    """The noise floor in words; "" where the file has no control."""
    said = [(words, found) for column, words in COLUMNS.items()
            if (found := floor(frame, column)) is not None]
    if not said:
        return ""
    parts = []
    for words, one in said:
        apart = (f"{one.apart} of {one.controls} told apart" if one.enough
                 else f"{one.controls} controls, too few rounds to tell any apart")
        parts.append(f"{one.typical:.2g} % [{one.low:+.2g}..{one.high:+.2g}] in {words} "
                     f"(at most {one.worst:.2g} %; {apart})")
    return ("noise floor: two identical things differ by " + ", ".join(parts)
            + ": a base cell against its hidden twin, paired by round, median over the controls "
            "and of the ends of their intervals")


def beyond(ratio: stats.Ratio, control: stats.Ratio | None) -> bool:
    """True if @ratio lies farther from 1, with its interval, than the control does.

    Either way: where two identical things come out as 3 % more, 2 % less is nothing.
    """
    if control is None:
        return True
    reach = max(control.interval.high, 1 / control.interval.low)
    return ratio.interval.low > reach or ratio.interval.high < 1 / reach
