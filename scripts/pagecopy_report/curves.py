# SPDX-License-Identifier: MIT
"""From rows to what a panel draws: curves of medians, bands, floors."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from . import cells, disturbed
from .plotdef import Panel, Plot


@dataclass(frozen=True)
class Curve:
    """Medians over rounds at each x, with the quartiles around them."""

    name: str
    x: np.ndarray
    y: np.ndarray
    low: np.ndarray
    high: np.ndarray


@dataclass(frozen=True)
class PanelData:
    """A panel filled: @setting is what its cells have in common."""

    panel: Panel
    setting: dict
    curves: tuple[Curve, ...]
    floors: tuple[Curve, ...]


def with_derived(frame: pd.DataFrame) -> pd.DataFrame:
    """@frame with the columns that are computed from others."""
    time = frame["kernel_ns"].where(frame["kernel_ns"] > 0)
    return frame.assign(kernel_gb_per_s=frame["size"] / time)


def grid(frame: pd.DataFrame, plot: Plot) -> list[list[PanelData]]:
    """Rows of panels; rows and columns without any data are left out."""
    frame = with_derived(disturbed.without(cells.without_twins(cells.usable(frame))))
    copied = cells.copies(frame)
    there = [value for value in plot.row_values if (copied[plot.row_column] == value).any()]
    if not there:
        return _without_empty([[_fill(frame, plot, panel, {}) for panel in plot.panels]])
    return _without_empty([
        [_fill(frame, plot, panel, {plot.row_column: value}) for panel in plot.panels]
        for value in there[:plot.row_max]])


def series_names(rows: list[list[PanelData]], plot: Plot) -> tuple[list[str], list[str]]:
    """Names to draw, in order of importance, and names left out."""
    found = sorted({curve.name for row in rows for data in row for curve in data.curves})
    first = [name for name in plot.series_first if name in found]
    order = first + [name for name in found if name not in first]
    return order[:plot.series_max], order[plot.series_max:]


def _without_empty(rows: list[list[PanelData]]) -> list[list[PanelData]]:
    rows = [row for row in rows if any(_has_data(data) for data in row)]
    keep = [nr for nr in range(len(rows[0]) if rows else 0)
            if any(_has_data(row[nr]) for row in rows)]
    return [[row[nr] for nr in keep] for row in rows]


def _has_data(data: PanelData) -> bool:
    return bool(data.curves or data.floors)


def _fill(frame: pd.DataFrame, plot: Plot, panel: Panel, row: dict) -> PanelData:
    x, y = plot.x.column, panel.y.column
    rows = cells.select(cells.copies(frame), {**panel.where, **row})
    rows = rows[(rows[y] > 0) & (rows[x] > 0)]
    setting = cells.choose(rows, (x,), (*panel.prefer, *plot.prefer))
    if setting is None:
        floors = _floors(frame, plot, panel, {}, np.array([]))
        return PanelData(panel, {}, (), floors)
    rows = cells.select(rows, setting)
    curves = tuple(_curve(name, one, x, y) for name, one in rows.groupby(plot.series))
    at = np.array(sorted(rows[x].unique()))
    return PanelData(panel, setting, curves, _floors(frame, plot, panel, setting, at))


def _curve(name: str, rows: pd.DataFrame, x: str, y: str) -> Curve:
    over = rows.groupby(x)[y]
    middle = over.median()
    return Curve(name, middle.index.to_numpy(dtype=float), middle.to_numpy(),
                 over.quantile(0.25).to_numpy(), over.quantile(0.75).to_numpy())


def _floors(frame: pd.DataFrame, plot: Plot, panel: Panel, setting: dict,
            at: np.ndarray) -> tuple[Curve, ...]:
    """Floors that can be placed: their hard axes are in @setting or on x."""
    found = []
    for floor in panel.floors:
        if any(axis not in setting and axis != plot.x.column for axis in floor.hard):
            continue
        rows = cells.floor_rows(frame, floor, setting)
        curve = (_ceiling(floor, rows, at) if panel.floor_draw == "ceiling"
                 else _own(floor, rows, plot.x.column, panel.y.column))
        if curve is not None and len(curve.x):
            found.append(curve)
    return tuple(found)


def _own(floor: cells.Floor, rows: pd.DataFrame, x: str, y: str) -> Curve | None:
    rows = rows[(rows[y] > 0) & (rows[x] > 0)]
    return None if rows.empty else _curve(floor.name, rows, x, y)


def _ceiling(floor: cells.Floor, rows: pd.DataFrame, at: np.ndarray) -> Curve | None:
    """Bytes/s if a copy of each size in @at were as fast as the floor."""
    rows = rows[rows["ops_per_s"] > 0]
    if rows.empty or not len(at):
        return None
    if "size" in floor.hard:
        per_size = rows.groupby("size")["ops_per_s"].median()
        at = np.array([size for size in at if size in per_size.index])
        rate = per_size.reindex(at).to_numpy()
    else:
        rate = rows["ops_per_s"].median()
    y = at * rate / 1e9
    return Curve(floor.name, at, y, y, y)
