# SPDX-License-Identifier: MIT
"""Which rows belong together: floors, copies, and one setting of the other axes."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

Rule = Sequence  # [axis, "min" | "max" | ["first", "second", ...] | {"near": 4096}]

# The axes that one table or one panel holds still.
SETTING = (
    "path", "op", "size", "buffer", "depth", "offset", "completion", "ring",
    "cache", "threads", "rate", "pages", "buf_offset", "batch",
    "mutators",
)
# The base cell of a group is measured a second time under a second name: the control.
TWIN = ".twin"
_NEVER_COPIES = ("nop", "touch")
# Strategies that copy nothing.
_EMPTY = ("nop", "fpu")
# Beyond this, codes are counted anew, so that they fit 64 bits.
_CODES_MOST = 1 << 40
_UNVERIFIED = ("no", "0", "false", "fail", "failed", "bad", "wrong")


@dataclass(frozen=True)
class Floor:
    """A cell that copies nothing: what remains is the cost of the way there.

    @where picks its rows; @hard names the axes that must agree with the cells
    it is shown beside. Other axes are made to agree if the data allows it.
    """

    name: str
    where: dict[str, object]
    hard: tuple[str, ...] = ("depth",)


TRANSPORT = (
    Floor("path nop", {"path": "nop"}),
    Floor("path null", {"path": "null"}),
    Floor("op nop", {"path": "uring", "op": "nop"}),
    Floor("ioctl nop", {"path": "ioctl", "op": "nop"}),
)
FLOORS = (
    *TRANSPORT,
    Floor("op touch", {"op": "touch"}, ("path", "depth", "buffer", "size")),
    Floor("no copy", {"strategy": "nop", "op": ("read", "write")},
          ("path", "op", "depth", "buffer", "size")),
    Floor("FPU section", {"strategy": "fpu", "op": ("read", "write")},
          ("path", "op", "depth", "buffer", "size")),
)
SOFT = ("offset", "completion", "ring", "cache", "threads", "rate", "pages", "buf_offset",
         "batch", "mutators")


def is_twin(frame: pd.DataFrame) -> pd.Series:
    """True for rows of a control."""
    return _where(frame["strategy"], lambda name: name.endswith(TWIN))


def without_twins(frame: pd.DataFrame) -> pd.DataFrame:
    """The rows that tables and plots show."""
    return frame[~is_twin(frame)]


def is_floor(frame: pd.DataFrame) -> pd.Series:
    """True for rows that copy nothing."""
    return (frame["path"].isin(("nop", "null")) | frame["op"].isin(_NEVER_COPIES)
            | _where(frame["strategy"], lambda name: name.removesuffix(TWIN) in _EMPTY))


def has_errors(frame: pd.DataFrame) -> pd.Series:
    """True for rows with failed commands."""
    return frame["errors"].fillna(0) > 0


def is_unverified(frame: pd.DataFrame) -> pd.Series:
    """True for rows whose bytes were found wrong, without a failed command."""
    said_no = _where(frame["verified"], lambda said: said.strip().lower() in _UNVERIFIED)
    return said_no & ~has_errors(frame)


def _where(column: pd.Series, test) -> pd.Series:
    """Rows whose value passes @test, which each value is put to once."""
    return column.isin([value for value in column.unique() if isinstance(value, str)
                        and test(value)])


def usable(frame: pd.DataFrame) -> pd.DataFrame:
    """The rows whose numbers may be shown."""
    return frame[~has_errors(frame) & ~is_unverified(frame)]


def copies(frame: pd.DataFrame) -> pd.DataFrame:
    """The rows that copy something."""
    return frame[~is_floor(frame)]


def select(frame: pd.DataFrame, where: dict) -> pd.DataFrame:
    """Rows with these values (a tuple: any of them; NaN: not available)."""
    left = np.arange(len(frame))
    for axis, value in where.items():
        there = frame[axis].iloc[left]
        if isinstance(value, tuple):
            mask = there.isin(value)
        else:
            mask = there.isna() if value != value else there == value
        left = left[mask.to_numpy()]
    return frame.iloc[left]


def floor_rows(frame: pd.DataFrame, floor: Floor, setting: dict) -> pd.DataFrame:
    """Rows of @floor that belong beside cells of @setting; may be empty.

    An axis that @setting does not name (it is on the x axis, say) is left open.
    """
    where = dict(floor.where)
    where.update({axis: setting[axis] for axis in floor.hard if axis in setting})
    rows = select(frame, where)
    for axis in SOFT:
        if axis in setting and len(rows) > 1:
            closer = select(rows, {axis: setting[axis]})
            rows = closer if not closer.empty else rows
    return rows


def codes(frame: pd.DataFrame, axes: Sequence[str]) -> np.ndarray:
    """A number for each combination of values of @axes, in their order; no value comes last."""
    found = np.zeros(len(frame), dtype=np.int64)
    for axis in axes:
        here, values = pd.factorize(frame[axis], sort=True)
        here[here < 0] = len(values)
        found = found * (len(values) + 1) + here
        if found.max(initial=0) > _CODES_MOST:
            found = np.unique(found, return_inverse=True)[1]
    return found


def settings(frame: pd.DataFrame, moving: Sequence[str]) -> list[dict]:
    """Every setting of the axes that do not move, in a fixed order."""
    return [setting for setting, _ in _of_settings(frame, moving)]


def choose(frame: pd.DataFrame, moving: Sequence[str], prefer: Sequence[Rule]) -> dict | None:
    """One setting, by the rules of @prefer in their order of weight.

    The axis "points" stands for how many points a setting would show.
    None when there is no row.
    """
    return next((setting for setting, _ in ranked(frame, moving, prefer)), None)


def ranked(frame: pd.DataFrame, moving: Sequence[str],
           prefer: Sequence[Rule]) -> list[tuple[dict, np.ndarray]]:
    """Every setting with the places of its rows, the one that choose() takes first."""
    found = _of_settings(frame, moving)
    points = codes(frame, list(dict.fromkeys(["strategy", *moving])))

    def rank(one: tuple[dict, np.ndarray]) -> tuple[float, ...]:
        setting, at = one
        return tuple(-len(np.unique(points[at])) if axis == "points" else _rank(setting[axis], rule)
                     for axis, rule in prefer if axis not in moving)
    return sorted(found, key=rank)


def _of_settings(frame: pd.DataFrame, moving: Sequence[str]) -> list[tuple[dict, np.ndarray]]:
    if frame.empty:
        return []
    axes = [axis for axis in SETTING if axis not in moving]
    code = codes(frame, axes)
    order = np.argsort(code, kind="stable")
    starts = np.flatnonzero(np.diff(code[order], prepend=-1))
    found = frame[axes].iloc[order[starts]].to_dict("records")
    return list(zip(found, np.split(order, starts[1:])))


def _rank(value, rule) -> float:
    """Smaller is preferred; what is not known comes last."""
    if value != value:
        return math.inf
    if rule == "min":
        return value
    if rule == "max":
        return -value
    if isinstance(rule, dict):
        near = rule["near"]
        return max(value, 1) / near if value > near else near / max(value, 1)
    return rule.index(value) if value in rule else len(rule)
