# SPDX-License-Identifier: MIT
"""What each part of a command costs: op by op, completion by completion."""

from __future__ import annotations

import math

import pandas as pd

from . import cells, describe, stats, text
from .load import Run, pool

ORDER = ("inline", "task", "work", "iowq", "poll")
OPS = ("nop", "touch", "read", "write")
BASE = "inline"
WAYS = (
    ("IORING_OP_NOP", {"path": "nop"}),
    ("/dev/null", {"path": "null"}),
    ("uring", {"path": "uring"}),
    ("ioctl", {"path": "ioctl"}),
)
KEY = ("way", "op", "completion")


def modes(runs: list[Run], markdown: bool) -> tuple[str, bool]:
    """The text for runs of one place, and whether every cell was fine."""
    frame = pool(runs)
    good = cells.without_twins(cells.usable(frame)).copy()
    good["way"] = [_way(path) for path in good["path"]]
    parts = [_heading(runs, frame)]
    for size in sorted(_copied(good)["size"].unique()):
        at_size = good[(good["size"] == size) | (good["size"] == 0)]
        parts += _tables(at_size, size)
    if len(parts) == 1:
        parts += _tables(good, None)
    shown = [part.markdown() if markdown else part.plain() for part in parts[1:] if part.rows]
    return "\n\n".join([parts[0], *shown]) + "\n", len(cells.usable(frame)) == len(frame)


def _tables(good: pd.DataFrame, size: float | None) -> list[text.Table]:
    said = (f"{_of(size)}, paired by round: median [interval of {_sure(good)}]; ~ where it was "
            "not told apart")
    return [_costs(good, size),
            _against_base(good, f"Time per command over that of {BASE}{said}", _ratio),
            _against_base(good, f"ns per command more than {BASE}{said}", _difference)]


def _sure(good: pd.DataFrame) -> str:
    """The confidence that so many rounds give to the interval of a median."""
    rounds = range(stats.rounds_of(good))
    return f"{100 * stats.median_interval(list(rounds)).coverage:.0f} %"


def _way(path: str) -> str:
    for name, where in WAYS:
        if where["path"] == path:
            return name
    return text.clean(path, text.NAME_MAX)


def _copied(good: pd.DataFrame) -> pd.DataFrame:
    return good[~cells.is_floor(good)]


def _heading(runs: list[Run], frame: pd.DataFrame) -> str:
    line = f"pagecopy on {describe.place(runs, frame)}, {describe.rounds(frame)}"
    return text.wrap(line + " ".join([".", *describe.untrue(runs)]))


def _of(size: float | None) -> str:
    return f", {text.size(size)}" if size else ""


def _depths(good: pd.DataFrame) -> list[float]:
    return sorted(good["depth"].unique())


def _costs(good: pd.DataFrame, size: float | None) -> text.Table:
    """Medians over rounds of each op and completion, at every depth."""
    depths = _depths(good)
    columns = [*KEY, *(f"p50 ns, depth {d:g}" for d in depths),
               *(f"ops/s, depth {d:g}" for d in depths), "kernel ns"]
    table = text.Table(f"Service time, throughput, in-kernel time of a command{_of(size)}: "
                       "medians over rounds", tuple(columns), frozenset({0, 1, 2}))
    for key, rows in _in_order(_on_usual_rings(good)):
        by_depth = rows.groupby("depth")[["lat_p50_ns", "ops_per_s"]].median()
        deepest = rows[rows["depth"] == rows["depth"].max()]["kernel_cmd_ns"].dropna()
        kernel = deepest.median() if len(deepest) else math.nan
        table.add(*key, *(_at(by_depth["lat_p50_ns"], d) for d in depths),
                  *(_at(by_depth["ops_per_s"], d) for d in depths), text.number(kernel))
    return table


def _on_usual_rings(good: pd.DataFrame) -> pd.DataFrame:
    """Without what completes inline on an IOPOLL ring: that is there for the ratios."""
    aside = good["ring"].str.contains("iopoll") & (good["completion"] == BASE)
    return good[~aside] if not aside.all() else good


def _at(values: pd.Series, depth: float) -> str:
    return text.number(values[depth]) if depth in values.index else text.NONE


def _in_order(good: pd.DataFrame) -> list[tuple[tuple, pd.DataFrame]]:
    ways = [name for name, _ in WAYS]
    groups = [(key, rows) for key, rows in good.groupby(list(KEY)) if key[0] in ways]

    def rank(group: tuple[tuple, pd.DataFrame]) -> tuple[int, ...]:
        way, op, completion = group[0]
        return (ways.index(way), _place(ORDER, completion), _place(OPS, op))
    return sorted(groups, key=rank)


def _place(order: tuple[str, ...], value: str) -> int:
    return order.index(value) if value in order else len(order)


def _against_base(good: pd.DataFrame, heading: str, compare) -> text.Table:
    """A row for each op and completion but the base, a column for each depth."""
    table = text.Table(heading, ("op", "completion", *(f"depth {d:g}" for d in _depths(good)), "n"),
                       frozenset({0, 1}))
    rows = good[good["path"] == "uring"].copy()
    rows["time"] = 1e9 / rows["ops_per_s"]
    for op in OPS:
        for completion in ORDER[1:]:
            at = [_on_ring_of(depth[depth["op"] == op], completion)
                  for _, depth in rows.groupby("depth")]
            n = max((len(one[one["completion"] == completion]) for one in at), default=0)
            if n:
                table.add(op, completion, *(compare(one, completion) for one in at), str(n))
    return table


def _on_ring_of(rows: pd.DataFrame, completion: str) -> pd.DataFrame:
    """What was measured on the first ring that @completion was measured on."""
    ring = min(rows[rows["completion"] == completion]["ring"], default=None)
    return rows[rows["ring"] == ring]


def _ratio(rows: pd.DataFrame, completion: str) -> str:
    found = stats.paired_ratio(rows, completion, BASE, "time", "completion")
    if not found.n:
        return text.NONE
    low, high = found.interval.low, found.interval.high
    mark = " ~" if found.verdict() == "~" else ""
    return f"{text.ratio(found.median)} [{text.ratio(low)}, {text.ratio(high)}]{mark}"


def _difference(rows: pd.DataFrame, completion: str) -> str:
    found = stats.paired_difference(rows, completion, BASE, "time", "completion")
    around = found.interval
    if not found.n:
        return text.NONE
    mark = " ~" if around.low <= 0 <= around.high else ""
    return f"{found.median:+.0f} [{around.low:+.0f}, {around.high:+.0f}]{mark}"
