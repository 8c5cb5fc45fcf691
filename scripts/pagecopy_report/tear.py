# SPDX-License-Identifier: MIT
"""Draws what pagecopy tear wrote: a heat map per strategy and finest tear."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import matplotlib
import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import LogNorm
from matplotlib.figure import Figure

from . import text
from .load import InputError
from .plotdef import PLOTS

NAME = "tear"
# A share below this has the colour of this one.
LEAST = 1e-6
CELL_W, CELL_H, LEFT, GAP, HEAD, TOP = 0.5, 0.26, 1.5, 0.35, 0.75, 1.05
RED = "#b00000"


@dataclass(frozen=True)
class Tears:
    """One result file of the tear test: its `#key: value` lines and its rows."""

    path: Path
    meta: dict[str, str]
    rows: list[dict[str, str]]


def is_tear(path: Path) -> bool:
    """Was @path written by pagecopy tear?"""
    try:
        with open(path, encoding="utf-8", errors="replace") as stream:
            for line in stream:
                if not line.startswith("#"):
                    return False
                if line.split() == ["#results:", "tear"]:
                    return True
    except OSError:
        pass
    return False


def load(path: Path) -> Tears:
    """Read one file; raises InputError for what cannot be used."""
    meta, lines = {}, []
    try:
        with open(path, encoding="utf-8") as stream:
            for line in stream:
                if line.startswith("#"):
                    key, _, value = line[1:].partition(":")
                    meta[key] = value.strip()
                elif line.endswith("\n"):
                    lines.append(line)
    except (OSError, UnicodeDecodeError) as err:
        raise InputError(f"{path}: cannot read: {err}") from None
    rows = [row for row in csv.DictReader(lines) if row.get("experiment") == "tear"]
    return Tears(path, meta, rows)


def draw(tears: Tears) -> Figure | None:
    """One figure, or None where there is no row of the tear test."""
    plot = json.loads((PLOTS / f"{NAME}.json").read_text(encoding="utf-8"))
    panels = _panels(tears, plot)
    if not panels:
        return None
    names = _strategies(tears, plot)
    wide = min(len(panels), plot["panels_wide"])
    deep = -(-len(panels) // wide)
    inner_w, inner_h = CELL_W * len(plot["columns"]), CELL_H * len(names)
    width = LEFT + wide * (inner_w + GAP)
    height = TOP + deep * (inner_h + HEAD) - HEAD + 0.75
    figure = Figure(figsize=(width, height), facecolor="white")
    for nr, (setting, rows) in enumerate(panels.items()):
        left = LEFT + (nr % wide) * (inner_w + GAP)
        top = height - TOP - (nr // wide) * (inner_h + HEAD)
        axes = figure.add_axes((left / width, (top - inner_h) / height,
                                inner_w / width, inner_h / height))
        _panel(axes, rows, names, plot, labels=nr % wide == 0)
        axes.set_title(setting, fontsize=9.5, loc="left", pad=20)
    figure.text(0.1 / width, 1 - 0.1 / height, plot["title"], fontsize=13, fontweight="bold",
                va="top")
    figure.text(0.1 / width, 0.12 / height, _caption(tears, plot), fontsize=8.5, va="bottom")
    if tears.meta.get("emulated") == "yes":
        figure.text(0.1 / width, 1 - 0.4 / height, "EMULATED: the accesses are the emulator's, "
                    "not a CPU's", fontsize=10, fontweight="bold", color=RED, va="top")
    return figure


def _number(tears: Tears, row: dict[str, str], name: str) -> int:
    value = row.get(name)
    if value is None:
        raise InputError(f"{tears.path}: no column {name}; give the file as pagecopy tear wrote it")
    if not value.isdecimal():
        raise InputError(f"{tears.path}: {name} is {value!r:.40}, not a count")
    return int(value)


def _setting(row: dict[str, str], axes: Iterable[str]) -> str:
    words = []
    for axis in axes:
        value = row.get(axis, "")
        if axis == "size":
            words.append(text.size(int(value)))
        elif axis in ("offset", "buf_offset"):
            words += [f"{axis} {value}"] if value != "0" else []
        elif axis == "mutator":
            words += [] if value == "thread" else [f"mutator {text.clean(value, 12)}"]
        else:
            words.append(text.clean(value, 12))
    return ", ".join(words).replace("$", r"\$")


def _panels(tears: Tears, plot: dict) -> dict[str, dict[str, np.ndarray]]:
    """By setting and strategy: the share of the copies in each column."""
    counts: dict[str, dict[str, np.ndarray]] = {}
    for row in tears.rows:
        _number(tears, row, "size")
        found = np.array([_number(tears, row, name) for name, _ in plot["columns"]], dtype=float)
        panel = counts.setdefault(_setting(row, plot["panel"]), {})
        name = row.get("strategy", "")
        panel[name] = panel.get(name, 0) + found
    shares = {setting: {name: found / max(found.sum(), 1) for name, found in panel.items()}
              for setting, panel in counts.items()}
    return dict(list(shares.items())[:plot["panels_max"]])


def _strategies(tears: Tears, plot: dict) -> list[str]:
    found = list(dict.fromkeys(row.get("strategy", "") for row in tears.rows))
    first = [name for name in plot["first"] if name in found]
    return first + [name for name in found if name not in first]


def _panel(axes: Axes, rows: dict[str, np.ndarray], names: list[str], plot: dict,
           labels: bool) -> None:
    none = np.full(len(plot["columns"]), np.nan)
    shares = np.array([rows.get(name, none) for name in names])
    colours = matplotlib.colormaps["YlOrRd"].copy()
    colours.set_bad("#f4f4f4")
    axes.imshow(np.where(shares > 0, np.maximum(shares, LEAST), np.nan), cmap=colours,
                norm=LogNorm(LEAST, 1), aspect="auto")
    for (y, x), share in np.ndenumerate(shares):
        if np.isfinite(share):
            axes.text(x, y, _percent(share), ha="center", va="center", fontsize=7.5,
                      color="white" if share > 0.02 else "#222222" if share else "#bbbbbb")
    axes.set_xticks(range(len(plot["columns"])), [label for _, label in plot["columns"]],
                    fontsize=8)
    axes.xaxis.tick_top()
    shown = [text.clean(name, text.NAME_MAX).replace("$", r"\$") for name in names]
    axes.set_yticks(range(len(names)), shown if labels else [""] * len(names), fontsize=8.5)
    axes.tick_params(length=0)
    for side in axes.spines.values():
        side.set_visible(False)


def _percent(share: float) -> str:
    """A share in two digits, and never 0 for what was seen."""
    percent = 100 * share
    if not share:
        return "0"
    if 99.5 <= percent < 100:
        return ">99 %"
    if percent >= 9.95:
        return f"{percent:.0f} %"
    if percent >= 0.095:
        return f"{percent:.1f} %"
    return f"{percent:.0e}".replace("e-0", "e-")


def _caption(tears: Tears, plot: dict) -> str:
    meta = {key: text.clean(value, 60).replace("$", r"\$") for key, value in tears.meta.items()}
    made_up = sum(_number(tears, row, "thin_air") for row in tears.rows)
    return (f"{plot['legend'].capitalize()}, in per cent; docs/tear.md says what that shows.\n"
            f"Bytes out of thin air: {made_up}. Platform {meta.get('platform', 'unknown')}, CPU "
            f"{meta.get('cpu_model', 'unknown')}, stores of the mutator "
            f"{meta.get('mutator_store', '?')} bytes, run {meta.get('run_id', 'unnamed')}.")
