# SPDX-License-Identifier: MIT
"""Charts of kind heat: a value for each place of two axes, a panel for each strategy."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pandas as pd

from .asked import Asked, Filled
from .book import Book
from .drawing import Series, evenly, exact, rounded
from .text import NAME_MAX, clean

# A map has so many fields along either axis at most: a figure must stay one that can be made.
FIELDS_MAX = 32


def moving(asked: Asked) -> tuple[str, ...]:
    """Both axes of the map."""
    return asked.plot.x.column, asked.plot.y.column


def there(asked: Asked) -> pd.Series:
    """Which cells have a value."""
    table = asked.book.table
    good = np.isfinite(asked.book.over(asked.panel.y.column).middle)
    return good & (table[asked.plot.x.column] > 0) & (table[asked.plot.y.column] > 0)


def how(book: Book) -> str:
    """What a field is made of."""
    return book.how_many if book.lone else f"medians over {book.how_many}"


def fill(asked: Asked) -> Iterator[Filled]:
    """A panel for each strategy, where both axes have more than one value."""
    x, y = moving(asked)
    if asked.cells[x].nunique() < 2 or asked.cells[y].nunique() < 2:
        return
    middle = asked.book.over(asked.panel.y.column).middle
    shown, said = asked.cells, []
    for axis in (x, y):
        few = evenly(shown[axis], FIELDS_MAX)
        if len(few) < shown[axis].nunique():
            said.append(left_out(asked, axis, FIELDS_MAX))
            shown = shown[shown[axis].isin(few)]
    for name in asked.names:
        lines = shown[shown["strategy"] == name].sort_values([y, x])
        if len(lines):
            yield Filled((Series(name, "copy", exact(lines[x]), exact(lines[y]),
                                 value=rounded(middle[lines.index])),),
                         title=clean(name, NAME_MAX), y=asked.plot.y.drawn(),
                         said=tuple(said), fixed={"strategy": name})


def left_out(asked: Asked, axis: str, most: int) -> str:
    """What a caption says where a panel has not all values of @axis."""
    return (f"A panel shows at most {most} values of {axis}, taken evenly from those it has, the "
            f"first and the last among them; {asked.book.copied[axis].nunique():,} were measured.")
