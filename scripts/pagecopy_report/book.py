# SPDX-License-Identifier: MIT
"""The rows of one place, grouped by cell once, for all charts."""

from __future__ import annotations

import functools
from dataclasses import dataclass

import numpy as np
import pandas as pd

from . import cells, describe, disturbed, stats
from .columns import CELL, ROUND
from .load import Run, pool


@dataclass(frozen=True)
class Over:
    """A column over the rounds of each cell: median and quartiles; NaN without a value above 0."""

    middle: np.ndarray
    low: np.ndarray
    high: np.ndarray


def with_derived(frame: pd.DataFrame) -> pd.DataFrame:
    """@frame with the columns that are computed from others."""
    kernel = frame["kernel_ns"].where(frame["kernel_ns"] > 0)
    rate = frame["ops_per_s"].where(frame["ops_per_s"] > 0)
    return frame.assign(kernel_gb_per_s=frame["size"] / kernel, time_ns=1e9 / rate)


class Book:
    """All that charts of one place are made from.

    @frame: all rows. @good: those whose numbers may be shown, twins among them.
    @rows: what medians are taken over, sorted by cell. @table: a line for each cell
    of them; its index is the number of the cell.
    """

    def __init__(self, runs: list[Run], name: str = "1") -> None:
        self.runs, self.name = runs, name
        self.frame = pool(runs)
        self.good = with_derived(cells.usable(self.frame))
        rows = disturbed.without(cells.without_twins(self.good))
        code = cells.codes(rows, CELL)
        order = np.argsort(code, kind="stable")
        self.rows = rows.iloc[order].reset_index(drop=True)
        self.starts = np.flatnonzero(np.diff(code[order], prepend=-1))
        self.ends = np.append(self.starts[1:], len(order))
        self.table = self.rows[list(CELL)].iloc[self.starts].reset_index(drop=True)
        self.copied = self.table[~cells.is_floor(self.table)]
        self._over: dict[str, Over] = {}

    def over(self, column: str) -> Over:
        """Medians and quartiles of @column, an element for each cell."""
        if column not in self._over:
            self._over[column] = self._quartiles(column)
        return self._over[column]

    def rows_of(self, numbers: np.ndarray) -> pd.DataFrame:
        """The rows of these cells."""
        parts = [np.arange(self.starts[nr], self.ends[nr]) for nr in numbers]
        return self.rows.iloc[np.concatenate(parts) if parts else []]

    def floor(self, floor: cells.Floor, setting: dict) -> pd.DataFrame:
        """Lines of the table that belong beside cells of @setting, see cells.floor_rows()."""
        return cells.floor_rows(self._floors(floor), floor, setting)

    @functools.cached_property
    def rounds(self) -> pd.DataFrame:
        """Every round in order of time, as columns.ROUND and its number."""
        found = self.frame[list(ROUND)].drop_duplicates()
        return found.sort_values(list(ROUND), ignore_index=True)

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

    def _floors(self, floor: cells.Floor) -> pd.DataFrame:
        return self._picked[floor.name]

    @functools.cached_property
    def _picked(self) -> dict[str, pd.DataFrame]:
        return {floor.name: cells.select(self.table, floor.where) for floor in cells.FLOORS}

    def _quartiles(self, column: str) -> Over:
        values = self.rows[column].to_numpy(dtype=float)
        cell = np.repeat(np.arange(len(self.starts)), self.ends - self.starts)
        good = values > 0
        found = pd.Series(values[good]).groupby(cell[good]).quantile([0.25, 0.5, 0.75]).unstack()
        found = found.reindex(np.arange(len(self.starts)))
        if found.empty or not good.any():
            found = pd.DataFrame(np.nan, np.arange(len(self.starts)), [0.25, 0.5, 0.75])
        return Over(*(found[part].to_numpy() for part in (0.5, 0.25, 0.75)))
