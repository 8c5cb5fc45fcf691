# SPDX-License-Identifier: MIT
"""The report page: its data from all modules, and its file."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable, Iterable
from pathlib import Path

from . import celltable, checks, describe, front, html, report, tear, text
from .aside import Aside
from .book import Book
from .drawing import plain
from .load import InputError, Run

NAME = "report.html"
TEARS = "tear.csv"
# From so many rows on it pays to make the tables beside the charts, on another CPU.
MANY_ROWS = 200_000


def tables(places: list[list[Run]]) -> Callable[[], dict]:
    """Begin with what needs no chart: the first screen and the table of cells, when called for."""
    def make() -> dict:
        return {"front": front.front(places), "cells": celltable.table(places)}
    if sum(len(run.frame) for runs in places for run in runs) < MANY_ROWS:
        return make
    return Aside(make).result


def data(places: list[list[Run]], others: Iterable[Path] = (),
         tears: Iterable[Path] = (), books: list[Book] | None = None,
         begun: Callable[[], dict] | None = None, files: Iterable[str] = ()) -> dict:
    """What html.page() takes.

    @others: results of other tools for the same cells. @tears: files of pagecopy
    tear. Those that lie beside a CSV of @places under their usual names are found.
    @books: as report.charts() has them. @begun: as tables() has it. @files: names of
    the figures beside the page.
    """
    begun = begun or tables(places)
    tears, faults = _tears(places, list(tears))
    drawn = report.charts(places, books=books) + (report.tear_charts(tears) if tears else [])
    beside = [*checks.checks(places, others), *faults]
    made = begun()
    return {
        "title": _title(places), "front": made["front"],
        "charts": [plain(chart) for chart in drawn],
        "cells": made["cells"], "checks": beside, "files": list(files),
    }


def write(places: list[list[Run]], others: Iterable[Path], tears: Iterable[Path],
          path: Path, **made) -> Path:
    """Make the page as @path; @made and the rest as data() takes them.

    html.NoLibrary says what to install.
    """
    page = html.page(data(places, others, tears, **made))
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        _replace(path, page)
    except OSError as err:
        raise InputError(f"{path}: cannot write: {err.strerror}") from None
    return path


def _tears(places: list[list[Run]], given: list[Path]) -> tuple[list[Path], list[dict]]:
    """Files to draw, and what to say of those found that cannot be."""
    found, faults = list(given), []
    known = {path.resolve() for path in given}
    for folder in dict.fromkeys(run.path.parent for runs in places for run in runs):
        path = folder / TEARS
        if path.resolve() in known or not tear.is_tear(path):
            continue
        try:
            report.tear_charts([path])
            found.append(path)
        except InputError as err:
            faults.append(front.as_data(text.Table(path.name, ()), [f"Not used: {err}"]))
    return found, faults


def _title(places: list[list[Run]]) -> str:
    marks = "".join(f"{mark}: " for mark in describe.marks([r for runs in places for r in runs]))
    named = [text.clean(f"{describe.said(runs, 'platform')}, kernel "
                        f"{describe.said(runs, 'kernel', first_word=True)}", 80)
             for runs in places[:front.PLACES_MAX]]
    more = len(places) - len(named)
    return f"{marks}pagecopy on {'; '.join(named)}" + (f" and {more} more" if more > 0 else "")


def _replace(path: Path, page: str) -> None:
    """Beside @path, then renamed: a reader never sees half a page."""
    handle, part = tempfile.mkstemp(dir=path.parent, prefix=".report-", suffix=".html")
    try:
        with open(handle, "w", encoding="utf-8", errors="replace") as stream:
            stream.write(page)
        os.chmod(part, 0o644)
        os.replace(part, path)
    except BaseException:
        os.unlink(part)
        raise
