# SPDX-License-Identifier: MIT
"""Rows in which something else ran: left out where enough others remain."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from .cells import codes
from .columns import CELL

# With this many undisturbed rounds a median and its interval stand on their own.
ENOUGH = 10


def quiet(loud: pd.Series) -> pd.Series:
    """Which of one cell's rows, or of one comparison's pairs, to use; @loud: the disturbed."""
    enough = (~loud).sum() >= ENOUGH
    return ~loud if enough else loud | True


def without(frame: pd.DataFrame) -> pd.DataFrame:
    """@frame for medians: each cell by itself keeps all its rows or the undisturbed."""
    loud = frame["disturbed"] > 0
    if not loud.any():
        return frame
    return frame[_used(frame, loud)]


def sentence(frame: pd.DataFrame, present: Sequence[bool]) -> list[str]:
    """How many rows were disturbed and what became of them; @present: who has the column."""
    if not any(present):
        return []
    loud = frame["disturbed"] > 0
    what = f"{int(loud.sum())} of {len(frame)} rows disturbed (preempted, stolen time, migrated)"
    if not all(present):
        what += f"; {sum(present)} of {len(present)} files say which"
    if not loud.any():
        return [f"{what}."]
    out = int((~_used(frame, loud)).sum())
    return [f"{what}: {out} left out of medians, whose cells have {ENOUGH} or more other rounds; "
            f"{int(loud.sum()) - out} kept, for want of that. Pairs by the same rule."]


def used(loud: np.ndarray, cell: np.ndarray) -> np.ndarray:
    """Which rows medians are taken over; @cell: the number of the cell of each."""
    if not loud.any():
        return ~loud
    left = np.bincount(cell[~loud], minlength=cell.max() + 1)
    return ~loud | (left < ENOUGH)[cell]


def _used(frame: pd.DataFrame, loud: pd.Series) -> np.ndarray:
    cell = np.unique(codes(frame, CELL), return_inverse=True)[1]
    return used(loud.to_numpy(), cell)
