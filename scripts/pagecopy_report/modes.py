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
    good = cells.usable(frame).copy()
    good["way"] = [_way(path) for path in good["path"]]
    parts = [_heading(runs, frame)]
    for size in sorted(_copied(good)["size"].unique()):
        at_size = good[(good["size"] == size) | (good["size"] == 0)]
        parts += [_costs(at_size, size), _ratios(at_size, size)]
    if len(parts) == 1:
        parts += [_costs(good, None), _ratios(good, None)]
    shown = [part.markdown() if markdown else part.plain() for part in parts[1:] if part.rows]
    return "\n\n".join([parts[0], *shown]) + "\n", len(good) == len(frame)


def _way(path: str) -> str:
    for name, where in WAYS:
        if where["path"] == path:
            return name
    return text.clean(path, text.NAME_MAX)


def _copied(good: pd.DataFrame) -> pd.DataFrame:
    return good[~cells.is_floor(good)]


def _heading(runs: list[Run], frame: pd.DataFrame) -> str:
    line = f"pagecopy on {describe.place(runs, frame)}, {describe.rounds(frame)}"
    return text.wrap(line + (f". {describe.EMULATED}" if describe.is_emulated(runs) else "."))


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


def _ratios(good: pd.DataFrame, size: float | None) -> text.Table:
    """Time per command of each completion over that of inline, paired by round."""
    table = text.Table(
        f"Time per command against {BASE}{_of(size)}, paired by round: median [interval]; ~ where "
        "the interval holds 1",
        ("op", "completion", *(f"depth {d:g}" for d in _depths(good)), "sure", "n"),
        frozenset({0, 1}))
    rows = good[good["path"] == "uring"].copy()
    rows["time"] = 1 / rows["ops_per_s"]
    for op in OPS:
        for completion in ORDER[1:]:
            found = [_against_base(at[at["op"] == op], completion)
                     for _, at in rows.groupby("depth")]
            best = max(found, key=lambda one: one.n, default=None)
            if best and best.n:
                table.add(op, completion, *map(_ratio, found),
                          f"{100 * best.interval.coverage:.0f}%", str(best.n))
    return table


def _against_base(rows: pd.DataFrame, completion: str) -> stats.Ratio:
    """On the first ring that @completion was measured on."""
    ring = min(rows[rows["completion"] == completion]["ring"], default=None)
    return stats.paired_ratio(rows[rows["ring"] == ring], completion, BASE, "time", "completion")


def _ratio(found: stats.Ratio) -> str:
    if not found.n:
        return text.NONE
    low, high = found.interval.low, found.interval.high
    mark = " ~" if found.verdict() == "~" else ""
    return f"{text.ratio(found.median)} [{text.ratio(low)}, {text.ratio(high)}]{mark}"
