# SPDX-License-Identifier: MIT
"""Static heat maps: of a heat chart, and of the shares of a histogram."""

from __future__ import annotations

import matplotlib
import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import LogNorm, Normalize

from . import text
from .drawing import Chart, Panel
from .ticks import label
from .view import View, escaped

FIELD_W, FIELD_H = 0.52, 0.27
# A share below this has the colour of this one.
LEAST = 1e-6


def heat_size(view: View) -> tuple[float, float]:
    """Inches of a panel: fields, but not narrower than the words above."""
    across, down = (max(len({at for one in panel.series for at in getattr(one, axis)})
                        for panel in view.panels) for axis in "xy")
    words = max(len(panel.setting) for panel in view.panels)
    return max(FIELD_W * across, 0.068 * words), 1.6 * FIELD_H * down


def heat(axes: Axes, view: View, panel: Panel) -> None:
    """A colour and a number for each place; one scale for all panels."""
    xs, ys = (sorted({at for one in panel.series for at in getattr(one, axis)}) for axis in "xy")
    values = np.full((len(ys), len(xs)), np.nan)
    for one in panel.series:
        for x, y, value in zip(one.x, one.y, one.value):
            values[ys.index(y), xs.index(x)] = value
    every = [value for other in view.panels for one in other.series for value in one.value]
    norm = LogNorm(min(every), max(every)) if min(every) < max(every) else Normalize(0, 1)
    _fields(axes, values, norm, "viridis", lambda value: text.number(value))
    axes.set_xticks(range(len(xs)), [label(x, view.x(panel).format) for x in xs])
    axes.set_yticks(range(len(ys)), [label(y, view.y(panel).format) for y in ys])
    axes.invert_yaxis()


def histogram_size(view: View) -> tuple[float, float]:
    """Inches of a panel: all have the same rows."""
    across = max(len(panel.series) for panel in view.panels)
    return FIELD_W * across, FIELD_H * len(_names(view.chart))


def histogram(axes: Axes, view: View, panel: Panel) -> None:
    """A row for each name of x, a column for each series."""
    names = _names(view.chart)
    shares = np.full((len(names), len(panel.series)), np.nan)
    for nr, one in enumerate(panel.series):
        shares[list(map(int, one.x)), nr] = one.y
    shown = np.where(shares > 0, np.maximum(shares, LEAST), np.nan)
    _fields(axes, shown, LogNorm(LEAST, 1), "YlOrRd", None)
    for (row, column), share in np.ndenumerate(shares):
        if np.isfinite(share):
            axes.text(column, row, percent(share), ha="center", va="center", fontsize=7.5,
                      color="white" if share > 0.02 else "#222222" if share else "#bbbbbb")
    axes.set_xticks(range(len(panel.series)), [escaped(one.name) for one in panel.series])
    axes.set_yticks(range(len(names)), [escaped(name) for name in names])


def names_width(view: View) -> float:
    """Inches that the names beside the rows take."""
    return 0.3 + 0.077 * max(map(len, _names(view.chart)), default=0)


def percent(share: float) -> str:
    """A share in two digits, and never 0 for what was seen."""
    of_hundred = 100 * share
    if not share:
        return "0"
    if 99.5 <= of_hundred < 100:
        return ">99 %"
    if of_hundred >= 9.95:
        return f"{of_hundred:.0f} %"
    if of_hundred >= 0.095:
        return f"{of_hundred:.1f} %"
    return f"{of_hundred:.0e}".replace("e-0", "e-")


def _names(chart: Chart) -> tuple[str, ...]:
    return chart.x.names


def _fields(axes: Axes, values: np.ndarray, norm: Normalize, colours: str, say) -> None:
    ramp = matplotlib.colormaps[colours].copy()
    ramp.set_bad("#f4f4f4")
    edges = [np.arange(n + 1) - 0.5 for n in (values.shape[1], values.shape[0])]
    axes.pcolormesh(*edges, np.ma.masked_invalid(values), cmap=ramp, norm=norm,
                    edgecolors="white", linewidth=0.6)
    axes.invert_yaxis()
    if say:
        for (row, column), value in np.ndenumerate(values):
            if np.isfinite(value):
                axes.text(column, row, say(value), ha="center", va="center", fontsize=8,
                          color="#111111" if norm(value) > 0.55 else "white")
    axes.tick_params(length=0)
    for side in axes.spines.values():
        side.set_visible(False)
