# SPDX-License-Identifier: MIT
"""Charts of kind lines: medians with quartiles, and the floors beside them."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pandas as pd

from . import cells
from .asked import Asked, Filled
from .book import Book
from .drawing import Series, exact, rounded


def moving(asked: Asked) -> tuple[str, ...]:
    """The axis along x, if x is an axis."""
    return () if asked.plot.x.columns else (asked.plot.x.column,)


def there(asked: Asked) -> pd.Series:
    """Which cells have a point."""
    table = asked.book.table
    if asked.plot.x.columns:
        return pd.Series(np.isfinite(asked.book.over(asked.plot.x.column).middle), table.index)
    return pd.Series(np.isfinite(asked.book.over(asked.panel.y.column).middle), table.index) & (
        table[asked.plot.x.column] > 0)


def how(book: Book) -> str:
    """What a point is made of."""
    return book.how_many if book.lone else (
        f"medians over {book.how_many}, bands or bars hold the middle half of them")


def fill(asked: Asked) -> Iterator[Filled]:
    """One panel: a line for each strategy and for each floor that can be placed."""
    found = []
    for name in asked.names:
        lines = asked.cells[asked.cells["strategy"] == name]
        if len(lines):
            found.append(_line(asked, name, "copy", lines))
    found += _floors(asked)
    if found:
        yield Filled(tuple(found))


def _line(asked: Asked, name: str, role: str, lines: pd.DataFrame) -> Series:
    if asked.plot.x.columns:
        return _across_columns(asked, name, role, lines)
    lines = lines.sort_values(asked.plot.x.column)
    over, at = asked.book.over(asked.panel.y.column), lines.index
    return Series(name, role, exact(lines[asked.plot.x.column]),
                  *(rounded(part[at]) for part in (over.middle, over.low, over.high)))


def _across_columns(asked: Asked, name: str, role: str, lines: pd.DataFrame) -> Series:
    """One cell with its columns side by side: x counts them."""
    overs = [asked.book.over(column) for column, _ in asked.plot.x.columns]
    nr = lines.index[0]
    points = [(x, over.middle[nr], over.low[nr], over.high[nr])
              for x, over in enumerate(overs) if np.isfinite(over.middle[nr])]
    return Series(name, role, *(rounded(part) for part in zip(*points)))


def _floors(asked: Asked) -> Iterator[Series]:
    """Floors that can be placed: their hard axes are in the setting or along x."""
    for floor in asked.panel.floors:
        if any(axis not in asked.setting and axis not in moving(asked) for axis in floor.hard):
            continue
        lines = asked.book.floor(floor, asked.setting)
        one = (_ceiling(asked, floor, lines) if asked.panel.floor_draw == "ceiling"
               else _own(asked, floor, lines))
        if one is not None:
            yield one


def _own(asked: Asked, floor: cells.Floor, lines: pd.DataFrame) -> Series | None:
    lines = lines[there(asked)[lines.index]]
    if lines.empty:
        return None
    if asked.plot.x.columns or not lines[asked.plot.x.column].duplicated().any():
        return _line(asked, floor.name, "floor", lines)
    # The axes left open do not tell these cells apart: their rounds are put together.
    columns = asked.plot.x.column, asked.panel.y.column
    rows = asked.book.quiet_rows_of(lines.index, columns)
    x, y = (rows[column] for column in columns)
    over = y[y > 0].groupby(x).quantile([0.5, 0.25, 0.75]).unstack()
    return Series(floor.name, "floor", exact(over.index), *(rounded(over[part]) for part in over))


def _ceiling(asked: Asked, floor: cells.Floor, lines: pd.DataFrame) -> Series | None:
    """Bytes/s if a copy of each size along x were as fast as the floor."""
    rows = asked.book.quiet_rows_of(lines.index, ("size", "ops_per_s"))
    rows = rows[rows["ops_per_s"] > 0]
    at = np.array(sorted(asked.cells[asked.plot.x.column].unique()))
    if rows.empty or not len(at):
        return None
    if "size" in floor.hard:
        per_size = rows.groupby("size")["ops_per_s"].median()
        at = np.array([size for size in at if size in per_size.index])
        rate = per_size.reindex(at).to_numpy()
    else:
        rate = rows["ops_per_s"].median()
    return Series(floor.name, "floor", exact(at), rounded(at * rate / 1e9)) if len(at) else None
