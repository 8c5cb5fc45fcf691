# SPDX-License-Identifier: MIT
"""What each kind of chart looks like in a static figure."""

from __future__ import annotations

import numpy as np
from matplotlib.axes import Axes
from matplotlib.lines import Line2D
from matplotlib.patches import Patch
from matplotlib.ticker import MaxNLocator

from . import fields, palette, stacks, ticks
from .drawing import Axis, Panel, Series
from .text import NAME_MAX, clean
from .view import Legend, View, escaped

PANEL_W, PANEL_H, LONE_W = 3.55, 3.2, 7.0
BANDS_MAX = 8


def size(view: View, across: int) -> tuple[float, float]:
    """Width and height of a panel."""
    own = {"bars": stacks.bars_size, "forest": stacks.forest_size, "heat": fields.heat_size,
           "histogram": fields.histogram_size}
    if view.chart.kind in own:
        return own[view.chart.kind](view)
    return PANEL_W if across > 1 else LONE_W, PANEL_H


def left(view: View) -> float:
    """Room that the names beside the first panel need."""
    return fields.names_width(view) if view.chart.kind == "histogram" else 0.0


def legends(view: View) -> list[Legend]:
    """All of the figure, from the top."""
    if view.chart.kind in ("heat", "histogram"):
        return []
    if view.chart.kind == "bars":
        return [stacks.parts_legend(view)]
    return [_strategies(view), _floors(view), _control(view)]


def label(axes: Axes, view: View, panel: Panel, first: bool, last: bool) -> None:
    """Names of the axes, where @first of a row and @last of a column."""
    kind = view.chart.kind
    across, up = view.x(panel), view.y(panel)
    if kind in ("bars", "histogram"):
        across, up = up, None
    if kind not in ("heat", "histogram"):
        for side in ("top", "right"):
            axes.spines[side].set_visible(False)
    if last and kind != "histogram":
        axes.set_xlabel(across.label, fontsize=9.5)
    if first and up:
        axes.set_ylabel(up.label, fontsize=9.5)
    if not first:
        axes.tick_params(labelleft=False)


def draw(axes: Axes, view: View, panel: Panel, group: list[Panel]) -> None:
    """@panel, with the limits that hold all of @group."""
    kind = view.chart.kind
    if kind == "bars":
        stacks.bars(axes, view, panel, group)
    elif kind == "forest":
        stacks.forest(axes, view, panel)
    elif kind == "heat":
        fields.heat(axes, view, panel)
    elif kind == "histogram":
        fields.histogram(axes, view, panel)
    elif kind == "dots":
        _dots(axes, view, panel, group)
    else:
        _lines(axes, view, panel, group)


def _dots(axes: Axes, view: View, panel: Panel, group: list[Panel]) -> None:
    looks = palette.styles(one.name for one in panel.series)
    for nr, one in enumerate(panel.series):
        style = looks[one.name]
        axes.plot(one.x, one.y, color=style.color, linestyle="none", marker=style.marker,
                  markersize=4.5, markerfacecolor="white", markeredgewidth=1.1,
                  zorder=4 - 0.01 * nr)
    ends = [value for other in group for one in other.series for value in one.y]
    ticks.set_y(axes, *_roomy(min(ends), max(ends)), view.y(panel).format)
    axes.xaxis.set_major_locator(MaxNLocator(6, integer=True))
    axes.grid(True, which="major", color="#e4e4e4", linewidth=0.8)
    axes.set_axisbelow(True)


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
    return _roomy(low, high)


def _roomy(low: float, high: float) -> tuple[float, float]:
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
    dots = view.chart.kind == "dots"
    handles = [Line2D([], [], color=looks[name].color,
                      linestyle="none" if dots else looks[name].dash,
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


def _control(view: View) -> Legend:
    bands = list(dict.fromkeys(band.name for panel in view.panels for band in panel.bands))
    lines = view.names("control")
    handles = [Line2D([], [], color=palette.FLOOR_COLOR, marker="|", linewidth=1.4)
               for _ in lines]
    handles += [Patch(color=palette.FLOOR_COLOR, alpha=0.2, linewidth=0) for _ in bands]
    return Legend(handles, [*lines, *bands], "control")
