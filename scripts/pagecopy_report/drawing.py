# SPDX-License-Identifier: MIT
"""What is drawn, apart from how: the same for the static figures and for the page.

A chart is data only. A renderer adds no number of its own and leaves none out but
those that its reader filtered away.
"""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

# lines: medians against x, with what lies around them. dots: a point each, no line.
# bars: parts of a sum, stacked, over a category x. histogram: shares of a whole, stacked,
# over a category x. forest: ratios along x with their intervals, lines of a category y
# (those that share a name lie around its number). heat: a colour for each place of x and y.
KINDS = ("lines", "dots", "bars", "forest", "heat", "histogram")
# copy: a strategy. floor: what copies nothing. part: of a stacked bar.
# control: the A/A control, identical things compared.
ROLES = ("copy", "floor", "part", "control")
SCALES = ("log", "linear", "category")
# size: bytes in K and M. time: ns. count, plain: as they are.
FORMATS = ("size", "count", "plain", "time")


@dataclass(frozen=True)
class Axis:
    """@format is one of FORMATS; @names label a category axis: 0 is the first."""

    label: str
    format: str
    scale: str
    names: tuple[str, ...] = ()


@dataclass(frozen=True)
class Series:
    """One entry of the legend. All lists have one length; None: not there.

    @low and @high are the quartiles of rounds or the ends of an interval, which
    of them the chart's caption says. @value is what a heat map colours. @note
    goes with a point (rounds, verdict); renderers show it as text, never as markup.
    """

    name: str
    role: str
    x: tuple[float, ...]
    y: tuple[float, ...]
    low: tuple[float, ...] | None = None
    high: tuple[float, ...] | None = None
    value: tuple[float, ...] | None = None
    note: tuple[str, ...] | None = None


@dataclass(frozen=True)
class Band:
    """A range of the values behind everything, such as that of the A/A control."""

    name: str
    low: float
    high: float


@dataclass(frozen=True)
class Panel:
    """@tags are the axes it holds still (cells.SETTING, and place): what filters look at.

    A tag that is missing moves within the panel. @first: shown before anything is
    filtered, and in the static figure. @x and @y stand in for the chart's where they differ.
    """

    title: str
    setting: str
    tags: Mapping[str, str | float]
    series: tuple[Series, ...]
    bands: tuple[Band, ...] = ()
    first: bool = True
    x: Axis | None = None
    y: Axis | None = None


@dataclass(frozen=True)
class Chart:
    """@name is the stem of its files. @untrue: why its times are not to be believed."""

    name: str
    title: str
    kind: str
    x: Axis
    y: Axis
    panels: tuple[Panel, ...]
    caption: tuple[str, ...] = ()
    untrue: tuple[str, ...] = ()
    value: Axis | None = None
    legend: str = "strategy"
    left_out: tuple[str, ...] = field(default=())


def plain(chart: Chart) -> dict:
    """@chart as JSON takes it; what is not a number becomes null."""
    return _plain(dataclasses.asdict(chart))


def _plain(value):
    if isinstance(value, Mapping):
        return {key: _plain(one) for key, one in value.items()}
    if isinstance(value, (tuple, list)):
        return [_plain(one) for one in value]
    if isinstance(value, float) and not math.isfinite(value):
        return None
    return value


def exact(values: Iterable[float]) -> tuple[float, ...]:
    """@values as a chart holds them: a whole number without its ".0"."""
    return tuple(int(one) if math.isfinite(one) and one == int(one) else float(one)
                 for one in values)


def rounded(values: Iterable[float]) -> tuple[float, ...]:
    """Measured @values to the five digits that a chart holds of them."""
    return exact(float(f"{one:.5g}") for one in values)


def evenly(values: Iterable[float], most: int) -> list[float]:
    """@values in order, once each; where they are more than @most, so many with both ends."""
    found = sorted(set(values))
    if len(found) <= most:
        return found
    return [found[round(nr * (len(found) - 1) / (most - 1))] for nr in range(most)]
