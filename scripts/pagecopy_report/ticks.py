# SPDX-License-Identifier: MIT
"""Ticks of logarithmic axes: where they are and what they say."""

from __future__ import annotations

import math

import numpy as np
from matplotlib.axes import Axes
from matplotlib.ticker import FixedLocator, FuncFormatter, NullFormatter, NullLocator

from . import text

_DECADE = {1: (1.0,), 2: (1.0, 3.0), 3: (1.0, 2.0, 5.0), 5: (1.0, 1.5, 2.0, 3.0, 5.0, 7.0)}
LABELS_MAX = 9


def x_ticks(values: np.ndarray) -> list[float]:
    """Powers of two or four that cover @values, or @values if they are few."""
    values = np.unique(values)
    octaves = np.log2(values)
    if len(values) <= 6 and (len(values) < 2 or np.diff(octaves).min() >= 0.99):
        if len(values) < 2 or np.diff(octaves).min() / max(np.ptp(octaves), 1) > 0.1:
            return list(values)
    low, high = math.floor(octaves[0] + 1e-9), math.floor(octaves[-1] + 1e-9)
    step = 1
    while (high - low) / step >= LABELS_MAX:
        step += 1
    ticks = [2.0 ** power for power in range(low, high + 1, step)]
    if step > 1 and math.log2(values[-1] / ticks[-1]) >= 0.99:
        if math.log2(values[-1] / ticks[-1]) < step:
            ticks.pop()
        ticks.append(float(values[-1]))
    return ticks


def y_ticks(low: float, high: float) -> list[float]:
    """Round numbers between @low and @high, four to nine of them."""
    decades = math.log10(high / low)
    parts = next(n for n, most in ((5, 0.8), (3, 1.8), (2, 3.0), (1, math.inf))
                 if decades <= most)
    step = max(1, math.ceil(decades / LABELS_MAX))
    first, last = math.floor(math.log10(low)), math.ceil(math.log10(high))
    ticks = [part * 10.0 ** power for power in range(first, last + 1)
             if power % step == 0 for part in _DECADE[parts]]
    return [tick for tick in ticks if low <= tick <= high]


def label(value: float, how: str) -> str:
    """The words of a tick; @how is a format of plotdef."""
    if how == "size":
        return text.size(value)
    if how == "time":
        return _time(value)
    if how == "count" and 1e4 <= value < 1e9:
        return f"{value:,.0f}"
    return f"{value:.10g}" if value < 1e6 else f"{value:.0e}"


def set_x(axes: Axes, values: np.ndarray, how: str) -> None:
    """Axis x with base 2, ticks for @values and room at both ends."""
    axes.set_xscale("log", base=2)
    axes.xaxis.set_major_locator(FixedLocator(x_ticks(values)))
    axes.xaxis.set_major_formatter(FuncFormatter(lambda value, _: label(value, how)))
    axes.xaxis.set_minor_formatter(NullFormatter())
    low, high = math.floor(np.log2(values.min())), math.ceil(np.log2(values.max()))
    axes.xaxis.set_minor_locator(FixedLocator([2.0 ** n for n in range(low, high + 1)]))
    room = 2 ** max(0.35, 0.05 * np.ptp(np.log2(values)))
    axes.set_xlim(values.min() / room, values.max() * room)


def set_y(axes: Axes, low: float, high: float, how: str) -> None:
    """Axis y from @low to @high."""
    axes.set_yscale("log")
    axes.set_ylim(low, high)
    axes.yaxis.set_major_locator(FixedLocator(y_ticks(low, high)))
    axes.yaxis.set_minor_locator(NullLocator())
    axes.yaxis.set_major_formatter(FuncFormatter(lambda value, _: label(value, how)))


def _time(nanoseconds: float) -> str:
    for unit, name in ((1e9, "s"), (1e6, "ms"), (1e3, "µs")):
        if nanoseconds >= unit * 0.9999:
            return f"{nanoseconds / unit:.6g} {name}"
    return f"{nanoseconds:.6g} ns"
