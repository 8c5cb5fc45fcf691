# SPDX-License-Identifier: MIT
"""What the parts of a static figure share."""

from __future__ import annotations

from dataclasses import dataclass

from matplotlib.artist import Artist

from .drawing import Axis, Chart, Panel
from .plotdef import Histogram, Plot

LEGEND_H = 0.23


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

    @classmethod
    def of_histogram(cls, plot: Histogram) -> Layout:
        """That of @plot: the names of the rows stand once, on the left."""
        return cls("all", plot.across, "")


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
