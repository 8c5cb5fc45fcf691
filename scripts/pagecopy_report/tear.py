# SPDX-License-Identifier: MIT
"""The chart of what pagecopy tear wrote: shares of copies by their finest tear."""

from __future__ import annotations

import csv
import dataclasses
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from . import describe, text
from .drawing import Chart, Panel, Series, exact, rounded
from .load import InputError
from .plotdef import Histogram

NAME = "tear"


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
    try:
        rows = [row for row in csv.DictReader(lines) if row.get("experiment") == "tear"]
    except csv.Error as err:
        raise InputError(f"{path}: not CSV: {err}") from None
    return Tears(path, meta, rows)


def chart(tears: Tears, plot: Histogram, place: str = "1") -> Chart | None:
    """The chart of one file, None where there is no row of the tear test."""
    settings = _settings(tears, plot)
    if not settings:
        return None
    names = _strategies(tears, plot)
    shown = tuple(text.clean(name, text.NAME_MAX) for name in names)
    x = dataclasses.replace(plot.x.drawn(), names=shown)
    panels = tuple(_panel(setting, shares, names, plot, Panel("", "", {"place": place}, (), x=x))
                   for setting, shares in list(settings.items())[:plot.panels_max])
    more = len(settings) - len(panels)
    caption = [plot.said, *_caption(tears),
               *([f"{more} settings more are left out."] if more else [])]
    emulated = tears.meta.get("emulated", "no").lower() not in ("no", "0", "false", "")
    return Chart(NAME, plot.title, "histogram", x, plot.y.drawn(), panels,
                 tuple(caption), (describe.EMULATED_STORES,) if emulated else (),
                 legend=plot.legend)


def _number(tears: Tears, row: dict[str, str], name: str) -> int:
    value = row.get(name)
    if value is None:
        raise InputError(f"{tears.path}: no column {name}; give the file as pagecopy tear wrote it")
    if not value.isdecimal():
        raise InputError(f"{tears.path}: {name} is {value!r:.40}, not a count")
    return int(value)


def _setting(held: Iterable[tuple[str, str]]) -> str:
    words = []
    for axis, value in held:
        if axis == "size":
            words.append(text.size(int(value)))
        elif axis in ("offset", "buf_offset"):
            words += [f"{axis} {text.clean(value, 12)}"] if value != "0" else []
        elif axis == "mutator":
            words += [] if value == "thread" else [f"mutator {text.clean(value, 12)}"]
        else:
            words.append(text.clean(value, 12))
    return ", ".join(words)


def _settings(tears: Tears, plot: Histogram) -> dict[tuple, dict[str, np.ndarray]]:
    """By setting and strategy: the share of the copies in each column."""
    counts: dict[tuple, dict[str, np.ndarray]] = {}
    for row in tears.rows:
        _number(tears, row, "size")
        found = np.array([_number(tears, row, name) for name, _ in plot.columns], dtype=float)
        panel = counts.setdefault(tuple((axis, row.get(axis, "")) for axis in plot.panel), {})
        name = row.get("strategy", "")
        panel[name] = panel.get(name, 0) + found
    return {setting: {name: found / max(found.sum(), 1) for name, found in panel.items()}
            for setting, panel in counts.items()}


def _panel(setting: tuple, shares: dict[str, np.ndarray], names: list[str], plot: Histogram,
           empty: Panel) -> Panel:
    at = [nr for nr, name in enumerate(names) if name in shares]
    series = tuple(Series(label, "part", exact(at),
                          rounded(shares[names[nr]][column] for nr in at))
                   for column, (_, label) in enumerate(plot.columns))
    tags = {axis: float(value) if axis in ("size", "offset", "buf_offset") and value.isdecimal()
            else text.clean(value) for axis, value in setting}
    return dataclasses.replace(empty, title=_setting(setting), tags={**tags, **empty.tags},
                               series=series)


def _strategies(tears: Tears, plot: Histogram) -> list[str]:
    found = list(dict.fromkeys(row.get("strategy", "") for row in tears.rows))
    first = [name for name in plot.first if name in found]
    return first + [name for name in found if name not in first]


def _caption(tears: Tears) -> list[str]:
    meta = {key: text.clean(value, 60) for key, value in tears.meta.items()}
    made_up = sum(_number(tears, row, "thin_air") for row in tears.rows)
    return [f"Bytes out of thin air: {made_up}. Platform {meta.get('platform', 'unknown')}, CPU "
            f"{meta.get('cpu_model', 'unknown')}, stores of the mutator "
            f"{meta.get('mutator_store', '?')} bytes, run {meta.get('run_id', 'unnamed')}."]
