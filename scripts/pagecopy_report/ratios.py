# SPDX-License-Identifier: MIT
"""The answer: the tables of the main ratio, or why there is none."""

from __future__ import annotations

from collections.abc import Iterable

import pandas as pd

from . import cells, control, describe, stats, text
from .load import Run

TEST, BASE = "bytewise_atomic", "raw"
ASKED = (
    ("kernel_ns", "time of one copy inside the kernel", "takes less time"),
    ("ops_per_s", "ops/s end to end", "is slower"),
)
HOW = ("Ratios are taken between cells of the same round. ~: the interval of the median holds 1{}, "
       "so nothing was told apart. The interval is a pair of order statistics found by sign "
       "counting (95 % for each line alone, no normal law assumed); under 6 rounds it is the "
       "whole range with the confidence it has, and n<6 stands where that is too little to tell.")
MEETS = " or comes as near to 1 as that of the control (a cell against its hidden twin)"


def in_order(names: Iterable[str]) -> list[str]:
    """The two of the question first, then the others by name."""
    names = set(names)
    return [name for name in (BASE, TEST) if name in names] + sorted(names - {BASE, TEST})


def answer(runs: list[Run], frame: pd.DataFrame, setting: dict) -> list[text.Table | str]:
    """Ratio tables of @setting; @frame is all rows, so that a bad cell is seen."""
    why = describe.untrue(runs)
    if why:
        return [text.wrap(f"No ratio {TEST} / {BASE}: {' '.join(why)}")]
    rows = cells.select(cells.copies(frame), setting)
    both = rows[rows["strategy"].isin((TEST, BASE))]
    missing = {TEST, BASE} - set(both["strategy"])
    if missing:
        return [f"No ratio {TEST} / {BASE}: {' and '.join(sorted(missing))} not in this table."]
    refused = both.drop(cells.usable(both).index)
    parts = [_unverified(refused)] if len(refused) else []
    rows = cells.usable(rows[~rows["size"].isin(refused["size"])])
    if rows.empty:
        return parts
    tables = [_table(rows, *one) for one in ASKED]
    twins = cells.is_twin(rows).any()
    return [*parts, *tables, text.wrap(HOW.format(MEETS if twins else ""))]


def _unverified(rows: pd.DataFrame) -> str:
    named = "; ".join(f"{text.size(size)} {' and '.join(sorted(set(of_size['strategy'])))}"
                      for size, of_size in rows.groupby("size"))
    return text.wrap(f"No ratio {TEST} / {BASE} where a cell has rows that failed or were not "
                     f"verified: {named}.")


def _table(rows: pd.DataFrame, column: str, what: str, below: str) -> text.Table | str:
    names = ["size", "median", "", "interval", "sure", "min..max", "IQR", "n"]
    shown = text.Table(f"{TEST} / {BASE}, {what} (below 1: {TEST} {below})", tuple(names),
                       frozenset({0, 2}))
    dropped = 0
    controls = []
    for size, of_size in rows.groupby("size"):
        found = stats.paired_ratio(of_size, TEST, BASE, column)
        dropped += found.dropped
        if found.n:
            against = next(iter(control.controls(of_size, column).values()), None)
            controls.append("" if against is None else _between(against.interval))
            shown.add(text.size(size), text.ratio(found.median), _verdict(found, against),
                      _between(found.interval), f"{100 * found.interval.coverage:.0f}%",
                      f"{text.ratio(found.low)}..{text.ratio(found.high)}", f"{found.iqr:.3f}",
                      str(found.n))
    if not shown.rows:
        return f"No ratio {TEST} / {BASE} of {column}: no round has both."
    if any(controls):
        shown.columns = (*names, "control")
        shown.rows = [(*row, one or text.NONE) for row, one in zip(shown.rows, controls)]
    if dropped:
        shown.heading += f"; {dropped} pairs left out: {column} empty or not above 0"
    return shown


def _verdict(found: stats.Ratio, against: stats.Ratio | None) -> str:
    return found.verdict() if control.beyond(found, against) else "~"


def _between(interval: stats.Interval) -> str:
    return f"{text.ratio(interval.low)}..{text.ratio(interval.high)}"
