# SPDX-License-Identifier: MIT
"""What each kind of chart looks like in a static figure."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.lines import Line2D

from . import palette, ticks
from .drawing import Axis, Chart, Panel, Series
from .plotdef import Plot
from .text import NAME_MAX, clean

PANEL_W, PANEL_H, LONE_W = 3.55, 3.2, 7.0
LEGEND_H = 0.23
BANDS_MAX = 8


@dataclass(frozen=True)
class Layout:
    """What a definition says of its static figure alone, see plotdef.Plot."""

    share_y: str
    across: int
    floor_words: str

    @classmethod
    def of(cls, plot: Plot) -> Layout:
        """That of @plot."""
        return cls(plot.share_y, plot.across, plot.floor_words)


@dataclass(frozen=True)
class View:
    """A chart and those of its panels that are drawn."""

    chart: Chart
    layout: Layout
    panels: list[Panel]

    def names(self, role: str) -> list[str]:
        """The series of @role, in the order of the chart."""
        return list(dict.fromkeys(one.name for panel in self.panels for one in panel.series
                                  if one.role == role))

    def x(self, panel: Panel) -> Axis:
        """The axis of @panel."""
        return panel.x or self.chart.x

    def y(self, panel: Panel) -> Axis:
        """The axis of @panel."""
        return panel.y or self.chart.y


@dataclass(frozen=True)
class Legend:
    """Entries side by side, in as many lines as it takes."""

    handles: list[Artist]
    labels: list[str]
    title: str

    def columns(self, width: float) -> int:
        """Entries on a line of @width inches."""
        longest = max((len(label) for label in self.labels), default=1)
        return max(1, min(len(self.labels), int(width / (0.75 + 0.082 * longest))))

    def height(self, width: float) -> float:
        """Inches that it takes."""
        if not self.labels:
            return 0.0
        rows = -(-len(self.labels) // self.columns(width))
        return LEGEND_H * (rows + 1) + 0.06


def escaped(value: str) -> str:
    """A dollar sign is text here, not mathematics."""
    return value.replace("$", r"\$")


def size(view: View, across: int) -> tuple[float, float]:
    """Width and height of a panel."""
    return PANEL_W if across > 1 else LONE_W, PANEL_H


def left(view: View) -> float:
    """Room that the names beside the first panel need."""
    return 0.0


def legends(view: View) -> list[Legend]:
    """All of the figure, from the top."""
    return [_strategies(view), _floors(view)]


def label(axes: Axes, view: View, panel: Panel, first: bool, last: bool) -> None:
    """Names of the axes, where @first of a row and @last of a column."""
    for side in ("top", "right"):
        axes.spines[side].set_visible(False)
    if last:
        axes.set_xlabel(view.x(panel).label, fontsize=9.5)
    if first:
        axes.set_ylabel(view.y(panel).label, fontsize=9.5)
    else:
        axes.tick_params(labelleft=False)


def draw(axes: Axes, view: View, panel: Panel, group: list[Panel]) -> None:
    """@panel, with the limits that hold all of @group."""
    _lines(axes, view, panel, group)


def _lines(axes: Axes, view: View, panel: Panel, group: list[Panel]) -> None:
    shown = [one for one in panel.series if one.role == "copy"]
    looks = palette.styles(one.name for one in shown)
    values = np.unique(np.concatenate([one.x for one in panel.series]))
    order = view.names("floor")
    for one in panel.series:
        if one.role == "floor":
            _floor(axes, one, palette.floor_dash(one.name, order), len(values) == 1)
    for nr, one in enumerate(shown):
        shift = 2 ** (0.5 * ((nr + 0.5) / len(shown) - 0.5)) if len(values) == 1 else 1
        _line(axes, one, looks[one.name], shift, len(shown) <= BANDS_MAX, nr)
    _set_x(axes, view.x(panel), values)
    ticks.set_y(axes, *_limits(group), view.y(panel).format)
    axes.grid(True, which="major", color="#e4e4e4", linewidth=0.8)
    axes.set_axisbelow(True)


def _set_x(axes: Axes, axis: Axis, values: np.ndarray) -> None:
    if axis.scale == "category":
        axes.set_xticks(range(len(axis.names)), [escaped(name) for name in axis.names])
        axes.set_xlim(-0.4, len(axis.names) - 0.6)
    else:
        ticks.set_x(axes, values, axis.format)


def _limits(group: list[Panel]) -> tuple[float, float]:
    """Curves and floors all fit; a ceiling (it has no quartiles) far above may leave."""
    own = [value for panel in group for one in panel.series if one.low is not None
           for value in (*one.low, *one.high)]
    ceilings = [value for panel in group for one in panel.series if one.low is None
                for value in one.y]
    copied = [value for panel in group for one in panel.series if one.role == "copy"
              for value in one.high]
    if not own and not ceilings:
        return 0.5, 2.0
    low, high = min(own or ceilings), max(own + ceilings)
    if copied and ceilings:
        high = min(high, 6 * max(copied))
    if high / low < 3:
        low, high = low / 2, high * 2
    return low / 1.25, high * 1.25


def _line(axes: Axes, one: Series, style: palette.Style, shift: float, band: bool,
          nr: int) -> None:
    x = np.array(one.x) * shift
    if len(one.x) == 1 or not band:
        axes.vlines(x, one.low, one.high, color=style.color, linewidth=1, zorder=3)
    else:
        axes.fill_between(x, one.low, one.high, color=style.color, alpha=0.13,
                          linewidth=0, zorder=2)
    axes.plot(x, one.y, color=style.color, linestyle=style.dash, linewidth=style.width,
              marker=style.marker, markersize=style.marker_size, markerfacecolor="white",
              markeredgewidth=1.3, zorder=4 + 0.01 * nr)


def _floor(axes: Axes, one: Series, dash: tuple, lone: bool) -> None:
    look = {"color": palette.FLOOR_COLOR, "linestyle": dash, "linewidth": 1.4, "zorder": 2.5}
    if lone:
        axes.axhline(one.y[0], **look)
    else:
        axes.plot(one.x, one.y, **look)


def _strategies(view: View) -> Legend:
    names = view.names("copy")
    looks = palette.styles(names)
    handles = [Line2D([], [], color=looks[name].color, linestyle=looks[name].dash,
                      linewidth=looks[name].width, marker=looks[name].marker,
                      markersize=looks[name].marker_size, markerfacecolor="white")
               for name in names]
    return Legend(handles, [clean(name, NAME_MAX) for name in names], view.chart.legend)


def _floors(view: View) -> Legend:
    names = view.names("floor")
    handles = [Line2D([], [], color=palette.FLOOR_COLOR, linewidth=1.4,
                      linestyle=palette.floor_dash(name, names)) for name in names]
    return Legend(handles, [f"floor: {name}" for name in names],
                  f"floors ({view.layout.floor_words})")
