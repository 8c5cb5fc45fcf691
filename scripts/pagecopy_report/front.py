# SPDX-License-Identifier: MIT
"""The first screen: the question, its answer, and for each place the tables behind it.

No statistic is made here: the ratio is that of scripts/compare, the best safe
strategy that of scripts/best, the noise floor that of scripts/summary.
"""

from __future__ import annotations

import dataclasses
import math
import shlex
from dataclasses import dataclass

import pandas as pd

from . import (best, cells, clocks, compare, control, describe, disturbed, facts, finish, judge,
               question, text, verdicts)
from .best import BASE, TEST
from .columns import CELL, RUN
from .judge import Row
from .load import InputError, Run, pool
from .summary import PREFER, faults

QUESTION = ("May a driver afford the copy that is safe while user space changes the page "
            f"({TEST} in place of {BASE})?")
# What tells which setting to show.
_NAMING = (*CELL, "errors", "verified", "kernel_ns")
# The size of the question: a page.
SIZE = 4096
PLACES_MAX = 3
NOISE = ("A base cell against its hidden twin, paired by round: median of the distances from 1, "
         "of the ends of their intervals, the largest distance, how many were told apart.")


@dataclass
class Found:
    """What the modules that judge have to say of one setting; None or empty with a reason."""

    setting: dict | None = None
    ratio: compare.Answer | None = None
    no_ratio: str = ""
    safe: list[best.Best] = dataclasses.field(default_factory=list)
    said: str = ""
    no_safe: str = ""
    noise: control.Floor | None = None
    floors: dict[str, control.Floor] = dataclasses.field(default_factory=dict)
    command: str = ""

    def row(self) -> Row | None:
        """The ratio at the size nearest to a page."""
        rows = [row for row in self.ratio.rows if row.ratio > 0] if self.ratio else []
        return min(rows, key=lambda row: abs(math.log2(max(row.key["size"], 1) / SIZE)),
                   default=None)


def front(places: list[list[Run]]) -> dict:
    """As html.page() takes it."""
    shown, answers = [], []
    for runs in places:
        frame = pool(runs)
        found = _judged(runs, frame)
        shown.append(_place(runs, frame, found))
        answers.append(_answer(runs, found))
    return {"question": QUESTION, "answer": _together(shown, answers), "places": shown}


def _together(shown: list[dict], answers: list[str]) -> str:
    if len(answers) == 1:
        return answers[0]
    named = [f"{one['name']}: {answer}" for one, answer in zip(shown, answers)]
    more = len(named) - PLACES_MAX
    return " ".join(named[:PLACES_MAX] + ([f"And {more} more places, below."] if more > 0 else []))


def _judged(runs: list[Run], frame: pd.DataFrame) -> Found:
    found = Found()
    rows = cells.copies(cells.without_twins(cells.usable(frame[list(_NAMING)])))
    found.setting, inside = _chosen(rows)
    found.floors = control.floors(frame)
    if found.setting is None:
        found.no_ratio = found.no_safe = "no copy was measured that was verified"
        return found
    metric = "kernel_ns" if inside else question.TIME
    near = [dataclasses.replace(run, frame=cells.select(run.frame, found.setting)) for run in runs]
    near = [run for run in near if len(run.frame)]
    found.noise = found.floors.get("kernel_ns" if inside else "ops_per_s")
    found.command = _command(runs, rows, found.setting, metric)
    try:
        sides = question.of_runs(near, BASE, TEST, "strategy")
        found.ratio = compare.answer(sides, compare.Asked(question.metric_of(metric)))
    except InputError as err:
        found.no_ratio = str(err)
    try:
        ((found.said, found.safe),) = best.answer(near, [])
    except InputError as err:
        found.no_safe = str(err)
    return found


def _chosen(rows: pd.DataFrame) -> tuple[dict | None, bool]:
    """The setting to show, and whether its time inside the kernel is known.

    One with both strategies of the question comes before one without; among those,
    one that was timed in the kernel.
    """
    inside = rows["kernel_ns"].notna()
    for some, timed in ((rows[inside], True), (rows, False)):
        axes = [axis for axis in cells.SETTING if axis != "size"]
        there = some[[*axes, "size", "strategy"]].drop_duplicates()
        asked = there[there["strategy"].isin((TEST, BASE))]
        both = asked.groupby([*axes, "size"], dropna=False)["strategy"].transform("nunique") == 2
        if both.any():
            return cells.choose(asked[both], ("size",), PREFER), timed
    return cells.choose(there, ("size",), PREFER), bool(inside.any())


def _command(runs: list[Run], rows: pd.DataFrame, setting: dict, metric: str) -> str:
    """What prints the same ratios; "" where a value cannot be written on a command line."""
    words = ["scripts/compare", *(run.path.name for run in runs[:PLACES_MAX]),
             *(["..."] if len(runs) > PLACES_MAX else []), "--base", BASE, "--test", TEST,
             "--metric", metric]
    for axis, value in setting.items():
        if rows[axis].nunique(dropna=False) > 1:
            if value != value or "," in str(value):
                return ""
            words += ["--where", f"{axis}={question.shown(axis, value)}"]
    return text.clean(shlex.join(words), 600)


def _answer(runs: list[Run], found: Found) -> str:
    """One sentence."""
    why = question.emulated_or_debug(runs)
    if why:
        return f"It cannot be said from here: {' and '.join(why)}, and these times rank wrongly."
    row = found.row()
    if row is None:
        return f"It cannot be said from here: {found.no_ratio or 'no round has both'}."
    where = "inside the kernel" if found.ratio.asked.metric.name != question.TIME else "end to end"
    rounds = min(row.rounds)
    said = (f"{TEST} / {BASE} {text.ratio(row.ratio)} [{text.ratio(row.low)}, "
            f"{text.ratio(row.high)}], {rounds} round{'s' if rounds != 1 else ''}")
    at = f"at {text.size(row.key['size'])} {where}"
    if row.verdict.startswith("n<") or row.verdict == judge.FEW:
        begin = f"It cannot be said yet: {at} the rounds are too few to tell the two apart ({said})"
    elif not judge.is_different(row):
        most = f", at most {_per_cent(row.high)} by the interval" if row.high > 1 else ""
        begin = f"No cost was told from noise{most}: {at} {said}"
    elif row.ratio > 1:
        begin = f"It costs {_per_cent(row.ratio)} more time {at}: {said}"
    else:
        begin = f"It costs nothing, it takes {_per_cent(row.ratio)} less time {at}: {said}"
    return f"{begin}; {_noise_said(found)}{_best_said(found, row.key['size'])}."


def _per_cent(ratio: float) -> str:
    return f"{100 * abs(ratio - 1):.2g} %"


def _noise_said(found: Found) -> str:
    if found.noise is None:
        return "no control was measured, so what two identical things differ by is not known"
    return (f"two identical things differ by {found.noise.typical:.2g} % here (at most "
            f"{found.noise.worst:.2g} %)")


def _best_said(found: Found, size: float) -> str:
    one = next((one for one in found.safe if one.size == size), None)
    if one is None or not one.safe:
        return ""
    return (f"; the best safe strategy is {text.clean(one.safe, text.NAME_MAX)}, "
            f"{text.number(one.safe_ns)} ns against {text.number(one.base)} ns of {BASE}")


def _place(runs: list[Run], frame: pd.DataFrame, found: Found) -> dict:
    env, env_faults = {}, []
    for run in runs:
        env, env_faults = facts.env_of(run)
        if env:
            break
    warned, unknown = facts.doctor(env)
    loud = [*describe.untrue(runs),
            *faults(frame, cells.has_errors(frame), "rows with failed commands"),
            *faults(frame, cells.is_unverified(frame), "rows whose bytes were not verified")]
    return {"name": text.clean(describe.place(runs, frame), 300), "loud": loud,
            "warnings": _clean([*_run_warnings(runs, frame), *warned, *env_faults,
                                *(found.ratio.warnings if found.ratio else [])]),
            "notes": _clean([*_notes(runs, frame, found), *unknown]),
            "tables": _tables(found, frame, describe.marks(runs)),
            "facts": facts.facts(runs, env)}


def _run_warnings(runs: list[Run], frame: pd.DataFrame) -> list[str]:
    found = [warning for run in runs for warning in run.warnings]
    found += finish.unfinished(runs)
    if describe.warning(runs, frame):
        found.append(describe.warning(runs, frame) + ".")
    if (frame["disturbed"] > 0).any():
        found += disturbed.sentence(frame, ["disturbed" in run.present for run in runs])
    return found


def _notes(runs: list[Run], frame: pd.DataFrame, found: Found) -> list[str]:
    shown = cells.without_twins(frame[[*RUN, *CELL]])
    notes = [f"{describe.rounds(shown)}; {describe.files(runs)}."]
    notes += finish.stopped(runs)
    if found.setting is not None:
        near = cells.select(frame, found.setting)
        notes += clocks.sentences(cells.without_twins(cells.usable(near)))
    return notes


def _clean(lines: list[str]) -> list[str]:
    return [text.clean(line, 1000) for line in lines]


def _tables(found: Found, frame: pd.DataFrame, marks: list[str]) -> list[dict]:
    mark = "".join(f"{one}: " for one in marks)
    tables = [_best_table(found, mark), _ratio_table(found, mark), _noise_table(found, frame, mark)]
    return [one for one in tables if one]


def _best_table(found: Found, mark: str) -> dict:
    title = f"{mark}Best safe strategy of each size"
    if not found.safe:
        return _empty(title, found.no_safe)
    return as_data(best.table(f"{title}: {found.said}", found.safe), [best.HOW])


def _ratio_table(found: Found, mark: str) -> dict:
    title = f"{mark}{TEST} / {BASE}"
    if found.ratio is None:
        return _empty(title, found.no_ratio)
    shown = verdicts.table(found.ratio, everything=True, values=True)
    shown.heading = f"{title}, {found.ratio.asked.metric.said()}: {shown.heading}"
    lines = [line for part in verdicts.notes(found.ratio, True) for line in part
             if line not in found.ratio.warnings]
    notes = [line for line in (found.ratio.caution(), *lines) if line]
    return as_data(shown, notes + ([f"The same from the command line: {found.command}"]
                                   if found.command else []))


def _noise_table(found: Found, frame: pd.DataFrame, mark: str) -> dict:
    title = f"{mark}Noise floor: what two identical things differ by"
    shown = text.Table(title, ("of", "typical", "interval", "at most", "controls", "told apart"),
                       frozenset({0}))
    for column, words in control.COLUMNS.items():
        one = found.floors.get(column)
        if one:
            shown.add(words, f"{one.typical:.2g} %", f"{one.low:+.2g}..{one.high:+.2g} %",
                      f"{one.worst:.2g} %", str(one.controls),
                      str(one.apart) if one.enough else "too few rounds")
    return as_data(shown, [NOISE]) if shown.rows else _empty(title, describe.noise(frame))


def _empty(title: str, why: str) -> dict:
    return {"title": text.clean(title), "columns": [], "numeric": [], "rows": [],
            "notes": [text.clean(f"Not here: {why}.", 1000)] if why else []}


def as_data(table: text.Table, notes: list[str]) -> dict:
    """@table as the page takes it."""
    return {"title": text.clean(table.heading, 1000), "columns": list(table.columns),
            "numeric": [nr for nr in range(len(table.columns)) if nr not in table.left],
            "rows": [[text.clean(cell) for cell in row] for row in table.rows],
            "notes": _clean(notes)}
