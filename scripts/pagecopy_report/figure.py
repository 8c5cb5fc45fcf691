# SPDX-License-Identifier: MIT
"""Lays out one figure of a chart. All distances are inches, so nothing overlaps."""

from __future__ import annotations

import textwrap
from dataclasses import dataclass

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from . import marks
from .drawing import Chart, Panel
from .view import Layout, Legend, View, escaped

LEFT, RIGHT, GAP_X, GAP_X_SHARED, GAP_Y = 0.95, 0.25, 0.8, 0.25, 1.0
TITLE_H, BANNER_H, HEAD_H, XLABEL_H = 0.45, 0.28, 0.45, 0.6
LINE_H, SMALL = 0.165, 8.5
RED = "#b00000"


@dataclass(frozen=True)
class _Grid:
    """Where panels are: @rows of them (None: not measured), their size, the gaps, the margins."""

    rows: list[list[Panel | None]]
    width: float
    height: float
    gap: float
    left: float

    def inner(self) -> float:
        """From the left edge of the first panel to the right edge of the last."""
        return len(self.rows[0]) * (self.width + self.gap) - self.gap


def draw(chart: Chart, layout: Layout) -> Figure:
    """The panels of @chart that come first."""
    panels = [panel for panel in chart.panels if panel.first] or list(chart.panels[:1])
    view = View(chart, layout, panels)
    grid = _grid(view)
    width = grid.left + grid.inner() + RIGHT
    legends = marks.legends(view)
    caption = [line for part in _words(chart)
               for line in textwrap.wrap(part, int((width - 0.37) / 0.0665))]
    below = sum(one.height(grid.inner()) for one in legends) + LINE_H * len(caption) + 0.25
    above = TITLE_H + (BANNER_H if chart.untrue else 0)
    deep = len(grid.rows)
    height = above + deep * (HEAD_H + grid.height) + (deep - 1) * (GAP_Y - HEAD_H) + (
        XLABEL_H + below)
    figure = Figure(figsize=(width, height), facecolor="white")
    _place_titles(figure, chart)
    for r, row in enumerate(grid.rows):
        top = height - above - HEAD_H - r * (grid.height + GAP_Y)
        for c, panel in enumerate(row):
            if panel is None and not any(row[c:]):
                continue
            box = (grid.left + c * (grid.width + grid.gap), top - grid.height, grid.width,
                   grid.height)
            axes = figure.add_axes(_fraction(box, width, height))
            _fill(axes, view, grid, r, c)
    y = below
    for one in legends:
        _place_legend(figure, one, grid.inner(), grid.left, y)
        y -= one.height(grid.inner())
    _place_caption(figure, caption, y - 0.08)
    return figure


def _grid(view: View) -> _Grid:
    rows = _rows(view.panels, view.layout.across)
    width, height = marks.size(view, len(rows[0]))
    shared = view.layout.share_y == "all"
    return _Grid(rows, width, height, GAP_X_SHARED if shared else GAP_X,
                 max(LEFT, marks.left(view)))


def _rows(panels: list[Panel], across: int) -> list[list[Panel | None]]:
    """A column for each title, a row for each op; panels of one title only are wrapped."""
    titles = list(dict.fromkeys(panel.title for panel in panels))
    if len(titles) == 1 or len(titles) == len(panels):
        wide = min(across, len(panels))
        padded = [*panels, *[None] * (-len(panels) % wide)]
        return [padded[at:at + wide] for at in range(0, len(padded), wide)]
    rows: dict[tuple, list[Panel | None]] = {}
    seen: dict[tuple, int] = {}
    for panel in panels:
        op = panel.tags.get("op")
        nr = seen[panel.title, op] = seen.get((panel.title, op), -1) + 1
        row = rows.setdefault((op, nr), [None] * len(titles))
        row[titles.index(panel.title)] = panel
    return list(rows.values())


def _fill(axes: Axes, view: View, grid: _Grid, r: int, c: int) -> None:
    panel = grid.rows[r][c]
    if panel is None:
        axes.text(0.5, 0.5, "not measured", transform=axes.transAxes, ha="center",
                  color="#7a7a7a")
        axes.set_xticks([])
        axes.set_yticks([])
        return
    axes.tick_params(labelsize=SMALL)
    axes.tick_params(which="minor", length=2)
    marks.draw(axes, view, panel, _group(grid, view.layout.share_y, r, c))
    axes.set_title(escaped(panel.title), fontsize=10.5, fontweight="bold", loc="left", pad=19)
    axes.annotate(escaped(panel.setting), (0, 1), (0, 5.5), "axes fraction", "offset points",
                  fontsize=SMALL, color="#444444")
    last = r == len(grid.rows) - 1 or grid.rows[r + 1][c] is None
    marks.label(axes, view, panel, c == 0 or view.layout.share_y != "all", last)
    if view.chart.untrue:
        _watermark(axes, _mark(view.chart))


def _group(grid: _Grid, share: str, r: int, c: int) -> list[Panel]:
    """The panels that have the limits of the one in row @r and column @c."""
    if share == "all":
        found = [one for row in grid.rows for one in row]
    else:
        found = grid.rows[r] if share == "row" else [row[c] for row in grid.rows]
    return [one for one in found if one is not None]


def _mark(chart: Chart) -> str:
    """The words in capitals that the reasons begin with."""
    return " ".join(" ".join(word.strip(":") for word in why.split(" (")[0].split(":")[0].split()
                             if word.isupper()) for why in chart.untrue)


def _words(chart: Chart) -> list[str]:
    """What stands below the panels."""
    found = list(chart.caption)
    if chart.left_out:
        found.append(f"Measured but not drawn: {', '.join(chart.left_out)}.")
    return found + list(chart.untrue[1:])


def _fraction(box: tuple[float, ...], width: float, height: float) -> tuple[float, ...]:
    x, y, w, h = box
    return x / width, y / height, w / width, h / height


def _watermark(axes: Axes, mark: str) -> None:
    axes.text(0.5, 0.5, mark, transform=axes.transAxes, ha="center", va="center",
              fontsize=30, rotation=28, color=RED, alpha=0.13, zorder=1)


def _place_titles(figure: Figure, chart: Chart) -> None:
    width, height = figure.get_size_inches()
    figure.text(0.12 / width, 1 - 0.14 / height, escaped(chart.title), fontsize=13.5,
                fontweight="bold", va="top")
    if chart.untrue:
        figure.text(0.12 / width, 1 - TITLE_H / height, escaped(chart.untrue[0]), fontsize=10,
                    fontweight="bold", color=RED, va="top")


def _place_caption(figure: Figure, lines: list[str], top: float) -> None:
    width, height = figure.get_size_inches()
    for nr, line in enumerate(lines):
        figure.text(0.12 / width, (top - nr * LINE_H) / height, escaped(line), fontsize=SMALL,
                    color="#333333", va="top")


def _place_legend(figure: Figure, legend: Legend, inner: float, left: float, top: float) -> None:
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
        entry.set_text(escaped(label))
