# SPDX-License-Identifier: MIT
"""What a copy takes beyond the nearest floor, as an estimate with an interval."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from . import cells, describe, stats, text
from .columns import ROUND
from .ratios import in_order

# The nearest first: what shares most of its way with the copy.
NEAREST = ("no copy", "op touch", "op nop", "ioctl nop", "path null", "path nop")
# Where the floors that name a path of their own lie on the way.
_ON_THE_WAY = {"op nop": "uring", "ioctl nop": "ioctl", "path null": "uring", "path nop": "uring"}
_LONE_PATHS = ("null", "nop")
_BY_NAME = {floor.name: floor for floor in cells.FLOORS}
BELOW = "below the floor's noise"


@dataclass(frozen=True)
class Estimate:
    """Time of an operation less that of the floor, in ns."""

    size: float
    strategy: str
    floor: str
    found: stats.Difference

    def told(self) -> bool:
        """True if the difference is above 0 with its whole interval."""
        return self.found.interval.low > 0


def estimates(good: pd.DataFrame, setting: dict) -> list[Estimate]:
    """One for each size and strategy of @setting that has a floor in the same rounds."""
    good = cells.select(good, {"depth": setting["depth"], "path": (setting["path"], *_LONE_PATHS)})
    good = good.assign(time=1e9 / good["ops_per_s"].where(good["ops_per_s"] > 0))
    rows = cells.select(cells.copies(good), setting)
    found = []
    for size, of_size in rows.groupby("size"):
        floors = _candidates(good, {**setting, "size": size})
        for strategy in in_order(of_size["strategy"]):
            cell = of_size[of_size["strategy"] == strategy]
            one = _against_nearest(cell, floors)
            if one:
                found.append(Estimate(size, strategy, *one))
    return found


def apart(cell: pd.DataFrame, floor: pd.DataFrame, column: str) -> stats.Difference:
    """@column of @cell less that of @floor, round by round."""
    needed = [*ROUND, column, "disturbed"]
    both = pd.concat([cell[needed].assign(side="cell"), floor[needed].assign(side="floor")])
    return stats.paired_difference(both, "cell", "floor", column, "side")


def _candidates(good: pd.DataFrame, setting: dict) -> list[tuple[str, pd.DataFrame]]:
    """Floors on the way of @setting, the nearest first, that have one row a round."""
    found = []
    for name in NEAREST:
        if _ON_THE_WAY.get(name, setting["path"]) != setting["path"]:
            continue
        rows = cells.floor_rows(good, _BY_NAME[name], setting)
        if len(rows) and not rows.duplicated(subset=list(ROUND)).any():
            found.append((name, rows))
    return found


def _against_nearest(cell: pd.DataFrame, floors: list[tuple[str, pd.DataFrame]]
                     ) -> tuple[str, stats.Difference] | None:
    for name, floor in floors:
        found = apart(cell, floor, "time")
        if found.n:
            return name, found
    return None


def table(good: pd.DataFrame, setting: dict, marks: str) -> list[text.Table | str]:
    """The estimates that are above 0, and the names of those that are not."""
    found = estimates(good, setting)
    if not found:
        return []
    shown = text.Table(
        f"{marks}copy = cell - floor, ns of an operation (1e9 / ops/s), "
        f"{describe.setting(setting, good)}: median of the differences within a round",
        ("size", "strategy", "floor", "copy ns", "", "interval", "sure", "n"),
        frozenset({0, 1, 2, 4}))
    for one in found:
        if one.told():
            around = one.found.interval
            shown.add(text.size(one.size), text.clean(one.strategy, text.NAME_MAX), one.floor,
                      text.number(one.found.median),
                      "" if around.coverage >= stats.CONFIDENCE else "n<6",
                      f"{text.number(around.low)}..{text.number(around.high)}",
                      f"{100 * around.coverage:.0f}%", str(one.found.n))
    parts: list[text.Table | str] = [shown] if shown.rows else []
    below = _below(found)
    return parts + ([below] if below else [])


def _below(found: list[Estimate]) -> str:
    """Where the interval holds 0 or lies under it a number would mean nothing."""
    floors: dict[str, list[str]] = {}
    for floor, size in dict.fromkeys((one.floor, one.size) for one in found):
        here = [one for one in found if (one.floor, one.size) == (floor, size)]
        names = [text.clean(one.strategy, text.NAME_MAX) for one in here if not one.told()]
        if names:
            named = "all" if len(names) == len(here) > 1 else ", ".join(names)
            floors.setdefault(floor, []).append(f"{text.size(size)} {named}")
    if not floors:
        return ""
    parts = "; ".join(f"{floor}: {'; '.join(names)}" for floor, names in floors.items())
    return text.wrap(f"Copy = cell - floor is {BELOW} (its interval holds 0 or lies under it) for, "
                     f"against {parts}.")
