# SPDX-License-Identifier: MIT
"""Our figures beside those of Google Benchmark and of hyperfine for the same cells."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from . import cells, describe, disturbed, gbench, stats, text
from .columns import CELL
from .front import as_data
from .load import InputError, Run, pool
from .stats import Interval, median_interval
from .summary import PREFER

# What lies beside a CSV when it was measured.
BESIDE = ("gbench.json", "hyperfine.json")
SETTING = "hyperfine-setting.json"
STARTUP = "hyperfine-startup.json"
# Two intervals of a difference, so that both hold with 95 %.
EACH = 0.975
COLUMNS = ("size", "strategy", "ours, ns", "interval", "n", "theirs, ns", "interval", "n",
           "theirs / ours", "overlap")
OURS = ("Ours: time of one operation by ops/s (wall clock of whole slices with no time stamp "
        "within), median over rounds and its 95 % interval by order statistics.")
THEIRS = {
    "gbench": "Theirs: CPU time of the thread that loops over the copy in user space, median over "
              "repetitions, the same interval. It leaves out what ours has: preemption, interrupts "
              "charged to nobody, and the driver loop's own turns.",
    "less": "Theirs: wall clock of the whole command (pagecopy copy --count N) less that of the "
            "same command with no copy, by N: medians over runs, so process start, set-up and "
            "verification are taken out; the interval holds with 95 % for both medians together.",
    "whole": "Theirs: wall clock of the whole command (pagecopy copy --count N) by N, so process "
             "start, set-up and verification are in it (no hyperfine-startup.json to take them "
             "out); median over runs and its 95 % interval.",
}
FEW = "n<6"


@dataclass(frozen=True)
class Figure:
    """Nanoseconds of one operation; @sure: the interval holds with the confidence asked."""

    middle: float
    low: float
    high: float
    number: int
    sure: bool

    @classmethod
    def of(cls, values: np.ndarray) -> Figure | None:
        """Median and interval of @values; None where there is none."""
        values = np.asarray(values, dtype=float)
        values = values[np.isfinite(values) & (values > 0)]
        if not len(values):
            return None
        return cls._around(float(np.median(values)), median_interval(values), len(values),
                           stats.CONFIDENCE)

    @classmethod
    def _around(cls, middle: float, one: Interval, number: int, wanted: float) -> Figure:
        return cls(middle, one.low, one.high, number, one.coverage >= wanted)

    def meets(self, other: Figure) -> str:
        """Whether the two intervals have a value in common."""
        if not (self.sure and other.sure):
            return FEW
        return "yes" if self.low <= other.high and other.low <= self.high else "no"


@dataclass(frozen=True)
class Theirs:
    """What another tool has: @setting selects our cells, @figures by strategy and size."""

    tool: str
    how: str
    setting: dict
    figures: dict[tuple[str, float], Figure]
    notes: list[str]


def checks(places: list[list[Run]], given: Iterable[Path] = ()) -> list[dict]:
    """A table for each file beside the CSVs or given; InputError for a given one that is bad."""
    given = list(given)
    for path in given:
        read(path)
    tables = []
    for runs in places:
        paths = list(dict.fromkeys([*_beside(runs), *given]))
        if not paths:
            continue
        frame = disturbed.without(cells.without_twins(cells.usable(pool(runs))))
        where = f"{describe.place(runs, frame)}: " if len(places) > 1 else ""
        for path in paths:
            tables += _tables(path, frame, where)
    return tables


def _beside(runs: list[Run]) -> list[Path]:
    folders = dict.fromkeys(run.path.parent for run in runs)
    return [path for folder in folders for name in BESIDE
            if (path := folder / name).is_file()]


def _tables(path: Path, frame: pd.DataFrame, where: str) -> list[dict]:
    try:
        return [_table(one, frame, f"{where}{one.tool}, {text.clean(path.name, 60)}")
                for one in read(path)]
    except InputError as err:
        return [as_data(text.Table(f"{where}{path.name}", ()), [f"Not used: {err}"])]


def read(path: Path) -> list[Theirs]:
    """What @path holds; InputError if it is of neither tool."""
    whole = _json(path)
    if isinstance(whole, dict) and "benchmarks" in whole:
        return _gbench(path)
    if isinstance(whole, dict) and "results" in whole:
        return [_hyperfine(path, whole)]
    raise InputError(f"{path}: neither of Google Benchmark (pagecopy-gbench --benchmark_out) nor "
                     "of hyperfine (scripts/hyperfine)")


def _json(path: Path) -> object:
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except OSError as err:
        raise InputError(f"{path}: cannot read: {err.strerror or err}") from None
    except (ValueError, RecursionError) as err:
        raise InputError(f"{path}: not JSON: {text.clean(err)}") from None


def _gbench(path: Path) -> list[Theirs]:
    """One for each state of the cache; only copies at the same place in both pages."""
    contexts, rows = gbench.load([path])
    rows = rows[(rows["error"] == "") & (rows["align"] == "same") & (rows["offset"] == "0")]
    context = contexts[0] if isinstance(contexts[0], dict) else {}
    notes = []
    if context.get("emulated", "no") != "no":
        notes.append(describe.EMULATED)
    found = []
    for cache, here in rows.groupby("cache"):
        figures = {(name, float(size)): figure for (name, size), one in
                   here.groupby(["strategy", "size"]) if (figure := Figure.of(one["ns"]))}
        setting = {"path": "user", "cache": cache, "offset": 0, "buf_offset": 0, "depth": 1}
        found.append(Theirs("Google Benchmark", THEIRS["gbench"], setting, figures, notes))
    return found


def _hyperfine(path: Path, whole: dict) -> Theirs:
    setting = _json(path.with_name(SETTING))
    if not isinstance(setting, dict):
        raise InputError(f"{path.with_name(SETTING)}: not what scripts/hyperfine writes")
    startup = path.with_name(STARTUP)
    try:
        idle = _results(_json(startup)) if startup.is_file() else {}
        figures = {}
        for (name, size), times in _results(whole).items():
            figure = per_copy(times, idle.get((name, size)), _count(setting, size))
            if figure:
                figures[name, size] = figure
        moved = {key: float(setting[key]) for key in ("depth", "offset") if key in setting}
    except (KeyError, TypeError, ValueError, AttributeError, OverflowError) as err:
        raise InputError(f"{path}: not what scripts/hyperfine writes "
                         f"({type(err).__name__}: {text.clean(err)})") from None
    same = {key: str(setting[key]) for key in ("path", "op", "buffer", "ring", "completion")
            if key in setting}
    return Theirs("hyperfine", THEIRS["less" if idle else "whole"], {**same, **moved}, figures, [])


def _results(whole: dict) -> dict[tuple[str, float], np.ndarray]:
    """Seconds of each run, by strategy and size; commands without these are others' business."""
    found = {}
    for one in whole["results"]:
        given = one.get("parameters", {})
        if "strategy" in given and "size" in given:
            times = np.array(one["times"], dtype=float)
            found[str(given["strategy"]), float(gbench.size_of(str(given["size"])))] = times
    return found


def _count(setting: dict, size: float) -> int:
    """Copies of a command: one number, or one for each size."""
    count = setting["count"]
    count = int(count[f"{size:.0f}"] if isinstance(count, dict) else count)
    if count < 1:
        raise ValueError(f"count {count}")
    return count


def per_copy(busy: np.ndarray, idle: np.ndarray | None, count: int) -> Figure | None:
    """Nanoseconds of one of @count copies from seconds of whole commands, without @idle ones."""
    if idle is None:
        return Figure.of(1e9 / count * busy)
    busy, idle = (side[np.isfinite(side)] for side in (busy, idle))
    if not len(busy) or not len(idle):
        return None
    with_copies, without = (median_interval(side, EACH) for side in (busy, idle))
    scale = 1e9 / count
    return Figure(scale * float(np.median(busy) - np.median(idle)),
                  scale * (with_copies.low - without.high),
                  scale * (with_copies.high - without.low), len(busy),
                  min(with_copies.coverage, without.coverage) >= EACH)


def _table(theirs: Theirs, frame: pd.DataFrame, title: str) -> dict:
    rows, setting = _ours(theirs, frame)
    said = f": {describe.setting(setting, frame)}" if setting else ""
    shown = text.Table(f"{title}{said}", COLUMNS, frozenset({1, len(COLUMNS) - 1}))
    counts = dict.fromkeys(("yes", "no", FEW), 0)
    for (name, size), other in sorted(theirs.figures.items(), key=lambda one: one[0][::-1]):
        of_cell = rows[(rows["strategy"] == name) & (rows["size"] == size)]
        ours = Figure.of(1e9 / of_cell["ops_per_s"].where(of_cell["ops_per_s"] > 0))
        if ours:
            meets = ours.meets(other)
            counts[meets] += 1
            shown.add(text.size(size), text.clean(name, text.NAME_MAX), *_shown(ours),
                      *_shown(other), text.ratio(other.middle / ours.middle), meets)
    return as_data(shown, [_sum(counts, len(theirs.figures)), *theirs.notes, OURS, theirs.how])


def _ours(theirs: Theirs, frame: pd.DataFrame) -> tuple[pd.DataFrame, dict | None]:
    """Our rows of their cells, all of one setting."""
    names = tuple(name for name, _ in theirs.figures)
    rows = cells.select(cells.copies(frame), {**theirs.setting, "strategy": names})
    there = rows[list(CELL)].drop_duplicates()
    setting = cells.choose(there, ("size",), PREFER) if len(there) else None
    return (cells.select(rows, setting) if setting else rows), setting


def _shown(one: Figure) -> tuple[str, str, str]:
    return (text.number(one.middle), f"[{text.number(one.low)}, {text.number(one.high)}]",
            str(one.number))


def _sum(counts: dict[str, int], theirs: int) -> str:
    shown = sum(counts.values())
    if not shown:
        return f"None of their {theirs} cells was measured here in this setting."
    words = [f"The intervals overlap in {counts['yes']} of {shown} cells"]
    if counts[FEW]:
        words.append(f"in {counts[FEW]} there are too few rounds or runs for an interval")
    if theirs > shown:
        words.append(f"{theirs - shown} of theirs were not measured here")
    return "; ".join(words) + "."
