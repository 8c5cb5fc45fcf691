# SPDX-License-Identifier: MIT
"""The report page: its data from all modules, and its file."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterable
from pathlib import Path

from . import celltable, checks, describe, front, html, report, text
from .drawing import plain
from .load import InputError, Run

NAME = "report.html"


def data(places: list[list[Run]], others: Iterable[Path] = ()) -> dict:
    """What html.page() takes; @others: results of other tools for the same cells."""
    return {
        "title": _title(places), "front": front.front(places),
        "charts": [plain(chart) for chart in report.charts(places)],
        "cells": celltable.table(places), "checks": checks.checks(places, others),
    }


def write(places: list[list[Run]], others: Iterable[Path], path: Path) -> Path:
    """Make the page as @path. html.NoLibrary says what to install."""
    page = html.page(data(places, others))
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        _replace(path, page)
    except OSError as err:
        raise InputError(f"{path}: cannot write: {err.strerror}") from None
    return path


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
