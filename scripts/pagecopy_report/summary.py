# SPDX-License-Identifier: MIT
"""The summary: what ran where, the figures, the ratio, the noise, what is missing."""

from __future__ import annotations

import itertools
from dataclasses import dataclass

import numpy as np
import pandas as pd

from . import (between, cells, clocks, describe, disturbed, finish, floors, ratios, stats,
               text)
from .columns import CELL, EMPTY_IS_FINE, NUMBER, TEXT, WHY_EMPTY
from .load import Run, pool
from .ratios import BASE, TEST

PREFER = (
    ("path", ["uring", "ioctl", "user"]), ("op", ["read", "write"]),
    ("buffer", ["fixed", "user", "copy", "kernel"]), ("depth", "min"),
    ("ring", ["defer", "coop", "plain"]), ("completion", ["inline"]),
    ("cache", ["hot"]), ("offset", "min"), ("pages", ["4k"]),
    ("buf_offset", "min"), ("threads", "min"), ("batch", ["all"]),
    ("points", "max"),
)
COLUMNS = ("size", "strategy", "GB/s", "ops/s", "spread", "p50 ns", "p99 ns",
           "kernel ns", "kernel GB/s")
NOTES_MAX = 6
EMPTY_MAX = 9
NAME_MAX = 20
WHY_MAX = 220


@dataclass(frozen=True)
class Options:
    """What the command line asks for."""

    every: bool = False
    markdown: bool = False


def summary(runs: list[Run], options: Options = Options()) -> tuple[str, bool]:
    """The text for runs of one place, and whether every cell was fine."""
    frame = pool(runs)
    parts = [_heading(runs, frame)]
    parts += [_show(table, options) if isinstance(table, text.Table) else table
              for table in _body(runs, frame, options)]
    parts.append(_footer(runs, frame))
    return "\n\n".join(parts) + "\n", len(cells.usable(frame)) == len(frame)


def _show(table: text.Table, options: Options) -> str:
    return table.markdown() if options.markdown else table.plain()


def _heading(runs: list[Run], frame: pd.DataFrame) -> str:
    seed = describe.said(runs, "seed")
    shown = cells.without_twins(frame)
    lines = [text.wrap(f"pagecopy on {describe.place(runs, frame)}, "
                       f"{describe.rounds(shown)}, seed {seed}")]
    bar = "!" * text.WIDTH
    for why in describe.untrue(runs):
        lines += [bar, text.wrap("!! " + why, "!! "), bar]
    number = len(shown[list(CELL)].drop_duplicates())
    twins = len(frame[list(CELL)].drop_duplicates()) - number
    controls = f" and {twins} controls" if twins else ""
    lines.append(text.wrap(f"{describe.files(runs)}: {number} cells{controls}, {len(frame)} rows, "
                           f"ring {describe.said(runs, 'ring')}"))
    lines += [text.wrap(line) for line in (*finish.unfinished(runs), *finish.stopped(runs))]
    if describe.warning(runs, frame):
        lines.append(text.wrap(describe.warning(runs, frame)))
    return "\n".join(lines)


def _body(runs: list[Run], frame: pd.DataFrame, options: Options) -> list[text.Table | str]:
    good = cells.without_twins(cells.usable(frame))
    rows = cells.copies(good)
    if rows.empty:
        return [_floors_only(good), _no_copy(frame)]
    first = cells.choose(rows, ("size",), PREFER)
    others = [one for one in cells.settings(rows, ("size",)) if not _same(one, first)]
    body: list[text.Table | str] = []
    settled = disturbed.without(good)
    marks = "".join(f"{mark}: " for mark in describe.marks(runs))
    for one in [first, *(others if options.every else [])]:
        body.append(_main_table(settled, one, marks))
        body += floors.table(good, one, marks)
        body += ratios.answer(runs, frame, one)
        body += between.table(cells.select(cells.copies(settled), one),
                              None if marks else (TEST, BASE))
    if others and not options.every:
        body.append(_others(others, good))
    return body


def _no_copy(frame: pd.DataFrame) -> str:
    what = ("No copy was measured" if cells.copies(frame).empty else
            "Every copy failed or was not verified")
    return f"{what}, so there is no ratio {TEST} / {BASE}."


def _same(one: dict, other: dict) -> bool:
    return all(a == b or (a != a and b != b) for a, b in zip(one.values(), other.values()))


def _others(others: list[dict], good: pd.DataFrame) -> str:
    named = "; ".join(describe.setting(one, good) for one in others[:4])
    more = f"; and {len(others) - 4} more" if len(others) > 4 else ""
    return text.wrap(f"Also measured, shown with --all: {named}{more}.")


def _main_table(good: pd.DataFrame, setting: dict, marks: str) -> text.Table:
    """Strategies by size with the floors of the same setting."""
    rows = cells.select(cells.copies(good), setting)
    table = text.Table(
        f"{marks}{describe.setting(setting, good)}: medians over rounds. p50, p99: service "
        f"time of one copy (closed loop{_batch(rows)}). kernel: one copy inside the kernel, "
        "without the way there.",
        COLUMNS, frozenset({0, 1}))
    for floor in cells.FLOORS:
        if "size" not in floor.hard:
            _add_floor(table, good, floor, setting, "any")
    for size, of_size in rows.groupby("size"):
        table.gap()
        for floor in cells.FLOORS:
            if "size" in floor.hard:
                _add_floor(table, good, floor, {**setting, "size": size}, text.size(size))
        for strategy in ratios.in_order(of_size["strategy"]):
            one = of_size[of_size["strategy"] == strategy]
            table.add(text.size(size), text.clean(strategy, NAME_MAX), *_figures(one, size))
    return table


def _batch(rows: pd.DataFrame) -> str:
    copies = rows["lat_batch"].max()
    return f", each the mean of up to {copies:g} copies" if copies > 1 else ""


def _add_floor(table: text.Table, good: pd.DataFrame, floor: cells.Floor, setting: dict,
               size: str) -> None:
    rows = cells.floor_rows(good, floor, setting)
    if not rows.empty:
        table.add(size, f"floor: {floor.name}", *_figures(rows, None))


def _floors_only(good: pd.DataFrame) -> text.Table:
    table = text.Table("Transport floors, medians over rounds",
                       ("depth", *COLUMNS[1:]), frozenset({0, 1}))
    for depth in sorted(good["depth"].unique()):
        table.gap()
        for floor in cells.FLOORS:
            _add_floor(table, good, floor, {"depth": depth}, f"{depth:g}")
    return table


def _figures(rows: pd.DataFrame, size: float | None) -> tuple[str, ...]:
    """The figures of one cell; @size is None for a floor, which moves no byte."""
    middle = rows[list(NUMBER)].median()
    kernel = middle["kernel_ns"]
    rate = size / kernel if size and kernel > 0 else np.nan
    return (text.number(middle["gb_per_s"] if size else np.nan),
            text.number(middle["ops_per_s"]), _spread(rows["ops_per_s"]),
            text.number(middle["lat_p50_ns"]), text.number(middle["lat_p99_ns"]),
            text.number(kernel), text.number(rate))


def _spread(values: pd.Series) -> str:
    values = values.dropna()
    if len(values) < 2 or values.median() <= 0:
        return text.NONE
    return f"±{50 * stats.iqr(values) / values.median():.1f}%"


def _footer(runs: list[Run], frame: pd.DataFrame) -> str:
    lines = [describe.sentence(describe.noise(frame))]
    lines += clocks.sentences(cells.without_twins(cells.usable(frame)))
    lines += disturbed.sentence(frame, ["disturbed" in run.present for run in runs])
    lines += faults(frame, cells.has_errors(frame), "rows with failed commands")
    lines += faults(frame, cells.is_unverified(frame), "rows whose bytes were not verified")
    unknown = describe.said(runs, "debug_kernel", "")
    if unknown.startswith("unknown"):
        lines.append(f"Whether this is a debug kernel is {unknown}.")
    lines += _notes(frame)
    lines += _empty_columns(runs, frame)
    return "\n".join(text.wrap(line) for line in lines)


def faults(frame: pd.DataFrame, mask: pd.Series, what: str) -> list[str]:
    """How many rows @mask marks, and the first of them; nothing where none is."""
    if not mask.any():
        return []
    one = frame[mask].iloc[0]
    cell = (f"{describe.setting(one[list(cells.SETTING)].to_dict(), frame)}, strategy "
            f"{text.clean(one['strategy'], text.NAME_MAX)}, round {one['round']:g}")
    return [f"FAULT: {int(mask.sum())} {what}, left out above. First: {cell}."]


def _notes(frame: pd.DataFrame) -> list[str]:
    counts = frame.loc[frame["notes"] != "", "notes"].value_counts()
    lines = [f"Note on {count} rows: {text.clean(note, 160)}"
             for note, count in counts.head(NOTES_MAX).items()]
    more = len(counts) - NOTES_MAX
    return lines + ([f"And {more} other notes: see the column notes."] if more > 0 else [])


def _empty_columns(runs: list[Run], frame: pd.DataFrame) -> list[str]:
    """Columns without any value, together where the reason is the same."""
    given = _reasons_given(runs)
    reasons: dict[str, list[str]] = {}
    for name in (*TEXT, *NUMBER):
        if name in EMPTY_IS_FINE or not (frame[name].isna() | (frame[name] == "")).all():
            continue
        if any(name in run.present for run in runs):
            why = given.get(name) or WHY_EMPTY.get(name, "the file does not say why")
        else:
            why = "the file has no such column"
        reasons.setdefault(why, []).append(name)
    return [f"Empty: {_some(names)}: {why}." for why, names in reasons.items()]


def _some(names: list[str]) -> str:
    more = f" and {len(names) - EMPTY_MAX} more" if len(names) > EMPTY_MAX + 1 else ""
    return ", ".join(names[:EMPTY_MAX] if more else names) + more


def _reasons_given(runs: list[Run]) -> dict[str, str]:
    """From lines like `#empty: cycles_user, cycles_kernel: why`, one for each reason."""
    given = {}
    for line in itertools.chain(*(run.meta.get("empty", "").splitlines() for run in runs)):
        names, _, why = line.partition(":")
        given.update({name.strip(): text.clean(why.strip(), WHY_MAX) for name in names.split(",")})
    return given
