# SPDX-License-Identifier: MIT
"""Lays out and draws one figure. All distances are inches, so nothing overlaps."""

from __future__ import annotations

import textwrap
from dataclasses import dataclass

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from . import palette, text, ticks
from .curves import Curve, PanelData
from .plotdef import Plot

PANEL_W, PANEL_H, LONE_W = 3.55, 3.2, 7.0
LEFT, RIGHT, GAP_X, GAP_X_SHARED, GAP_Y = 0.95, 0.25, 0.8, 0.25, 1.0
TITLE_H, BANNER_H, HEAD_H, XLABEL_H = 0.45, 0.28, 0.45, 0.6
LINE_H, LEGEND_H, SMALL = 0.165, 0.23, 8.5
BANDS_MAX = 8
RED = "#b00000"


@dataclass(frozen=True)
class Words:
    """The text around the panels; @settings holds one line per panel.

    @banner says why the times are not to be believed, @mark the same in a word.
    """

    caption: tuple[str, ...]
    banner: str
    mark: str
    settings: dict[tuple[int, int], str]


@dataclass(frozen=True)
class _Legend:
    handles: list[Line2D]
    labels: list[str]
    title: str

    def columns(self, width: float) -> int:
        longest = max((len(label) for label in self.labels), default=1)
        return max(1, min(len(self.labels), int(width / (0.75 + 0.082 * longest))))

    def height(self, width: float) -> float:
        if not self.labels:
            return 0.0
        rows = -(-len(self.labels) // self.columns(width))
        return LEGEND_H * (rows + 1) + 0.06


def draw(rows: list[list[PanelData]], plot: Plot, series: list[str], words: Words) -> Figure:
    """A figure of @rows; only the curves named in @series are drawn."""
    shared = plot.share_y == "all"
    gap = GAP_X_SHARED if shared else GAP_X
    columns = len(rows[0])
    panel_w = PANEL_W if columns > 1 else LONE_W
    inner = columns * panel_w + (columns - 1) * gap
    width = LEFT + inner + RIGHT
    looks = palette.styles(series)
    legends = [_series_legend(series, looks), _floor_legend(rows, plot)]
    caption = [line for part in words.caption
               for line in textwrap.wrap(part, int((inner + LEFT) / 0.0665))]
    below = sum(legend.height(inner) for legend in legends) + LINE_H * len(caption) + 0.25
    above = TITLE_H + (BANNER_H if words.banner else 0)
    height = (above + len(rows) * (HEAD_H + PANEL_H) + (len(rows) - 1) * (GAP_Y - HEAD_H)
              + XLABEL_H + below)
    figure = Figure(figsize=(width, height), facecolor="white")
    _place_titles(figure, plot.title, words.banner)
    limits = _y_limits(rows, series, shared)
    for r, row in enumerate(rows):
        top = height - above - HEAD_H - r * (PANEL_H + GAP_Y)
        for c, data in enumerate(row):
            box = (LEFT + c * (panel_w + gap), top - PANEL_H, panel_w, PANEL_H)
            axes = figure.add_axes(_fraction(box, width, height))
            _draw_panel(axes, data, plot, series, looks, limits[c])
            _label_panel(axes, data, plot, words.settings[r, c], shared and c > 0,
                         r == len(rows) - 1)
            if words.banner:
                _watermark(axes, words.mark)
    y = below
    for legend in legends:
        _place_legend(figure, legend, inner, LEFT, y)
        y -= legend.height(inner)
    _place_caption(figure, caption, y - 0.08)
    return figure


def _fraction(box: tuple[float, ...], width: float, height: float) -> tuple[float, ...]:
    x, y, w, h = box
    return x / width, y / height, w / width, h / height


def _plain(value: str) -> str:
    """A dollar sign is text here, not mathematics."""
    return value.replace("$", r"\$")


def _y_limits(rows: list[list[PanelData]], series: list[str], shared: bool) -> list[tuple]:
    """Limits for each column: all its rows, or the whole figure if @shared."""
    columns = list(zip(*rows))
    groups = [[data for row in rows for data in row]] * len(columns) if shared else columns
    return [_limits(group, series) for group in groups]


def _limits(group: list[PanelData], series: list[str]) -> tuple[float, float]:
    """Curves and floors all fit; a ceiling far above the curves may leave."""
    own = [value for data in group for curve in data.curves if curve.name in series
           for value in (curve.low.min(), curve.high.max())]
    floors = [value for data in group for curve in data.floors
              for value in (curve.y.min(), curve.y.max())]
    if not own and not floors:
        return 0.5, 2.0
    low, high = min(own + floors), max(own + floors)
    if own and group[0].panel.floor_draw == "ceiling":
        low, high = min(own), min(high, 6 * max(own))
    if high / low < 3:
        low, high = low / 2, high * 2
    return low / 1.25, high * 1.25


def _draw_panel(axes: Axes, data: PanelData, plot: Plot, series: list[str],
                looks: dict[str, palette.Style], limits: tuple[float, float]) -> None:
    curves = {curve.name: curve for curve in data.curves}
    shown = [curves[name] for name in series if name in curves]
    everything = [curve.x for curve in (*shown, *data.floors)]
    if not everything:
        axes.text(0.5, 0.5, "not measured", transform=axes.transAxes, ha="center",
                  color=palette.FLOOR_COLOR)
        axes.set_xticks([])
        axes.set_yticks([])
        return
    values = np.unique(np.concatenate(everything))
    for floor in data.floors:
        _draw_floor(axes, floor, plot, lone=len(values) == 1)
    for nr, curve in enumerate(shown):
        shift = 2 ** (0.5 * ((nr + 0.5) / len(shown) - 0.5)) if len(values) == 1 else 1
        _draw_curve(axes, curve, looks[curve.name], shift, len(shown) <= BANDS_MAX, nr)
    ticks.set_x(axes, values, plot.x.format)
    ticks.set_y(axes, *limits, data.panel.y.format)
    axes.grid(True, which="major", color="#e4e4e4", linewidth=0.8)
    axes.set_axisbelow(True)


def _draw_curve(axes: Axes, curve: Curve, style: palette.Style, shift: float,
                band: bool, nr: int) -> None:
    x = curve.x * shift
    if len(curve.x) == 1 or not band:
        axes.vlines(x, curve.low, curve.high, color=style.color, linewidth=1, zorder=3)
    else:
        axes.fill_between(x, curve.low, curve.high, color=style.color, alpha=0.13,
                          linewidth=0, zorder=2)
    axes.plot(x, curve.y, color=style.color, linestyle=style.dash, linewidth=style.width,
              marker=style.marker, markersize=style.marker_size, markerfacecolor="white",
              markeredgewidth=1.3, zorder=4 + 0.01 * nr)


def _draw_floor(axes: Axes, floor: Curve, plot: Plot, lone: bool) -> None:
    dash = palette.floor_dash(floor.name, _floor_names(plot))
    look = {"color": palette.FLOOR_COLOR, "linestyle": dash, "linewidth": 1.4, "zorder": 2.5}
    if lone:
        axes.axhline(floor.y[0], **look)
    else:
        axes.plot(floor.x, floor.y, **look)


def _label_panel(axes: Axes, data: PanelData, plot: Plot, setting: str, inner: bool,
                 last: bool) -> None:
    axes.set_title(_plain(data.panel.title), fontsize=10.5, fontweight="bold", loc="left", pad=19)
    axes.text(0, 1.025, _plain(setting), transform=axes.transAxes, fontsize=SMALL, color="#444444")
    axes.tick_params(labelsize=SMALL)
    axes.tick_params(which="minor", length=2)
    for side in ("top", "right"):
        axes.spines[side].set_visible(False)
    if last:
        axes.set_xlabel(plot.x.label, fontsize=9.5)
    if inner:
        axes.tick_params(labelleft=False)
    else:
        axes.set_ylabel(data.panel.y.label, fontsize=9.5)


def _watermark(axes: Axes, mark: str) -> None:
    axes.text(0.5, 0.5, mark, transform=axes.transAxes, ha="center", va="center",
              fontsize=30, rotation=28, color=RED, alpha=0.13, zorder=1)


def _place_titles(figure: Figure, title: str, banner: str) -> None:
    width, height = figure.get_size_inches()
    figure.text(0.12 / width, 1 - 0.14 / height, _plain(title), fontsize=13.5, fontweight="bold",
                va="top")
    if banner:
        figure.text(0.12 / width, 1 - TITLE_H / height, _plain(banner), fontsize=10,
                    fontweight="bold", color=RED, va="top")


def _place_caption(figure: Figure, lines: list[str], top: float) -> None:
    width, height = figure.get_size_inches()
    for nr, line in enumerate(lines):
        figure.text(0.12 / width, (top - nr * LINE_H) / height, _plain(line), fontsize=SMALL,
                    color="#333333", va="top")


def _floor_names(plot: Plot) -> list[str]:
    return list(dict.fromkeys(floor.name for panel in plot.panels for floor in panel.floors))


def _series_legend(series: list[str], looks: dict[str, palette.Style]) -> _Legend:
    handles = [Line2D([], [], color=looks[name].color, linestyle=looks[name].dash,
                      linewidth=looks[name].width, marker=looks[name].marker,
                      markersize=looks[name].marker_size, markerfacecolor="white")
               for name in series]
    return _Legend(handles, [text.clean(name, text.NAME_MAX) for name in series], "strategy")


def _floor_legend(rows: list[list[PanelData]], plot: Plot) -> _Legend:
    drawn = {curve.name for row in rows for data in row for curve in data.floors}
    names = [name for name in _floor_names(plot) if name in drawn]
    handles = [Line2D([], [], color=palette.FLOOR_COLOR, linewidth=1.4,
                      linestyle=palette.floor_dash(name, _floor_names(plot))) for name in names]
    return _Legend(handles, [f"floor: {name}" for name in names],
                   f"floors ({plot.floor_words})")


def _place_legend(figure: Figure, legend: _Legend, inner: float, left: float, top: float) -> None:
    if not legend.labels:
        return
    width, height = figure.get_size_inches()
    placed = figure.legend(
        legend.handles, ["x" * len(label) for label in legend.labels],
        title=legend.title, ncol=legend.columns(inner), loc="upper left",
        bbox_to_anchor=(left / width, top / height), frameon=False, fontsize=9,
        title_fontsize=9, alignment="left", borderaxespad=0, borderpad=0, handlelength=3.2,
        labelspacing=0.45, columnspacing=1.6)
    # Set now: the legend would leave out a label that begins with "_".
    for entry, label in zip(placed.get_texts(), legend.labels):
        entry.set_text(_plain(label))
