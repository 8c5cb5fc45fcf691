# SPDX-License-Identifier: MIT
"""Did the run come to its end, and why did each cell stop."""

from __future__ import annotations

import pandas as pd

from . import cells, text
from .columns import CELL
from .load import Run

_CELL = ["run_id", *CELL]
WORDS = {"precise": "as precise", "rounds": "out of rounds", "budget": "out of budget"}


def unfinished(runs: list[Run]) -> list[str]:
    """A line for each file that should have had more rows."""
    found = []
    for run in runs:
        why = _open_cells(run) if "stop" in run.present else _rows_short(run)
        why += _runs_missing(run)
        if why:
            found.append(f"UNFINISHED: {text.clean(run.path.name, 40)}: {'; '.join(why)}.")
    return found


def stopped(runs: list[Run]) -> list[str]:
    """How many cells stopped for which reason; nothing from files that do not say."""
    reasons = [_last_stops(cells.without_twins(run.frame[[*_CELL, "round", "stop"]]))
               for run in runs if "stop" in run.present]
    if not reasons:
        return []
    counts = pd.concat(reasons).value_counts()
    if set(counts.index) <= {""}:
        return []
    known = [f"{counts.get(reason, 0)} {words}" for reason, words in WORDS.items()]
    other = [f"{number} with reason {text.clean(reason, 20)!r}" for reason, number in counts.items()
             if reason not in WORDS and reason]
    return [f"Cells that stopped: {', '.join(known + other)}."]


def _number(run: Run, key: str) -> int:
    """The value of a `#key:` line; 0 where it has none."""
    value = run.meta.get(key, "")
    return int(value) if value.isdecimal() else 0


def _last_stops(frame: pd.DataFrame) -> pd.Series:
    """`stop` of the last row of each cell of each run."""
    rows = frame[[*_CELL, "round", "stop"]].sort_values("round", kind="stable")
    return rows.drop_duplicates(_CELL, keep="last")["stop"]


def _open_cells(run: Run) -> list[str]:
    stops = _last_stops(run.frame)
    going = int((stops == "").sum())
    why = [f"{going} of {len(stops)} cells had rounds to come"] if going else []
    promised = _number(run, "cells") * run.frame["run_id"].nunique()
    if len(stops) < promised:
        why.append(f"{len(stops)} of {promised} cells were begun")
    return why


def _rows_short(run: Run) -> list[str]:
    promised = _number(run, "cells") * _number(run, "rounds") * run.frame["run_id"].nunique()
    if len(run.frame) >= promised:
        return []
    return [f"has {len(run.frame)} of {promised} rows; cells have fewer rounds than were asked for"]


def _runs_missing(run: Run) -> list[str]:
    there, asked = run.frame["run_id"].nunique(), _number(run, "runs")
    return [f"{there} of {asked} runs are there"] if there < asked else []
