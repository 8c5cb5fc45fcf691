# SPDX-License-Identifier: MIT
"""Charts of kind dots: the value of every round, in order of time."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pandas as pd

from .asked import Asked, Filled
from .book import Book
from .drawing import Series, exact, rounded


def moving(asked: Asked) -> tuple[str, ...]:
    """None: x is the round."""
    del asked
    return ()


def there(asked: Asked) -> pd.Series:
    """Which cells have a dot."""
    return pd.Series(np.isfinite(asked.book.over(asked.panel.y.column).middle),
                     asked.book.table.index)


def how(book: Book) -> str:
    """What a dot is."""
    return f"every dot is a round of one cell, {book.how_many}, disturbed ones too"


def fill(asked: Asked) -> Iterator[Filled]:
    """One panel; where there would be too many dots, every so manieth round."""
    found = {}
    for name in asked.names:
        numbers = asked.cells.index[asked.cells["strategy"] == name]
        rows = asked.book.rows_of(numbers, ("nr", "disturbed", asked.panel.y.column))
        found[name] = rows[rows[asked.panel.y.column] > 0]
    step = -(-sum(map(len, found.values())) // asked.plot.dots_max)
    series = tuple(_series(name, rows[(rows["nr"] - 1) % step == 0], asked.panel.y.column)
                   for name, rows in found.items() if len(rows))
    if series:
        yield Filled(series, said=_left_out(asked, step))


def _series(name: str, rows: pd.DataFrame, column: str) -> Series:
    loud = rows["disturbed"] > 0
    note = tuple("disturbed" if one else "" for one in loud) if loud.any() else None
    return Series(name, "copy", exact(rows["nr"]), rounded(rows[column]), note=note)


def _left_out(asked: Asked, step: int) -> tuple[str, ...]:
    if step <= 1:
        return ()
    return (f"A panel has at most {asked.plot.dots_max} dots: where there are more, rounds are "
            f"left out evenly (one in {step} is drawn in the fullest).",)
