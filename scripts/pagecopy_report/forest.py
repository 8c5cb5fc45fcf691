# SPDX-License-Identifier: MIT
"""Charts of kind forest: strategies over a base, as scripts/compare judges them."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator

import numpy as np
import pandas as pd

from . import cells, compare, question, text
from .asked import Asked, Filled
from .book import Book
from .columns import CELL, ROUND
from .compare import Answer
from .drawing import Axis, Band, Series, evenly, rounded
from .heat import left_out
from .judge import Row
from .load import InputError
from .question import Sides

# What tells the cells of a panel apart, beside the strategy: all other axes are alike.
ON = ["size"]
COLUMNS = tuple(dict.fromkeys((*CELL, *ROUND, "disturbed", "ops_per_s", "kernel_ns")))
METRICS = {"time_ns": question.TIME}
# How far around the number of its size the lines of one size lie.
SPREAD = 0.36
# So many sizes has a panel at most: each has a line for every strategy.
SIZES_MAX = 32


def moving(asked: Asked) -> tuple[str, ...]:
    """A name of the y axis is a size."""
    del asked
    return ("size",)


def there(asked: Asked) -> pd.Series:
    """Which cells have a value."""
    return pd.Series(np.isfinite(asked.book.over(asked.panel.y.column).middle),
                     asked.book.table.index)


def how(book: Book) -> str:
    """What a line is, and what the band is."""
    return (f"{book.how_many}; median ratio of the rounds that both were measured in, with its "
            "interval of 95 % and, in its note, the verdict, as scripts/compare judges the cells "
            "of one panel (~: not told apart); the band is what identical cells show (A/A)")


def fill(asked: Asked) -> Iterator[Filled]:
    """One panel: a line for each strategy and size, and those of the base's twin."""
    few, said = evenly(asked.cells["size"], SIZES_MAX), ()
    if len(few) < asked.cells["size"].nunique():
        asked = dataclasses.replace(asked, cells=asked.cells[asked.cells["size"].isin(few)])
        said = (f"{left_out(asked, 'size', SIZES_MAX)} Those shown are judged as if alone.",)
    answers = _answers(asked, not said)
    if not answers:
        return
    rows = {(name, "copy"): one.rows for name, one in answers.items()}
    twins = [row for row in next(iter(answers.values())).within.rows
             if row.key["strategy"] == asked.plot.base]
    if twins:
        rows[f"{asked.plot.base}{cells.TWIN}", "control"] = twins
    sizes = sorted({row.key["size"] for found in rows.values() for row in found if row.ratio > 0})
    offsets = np.linspace(-SPREAD, SPREAD, len(rows)) if len(rows) > 1 else [0.0]
    series = tuple(_series(*key, [row for row in found if row.ratio > 0], sizes, offset)
                   for (key, found), offset in zip(rows.items(), offsets))
    yield Filled(series, _bands(answers.values()), x=asked.panel.y.drawn(),
                 y=Axis("bytes per copy", "size", "category", tuple(map(text.size, sizes))),
                 said=said)


def _answers(asked: Asked, whole: bool) -> dict[str, Answer]:
    """By strategy what scripts/compare says; those that have no round with the base are out.

    @whole: twins of any size belong to it.
    """
    twins = cells.select(asked.book.twins, asked.setting)
    if not whole:
        twins = twins[twins["size"].isin(asked.cells["size"])]
    rows = asked.book.rows_of(sorted([*asked.cells.index, *twins.index]), COLUMNS)
    base = rows[rows["strategy"] == asked.plot.base]
    metric = question.metric_of(METRICS.get(asked.panel.y.column, asked.panel.y.column))
    how_judged, control, found = compare.Asked(metric), None, {}
    for name in asked.names:
        test = rows[rows["strategy"] == name]
        if name == asked.plot.base or base.empty or test.empty:
            continue
        sides = Sides(base, test, ON, True, (asked.plot.base, name), "strategy", asked.book.runs,
                      whole=rows)
        control = control or compare.control_within(sides, how_judged)
        try:
            found[name] = compare.answer(sides, how_judged, control)
        except InputError:
            pass
    return found


def _series(name: str, role: str, rows: list[Row], sizes: list[float], offset: float) -> Series:
    rows = sorted(rows, key=lambda row: row.key["size"])
    return Series(name, role, rounded(row.ratio for row in rows),
                  rounded(sizes.index(row.key["size"]) + offset for row in rows),
                  rounded(row.low for row in rows), rounded(row.high for row in rows),
                  note=tuple(f"{row.verdict or 'not judged'}, {min(row.rounds)} rounds"
                             for row in rows))


def _bands(answers: Iterator[Answer]) -> tuple[Band, ...]:
    """The widest that a verdict of the panel had to leave."""
    ends = [row.band for one in answers for row in one.rows if row.ratio > 0]
    low, high = min(one[0] for one in ends), max(one[1] for one in ends)
    return (Band("A/A control", *rounded((low, high))),) if low < high else ()
