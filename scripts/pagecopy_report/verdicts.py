# SPDX-License-Identifier: MIT
"""An answer as text for a terminal, as Markdown, as JSON."""

from __future__ import annotations

import json
import math
from dataclasses import asdict

from . import describe, text
from .columns import CELL
from .compare import Answer
from .judge import NOISE, Row, is_different
from .modality import Modes
from .question import shown

# More cells than this: those that were not told apart are only counted.
ROWS = 40
# Where none was told apart, the ones that are furthest from 1.
FURTHEST = 5
# So many lines of one kind of warning.
LINES = 6
# What names the only cell there is.
NAMING = ("path", "op", "strategy", "size", "depth")
_PLACE = ("platform", "kernel", "cpu_model", "memcpy_loop", "version", "build")
_METHODS = {
    "round": "sign test and order statistics of ratios paired by round",
    "segment": "rank test of medians of segments of time, the runs do not pair",
    "run": "Student's test on medians of runs",
}


def plain(found: Answer, everything: bool = False) -> str:
    """For a terminal: at most text.WIDTH columns."""
    shown_as = table(found, everything, values=True)
    if max(map(len, shown_as.plain().splitlines())) > text.WIDTH:
        shown_as = table(found, everything, values=False)
    head, *parts = _heading(found), *notes(found, everything)
    top = [text.wrap(line) for line in (found.caution(), head) if line]
    return "\n\n".join([*top, shown_as.plain(), *map(_lines, parts)]) + "\n"


def markdown(found: Answer, everything: bool = False) -> str:
    """For a mail or a pull request."""
    parts = [f"**{_escaped(found.caution())}**"] if found.caution() else []
    parts += [_escaped(_heading(found)), table(found, everything, values=True).markdown()]
    parts += ["\n".join("- " + _escaped(line) for line in part)
              for part in notes(found, everything)]
    return "\n\n".join(parts) + "\n"


def as_json(found: Answer) -> str:
    """Everything, with null where there is no number."""
    sides, asked = found.sides, found.asked
    whole = {
        "question": {"base": sides.names[0], "test": sides.names[1], "axis": sides.axis,
                     "paired": sides.paired, "metric": asked.metric.name,
                     "worse": asked.metric.worse},
        "method": {"unit": found.unit(), "test": _METHODS[found.unit()],
                   "confidence": asked.confidence, "alpha": round(1 - asked.confidence, 12),
                   "correction": "Holm", "cells": len(found.rows)},
        "place": {key: sorted({run.meta.get(key, "") for run in sides.runs})
                  for key in _PLACE},
        "headline": not found.no_headline, "caution": found.caution(),
        "cells": [_row_as_dict(row) for row in found.rows],
        "geomean": asdict(found.mean) if found.mean else None,
        "control": {"within": _control(found.within), "across": _control(found.across)},
        "left_out": sides.left_out,
        "notes": sides.notes, "warnings": found.warnings,
        "fail_above": asked.fail_above, "failed": len(found.failed()),
    }
    return json.dumps(_finite(whole), indent=1, allow_nan=False) + "\n"


def failures(found: Answer) -> str:
    """What --fail-above has to say."""
    rows = found.failed()
    limit = f"{found.asked.fail_above:g} %"
    if not rows:
        return f"no cell is worse by more than {limit} with its whole interval"
    axes = _moving(found.rows, found.sides.on) or [a for a in NAMING if a in found.sides.on]
    names = "; ".join(f"{_label(row.key, axes)} {_interval(row)}" for row in rows[:LINES])
    more = f" and {len(rows) - LINES} more" if len(rows) > LINES else ""
    verb = "cell is" if len(rows) == 1 else "cells are"
    return f"{len(rows)} {verb} worse by more than {limit}: {names}{more}"


def _heading(found: Answer) -> str:
    sides, asked = found.sides, found.asked
    base, test = sides.names
    what = (f"{text.clean(test, 60)} / {text.clean(base, 60)}"
            + (f" ({sides.axis})" if sides.axis else ""))
    frame = sides.base
    alpha = 1 - asked.confidence
    return (f"{what}: {asked.metric.said()}. "
            f"{describe.sentence(describe.place(sides.runs, frame))} Interval: "
            f"{100 * asked.confidence:g} % of the median ratio of each cell, no normal law "
            f"assumed of rounds; {_METHODS[found.unit()]}. p: after Holm's correction over "
            f"{_count(len(found.rows), 'cell')}, alpha {alpha:.3g}. ~: not told apart.")


def table(found: Answer, everything: bool, values: bool) -> text.Table:
    """A line for each cell and the mean; @everything: also of those not told apart."""
    axes = _moving(found.rows, found.sides.on)
    rows = _shown(found, everything)
    columns = [*(axes if values else ["cell"])]
    left = frozenset(nr for nr, name in enumerate(columns)
                     if name not in ("size", "depth", "offset", "threads", "buf_offset"))
    if not columns:
        columns, left = ["cell"], frozenset({0})
    cells = len(columns)
    names = columns + (["base", "test"] if values else []) + ["ratio", "interval", "p", "n", ""]
    lines = text.Table(_common(found, axes), tuple(names), left | {len(names) - 1})
    for row in rows:
        key = [shown(axis, row.key[axis]) for axis in axes] if values and axes else [
            _label(row.key, axes) or "the one"]
        middle = [text.number(row.base), text.number(row.test)] if values else []
        lines.add(*key, *middle, text.ratio(row.ratio), _interval(row), _p(row.p_holm), _n(row),
                  row.verdict + (" *" if row.two_modes else "") + (" !" if row.beyond else ""))
    if found.mean:
        m = found.mean
        lines.gap()
        lines.add("geomean", *[""] * (cells - 1), *([""] * 2 if values else []),
                  text.ratio(m.ratio), f"[{text.ratio(m.low)}, {text.ratio(m.high)}]", "",
                  f"{m.cells} cells", m.verdict)
    return lines


def _shown(found: Answer, everything: bool) -> list[Row]:
    if everything or len(found.rows) <= ROWS:
        return found.rows
    clear = [row for row in found.rows if row.verdict != NOISE] or found.rows
    far = sorted(clear, key=lambda row: -abs(math.log(row.ratio)) if row.ratio > 0 else 0)
    chosen = {id(row) for row in far[:ROWS if clear is not found.rows else FURTHEST]}
    return [row for row in clear if id(row) in chosen]


def _common(found: Answer, axes: list[str]) -> str:
    """The axes that are alike in all cells."""
    key = found.rows[0].key
    alike = {axis: value for axis, value in key.items() if axis not in axes and value == value}
    frame = found.sides.base
    words = describe.setting(alike, frame)
    strategy = f"strategy {shown('strategy', alike['strategy'])}" if "strategy" in alike else ""
    return ", ".join(word for word in (words, strategy) if word) or "Cells"


def notes(found: Answer, everything: bool) -> list[list[str]]:
    """Paragraphs below the table, each a list of lines."""
    parts = [[*found.warnings, *found.sides.notes], _counts(found, everything), _controls(found),
             _spread(found), _mode_lines(found)]
    return [part for part in parts if part]


def _counts(found: Answer, everything: bool) -> list[str]:
    rows = found.rows
    lines = []
    hidden = len(rows) - len(_shown(found, everything))
    if hidden:
        clear = sum(is_different(row) for row in rows)
        lines.append(f"{clear} of {len(rows)} cells told apart; {hidden} rows not shown (--all).")
    few = sum(row.verdict.startswith("n<") or row.verdict == "few" for row in rows)
    if few:
        lines.append(f"Too few rounds to tell: {_count(few, 'cell')}. n<K: K rounds could; few: "
                     "their rounds hang together too much for so many cells, repeat the run.")
    out = [f"{number} {name}" for name, number in found.sides.left_out.items() if number]
    if out:
        lines.append(f"Rows left out: {', '.join(out)}.")
    for used, word in ((False, "left out"), (True, "used, too few others were left or --disturbed "
                                                   "keep")):
        seen = [row.disturbed for row in rows if row.disturbed and row.used == used]
        if seen:
            lines.append(f"Disturbed rounds: {sum(seen)} in {_count(len(seen), 'cell')} {word}.")
    lost = sum(row.worthless for row in rows)
    if lost:
        lines.append(f"Rounds without a value above 0: {lost} left out.")
    return lines


def _controls(found: Answer) -> list[str]:
    lines = []
    for control in (found.across, found.within):
        if control.rows:
            lines.append(f"Control, {control.kind}: {len(control.rows)}; told apart "
                         f"{len(control.told_apart())}; largest difference "
                         f"{100 * control.largest():.2f} %.")
    return lines


def _spread(found: Answer) -> list[str]:
    between = [(row.within, row.between) for row in found.rows if row.between == row.between]
    if not between:
        return []
    within, across = (100 * sorted(side)[len(side) // 2] for side in zip(*between))
    return [f"Spread, middle of {_count(len(between), 'cell')}: between runs {across:.2f} % "
            f"(standard deviation of their medians), within a run {within:.2f} % (half the "
            "quartile range of rounds)."]


def _mode_lines(found: Answer) -> list[str]:
    seen = [row for row in found.rows if row.two_modes]
    lines = [f"* two modes, {_label(row.key, _moving(found.rows, found.sides.on)) or 'the cell'}: "
             + "; ".join(_mode(name, modes) for name, modes in row.two_modes.items())
             for row in seen[:LINES]]
    if len(seen) > LINES:
        lines.append(f"* and {_count(len(seen) - LINES, 'cell')} more; --json has all.")
    return lines


def _mode(name: str, modes: Modes) -> str:
    form = text.ratio if name == "ratio" else text.number
    return (f"{name} {form(math.exp(modes.low))} in {100 - 100 * modes.share:.0f} % of rounds, "
            f"{form(math.exp(modes.high))} in {100 * modes.share:.0f} %")


def _moving(rows: list[Row], on: list[str]) -> list[str]:
    return [axis for axis in CELL if axis in on
            and len({str(row.key[axis]) for row in rows}) > 1]


def _label(key: dict, axes: list[str]) -> str:
    """A cell in one field; numbers that need it carry the name of their axis."""
    named = {"depth": "d", "threads": "t", "offset": "off", "buf_offset": "buf+", "rate": "rate "}
    return " ".join(named.get(axis, "") + shown(axis, key[axis]) for axis in axes
                    if key[axis] == key[axis] and key[axis] not in ("", "none"))


def _interval(row: Row) -> str:
    if math.isnan(row.ratio):
        return text.NONE
    return f"[{text.ratio(row.low)}, {text.ratio(row.high)}]"


def _p(p: float) -> str:
    return text.NONE if math.isnan(p) else "<.001" if p < 0.001 else f"{p:.3f}"


def _n(row: Row) -> str:
    if row.unit == "run":
        runs = sorted(set(row.runs))
        return "+".join(map(str, row.runs if len(runs) > 1 else runs)) + " runs"
    return str(row.rounds[0]) if row.rounds[0] == row.rounds[1] else "+".join(map(str, row.rounds))


def _count(number: int, what: str) -> str:
    return f"{number} {what}" + ("" if number == 1 else "s")


def _lines(part: list[str]) -> str:
    return "\n".join(text.wrap(line) for line in part)


def _escaped(line: str) -> str:
    for character in "\\|<>*`_[]":
        line = line.replace(character, "\\" + character)
    return line


def _row_as_dict(row: Row) -> dict:
    whole = asdict(row)
    whole["two_modes"] = {name: {"low": math.exp(m.low), "high": math.exp(m.high),
                                 "share_high": m.share} for name, m in row.two_modes.items()}
    whole["told_apart"] = is_different(row)
    return whole


def _control(control) -> dict:
    return {"kind": control.kind, "cells": len(control.rows),
            "told_apart": len(control.told_apart()), "largest": control.largest(),
            "rows": [_row_as_dict(row) for row in control.rows]}


def _finite(value):
    if isinstance(value, dict):
        return {key: _finite(one) for key, one in value.items()}
    if isinstance(value, (list, tuple)):
        return [_finite(one) for one in value]
    if hasattr(value, "item"):
        value = value.item()
    return None if isinstance(value, float) and not math.isfinite(value) else value
