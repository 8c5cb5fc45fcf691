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


@dataclass(frozen=True)
class _Pairs:
    """Rows of @frame of twins and of their bases: of each KEY, places that belong together."""

    frame: pd.DataFrame
    of_key: list[tuple[tuple, np.ndarray, np.ndarray]]

    def values(self, column: str) -> np.ndarray:
        """All of @column."""
        return self.frame[column].to_numpy()


def controls(frame: pd.DataFrame, column: str) -> dict[tuple, stats.Ratio]:
    """For each control the ratio of the twin over its base, paired by round; by its KEY."""
    return _ratios(_pairs(frame), column)


def _ratios(pairs: _Pairs, column: str) -> dict[tuple, stats.Ratio]:
    values, loud = pairs.values(column), pairs.values("disturbed") > 0
    found = {}
    for key, second, first in pairs.of_key:
        used = quiet(loud[second] | loud[first])
        ratio = stats.ratio_of(values[second[used]], values[first[used]])
        if ratio.n:
            found[key] = ratio
    return found


def _pairs(frame: pd.DataFrame) -> _Pairs:
    """Twins and bases that meet in a round; most of a large frame is neither."""
    twin = cells.is_twin(frame).to_numpy()
    names = frame["strategy"].to_numpy()
    base = {name: name.removesuffix(cells.TWIN) for name in pd.unique(names[twin])}
    first = np.flatnonzero(~twin & frame["strategy"].isin(list(base.values())).to_numpy())
    second = np.flatnonzero(twin)
    at = np.concatenate([second, first])
    rows = pd.DataFrame({axis: frame[axis].to_numpy()[at] for axis in (*ROUND, *KEY)})
    rows["strategy"] = rows["strategy"].replace(base)
    code = cells.codes(rows, (*KEY, *ROUND))
    both = pd.DataFrame({"code": code[:len(second)], "second": np.arange(len(second))}).merge(
        pd.DataFrame({"code": code[len(second):], "first": first}), on="code")
    return _Pairs(frame, [(key, second[both["second"].to_numpy()[where]],
                           both["first"].to_numpy()[where])
                          for key, where in _groups(rows.iloc[both["second"]])])


def _groups(rows: pd.DataFrame) -> Iterator[tuple[tuple, np.ndarray]]:
    """Each KEY with the places of its rows."""
    if rows.empty:
        return
    number = cells.codes(rows, KEY)
    order = np.argsort(number, kind="stable")
    starts = np.flatnonzero(np.diff(number[order], prepend=-1))
    keys = rows[list(KEY)].iloc[order[starts]].itertuples(index=False, name=None)
    yield from zip(keys, np.split(order, starts[1:]))


def floors(frame: pd.DataFrame) -> dict[str, Floor]:
    """All controls of @frame together, for those of COLUMNS that have any."""
    pairs = _pairs(frame)
    return {column: _floor(ratios) for column in COLUMNS
            if (ratios := list(_ratios(pairs, column).values()))}


def _floor(ratios: list[stats.Ratio]) -> Floor:
    distance = 100 * np.abs(np.array([one.median for one in ratios]) - 1)
    ends = 100 * (np.array([(one.interval.low, one.interval.high) for one in ratios]) - 1)
    low, high = np.median(ends, axis=0)
    return Floor(len(ratios), sum(one.verdict() in ("<1", ">1") for one in ratios),
                 any(one.interval.coverage >= stats.CONFIDENCE for one in ratios),
                 float(np.median(distance)), float(distance.max()), float(low), float(high))


def sentence(frame: pd.DataFrame) -> str:
    """The noise floor in words; "" where the file has no control."""
    said = [(COLUMNS[column], found) for column, found in floors(frame).items()]
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
