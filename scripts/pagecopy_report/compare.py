# SPDX-License-Identifier: MIT
"""From files and a question to rows, control and warnings."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field

import pandas as pd

from . import judge, pairs, question
from .columns import CELL
from .judge import Control, Mean, Row
from .load import InputError
from .pairs import Cell
from .question import Metric, Sides


@dataclass(frozen=True)
class Asked:
    """How to judge."""

    metric: Metric
    confidence: float = 0.95
    disturbed: str = "auto"
    fail_above: float | None = None


@dataclass
class Answer:
    """Everything that is said, whatever the form."""

    asked: Asked
    sides: Sides
    rows: list[Row]
    mean: Mean | None
    within: Control
    across: Control
    no_headline: list[str]
    warnings: list[str] = field(default_factory=list)

    def failed(self) -> list[Row]:
        """The cells beyond --fail-above."""
        return [row for row in self.rows if row.beyond]

    def caution(self) -> str:
        """What comes before everything else; "" for times of a real machine."""
        return caution(self.no_headline)

    def unit(self) -> str:
        """The coarsest thing that was counted: round, segment or run."""
        units = {row.unit for row in self.rows}
        return next((one for one in ("run", "segment", "round") if one in units), "round")


def caution(why: list[str]) -> str:
    """In words why times are no headline, see question.emulated_or_debug()."""
    return (f"NO HEADLINE: {' and '.join(why)}. These ratios show that the code works and nothing "
            "else.") if why else ""


def answer(sides: Sides, asked: Asked, control=None) -> Answer:
    """Judge every cell that both sides have. Raises InputError if none can be.

    @control: within() of these very @sides, where it is known already.
    """
    no_headline = question.emulated_or_debug(sides.runs)
    if no_headline and asked.fail_above is not None:
        raise InputError(f"--fail-above: {' and '.join(no_headline)}: times from there decide "
                         "nothing; measure on a real machine, or leave --fail-above away")
    question.rounds_in_common(sides)
    _refuse_empty(sides, asked.metric)
    within, groups = control or control_within(sides, asked)
    if sides.paired:
        cells, across = _paired(sides, asked), []
    else:
        cells, across = _apart(sides, asked)
    untouched = Control(judge.judge(across, asked.metric, asked.confidence),
                        "cells that copy nothing and need no module (path nop, path null)")
    machine = judge.across_band(untouched.rows)

    def band(key: dict) -> tuple[float, float]:
        low, high = groups(key)
        return min(low, machine[0]), max(high, machine[1])
    limit = None if asked.fail_above is None else 1 + asked.fail_above / 100
    rows = judge.judge(cells, asked.metric, asked.confidence, band, limit)
    if not any(row.rounds[0] and row.rounds[1] for row in rows):
        raise InputError(f"{asked.metric.name}: no round has a value above 0 on both sides"
                         + (" and no disturbance" if asked.disturbed == "drop" else ""))
    mean = judge.mean(cells, rows, asked.metric, asked.confidence,
                      within if sides.paired else untouched)
    _mark_tentative(rows, mean)
    found = Answer(asked, sides, rows, mean, within, untouched, no_headline)
    found.warnings = list(_warnings(found))
    return found


def _mark_tentative(rows: list[Row], mean: Mean | None) -> None:
    """One run a side differs from the other; whether the next ones will is not known."""
    for row in rows:
        if row.unit == "segment" and judge.is_different(row):
            row.verdict += judge.TENTATIVE
    if mean and mean.verdict != judge.NOISE and any(row.unit == "segment" for row in rows):
        mean.verdict += judge.TENTATIVE


def _paired(sides: Sides, asked: Asked) -> list[Cell]:
    return pairs.paired(sides.base, sides.test, sides.on, asked.metric.name, asked.disturbed)


def _apart(sides: Sides, asked: Asked) -> tuple[list[Cell], list[Cell]]:
    """The cells of the question, and those that nothing should have moved."""
    frames = [frame[~question.is_twin(frame)] for frame in (sides.base, sides.test)]
    cells = pairs.apart(*frames, sides.on, asked.metric.name, asked.disturbed)
    control = [c for c in cells if c.key["path"] in question.UNTOUCHED]
    asked_for = [c for c in cells if c.key["path"] not in question.UNTOUCHED]
    # Where there is nothing but these, they are the question.
    return (asked_for, control) if asked_for else (cells, [])


def control_within(sides: Sides, asked: Asked):
    """The twins, and a function from a cell to the band of the twins of its group.

    Those of two runs are shown but widen nothing: what they have in common a
    comparison of two runs does not see.
    """
    cells = []
    for frame in _frames_with_twins(sides):
        cells += pairs.twins(frame, list(CELL), asked.metric.name, asked.disturbed)
    rows = judge.judge(cells, asked.metric, asked.confidence)
    control = Control(rows, "twins of base cells (the same cell twice in every round)")
    if not sides.paired:
        return control, lambda key: (0.0, 0.0)
    axes = [axis for axis in sides.on if axis != "strategy"]
    groups = defaultdict(list)
    for row in rows:
        groups[_key(row.key, axes)].append(row)

    def band(key: dict) -> tuple[float, float]:
        near = groups.get(_key(key, axes), [])
        same = [row for row in near if row.key["strategy"] == key.get("strategy")]
        return judge.within_band(same or near)
    return control, band


def _frames_with_twins(sides: Sides) -> list[pd.DataFrame]:
    return [sides.whole] if sides.whole is not None else [sides.base, sides.test]


def _key(key: dict, axes: list[str]) -> tuple:
    return tuple("" if key[axis] != key[axis] else key[axis] for axis in axes)


def _refuse_empty(sides: Sides, metric: Metric) -> None:
    column = "ops_per_s" if metric.name == question.TIME else metric.name
    empty = [name for name, side in zip(sides.names, (sides.base, sides.test))
             if side[column].isna().all()]
    if empty:
        raise InputError(f"{column} is empty in every row of {' and of '.join(empty)}; "
                         "choose another --metric")


def _warnings(found: Answer):
    """What a reader must know before the numbers are used, most important first."""
    sides = found.sides
    if not sides.paired and found.unit() != "run":
        yield ("Each side is one run: what changes from run to run (memory layout, module load, "
               "boot) is not in the intervals, so a verdict carries a question mark. To have it: "
               "scripts/bench --repeat 5 for either side, and compare these.")
    if not sides.paired and not found.across.rows:
        yield ("No control across the runs: no path nop or null on both sides, so a shift of the "
               "whole machine is not told from one of the cells; add --path nop,null to the runs.")
    if sides.paired and not found.within.rows:
        yield ("No control: the file has no twins (strategy raw.twin), so what equal cells show "
               "here is not known.")
    wrong = len(found.within.told_apart())
    if wrong:
        yield (f"The control failed: {wrong} of {len(found.within.rows)} twins were told apart "
               "from themselves. Verdicts of their groups allow for it; look for what disturbs "
               "the machine.")
    moved = len(found.across.told_apart())
    if moved:
        yield (f"The machine moved between the runs: {moved} of {len(found.across.rows)} cells "
               "that copy nothing were told apart. A cell that moved no further is ~.")
    if sides.paired and any(row.unit == "run" for row in found.rows):
        yield ("Runs disagree about some cells: there the run is what is counted (unit run), "
               "not the round.")
