# SPDX-License-Identifier: MIT
"""Static bars and forest plots: what lies across."""

from __future__ import annotations

import math

import numpy as np
from matplotlib.axes import Axes
from matplotlib.patches import Patch
from matplotlib.ticker import FixedLocator, FuncFormatter, MaxNLocator, NullLocator

from . import floors, palette
from .drawing import Panel, Series
from .ticks import label
from .view import Legend, View, escaped

BAR_W, BAR_H = 5.2, 0.5
LINE_H, FOREST_W, FOREST_LEAST = 0.115, 3.4, 2.2
# Beyond this factor from 1 a ratio is an arrow with its number, so that the rest can be read.
FAR = 1.5


def bars_size(view: View) -> tuple[float, float]:
    """Inches of a panel."""
    return BAR_W, 0.2 + BAR_H * max(len(view.x(panel).names) for panel in view.panels)


def bars(axes: Axes, view: View, panel: Panel, group: list[Panel]) -> None:
    """Each bar lies below its name, and beside it what has no height."""
    names = view.x(panel).names
    looks = palette.parts(view.names("part"))
    ends = np.zeros(len(names))
    nothing: list[list[str]] = [[] for _ in names]
    for one in panel.series:
        at = np.array(one.x, dtype=int)
        axes.barh(at + 0.17, one.y, left=ends[at], height=0.5, color=looks[one.name],
                  edgecolor="white", linewidth=0.6)
        ends[at] += one.y
        for x, note in zip(at, one.note):
            nothing[x] += [one.name] if note.startswith(floors.BELOW) else []
    longest = max(_ends(one).max() for one in group)
    for nr, name in enumerate(names):
        axes.text(0, nr - 0.15, " " + escaped(name), fontsize=8.5, va="bottom")
        said = f"{label(float(f'{ends[nr]:.3g}'), view.y(panel).format)}"
        if nothing[nr]:
            said += f"; below noise: {', '.join(nothing[nr])}"
        axes.text(ends[nr] + 0.012 * longest, nr + 0.17, escaped(said), fontsize=8, va="center",
                  color="#444444")
    axes.set_xlim(0, 2.3 * longest)
    axes.set_ylim(max(len(view.x(one).names) for one in view.panels) - 0.5, -0.55)
    axes.set_yticks([])
    axes.xaxis.set_major_locator(MaxNLocator(6))
    axes.xaxis.set_major_formatter(FuncFormatter(lambda at, _: label(at, view.y(panel).format)))
    axes.grid(True, axis="x", color="#e4e4e4", linewidth=0.8)
    axes.set_axisbelow(True)


def _ends(panel: Panel) -> np.ndarray:
    ends: dict[float, float] = {}
    for one in panel.series:
        for x, y in zip(one.x, one.y):
            ends[x] = ends.get(x, 0) + y
    return np.array(list(ends.values()))


def parts_legend(view: View) -> Legend:
    """The colours of the parts."""
    names = view.names("part")
    looks = palette.parts(names)
    return Legend([Patch(color=looks[name]) for name in names], names, view.chart.legend)


def forest_size(view: View) -> tuple[float, float]:
    """Inches of a panel: every line has room."""
    lines = max(sum(len(one.x) for one in panel.series) for panel in view.panels)
    return FOREST_W, max(FOREST_LEAST, LINE_H * lines)


def forest(axes: Axes, view: View, panel: Panel) -> None:
    """A marker and its interval for each line, the band of the control behind."""
    for band in panel.bands:
        axes.axvspan(band.low, band.high, color=palette.FLOOR_COLOR, alpha=0.2, linewidth=0)
    axes.axvline(1, color="#555555", linewidth=0.9)
    low, high = _near(panel)
    looks = palette.styles(one.name for one in panel.series if one.role == "copy")
    for one in panel.series:
        _intervals(axes, one, looks.get(one.name), low, high)
    axes.set_xscale("log")
    axes.set_xlim(low, high)
    ticks = _ratio_ticks(low, high)
    axes.xaxis.set_major_locator(FixedLocator(ticks))
    axes.xaxis.set_minor_locator(NullLocator())
    axes.xaxis.set_major_formatter(FuncFormatter(lambda at, _: f"{at:.4g}"))
    names = view.y(panel).names
    axes.set_yticks(range(len(names)), [escaped(name) for name in names])
    axes.set_ylim(len(names) - 0.5, -0.5)
    for nr in range(1, len(names)):
        axes.axhline(nr - 0.5, color="#e4e4e4", linewidth=0.8)
    axes.grid(True, axis="x", color="#e4e4e4", linewidth=0.8)
    axes.set_axisbelow(True)


def _intervals(axes: Axes, one: Series, style: palette.Style | None, low: float,
               high: float) -> None:
    color = style.color if style else palette.FLOOR_COLOR
    for x, y, start, end in zip(one.x, one.y, one.low, one.high):
        axes.plot((min(max(start, low), high), min(max(end, low), high)), (y, y), color=color,
                  linewidth=1.4, solid_capstyle="butt", zorder=3)
        if low <= x <= high:
            axes.plot([x], [y], color=color, marker=style.marker if style else "|", markersize=5,
                      markerfacecolor="white", markeredgewidth=1.2, zorder=4)
            continue
        far = x > high
        axes.text(high if far else low, y, f"{x:.3g} >" if far else f"< {x:.3g}", fontsize=7.5,
                  ha="right" if far else "left", va="center", color=color, zorder=5,
                  bbox={"facecolor": "white", "edgecolor": "none", "pad": 0})


def _near(panel: Panel) -> tuple[float, float]:
    """Limits around all ratios that are not far from 1, and the band."""
    ends = [end for band in panel.bands for end in (band.low, band.high)]
    for one in panel.series:
        ends += [end for x, *around in zip(one.x, one.low, one.high)
                 if 1 / FAR <= x <= FAR for end in around]
    logs = [abs(math.log(min(max(end, 1 / FAR), FAR))) for end in ends if end > 0]
    reach = math.exp(1.15 * max([0.05, *logs]))
    return 1 / reach, reach


def _ratio_ticks(low: float, high: float) -> list[float]:
    """Round steps of per cent on either side of 1."""
    step = next(one for one in (0.02, 0.05, 0.1, 0.2, 0.5) if (high - 1) / one <= 4)
    over = [1 + nr * step for nr in range(1, 5) if 1 + nr * step <= high]
    return sorted([1.0, *over, *(one for nr in range(1, 5) if (one := 1 - nr * step) >= low)])
