# SPDX-License-Identifier: MIT
"""What is compared with what; refuses what cannot be compared, with the reason."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

import pandas as pd

from . import cells, text
from .columns import CELL, NUMBER, RUN
from .load import PLACE, InputError, Run, load_all, pool

# Head lines that must be alike on both sides, unless --across names them.
ALIKE = (*PLACE, "debug_kernel")
TIME = "time"
TWIN = ".twin"
UNTOUCHED = ("nop", "null")
# Where a higher value is the better one.
HIGHER_IS_BETTER = frozenset({"ops_per_s", "gb_per_s", "cpu_mhz", "rate_kept"})
_SPEEDS = ("time", "ops_per_s", "gb_per_s")
# Columns that describe a row and are no measurement of the cell.
_NO_METRIC = ("schema", "round", "order", "ops", "bytes", "seconds", "lat_batch", "buffers",
              "turns", "disturbed", "errors")
# Axes that may have to change when another one does: a path has its ring.
_FOLLOWERS = ("ring", "batch", "buffer", "completion")
_UNITS = {"K": 1 << 10, "M": 1 << 20, "G": 1 << 30}


@dataclass(frozen=True)
class Metric:
    """What is compared; @worse is "higher" or "lower"."""

    name: str

    @property
    def worse(self) -> str:
        """The direction nobody wants."""
        return "lower" if self.name in HIGHER_IS_BETTER else "higher"

    def word(self, ratio: float) -> str:
        """What a ratio on this side of 1 is called."""
        more = ratio > 1
        if self.name.endswith("_ns") or self.name in _SPEEDS or self.name == "kernel_ns_user":
            return "slower" if more == (self.worse == "higher") else "faster"
        return "more" if more else "less"

    def said(self) -> str:
        """In words, with the direction."""
        name = "time per operation" if self.name == TIME else self.name
        word = self.word(2.0)
        return f"{name}, test / base: above 1 is {word}"


@dataclass
class Sides:
    """The rows of either side and the axes that name a cell common to both.

    @whole: all rows, twins too, where both sides are of the same files.
    """

    base: pd.DataFrame
    test: pd.DataFrame
    on: list[str]
    paired: bool
    names: tuple[str, str]
    axis: str | None = None
    runs: list[Run] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    left_out: dict[str, int] = field(default_factory=dict)
    whole: pd.DataFrame | None = None


def metric_of(name: str) -> Metric:
    """Raises InputError for what is no measured column."""
    good = [TIME, *(c for c in NUMBER if c not in CELL and c not in _NO_METRIC)]
    if name not in good:
        raise InputError(f"--metric {name:.40}: no measured column; there are: {', '.join(good)}")
    return Metric(name)


def two_runs(base: list, test: list, across: Iterable[str], where: list[str]) -> Sides:
    """Files of either side; every cell of the one over the same cell of the other."""
    runs = load_all([*base, *test])
    sides = runs[:len(base)], runs[len(base):]
    _refuse_same_run(runs)
    _refuse_places(runs, across)
    out: dict[str, int] = {}
    frames = [narrowed(_usable(pool(side), out), where) for side in sides]
    names = tuple(_name(side) for side in sides)
    return Sides(*frames, list(CELL), False, names, None, runs, [], out)


def one_run(paths: list, base: str, test: str, axis: str | None, across: Iterable[str],
            where: list[str]) -> Sides:
    """Two values of one axis, in the same rounds."""
    return of_runs(load_all(paths), base, test, axis, across, where)


def of_runs(runs: list[Run], base: str, test: str, axis: str | None = None,
            across: Iterable[str] = (), where: Iterable[str] = ()) -> Sides:
    """The same of files that are loaded already."""
    _refuse_same_run(runs)
    _refuse_places(runs, across)
    out: dict[str, int] = {}
    frame = narrowed(_usable(pool(runs), out), list(where))
    axis = axis or _axis_of(frame, base, test)
    if axis not in CELL:
        raise InputError(f"--axis {axis:.40}: no axis; there are: {', '.join(CELL)}")
    values = [_value(frame, axis, word) for word in (base, test)]
    if values[0] == values[1]:
        raise InputError(f"--base and --test are both {base:.40}: nothing to compare; the noise "
                         "of equal cells is in the control (strategy raw.twin)")
    asked = frame if axis == "strategy" else frame[~is_twin(frame)]
    parts = [asked[asked[axis] == value] for value in values]
    follow = _followers(axis, *parts)
    notes = [f"{name} differs with {axis}." for name in follow]
    on = [name for name in CELL if name != axis and name not in follow]
    return Sides(*parts, on, True, (base, test), axis, runs, notes, out, frame)


def is_twin(frame: pd.DataFrame) -> pd.Series:
    """Rows of the A/A control."""
    return cells.is_twin(frame)


def is_untouched(frame: pd.DataFrame) -> pd.Series:
    """Rows that copy nothing and go nowhere near the module."""
    return frame["path"].isin(UNTOUCHED)


def emulated_or_debug(runs: list[Run]) -> list[str]:
    """Why these times are no headline; empty if they may be one."""
    why = []
    if any(run.meta.get("emulated", "no").lower() not in ("no", "0", "false", "") for run in runs):
        why.append("the CPU is emulated")
    debug = {run.meta.get("debug_kernel", "") for run in runs}
    debug = {one for one in debug if one not in ("", "no") and not one.startswith("unknown")}
    if debug:
        why.append(f"a debug kernel ({text.clean(', '.join(sorted(debug)), 60)})")
    return why


def shown(axis: str, value: object) -> str:
    """A value of an axis as the command line takes it."""
    if value != value:
        return text.NONE
    if axis in ("size", "offset", "buf_offset"):
        return text.size(value)
    return f"{value:g}" if isinstance(value, float) else text.clean(value, text.NAME_MAX)


def _usable(frame: pd.DataFrame, out: dict[str, int]) -> pd.DataFrame:
    errors, unverified = cells.has_errors(frame), cells.is_unverified(frame)
    for name, which in (("with errors", errors), ("not verified", unverified)):
        out[name] = out.get(name, 0) + int(which.sum())
    good = frame[~errors & ~unverified]
    if good.empty:
        raise InputError("no row is left: all have errors or were not verified; see the column "
                         "notes and measure again")
    return good


def narrowed(frame: pd.DataFrame, where: list[str]) -> pd.DataFrame:
    """Rows that agree with every AXIS=VALUE[,VALUE] of @where."""
    for one in where:
        axis, equals, words = one.partition("=")
        if not equals or axis not in CELL:
            raise InputError(f"--where {one:.60}: give AXIS=VALUE[,VALUE]; the axes are: "
                             f"{', '.join(CELL)}")
        values = [_value(frame, axis, word) for word in words.split(",")]
        twins = [f"{value}{TWIN}" for value in values] if axis == "strategy" else []
        frame = frame[frame[axis].isin([*values, *twins])]
    return frame


def _parsed(axis: str, word: str) -> object:
    """@word as a value of @axis; None if it cannot be one."""
    if axis not in NUMBER:
        return word
    scale = _UNITS.get(word[-1:].upper(), 1)
    try:
        return float(word[:-1] if scale > 1 else word) * scale
    except ValueError:
        return None


def _value(frame: pd.DataFrame, axis: str, word: str) -> object:
    value = _parsed(axis, word)
    if value is not None and (frame[axis] == value).any():
        return value
    raise InputError(f"{word:.40}: no value of {axis} here; there are: {_there(frame, axis)}")


def _there(frame: pd.DataFrame, axis: str) -> str:
    values = sorted(frame[axis].dropna().unique())
    more = f" and {len(values) - 20} more" if len(values) > 20 else ""
    return (", ".join(shown(axis, value) for value in values[:20]) + more) or "none"


def _axis_of(frame: pd.DataFrame, base: str, test: str) -> str:
    def has(axis: str, word: str) -> bool:
        value = _parsed(axis, word)
        return value is not None and bool((frame[axis] == value).any())
    both = [axis for axis in CELL if has(axis, base) and has(axis, test)]
    if len(both) == 1:
        return both[0]
    if both:
        raise InputError(f"{base:.40} and {test:.40} are values of {' and of '.join(both)}; "
                         f"choose with --axis {both[0]}")
    moving = [axis for axis in CELL if frame[axis].nunique() > 1]
    there = "; ".join(f"{axis}: {_there(frame, axis)}" for axis in moving) or "one value of each"
    raise InputError(f"{base:.40} and {test:.40} are not both values of one axis; there are "
                     f"{there}")


def _followers(axis: str, base: pd.DataFrame, test: pd.DataFrame) -> list[str]:
    """Axes that have one value on either side, not the same: they go with @axis."""
    if axis == "strategy":
        return []
    # What one side alone does (floors, say) has nothing to be set against.
    for name in ("op", "strategy"):
        if name != axis:
            common = set(base[name]) & set(test[name])
            base, test = (side[side[name].isin(common)] for side in (base, test))
    found = []
    for name in _FOLLOWERS:
        values = [side[name].unique() for side in (base, test)]
        if name != axis and all(len(v) == 1 for v in values) and values[0][0] != values[1][0]:
            found.append(name)
    return found


def _refuse_same_run(runs: list[Run]) -> None:
    seen: dict[str, Run] = {}
    for run in runs:
        for name in run.frame["run_id"].unique():
            if name and name in seen:
                raise InputError(f"run {name:.60} is in {seen[name].path} and in {run.path}: its "
                                 "rounds would count twice; give files of different runs")
        seen.update(dict.fromkeys(run.frame["run_id"].unique(), run))


def _refuse_places(runs: list[Run], across: Iterable[str]) -> None:
    faults = []
    for key in ALIKE:
        values = {run.meta.get(key, ""): run for run in reversed(runs)}
        if len(values) > 1 and key not in across:
            said = " / ".join(f"{text.clean(v, 60) or 'not said'} ({run.path})"
                              for v, run in reversed(values.items()))
            faults.append(f"{key}: {said}")
    if faults:
        raise InputError(f"cannot be compared, different {'; different '.join(faults)}; give runs "
                         "that agree in these, or --across NAME if this difference is the question")


def _name(runs: list[Run]) -> str:
    names = [text.clean(run.path, 40) for run in runs]
    number = sum(len(run.frame[["run_id"]].drop_duplicates()) for run in runs)
    return (names[0] if len(names) == 1 else f"{len(names)} files") + (
        f" ({number} runs)" if number > 1 else "")


def rounds_in_common(sides: Sides) -> None:
    """Raises InputError where there is no cell, or no round, on both sides."""
    common = sides.base[sides.on].drop_duplicates().merge(sides.test[sides.on].drop_duplicates())
    if common.empty:
        raise InputError(f"{sides.names[0]} and {sides.names[1]} have no cell in common: "
                         f"{_apart(sides)}")
    keys = [*RUN, "round"]
    if sides.paired and sides.base[[*sides.on, *keys]].merge(sides.test[keys + sides.on]).empty:
        raise InputError(f"{sides.names[0]} and {sides.names[1]} have no rounds in common; they "
                         "must be measured in one run")


def _apart(sides: Sides) -> str:
    """The axes that keep the sides from meeting."""
    found = []
    for axis in sides.on:
        here, there = (set(side[axis].dropna().unique()) for side in (sides.base, sides.test))
        if not here & there and (here or there):
            found.append(f"{axis} is {_there(sides.base, axis)} / {_there(sides.test, axis)}")
    return "; ".join(found) or "no combination of their axes is in both"
