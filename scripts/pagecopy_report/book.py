# SPDX-License-Identifier: MIT
"""The rows of one place, grouped by cell once, for all charts."""

from __future__ import annotations

import functools
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import pandas as pd

from . import cells, describe, disturbed, floors, stats
from .columns import CELL, ROUND
from .load import Run, pool


@dataclass(frozen=True)
class Over:
    """A column over the rounds of each cell: median and quartiles; NaN without a value above 0."""

    middle: np.ndarray
    low: np.ndarray
    high: np.ndarray


def _positive(values: np.ndarray) -> np.ndarray:
    return np.where(values > 0, values, np.nan)


# What plotdef.DERIVED names.
_DERIVED = {
    "kernel_gb_per_s": lambda book: book.column("size") / _positive(book.column("kernel_ns")),
    "time_ns": lambda book: 1e9 / _positive(book.column("ops_per_s")),
}
_JUDGED = ("errors", "verified")


class Book:
    """All that charts of one place are made from.

    @frame: all rows. @at: where those are whose numbers may be shown, twins among them,
    sorted by cell and by "nr", the number of the round. @table: a line for each cell of
    them; its index is the number of the cell. @copied, @twins, @floors: which of them are that.
    """

    def __init__(self, runs: list[Run], name: str = "1") -> None:
        self.runs, self.name = runs, name
        self.frame = pool(runs)
        nr = np.unique(cells.codes(self.frame, ROUND), return_inverse=True)[1] + 1
        good = np.flatnonzero(self.frame.index.isin(cells.usable(self.frame[list(_JUDGED)]).index))
        code = cells.codes(self.frame.iloc[good][list(CELL)], CELL)
        order = np.lexsort((nr[good], code))
        self.at = good[order]
        self._columns = {"nr": nr[self.at]}
        self.starts = np.flatnonzero(np.diff(code[order], prepend=-1))
        self.ends = np.append(self.starts[1:], len(order))
        self.cell = np.repeat(np.arange(len(self.starts)), self.ends - self.starts)
        self.table = self.frame[list(CELL)].iloc[self.at[self.starts]].reset_index(drop=True)
        own = cells.without_twins(self.table)
        self.copied = own[~cells.is_floor(own)]
        self.twins = self.table.drop(own.index)
        self.floors = {one.name: cells.select(own, one.where) for one in cells.FLOORS}
        self._over: dict[str, Over] = {}
        self._beside: dict[tuple, pd.DataFrame] = {}
        self._apart: dict[tuple, stats.Difference] = {}
        # What charts.py has made of it, for the static figure and the page alike.
        self.made: dict[str, tuple] = {}

    def over(self, column: str) -> Over:
        """Medians and quartiles of @column, an element for each cell."""
        if column not in self._over:
            self._over[column] = self._quartiles(column)
        return self._over[column]

    def rows_of(self, numbers: Iterable[int], columns: tuple[str, ...]) -> pd.DataFrame:
        """These columns of the rows of these cells, disturbed ones among them."""
        parts = [np.arange(self.starts[nr], self.ends[nr]) for nr in numbers]
        at = np.concatenate(parts) if parts else np.array([], dtype=int)
        return pd.DataFrame({name: self.column(name)[at] for name in columns}, at)

    def column(self, name: str) -> np.ndarray:
        """A column of the rows @at, or one that is computed from others."""
        if name not in self._columns:
            self._columns[name] = (_DERIVED[name](self) if name in _DERIVED
                                   else self.frame[name].to_numpy()[self.at])
        return self._columns[name]

    def quiet_rows_of(self, numbers: Iterable[int], columns: tuple[str, ...]) -> pd.DataFrame:
        """Those of them that medians are taken over."""
        rows = self.rows_of(numbers, columns)
        return rows[self.used[rows.index]]

    def floor(self, floor: cells.Floor, setting: dict) -> pd.DataFrame:
        """Lines of the table that belong beside cells of @setting, see cells.floor_rows()."""
        key = (floor.name, *(str(setting.get(axis)) for axis in (*floor.hard, *cells.SOFT)))
        if key not in self._beside:
            self._beside[key] = cells.floor_rows(self.floors[floor.name], floor, setting)
        return self._beside[key]

    def apart(self, cell: int, floor: int, column: str) -> stats.Difference:
        """@column of a cell less that of another, round by round."""
        key = (cell, floor, column)
        if key not in self._apart:
            columns = (*ROUND, column, "disturbed")
            sides = (self.rows_of([nr], columns) for nr in (cell, floor))
            self._apart[key] = floors.apart(*sides, column)
        return self._apart[key]

    @functools.cached_property
    def used(self) -> np.ndarray:
        """Which of the rows medians are taken over."""
        return disturbed.used(self.column("disturbed") > 0, self.cell)

    @functools.cached_property
    def place(self) -> str:
        """Where it ran, on one line."""
        return describe.place(self.runs, self.frame)

    @functools.cached_property
    def how_many(self) -> str:
        """The rounds of a cell, in words."""
        return describe.rounds(cells.without_twins(self.frame))

    @functools.cached_property
    def said(self) -> tuple[str, ...]:
        """What stands under every chart after the place: noise, what was left out."""
        runs, frame = self.runs, self.frame
        found = [f"{describe.sentence(describe.noise(frame))} {describe.files(runs)}."]
        if describe.warning(runs, frame):
            found.append(describe.warning(runs, frame) + ".")
        if (frame["disturbed"] > 0).any():
            found += disturbed.sentence(frame, ["disturbed" in run.present for run in runs])
        return tuple(found)

    @functools.cached_property
    def lone(self) -> bool:
        """True if there is but one round."""
        return stats.rounds_of(self.frame) < 2

    def _quartiles(self, column: str) -> Over:
        values = self.column(column).astype(float)
        good = (values > 0) & self.used
        over = pd.Series(values[good]).groupby(self.cell[good])
        parts = [0.5, 0.25, 0.75]
        found = over.quantile(parts).to_numpy(dtype=float).reshape(-1, len(parts))
        whole = np.full((len(self.starts), len(parts)), np.nan)
        whole[np.unique(self.cell[good])] = found
        return Over(*whole.T)
