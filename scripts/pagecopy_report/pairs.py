# SPDX-License-Identifier: MIT
"""The values of each cell of a question, side by side, in order of time."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from .columns import RUN
from .question import TIME, TWIN, is_twin

# Rounds without a disturbance that are enough to leave the others out.
ENOUGH = 10
# A round of all runs in one number: the run above so many bits.
ROUND_BITS = 32
ORDER = (*RUN, "round")


@dataclass
class Cell:
    """One cell: logarithms of the metric, oldest first.

    Sides of @paired cells belong together round by round. @disturbed rows had a
    disturbance, and @used tells whether they are in. @worthless: no value, or none
    above 0. @rounds names the rounds of paired cells, see ROUND_BITS.
    """

    key: dict
    base: np.ndarray
    test: np.ndarray
    base_run: np.ndarray
    test_run: np.ndarray
    rounds: np.ndarray
    paired: bool
    disturbed: int = 0
    used: bool = False
    worthless: int = 0


def paired(base: pd.DataFrame, test: pd.DataFrame, on: list[str], metric: str,
           disturbed: str) -> list[Cell]:
    """Cells of rows that meet in the same round of the same run."""
    keys = [*on, *ORDER]
    both = _valued(base, keys, metric).merge(_valued(test, keys, metric), on=keys,
                                             suffixes=("_base", "_test"))
    both = both.sort_values(list(ORDER), kind="stable")
    run = both.groupby(list(RUN), sort=False).ngroup().to_numpy()
    values = both[["value_base", "value_test"]].to_numpy()
    marked = (both[["mark_base", "mark_test"]] == 1).any(axis=1).to_numpy()
    number = both["round"].to_numpy().astype(np.int64)
    found = []
    for key, at in _cells(both, on):
        keep, seen, used, worthless = _kept(values[at], marked[at], disturbed)
        at = at[keep]
        logs = np.log(values[at])
        found.append(Cell(key, logs[:, 0], logs[:, 1], run[at], run[at],
                          (run[at] << ROUND_BITS) + number[at], True, seen, used, worthless))
    return found


def apart(base: pd.DataFrame, test: pd.DataFrame, on: list[str], metric: str,
          disturbed: str) -> list[Cell]:
    """Cells that are on both sides; their rounds have nothing to do with each other."""
    keys = [*on, *ORDER]
    both = pd.concat([_valued(side, keys, metric).assign(side=nr)
                      for nr, side in enumerate((base, test))], ignore_index=True)
    both = both.sort_values(["side", *ORDER], kind="stable")
    run = both.groupby(["side", *RUN], sort=False).ngroup().to_numpy()
    values, side = both[["value"]].to_numpy(), both["side"].to_numpy()
    marked = (both["mark"] == 1).to_numpy()
    found = []
    for key, at in _cells(both, on):
        parts = [at[side[at] == nr] for nr in (0, 1)]
        if not all(map(len, parts)):
            continue
        kept = [_kept(values[part], marked[part], disturbed) for part in parts]
        here, there = (part[one[0]] for part, one in zip(parts, kept))
        found.append(Cell(key, np.log(values[here, 0]), np.log(values[there, 0]), run[here],
                          run[there], np.empty(0, dtype=np.int64), False,
                          sum(one[1] for one in kept), any(one[2] for one in kept),
                          sum(one[3] for one in kept)))
    return found


def twins(frame: pd.DataFrame, on: list[str], metric: str, disturbed: str) -> list[Cell]:
    """Each base cell against its twin: what is told apart here is not there."""
    twin = is_twin(frame)
    second = frame[twin].assign(strategy=frame.loc[twin, "strategy"].str.removesuffix(TWIN))
    return paired(frame[~twin], second, on, metric, disturbed) if twin.any() else []


def _valued(rows: pd.DataFrame, keys: list[str], metric: str) -> pd.DataFrame:
    value = 1e9 / rows["ops_per_s"] if metric == TIME else rows[metric]
    return rows[keys].assign(value=value, mark=rows["disturbed"])


def _cells(rows: pd.DataFrame, on: list[str]):
    """(axes of the cell, places of its rows), in the order of the axes."""
    if rows.empty:
        return
    # No value (rate of a closed loop) is a value like any other here.
    number = rows[on].fillna(-1).groupby(on, sort=True).ngroup().to_numpy()
    order = np.argsort(number, kind="stable")
    starts = np.flatnonzero(np.diff(number[order], prepend=-1))
    keys = rows.iloc[order[starts]][on].to_dict("records")
    yield from zip(keys, np.split(order, starts[1:]))


def _kept(values: np.ndarray, marked: np.ndarray, disturbed: str):
    """Which rounds are judged: (mask, disturbed rounds, are they in, rounds without a value)."""
    good = (np.isfinite(values) & (values > 0)).all(axis=1)
    worthless = int((~good).sum())
    seen = int((marked & good).sum())
    quiet = good & ~marked
    drop = disturbed == "drop" or (disturbed == "auto" and quiet.sum() >= ENOUGH)
    return (quiet if drop else good), seen, bool(seen) and not drop, worthless
