# SPDX-License-Identifier: MIT
"""Which byte-wise atomic copy is the fastest of each size, and how far from the fastest of all."""

from __future__ import annotations

import math
from dataclasses import dataclass

import pandas as pd

from . import cells, describe, pairs, question, text, unit
from .columns import CELL
from .load import InputError, Run, by_place, pool
from .question import TIME

TEST, BASE = "bytewise_atomic", "raw"
CONFIDENCE = 0.95
# Half of the rounds choose, half judge: so many of each, or there is no ratio.
FEWEST = 6
HOW = (f"{TEST} / {BASE}: median ratio of rounds, with its 95 % interval (sign test, no normal law "
       "assumed, rounds that hang together allowed for). best safe: the byte-wise atomic strategy "
       "with the smallest median of the even rounds; fastest: the same of all strategies; their "
       "ratio is that of the odd rounds, so that luck in the choice is not in it.")


@dataclass(frozen=True)
class Ratio:
    """A median ratio and its interval."""

    middle: float
    low: float
    high: float

    def shown(self) -> tuple[str, str]:
        """Ratio and interval, or what stands for them."""
        if math.isnan(self.middle):
            return text.NONE, text.NONE
        if self == SAME:
            return "the same", text.NONE
        return text.ratio(self.middle), f"[{text.ratio(self.low)}, {text.ratio(self.high)}]"


NOTHING = Ratio(math.nan, math.nan, math.nan)
SAME = Ratio(1.0, 1.0, 1.0)


@dataclass(frozen=True)
class Best:
    """The answer for one size; times in ns."""

    size: float
    base: float
    asked: Ratio
    safe: str
    safe_ns: float
    fastest: str
    fastest_ns: float
    apart: Ratio


def answer(runs: list[Run], where: list[str]) -> list[tuple[str, list[Best]]]:
    """For each setting and its metric, in words, an answer a size."""
    found = []
    for same in by_place(runs):
        why = describe.untrue(same)
        if why:
            raise InputError(" ".join(why))
        safe = safe_names(same)
        frame = question.narrowed(cells.without_twins(cells.usable(pool(same))), where)
        rows = cells.copies(frame)
        for setting in cells.settings(rows, ("size",)):
            of_setting = cells.select(rows, setting)
            metric = "kernel_ns" if of_setting["kernel_ns"].notna().any() else TIME
            clock = "inside the kernel" if metric == "kernel_ns" else "end to end"
            said = f"{describe.place(same, rows)}: {describe.setting(setting, rows)}; ns {clock}"
            found.append((said, [_best(of_size, metric, safe, size)
                                 for size, of_size in of_setting.groupby("size")]))
    if not found:
        raise InputError("no row has a copy that was verified")
    return found


def safe_names(runs: list[Run]) -> set[str]:
    """The byte-wise atomic strategies, as the files name them."""
    named = set()
    for run in runs:
        if "byte_atomic" not in run.meta:
            raise InputError(f"{run.path.name}: no line #byte_atomic, which says what strategies "
                             "are safe; measure with this version of pagecopy")
        named |= {name.strip() for name in run.meta["byte_atomic"].split(",")}
    return named - {"", "none"}


def _best(rows: pd.DataFrame, metric: str, safe: set[str], size: float) -> Best:
    of = {name: part for name, part in rows.groupby("strategy")}
    even = {name: _middle(part[part["round"] % 2 == 0], metric) for name, part in of.items()}
    whole = {name: _middle(part, metric) for name, part in of.items()}
    fastest = _least(even, set(even))
    best = _least(even, safe & set(even))
    asked = _ratio(of, TEST, BASE, metric)
    odd = {name: part[part["round"] % 2 == 1] for name, part in of.items()}
    apart = SAME if best and best == fastest else _ratio(odd, best, fastest, metric)
    return Best(size, whole.get(BASE, math.nan), asked, best, whole.get(best, math.nan),
                fastest, whole.get(fastest, math.nan), apart)


def _middle(rows: pd.DataFrame, metric: str) -> float:
    values = 1e9 / rows["ops_per_s"] if metric == TIME else rows[metric]
    values = values[values > 0]
    return float(values.median()) if len(values) >= FEWEST else math.nan


def _least(middles: dict[str, float], names: set[str]) -> str:
    known = [name for name in sorted(names) if not math.isnan(middles[name])]
    return min(known, key=middles.__getitem__, default="")


def _ratio(of: dict[str, pd.DataFrame], test: str, base: str, metric: str) -> Ratio:
    if test not in of or base not in of:
        return NOTHING
    on = [axis for axis in CELL if axis != "strategy"]
    met = pairs.paired(of[base], of[test], on, metric, "auto")
    if not met or len(met[0].base) < FEWEST:
        return NOTHING
    found = unit.of_pairs(met[0].test - met[0].base, met[0].test_run).interval(CONFIDENCE)
    return Ratio(*(math.exp(v) for v in (found.shift, found.low, found.high)))


def table(said: str, rows: list[Best]) -> text.Table:
    """One setting."""
    shown = text.Table(said, ("size", BASE, f"{TEST} / {BASE}", "interval", "best safe", "ns",
                              "fastest", "ns", "safe / fastest", "interval"), frozenset({0, 4, 6}))
    for row in rows:
        shown.add(text.size(row.size), text.number(row.base), *row.asked.shown(),
                  text.clean(row.safe or text.NONE, text.NAME_MAX), text.number(row.safe_ns),
                  text.clean(row.fastest or text.NONE, text.NAME_MAX),
                  text.number(row.fastest_ns), *row.apart.shown())
    return shown


def spoken(found: list[tuple[str, list[Best]]], markdown: bool) -> str:
    """All tables, and how they came about."""
    tables = [table(*one) for one in found]
    parts = [one.markdown() if markdown else one.plain() for one in tables]
    return "\n\n".join([*parts, HOW if markdown else text.wrap(HOW)]) + "\n"
