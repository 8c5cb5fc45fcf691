# SPDX-License-Identifier: MIT
"""From the definitions and the rows of some places to charts, see drawing.py."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import pandas as pd

from . import cells, cost, curves, describe, dots, forest, heat, text
from .asked import Asked, Filled
from .book import Book
from .drawing import Chart, Panel, plain
from .plotdef import Panel as PanelPlan
from .plotdef import Plot

KINDS = {"lines": curves, "dots": dots, "bars": cost, "forest": forest, "heat": heat}


@dataclass(frozen=True)
class _Source:
    """A panel of the definition with all settings of its cells, the preferred first."""

    panel: PanelPlan
    copied: pd.DataFrame
    settings: list[tuple[dict, np.ndarray]]
    first: bool


def chart(book: Book, plot: Plot, most: int | None) -> Chart | None:
    """@plot of one place, None where nothing of it was measured.

    Panels beyond those of the static figure are added while all take less than
    @most bytes as JSON; None: not at all.
    """
    sources = list(_sources(book, plot))
    names, left_out = _names(plot, sources)
    panels, said = [], {}
    room, full, skipped = most or 0, False, 0
    for source, setting, first in _in_turn(plot, sources):
        if not first and (most is None or full):
            skipped += most is not None
            continue
        for filled in _fill(book, plot, source, setting, names):
            panel = _panel(book, source, setting, filled, first and filled.first)
            room -= _bytes(panel)
            full = full or room < 0 or len(panels) >= plot.panels_max
            if panel.first or most is not None and room >= 0:
                panels.append(panel)
                said.update(dict.fromkeys(filled.said))
    if not panels:
        return None
    caption = [*([plot.said] if plot.said else []), *said,
               f"Platform {book.place}; {KINDS[plot.kind].how(book)}.", *book.said]
    if skipped:
        caption.append(f"{skipped} of {sum(len(one.settings) for one in sources)} settings are "
                       "left out for their size; give fewer files, or draw the CSV narrowed.")
    axes = (panels[0].x or plot.x.drawn(), panels[0].y)
    return Chart(plot.name, plot.title, plot.kind, *axes,
                 tuple(panels), tuple(caption), tuple(describe.untrue(book.runs)),
                 plot.value.drawn() if plot.value else None, plot.legend,
                 tuple(text.clean(name, text.NAME_MAX) for name in left_out))


def merged(found: list[tuple[str, Chart]]) -> Chart:
    """One chart of the same definition for all places, whose names captions and panels bear."""
    charts = [one for _, one in found]
    if len(charts) == 1:
        return charts[0]
    panels = [dataclasses.replace(panel, setting=", ".join(filter(None, (panel.setting,
                                                                         f"place {name}"))))
              for name, one in found for panel in one.panels]
    caption = dict.fromkeys(line if all(line in other.caption for other in charts)
                            else f"Place {name}: {line}"
                            for name, one in found for line in one.caption)
    return dataclasses.replace(
        charts[0], panels=tuple(panels), caption=tuple(caption),
        untrue=tuple(dict.fromkeys(why for one in charts for why in one.untrue)),
        left_out=tuple(dict.fromkeys(name for one in charts for name in one.left_out)))


def _sources(book: Book, plot: Plot) -> Iterator[_Source]:
    there = [value for value in plot.row_values if (book.copied["op"] == value).any()]
    kind = KINDS[plot.kind]
    for nr, value in enumerate(there or [None]):
        for panel in plot.panels:
            where = panel.where if value is None else {**panel.where, "op": value}
            asked = Asked(book, plot, panel, {}, book.copied, ())
            copied = cells.select(book.copied, where)
            copied = copied[kind.there(asked)[copied.index]]
            settings = cells.ranked(copied, kind.moving(asked), (*panel.prefer, *plot.prefer))
            yield _Source(panel, copied, settings or [({}, np.array([], dtype=int))],
                          nr < plot.row_max)


def _in_turn(plot: Plot, sources: list[_Source]) -> Iterator[tuple[_Source, tuple, bool]]:
    """Settings of all sources, the best of each before the second best of any."""
    for nr in range(max((len(one.settings) for one in sources), default=0)):
        for source in sources:
            if nr < len(source.settings):
                yield source, source.settings[nr], source.first and nr < source.panel.first


def _names(plot: Plot, sources: list[_Source]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Strategies to draw, in order of importance, and those left out."""
    found = {name for one in sources for name in one.copied["strategy"].unique()}
    first = [name for name in plot.series_first if name in found]
    order = (*first, *sorted(found - set(first)))
    return order[:plot.series_max], order[plot.series_max:]


def _fill(book: Book, plot: Plot, source: _Source, setting: tuple,
          names: tuple[str, ...]) -> Iterator[Filled]:
    held, at = setting
    return KINDS[plot.kind].fill(
        Asked(book, plot, source.panel, held, source.copied.iloc[at], names))


def _panel(book: Book, source: _Source, setting: tuple, filled: Filled, first: bool) -> Panel:
    held = {**setting[0], **filled.fixed}
    tags = {axis: value for axis, value in held.items() if value == value}
    words = describe.setting(_untold(source.panel, held), book.table)
    return Panel(filled.title or source.panel.title, words, {**tags, "place": book.name},
                 filled.series, filled.bands, first, filled.x,
                 filled.y or source.panel.y.drawn())


def _untold(panel: PanelPlan, setting: dict) -> dict:
    """What the title of a panel leaves open: of the path, all but the one it is made for."""
    path = panel.where.get("path")
    usual = path[0] if isinstance(path, tuple) else path
    return {axis: value for axis, value in setting.items() if (axis, value) != ("path", usual)}


def _bytes(panel: Panel) -> int:
    return len(json.dumps(plain(Chart("", "", "", panel.x, panel.y, (panel,)))))
