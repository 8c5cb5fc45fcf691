# SPDX-License-Identifier: MIT
"""Draws the plots of result files and writes them as SVG and PNG."""

from __future__ import annotations

import dataclasses
import json
import os
import tempfile
import warnings
from pathlib import Path

import matplotlib
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.backends.backend_svg import FigureCanvasSVG
from matplotlib.figure import Figure

from . import describe, tear
from .book import Book
from .charts import chart, merged
from .drawing import Chart, plain
from .figure import draw
from .load import InputError, Run
from .plotdef import Plot, load_histogram, load_plot, names
from .view import Layout

# Nothing from the user's matplotlibrc, nothing random, text stays text.
STYLE = {
    **matplotlib.rcParamsDefault, "svg.hashsalt": "pagecopy", "svg.fonttype": "none",
    "font.family": ["DejaVu Sans"], "axes.unicode_minus": False,
}
STYLE.pop("backend", None)
DPI = 110
# In every SVG: other versions of Matplotlib place the same marks otherwise.
DRAWN_BY = f"pagecopy report, Matplotlib {matplotlib.__version__}"
# What all charts of the page may take, as JSON.
PAGE_BYTES = 1_000_000


def books_of(places: list[list[Run]]) -> list[Book]:
    """What draw_all() and charts() both take, so that it is made once."""
    return [Book(runs, str(nr)) for nr, runs in enumerate(places, 1)]


def charts(places: list[list[Run]], wanted: list[str] | None = None,
           books: list[Book] | None = None) -> list[Chart]:
    """Everything that @places have for the @wanted definitions (None: all), for the page.

    What would make the page too large is left out, which the captions say. @books: those
    of @places, where they are made already.
    """
    books = books or books_of(places)
    plots = [load_plot(name) for name in dict.fromkeys(wanted or names())]
    found: list[Chart] = []
    room = PAGE_BYTES
    for nr, plot in enumerate(plots):
        share = room // (len(plots) - nr)
        some = [(book.name, one) for book in books
                if (one := chart(book, plot, share // len(books)))]
        if some:
            found.append(merged(some))
            room -= len(json.dumps(plain(found[-1])))
    return found


def draw_all(places: list[list[Run]], out: Path | None,
             wanted: list[str] | None,
             books: list[Book] | None = None) -> tuple[list[Path], list[str]]:
    """Draw @wanted plots (None: all) of each place; files written, plots skipped.

    Runs of one place (load.by_place) are pooled into one figure. A place that shares
    its folder with others has its number in the names of its files.
    """
    plots = [load_plot(name) for name in dict.fromkeys(wanted or names())]
    books = books or books_of(places)
    folders = [out or book.runs[0].path.resolve().parent for book in books]
    written: list[Path] = []
    skipped: list[str] = []
    for nr, (book, folder) in enumerate(zip(books, folders)):
        before = folders[:nr].count(folder)
        for plot in plots:
            one = chart(book, plot, None)
            if one is None:
                skipped.append(f"{plot.name}: not drawn: no row in {describe.files(book.runs)} has "
                               f"what it shows ({_needs(plot)})")
                continue
            if folders.count(folder) > 1:
                one = _told_apart(one, before + 1, folders.count(folder))
            written += _save(_render(one, Layout.of(plot)), folder, _numbered(plot.name, before))
    return written, skipped


def tear_charts(paths: list[Path]) -> list[Chart]:
    """The chart of files of pagecopy tear, one place each; empty where they have no row."""
    plot = load_histogram(tear.NAME)
    found = [one for nr, path in enumerate(paths, 1)
             if (one := tear.chart(tear.load(path), plot, str(nr)))]
    return [merged([(one.panels[0].tags["place"], one) for one in found])] if found else []


def draw_tears(paths: list[Path], out: Path | None) -> tuple[list[Path], list[str]]:
    """Draw files of pagecopy tear; files written, files without anything to draw."""
    plot = load_histogram(tear.NAME)
    folders = [out or path.resolve().parent for path in paths]
    written: list[Path] = []
    skipped: list[str] = []
    for nr, (path, folder) in enumerate(zip(paths, folders)):
        one = tear.chart(tear.load(path), plot)
        if one is None:
            skipped.append(f"{tear.NAME}: not drawn: no row of the tear test in {path}")
            continue
        written += _save(_render(one, Layout.of_histogram(plot)), folder,
                         _numbered(tear.NAME, folders[:nr].count(folder)))
    return written, skipped


def _numbered(name: str, before: int) -> str:
    """The second file of a name and those after it have their number in it."""
    return f"{name}-{before + 1}" if before else name


def _told_apart(one: Chart, nr: int, of: int) -> Chart:
    return dataclasses.replace(one, caption=(f"Place {nr} of {of}, each in a file of its own.",
                                             *one.caption))


def _render(one: Chart, layout: Layout) -> Figure:
    with matplotlib.rc_context(STYLE):
        return draw(one, layout)


def _needs(plot: Plot) -> str:
    columns = dict.fromkeys(panel.y.column for panel in plot.panels)
    return f"{', '.join(columns)} of a copy without errors"


def _save(figure: Figure, folder: Path, name: str) -> list[Path]:
    canvases = {
        "svg": (FigureCanvasSVG, {"metadata": {"Date": None, "Creator": DRAWN_BY}}),
        "png": (FigureCanvasAgg, {"dpi": DPI, "metadata": {"Software": "pagecopy report"}}),
    }
    written = []
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for ending, (canvas, options) in canvases.items():
            path = folder / f"{name}.{ending}"
            _print(canvas(figure), ending, path, options)
            written.append(path)
    except OSError as err:
        raise InputError(f"{err.filename or folder}: cannot write: {err.strerror}") from None
    return written


def _print(canvas, ending: str, path: Path, options: dict) -> None:
    """Write beside @path and rename, so a reader never sees half a file."""
    handle, part = tempfile.mkstemp(dir=path.parent, prefix=".report-", suffix="." + ending)
    os.close(handle)
    try:
        with matplotlib.rc_context(STYLE), warnings.catch_warnings():
            warnings.filterwarnings("ignore", message="Glyph .* missing")
            canvas.print_figure(part, format=ending, **options)
        os.chmod(part, 0o644)
        os.replace(part, path)
    except BaseException:
        os.unlink(part)
        raise
