# SPDX-License-Identifier: MIT
"""From the definitions and the rows of some places to charts, see drawing.py."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from . import cells, cost, curves, describe, dots, forest, heat, text
from .asked import Asked, Filled
from .book import Book
from .drawing import Chart, Panel, plain
from .plotdef import Panel as PanelPlan
from .plotdef import Plot

KINDS = {"lines": curves, "dots": dots, "bars": cost, "forest": forest, "heat": heat}
# So many strategies that are not drawn are named.
NAMED_MAX = 30


@dataclass(frozen=True)
class _Source:
    """A panel of the definition with all settings of its cells, the preferred first.

    @filled: what was made of a setting, by its id().
    """

    panel: PanelPlan
    copied: pd.DataFrame
    settings: list[tuple[dict, np.ndarray]]
    first: bool
    filled: dict[int, list[Filled]] = field(default_factory=dict)


class _Room:
    """What a chart of the page may take; @most bytes of JSON, None: only first panels."""

    def __init__(self, plot: Plot, most: int | None) -> None:
        self.most, self.left, self.panels_max = most, most or 0, plot.panels_max
        self.panels: list[Panel] = []
        self.skipped = 0

    def wants(self, first: bool) -> bool:
        """False where no panel that is no @first has room."""
        return first or self.most is not None and self.left > 0 and (
            len(self.panels) < self.panels_max)

    def take(self, panel: Panel) -> bool:
        """Keep @panel if it may be kept; the very first is, whatever it takes."""
        if self.most is not None:
            self.left -= len(json.dumps(plain(Chart("", "", "", panel.x, panel.y, (panel,)))))
            fits = self.left >= 0 or not self.panels
        else:
            fits = panel.first
        if fits:
            self.panels.append(panel)
        return fits or self.most is None


def chart(book: Book, plot: Plot, most: int | None) -> Chart | None:
    """@plot of one place, None where nothing of it was measured.

    All panels that take less than @most bytes as JSON, those of the static figure
    before others; None: only those.
    """
    sources = _known(book, plot)
    names, left_out = _names(plot, sources)
    room, said, turns = _Room(plot, most), {}, _in_turn(sources)
    for source, setting, first in turns:
        if not room.wants(first):
            room.skipped += 1
            continue
        for filled in _fill(book, plot, source, setting, names):
            if not room.take(_panel(book, source, setting, filled, first and filled.first)):
                room.skipped += 1
                break
            said.update(dict.fromkeys(filled.said))
    if not room.panels:
        return None
    caption = [*([plot.said] if plot.said else []), *said,
               f"Platform {book.place}; {KINDS[plot.kind].how(book)}.", *book.said]
    if room.skipped and most is not None:
        caption.append(f"{room.skipped} of {len(turns)} settings are left out, whole or in part: "
                       "the page would be too large.")
    axes = (room.panels[0].x or plot.x.drawn(), room.panels[0].y)
    return Chart(plot.name, plot.title, plot.kind, *axes, tuple(room.panels), tuple(caption),
                 tuple(describe.untrue(book.runs)), plot.value.drawn() if plot.value else None,
                 plot.legend, _named(left_out))


def _named(left_out: tuple[str, ...]) -> tuple[str, ...]:
    """The first of these strategies and the number of the others: a caption is no list of all."""
    more = len(left_out) - NAMED_MAX
    named = tuple(text.clean(name, text.NAME_MAX) for name in left_out[:NAMED_MAX])
    return named + ((f"and {more:,} more",) if more > 0 else ())


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


def _known(book: Book, plot: Plot) -> list[_Source]:
    """The sources of @plot, made once: the static figure and the page have them in common."""
    if plot.name not in book.made or book.made[plot.name][0] != plot:
        book.made[plot.name] = plot, list(_sources(book, plot))
    return book.made[plot.name][1]


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


def _in_turn(sources: list[_Source]) -> list[tuple[_Source, tuple, bool]]:
    """Settings of all sources, the best of each before the second best of any; first ones first."""
    turns = [(source, source.settings[nr], source.first and nr < source.panel.first)
             for nr in range(max((len(one.settings) for one in sources), default=0))
             for source in sources if nr < len(source.settings)]
    return sorted(turns, key=lambda turn: not turn[2])


def _names(plot: Plot, sources: list[_Source]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Strategies to draw, in order of importance, and those left out."""
    found = {name for one in sources for name in one.copied["strategy"].unique()}
    first = [name for name in plot.series_first if name in found]
    order = (*first, *sorted(found - set(first)))
    return order[:plot.series_max], order[plot.series_max:]


def _fill(book: Book, plot: Plot, source: _Source, setting: tuple,
          names: tuple[str, ...]) -> list[Filled]:
    held, at = setting
    if id(setting) not in source.filled:
        source.filled[id(setting)] = list(KINDS[plot.kind].fill(
            Asked(book, plot, source.panel, held, source.copied.iloc[at], names)))
    return source.filled[id(setting)]


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
