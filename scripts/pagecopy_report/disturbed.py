# SPDX-License-Identifier: MIT
"""Rows in which something else ran: left out where enough others remain."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

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
    return frame[~(loud & _enough_left(frame, loud))]


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
    out = int((loud & _enough_left(frame, loud)).sum())
    return [f"{what}: {out} left out of medians, whose cells have {ENOUGH} or more other rounds; "
            f"{int(loud.sum()) - out} kept, for want of that. Pairs by the same rule."]


def _enough_left(frame: pd.DataFrame, loud: pd.Series) -> pd.Series:
    keys = [frame[axis] for axis in CELL]
    return (~loud).groupby(keys, dropna=False).transform("sum") >= ENOUGH
