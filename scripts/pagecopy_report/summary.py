# SPDX-License-Identifier: MIT
"""The summary: what ran where, the figures, the ratio, the noise, what is missing."""

from __future__ import annotations

import itertools
from dataclasses import dataclass

import numpy as np
import pandas as pd

from . import cells, describe, stats, text
from .columns import CELL, EMPTY_IS_FINE, NUMBER, TEXT, WHY_EMPTY
from .load import Run, pool

TEST, BASE = "bytewise_atomic", "raw"
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
    good = cells.usable(frame)
    parts = [_heading(runs, frame)]
    parts += [_show(table, options) if isinstance(table, text.Table) else table
              for table in _body(good, options)]
    parts.append(_footer(runs, frame))
    return "\n\n".join(parts) + "\n", len(good) == len(frame)


def _show(table: text.Table, options: Options) -> str:
    return table.markdown() if options.markdown else table.plain()


def _heading(runs: list[Run], frame: pd.DataFrame) -> str:
    seed = describe.said(runs, "seed")
    lines = [text.wrap(f"pagecopy on {describe.place(runs, frame)}, "
                       f"{describe.rounds(frame)}, seed {seed}")]
    if describe.is_emulated(runs):
        bar = "!" * text.WIDTH
        lines += [bar, text.wrap("!! " + describe.EMULATED, "!! "), bar]
    number = len(frame[list(CELL)].drop_duplicates())
    lines.append(text.wrap(f"{describe.files(runs)}: {number} cells, {len(frame)} rows, "
                           f"ring {describe.said(runs, 'ring')}"))
    lines += [text.wrap(line) for line in _unfinished(runs)]
    if describe.warning(runs, frame):
        lines.append(text.wrap(describe.warning(runs, frame)))
    return "\n".join(lines)


def _unfinished(runs: list[Run]) -> list[str]:
    """Files that hold fewer rows than their head promised."""
    lines = []
    for run in runs:
        cells_said, rounds_said = (run.meta.get(key, "") for key in ("cells", "rounds"))
        if not (cells_said.isdecimal() and rounds_said.isdecimal()):
            continue
        promised = int(cells_said) * int(rounds_said)
        if len(run.frame) < promised:
            lines.append(f"UNFINISHED: {text.clean(run.path.name, 40)} has {len(run.frame)} of "
                         f"{promised} rows; cells have fewer rounds than were asked for.")
    return lines


def _body(good: pd.DataFrame, options: Options) -> list[text.Table | str]:
    rows = cells.copies(good)
    if rows.empty:
        return [_floors_only(good), f"No copy was measured, so there is no ratio {TEST} / {BASE}."]
    first = cells.choose(rows, ("size",), PREFER)
    others = [one for one in cells.settings(rows, ("size",)) if not _same(one, first)]
    body: list[text.Table | str] = []
    for one in [first, *(others if options.every else [])]:
        body += [_main_table(good, one), *_ratios(rows, one)]
    if others and not options.every:
        body.append(_others(others, good))
    return body


def _same(one: dict, other: dict) -> bool:
    return all(a == b or (a != a and b != b) for a, b in zip(one.values(), other.values()))


def _others(others: list[dict], good: pd.DataFrame) -> str:
    named = "; ".join(describe.setting(one, good) for one in others[:4])
    more = f"; and {len(others) - 4} more" if len(others) > 4 else ""
    return text.wrap(f"Also measured, shown with --all: {named}{more}.")


def _main_table(good: pd.DataFrame, setting: dict) -> text.Table:
    """Strategies by size with the floors of the same setting."""
    rows = cells.select(cells.copies(good), setting)
    table = text.Table(
        f"{describe.setting(setting, good)}: medians over rounds. p50, p99: service time of one "
        f"copy (closed loop{_batch(rows)}). kernel: one copy inside the kernel, without the way "
        "there.",
        COLUMNS, frozenset({0, 1}))
    for floor in cells.FLOORS:
        if "size" not in floor.hard:
            _add_floor(table, good, floor, setting, "any")
    for size, of_size in rows.groupby("size"):
        table.gap()
        for floor in cells.FLOORS:
            if "size" in floor.hard:
                _add_floor(table, good, floor, {**setting, "size": size}, text.size(size))
        for strategy in _in_order(of_size):
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


def _in_order(rows: pd.DataFrame) -> list[str]:
    """The two of the question first, then the others by name."""
    names = set(rows["strategy"])
    return [name for name in (BASE, TEST) if name in names] + sorted(names - {BASE, TEST})


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


def _ratios(rows: pd.DataFrame, setting: dict) -> list[text.Table | str]:
    rows = cells.select(rows, setting)
    missing = {TEST, BASE} - set(rows["strategy"])
    if missing:
        return [f"No ratio {TEST} / {BASE}: {' and '.join(sorted(missing))} not in this table."]
    both = [
        ("kernel_ns", "time of one copy inside the kernel", "takes less time"),
        ("ops_per_s", "ops/s end to end", "is slower"),
    ]
    tables = [_ratio_table(rows, *one) for one in both]
    return [*tables, text.wrap(
        "Ratios are taken between cells of the same round. ~: the interval of the median holds 1, "
        "so nothing was told apart. The interval is a pair of order statistics found by sign "
        "counting (95 % for each line alone, no normal law assumed); under 6 rounds it is the "
        "whole range with the confidence it has, and n<6 stands where that is too little to tell.")]


def _ratio_table(rows: pd.DataFrame, column: str, what: str, below: str) -> text.Table | str:
    table = text.Table(
        f"{TEST} / {BASE}, {what} (below 1: {TEST} {below})",
        ("size", "median", "", "interval", "sure", "min..max", "IQR", "n"), frozenset({0, 2}))
    dropped = 0
    for size, of_size in rows.groupby("size"):
        found = stats.paired_ratio(of_size, TEST, BASE, column)
        dropped += found.dropped
        if found.n:
            table.add(text.size(size), text.ratio(found.median), found.verdict(),
                      _between(found.interval.low, found.interval.high),
                      f"{100 * found.interval.coverage:.0f}%",
                      _between(found.low, found.high), f"{found.iqr:.3f}", str(found.n))
    if not table.rows:
        return f"No ratio {TEST} / {BASE} of {column}: no round has both."
    if dropped:
        table.heading += f"; {dropped} pairs left out: {column} empty or not above 0"
    return table


def _between(low: float, high: float) -> str:
    return f"{text.ratio(low)}..{text.ratio(high)}"


def _footer(runs: list[Run], frame: pd.DataFrame) -> str:
    lines = [describe.sentence(describe.noise(frame))]
    lines += _faults(frame, cells.has_errors(frame), "rows with failed commands")
    lines += _faults(frame, cells.is_unverified(frame), "rows whose bytes were not verified")
    lines += _notes(frame)
    lines += _empty_columns(runs, frame)
    return "\n".join(text.wrap(line) for line in lines)


def _faults(frame: pd.DataFrame, mask: pd.Series, what: str) -> list[str]:
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
    return [f"Empty: {', '.join(names)}: {why}." for why, names in reasons.items()]


def _reasons_given(runs: list[Run]) -> dict[str, str]:
    """From lines like `#empty: cycles_user, cycles_kernel: why`, one for each reason."""
    given = {}
    for line in itertools.chain(*(run.meta.get("empty", "").splitlines() for run in runs)):
        names, _, why = line.partition(":")
        given.update({name.strip(): text.clean(why.strip(), WHY_MAX) for name in names.split(",")})
    return given
