# SPDX-License-Identifier: MIT
"""Charts of kind bars: what the parts of one command cost, as paired differences."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import pandas as pd

from . import cells, describe, floors
from .asked import Asked, Filled
from .book import Book
from .drawing import Axis, Series, rounded
from .modes import OPS, ORDER
from .plotdef import Part
from .text import NAME_MAX, clean, number

# What one bar differs by from the next.
MODE = ("path", "op", "buffer", "completion", "ring", "batch", "pages")
PATHS = ("uring", "ioctl", "user")
BARS_MAX = 12
# So many strategies are in the static figure.
FIRST = 2
_FLOOR = {floor.name: floor for floor in cells.FLOORS}


@dataclass(frozen=True)
class Height:
    """A part of a bar: ns, and in words how sure; nothing where it is below its noise."""

    ns: float
    said: str


def moving(asked: Asked) -> tuple[str, ...]:
    """The axes of a mode."""
    del asked
    return MODE


def there(asked: Asked) -> pd.Series:
    """Which cells have a time and a way that can be taken apart."""
    found = np.isfinite(asked.book.over(asked.panel.y.column).middle)
    return found & asked.book.table["path"].isin(asked.plot.parts)


def how(book: Book) -> str:
    """What a bar is made of."""
    return (f"{book.how_many}; a part is the median of the differences within a round, so parts "
            "add up to the whole only nearly; a part whose interval holds 0 is below its noise: "
            "it is named and has no height")


def fill(asked: Asked) -> Iterator[Filled]:
    """A panel for each strategy: a bar for each mode that has all its floors."""
    for nr, name in enumerate(asked.names):
        lines = asked.cells[asked.cells["strategy"] == name]
        bars = [(mode, found) for mode in _in_order(lines)
                if (found := _bar(asked, lines.loc[mode]))]
        if bars:
            filled = _filled(asked, name, lines, bars[:BARS_MAX], len(bars) - BARS_MAX)
            yield dataclasses.replace(filled, first=nr < FIRST)


def _filled(asked: Asked, name: str, lines: pd.DataFrame, bars: list, more: int) -> Filled:
    parts = dict.fromkeys(one.name for parts in asked.plot.parts.values() for one in parts)
    series = []
    for part in parts:
        have = [(x, found[part]) for x, (_, found) in enumerate(bars) if part in found]
        if have:
            series.append(Series(part, "part", tuple(x for x, _ in have),
                                 rounded(height.ns for _, height in have),
                                 note=tuple(height.said for _, height in have)))
    modes = tuple(_named(asked, lines.loc[mode].to_dict()) for mode, _ in bars)
    said = (f"{more} modes more are left out of a panel that has {BARS_MAX}.",) if more > 0 else ()
    return Filled(tuple(series), title=clean(name, NAME_MAX), said=said,
                  x=Axis(asked.plot.x.label, "plain", "category", modes),
                  fixed={"strategy": name})


def _in_order(lines: pd.DataFrame) -> list[int]:
    def rank(nr: int) -> tuple:
        one = lines.loc[nr]
        return (_place(PATHS, one["path"]), _place(OPS, one["op"]), one["buffer"],
                _place(ORDER, one["completion"]), *one[list(MODE)])
    return sorted(lines.index, key=rank)


def _place(order: tuple[str, ...], value: str) -> int:
    return order.index(value) if value in order else len(order)


def _named(asked: Asked, cell: dict) -> str:
    """A mode in words: path, op and buffer, and what else is unusual."""
    rest = describe.setting({axis: cell[axis] for axis in MODE[3:]}, asked.book.table)
    words = " ".join(clean(cell[axis], NAME_MAX) for axis in MODE[:3])
    return f"{words}, {rest}" if rest else words


def _bar(asked: Asked, cell: pd.Series) -> dict[str, Height] | None:
    """The parts of @cell, None unless every floor on its way was measured beside it."""
    book, column = asked.book, asked.panel.y.column
    numbers = {"copy": cell.name}
    for part in asked.plot.parts[cell["path"]]:
        for floor in {part.of, part.less} - {"", "copy"}:
            lines = book.floor(_FLOOR[floor], cell.to_dict())
            if len(lines) != 1 or not _alike(lines.iloc[0], cell):
                return None
            numbers[floor] = lines.index[0]
    found = {part.name: _height(book, column, numbers, part)
             for part in asked.plot.parts[cell["path"]]}
    if any(one is None for one in found.values()):
        return None
    whole = book.over(column).middle[cell.name]
    last = list(found)[-1]
    sum_ = sum(one.ns for one in found.values())
    found[last] = Height(found[last].ns, f"{found[last].said}; the parts add up to "
                         f"{number(sum_)} ns, the whole took {number(whole)}")
    return found


def _alike(floor: pd.Series, cell: pd.Series) -> bool:
    """A floor of the module must complete as the cell does, or the rest holds the difference."""
    return floor["path"] != cell["path"] or floor["completion"] == cell["completion"]


def _height(book: Book, column: str, numbers: dict[str, int], part: Part) -> Height | None:
    of = numbers[part.of]
    if not part.less:
        return Height(float(book.over(column).middle[of]), "median of the whole")
    found = book.apart(of, numbers[part.less], column)
    if not found.n:
        return None
    around = found.interval
    said = (f"{part.of} less {part.less}: {number(found.median)} "
            f"[{number(around.low)}..{number(around.high)}] ns, {found.n} rounds")
    if around.low > 0:
        return Height(found.median, said)
    return Height(0.0, f"{floors.BELOW}: {said}")
