# SPDX-License-Identifier: MIT
"""Verdicts: per cell against chance, many cells and the control; over all cells."""

from __future__ import annotations

import math
from dataclasses import dataclass, field

import numpy as np

from . import infer, unit
from .infer import Found
from .modality import Modes, modes
from .pairs import ROUND_BITS, Cell
from .question import Metric

NOISE = "~"
FEW = "few"
# Behind a verdict that holds between these two runs, and perhaps not between others.
TENTATIVE = "?"


@dataclass
class Row:
    """What is said of one cell; ratios are test / base."""

    key: dict
    rounds: tuple[int, int]
    runs: tuple[int, int]
    unit: str
    base: float
    test: float
    ratio: float
    low: float
    high: float
    p: float
    p_holm: float = 1.0
    verdict: str = ""
    band: tuple[float, float] = (1.0, 1.0)
    within: float = math.nan
    between: float = math.nan
    worth: float = 1.0
    disturbed: int = 0
    used: bool = False
    worthless: int = 0
    two_modes: dict[str, Modes] = field(default_factory=dict)
    p_beyond: float = 1.0
    beyond: bool = False


@dataclass
class Control:
    """Cells known to be alike, judged like all others."""

    rows: list[Row]
    kind: str

    def told_apart(self) -> list[Row]:
        """False alarms; there should be none."""
        return [row for row in self.rows if is_different(row)]

    def largest(self) -> float:
        """The largest |ratio - 1|."""
        return max((abs(row.ratio - 1) for row in self.rows if row.ratio > 0), default=math.nan)


@dataclass
class Mean:
    """The geometric mean of the ratios of @cells cells."""

    cells: int
    ratio: float
    low: float
    high: float
    verdict: str


def judge(cells: list[Cell], metric: Metric, confidence: float,
          band=lambda key: (0.0, 0.0), limit: float | None = None) -> list[Row]:
    """A row for each of @cells.

    A cell is told apart from 1 if its p, raised by Holm over all @cells, is at
    most 1 - @confidence and its whole interval, at @confidence for the cell alone,
    lies outside @band(key): what the control shows, as logarithms. So a single
    cell that is alike is told apart in 1 of 100 questions, not in 5.
    @limit: also judge whether the difference is beyond this ratio for the worse.
    """
    alpha = 1 - confidence
    judges = [_judge_of(cell) for cell in cells]
    rows = [_row(cell, one, confidence) for cell, one in zip(cells, judges)]
    able = [nr for nr, one in enumerate(judges) if one]
    for nr, p in zip(able, infer.holm(np.array([rows[nr].p for nr in able]))):
        rows[nr].p_holm = float(p)
    for nr in able:
        low, high = band(rows[nr].key)
        rows[nr].band = math.exp(low), math.exp(high)
        rows[nr].verdict = _verdict(rows[nr], judges[nr], metric, alpha, len(able))
    if limit is not None:
        _beyond(rows, judges, metric, alpha, limit)
    return rows


def within_band(rows: list[Row]) -> tuple[float, float]:
    """What twins of one group show: a bias may go either way.

    Half its width is the largest difference of their medians; where a twin was
    told apart, the far end of its interval.
    """
    reach = 0.0
    for row in rows:
        ends = (row.ratio, row.low, row.high) if is_different(row) else (row.ratio,)
        reach = max(reach, *(abs(math.log(end)) for end in ends if end > 0))
    return -reach, reach


def across_band(rows: list[Row]) -> tuple[float, float]:
    """What untouched cells of two runs show: from 1 to where they moved, with their interval."""
    low = high = 0.0
    for row in rows:
        ends = (row.ratio, row.low, row.high) if is_different(row) else (row.ratio,)
        logs = [math.log(end) for end in ends if end > 0]
        low, high = min(low, *logs), max(high, *logs)
    return low, high


def mean(cells: list[Cell], rows: list[Row], metric: Metric, confidence: float,
         control: Control | None) -> Mean | None:
    """The geometric mean of the ratios, with an interval from whole rounds.

    Where runs are counted, from whole runs.
    """
    pairs = [(cell, row) for cell, row in zip(cells, rows) if row.ratio > 0]
    if len(pairs) < 2:
        return None
    cells, rows = map(list, zip(*pairs))
    ratio = math.exp(np.mean([math.log(row.ratio) for row in rows]))
    if any(row.unit == "run" for row in rows):
        found = _mean_of_runs(cells, confidence)
    else:
        found = _of_whole_rounds(cells).interval(confidence)
    shift = math.log(ratio) - found.shift
    low, high = math.exp(found.low + shift), math.exp(found.high + shift)
    floor = 0.0
    if control and control.rows:
        floor = abs(np.mean([math.log(row.ratio) for row in control.rows if row.ratio > 0]))
    same = low <= math.exp(floor) and high >= math.exp(-floor) or not found.coverage
    return Mean(len(rows), ratio, low, high, NOISE if same else metric.word(ratio))


def _judge_of(cell: Cell) -> unit.Judge | None:
    if not len(cell.base) or not len(cell.test):
        return None
    if cell.paired:
        return unit.of_pairs(cell.test - cell.base, cell.test_run)
    return unit.of_sides(cell.test, cell.test_run, cell.base, cell.base_run)


def _row(cell: Cell, one: unit.Judge | None, confidence: float) -> Row:
    sides = cell.base, cell.test
    counts = tuple(map(len, sides))
    runs = tuple(len(np.unique(run)) for run in (cell.base_run, cell.test_run))
    if one is None:
        nan = math.nan
        return Row(cell.key, counts, runs, "", nan, nan, nan, nan, nan, nan,
                   disturbed=cell.disturbed, used=cell.used, worthless=cell.worthless)
    found = one.interval(confidence)
    middle = [math.exp(np.median(side)) for side in sides]
    within, between = _spreads(cell)
    row = Row(cell.key, counts, runs, one.unit, *middle,
              *(math.exp(v) for v in (found.shift, found.low, found.high)), one.p(),
              within=within, between=between, worth=getattr(one, "worth", 1.0),
              disturbed=cell.disturbed, used=cell.used, worthless=cell.worthless)
    named = {"base": cell.base, "test": cell.test}
    if cell.paired:
        named["ratio"] = cell.test - cell.base
    row.two_modes = {name: seen for name, logs in named.items() if (seen := modes(logs))}
    return row


def _spreads(cell: Cell) -> tuple[float, float]:
    """Typical distance between rounds of a run, and between medians of runs (NaN: one run).

    Half the quartile range of rounds about the median of their run; the standard
    deviation of the medians of runs. Both as logarithms, the wider of the sides.
    """
    if cell.paired:
        sides = [(cell.test - cell.base, cell.test_run)]
    else:
        sides = [(cell.base, cell.base_run), (cell.test, cell.test_run)]
    within, between = 0.0, math.nan
    for values, runs in sides:
        names, at = np.unique(runs, return_inverse=True)
        middles = unit.middles(values, runs)
        low, high = np.percentile(values - middles[at], [25, 75])
        within = max(within, float(high - low) / 2)
        if len(names) > 1:
            spread = float(np.std(middles, ddof=1))
            between = spread if math.isnan(between) else max(between, spread)
    return within, between


def is_different(row: Row) -> bool:
    """True if the verdict is that test is not base."""
    return bool(row.verdict) and row.verdict not in (NOISE, FEW) and row.verdict[:2] != "n<"


def _verdict(row: Row, one: unit.Judge, metric: Metric, alpha: float, cells: int) -> str:
    if one.least_p() <= alpha and row.low <= row.band[1] and row.high >= row.band[0]:
        return NOISE
    if one.least_p() <= alpha and row.p_holm <= alpha:
        return metric.word(row.ratio)
    first = alpha if one.least_p() > alpha else alpha / cells
    if one.least_p() > first and (row.p <= one.least_p() * (1 + 1e-9) or first == alpha):
        needed = one.needed(first)
        return f"n<{needed}" if needed > min(row.rounds) else FEW
    return NOISE


def _beyond(rows: list[Row], judges: list, metric: Metric, alpha: float, limit: float) -> None:
    """Mark the rows whose whole interval is worse than @limit, with p raised by Holm, too."""
    shift = math.log(limit) if metric.worse == "higher" else -math.log(limit)
    able = [nr for nr, one in enumerate(judges) if one]
    for nr in able:
        worse = (math.log(rows[nr].ratio) - shift) * shift >= 0
        rows[nr].p_beyond = judges[nr].p(shift) if worse else 1.0
    raised = infer.holm(np.array([rows[nr].p_beyond for nr in able]))
    for nr, p in zip(able, raised):
        row = rows[nr]
        clear = row.low > limit if metric.worse == "higher" else row.high < 1 / limit
        row.p_beyond = float(p)
        row.beyond = bool(clear and p <= alpha and is_different(row))


def _mean_of_runs(cells: list[Cell], confidence: float) -> Found:
    """The geometric mean of each run is one observation; cells that a run lacks stay out."""
    if cells[0].paired:
        return unit.Runs(_by_run([(c.test - c.base, c.test_run) for c in cells]),
                         None).interval(confidence)
    return unit.Runs(_by_run([(c.test, c.test_run) for c in cells]),
                     _by_run([(c.base, c.base_run) for c in cells])).interval(confidence)


def _by_run(cells: list[tuple[np.ndarray, np.ndarray]]) -> np.ndarray:
    names = len(np.unique(np.concatenate([runs for _, runs in cells])))
    whole = [unit.middles(*cell) for cell in cells if len(np.unique(cell[1])) == names]
    return np.mean(whole, axis=0) if whole else np.empty(0)


def _of_whole_rounds(cells: list[Cell]) -> unit.Judge:
    """The mean over cells in each round, each cell about its own median.

    A round is kept whole, so that what the cells share in it is not taken for
    so many observations; a cell that a round lacks does not shift its mean.
    """
    if cells[0].paired:
        names = np.unique(np.concatenate([cell.rounds for cell in cells]))
        table = _by_round([c.test - c.base for c in cells], [c.rounds for c in cells], names)
        return unit.Paired(_about_median(table), names >> ROUND_BITS)
    return unit.TwoRuns(*(_about_median(_by_place(side)) for side in (
        [cell.test for cell in cells], [cell.base for cell in cells])))


def _about_median(table: np.ndarray) -> np.ndarray:
    return np.nanmean(table - np.nanmedian(table, axis=1, keepdims=True), axis=0)


def _by_round(values: list[np.ndarray], rounds: list[np.ndarray],
              names: np.ndarray) -> np.ndarray:
    """A row for each cell, a column for each round; NaN where it has none."""
    table = np.full((len(values), len(names)), np.nan)
    for nr, (value, at) in enumerate(zip(values, rounds)):
        table[nr, np.searchsorted(names, at)] = value
    return table


def _by_place(values: list[np.ndarray]) -> np.ndarray:
    table = np.full((len(values), max(map(len, values))), np.nan)
    for nr, value in enumerate(values):
        table[nr, :len(value)] = value
    return table
