# SPDX-License-Identifier: MIT
"""One row for each cell and place: the medians that the summary prints, for sorting and search."""

from __future__ import annotations

import json
import math
from dataclasses import dataclass

import numpy as np
import pandas as pd

from . import cells, disturbed, text
from .columns import CELL, NUMBER
from .load import Run, pool

# What rows may take of a page that stays under 2 MB with its charts and scripts.
ROOM = 700_000
_FORMATS = {"size": "size", "offset": "size", "buf_offset": "size"}
# key, label, the column whose median it is, format
MEDIANS = (
    ("ops_per_s", "ops/s", "count"), ("gb_per_s", "GB/s", "plain"),
    ("lat_p50_ns", "p50", "time"), ("lat_p99_ns", "p99", "time"),
    ("lat_p999_ns", "p99.9", "time"), ("kernel_ns", "kernel", "time"),
)
WHAT = ("One row for each cell and place: medians over its rounds. Rows that failed or were not "
        "verified are in no median, nor are disturbed rounds where ten or more others remain; "
        "controls (twins) are not shown. spread: half the quartile range of ops/s in per cent of "
        "its median. disturbed: share of rounds in which something else ran.")


@dataclass(frozen=True)
class Column:
    """One column of the table."""

    key: str
    label: str
    number: bool
    format: str


def columns() -> list[Column]:
    """All of them, in order."""
    first = [Column("place", "place", False, "text")]
    axes = [Column(axis, axis, axis in NUMBER,
                   _FORMATS.get(axis, "plain") if axis in NUMBER else "text") for axis in CELL]
    medians = [Column(key, label, True, form) for key, label, form in MEDIANS]
    return [*first, *axes, Column("rounds", "rounds", True, "count"), *medians,
            Column("spread", "spread %", True, "plain"), Column("errors", "errors", True, "count"),
            Column("verified", "verified", False, "text"),
            Column("disturbed", "disturbed %", True, "plain")]


def table(places: list[list[Run]], room: int = ROOM) -> dict:
    """The table as the page takes it; what does not fit is counted and left out."""
    shape = columns()
    share = room // max(len(places), 1)
    rows, whole = [], 0
    for nr, runs in enumerate(places, 1):
        found = of_place(pool(runs)).assign(place=str(nr))
        whole += len(found)
        rows += _fitting(found[[column.key for column in shape]], share)
    return {"columns": [vars(column) for column in shape], "rows": rows,
            "said": _said(len(rows), whole, places)}


def of_place(frame: pd.DataFrame) -> pd.DataFrame:
    """A line for each cell of @frame (runs of one place), in the order of the axes."""
    frame = cells.without_twins(frame).reset_index(drop=True)
    number = frame.groupby(list(CELL), dropna=False, sort=True).ngroup()
    bad = cells.has_errors(frame) | cells.is_unverified(frame)
    settled = disturbed.without(frame[~bad])
    key = number[settled.index]
    found = frame[list(CELL)].assign(number=number).drop_duplicates("number")
    found = found.set_index("number").sort_index()
    found["rounds"] = number.value_counts()
    for name, _, _ in MEDIANS:
        found[name] = settled[name].groupby(key).median()
    found["spread"] = _spread(settled["ops_per_s"].groupby(key))
    found["errors"] = frame["errors"].groupby(number).sum(min_count=1)
    found["verified"] = _verified(frame, number)
    found["disturbed"] = 100 * (frame["disturbed"] > 0).groupby(number).mean()
    if frame["disturbed"].isna().all():
        found["disturbed"] = np.nan
    return found


def _spread(values) -> pd.Series:
    """As the summary has it: none of one round, or about a median of nothing."""
    middle = values.median()
    apart = 50 * (values.quantile(0.75) - values.quantile(0.25)) / middle
    return apart.where((values.count() > 1) & (middle > 0))


def _verified(frame: pd.DataFrame, number: pd.Series) -> pd.Series:
    """yes, no (of how many rounds), or empty where nothing was to verify."""
    wrong = cells.is_unverified(frame).groupby(number).sum()
    asked = (frame["verified"].str.strip() != "").groupby(number).any()
    said = pd.Series("yes", index=wrong.index).where(asked, "")
    return said.mask(wrong > 0, "no, in " + wrong.astype(str))


def _fitting(found: pd.DataFrame, room: int) -> list[list]:
    """Rows while they take less than @room bytes as JSON."""
    rows = []
    for line in found.itertuples(index=False, name=None):
        row = [_plain(value) for value in line]
        room -= len(json.dumps(row, separators=(",", ":"))) + 1
        if room < 0:
            break
        rows.append(row)
    return rows


def _plain(value: object) -> object:
    """As JSON takes it, with the digits that the CSV has."""
    if isinstance(value, str):
        return text.clean(value, 80)
    value = float(value)
    if not math.isfinite(value):
        return None
    return int(value) if value == int(value) and abs(value) < 1e15 else float(f"{value:.9g}")


def _said(shown: int, whole: int, places: list[list[Run]]) -> str:
    if shown == whole:
        return WHAT
    names = [run.path.name for runs in places for run in runs]
    files = ", ".join(text.clean(name, 40) for name in names[:3])
    more = f" and {len(names) - 3} more" if len(names) > 3 else ""
    return (f"Only {shown:,} of {whole:,} cells fit on the page, the first of each place in the "
            f"order of the axes; the other {whole - shown:,} are in {files}{more} alone. {WHAT}")
