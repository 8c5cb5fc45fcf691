# SPDX-License-Identifier: MIT
"""Is the time inside the kernel to be believed: two clocks, and a copy of nothing."""

from __future__ import annotations

import numpy as np
import pandas as pd

from . import cells, describe, stats, text
from .columns import CELL
from .disturbed import quiet

APART = 0.01
LOOP_NS = 2.0
NAMED_MAX = 4


def sentences(good: pd.DataFrame) -> list[str]:
    """What the footer says; nothing where nothing was timed."""
    return [*_two_clocks(good), *_loop_floor(good)]


def ratios(good: pd.DataFrame) -> list[tuple[dict, stats.Ratio]]:
    """kernel_ns_user over kernel_ns of each cell, both of the same row."""
    rows = good[(good["kernel_ns"] > 0) & (good["kernel_ns_user"] > 0)]
    found = []
    for key, cell in rows.groupby(list(CELL), dropna=False):
        cell = cell[quiet(cell["disturbed"] > 0)]
        ratio = stats.ratio_of(cell["kernel_ns_user"], cell["kernel_ns"])
        found.append((dict(zip(CELL, key)), ratio))
    return found


def disagrees(ratio: stats.Ratio) -> bool:
    """True if the clocks differ by more than 1 % and the interval does not hold 1."""
    return ratio.verdict() in ("<1", ">1") and abs(ratio.median - 1) > APART


def _two_clocks(good: pd.DataFrame) -> list[str]:
    found = ratios(good)
    if not found:
        return []
    apart = [(cell, ratio) for cell, ratio in found if disagrees(ratio)]
    if apart:
        apart.sort(key=lambda one: -abs(np.log(one[1].median)))
        named = "; ".join(f"{_name(cell, good)} {text.ratio(ratio.median)} "
                          f"[{text.ratio(ratio.interval.low)}..{text.ratio(ratio.interval.high)}]"
                          for cell, ratio in apart[:NAMED_MAX])
        more = f"; and {len(apart) - NAMED_MAX} more" if len(apart) > NAMED_MAX else ""
        return [f"CLOCKS DISAGREE: kernel_ns_user / kernel_ns lies beyond its interval and 1 % on "
                f"{len(apart)} of {len(found)} cells (95 % each: about one in twenty may by chance)"
                f": {named}{more}."]
    distance = [100 * abs(ratio.median - 1) for _, ratio in found]
    unsure = sum(ratio.interval.coverage < stats.CONFIDENCE for _, ratio in found)
    too_few = f"; {unsure} of them have too few rounds to tell" if unsure else ""
    return [f"The two clocks agree within {max(distance):.2g} % on {len(found)} cells "
            f"(kernel_ns_user / kernel_ns, median {np.median(distance):.2g} %{too_few})."]


def _name(cell: dict, good: pd.DataFrame) -> str:
    return f"{describe.setting(cell, good)}, {text.clean(cell['strategy'], text.NAME_MAX)}"


def _loop_floor(good: pd.DataFrame) -> list[str]:
    """What the loop around the copy takes: kernel_ns where the copy is none."""
    rows = good[(good["strategy"] == "nop") & good["kernel_ns"].notna()]
    rows = cells.select(rows, {"op": ("read", "write")})
    if rows.empty:
        return []
    middle = rows.groupby("size")["kernel_ns"].median()
    lowest, highest = text.number(middle.min()), text.number(middle.max())
    between = lowest if lowest == highest else f"{lowest} to {highest}"
    line = f"Loop floor: {between} ns per op (kernel ns of `no copy`, sizes apart)"
    above = middle[middle > LOOP_NS]
    if above.empty:
        return [line + "."]
    named = ", ".join(f"{text.size(size)} {text.number(value)}" for size, value in above.items())
    return [f"{line}; ABOVE {LOOP_NS:g} ns at size {named}: kernel ns there holds that much "
            "that is no copy."]
