# SPDX-License-Identifier: MIT
"""Draws the plots of result files and writes them as SVG and PNG."""

from __future__ import annotations

import os
import tempfile
import warnings
from pathlib import Path

import matplotlib
import pandas as pd
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.backends.backend_svg import FigureCanvasSVG
from matplotlib.figure import Figure

from . import cells, describe, disturbed, stats, tear, text
from .curves import PanelData, grid, series_names
from .figure import Words, draw
from .load import InputError, Run, pool
from .plotdef import Plot, load_plot, names

# Nothing from the user's matplotlibrc, nothing random, text stays text.
STYLE = {
    **matplotlib.rcParamsDefault, "svg.hashsalt": "pagecopy", "svg.fonttype": "none",
    "font.family": ["DejaVu Sans"], "axes.unicode_minus": False,
}
STYLE.pop("backend", None)
DPI = 110


def draw_all(places: list[list[Run]], out: Path | None,
             wanted: list[str] | None) -> tuple[list[Path], list[str]]:
    """Draw @wanted plots (None: all) of each place; files written, plots skipped.

    Runs of one place (load.by_place) are pooled into one figure. Two places
    must not write into one folder.
    """
    plots = [load_plot(name) for name in dict.fromkeys(wanted or names())]
    folders = [out or runs[0].path.resolve().parent for runs in places]
    if len(set(folders)) < len(folders):
        raise InputError("the files are from different platforms, kernels or CPUs; "
                         "draw them one by one, each with its own --out")
    written: list[Path] = []
    skipped: list[str] = []
    for runs, folder in zip(places, folders):
        frame = pool(runs)
        for plot in plots:
            figure = render(runs, frame, plot)
            if figure is None:
                skipped.append(f"{plot.name}: not drawn: no row in {describe.files(runs)} has "
                               f"what it shows ({_needs(plot)})")
            else:
                written += _save(figure, folder, plot.name)
    return written, skipped


def draw_tears(paths: list[Path], out: Path | None) -> tuple[list[Path], list[str]]:
    """Draw files of pagecopy tear; files written, files without anything to draw."""
    folders = [out or path.resolve().parent for path in paths]
    if len(set(folders)) < len(folders):
        raise InputError("each file of pagecopy tear is a picture of its own; draw them one by "
                         "one, each with its own --out")
    written: list[Path] = []
    skipped: list[str] = []
    for path, folder in zip(paths, folders):
        with matplotlib.rc_context(STYLE):
            figure = tear.draw(tear.load(path))
        if figure is None:
            skipped.append(f"{tear.NAME}: not drawn: no row of the tear test in {path}")
        else:
            written += _save(figure, folder, tear.NAME)
    return written, skipped


def render(runs: list[Run], frame: pd.DataFrame, plot: Plot) -> Figure | None:
    """One figure, or None if the data has nothing for it."""
    with matplotlib.rc_context(STYLE):
        rows = grid(frame, plot)
        if not rows:
            return None
        series, left_out = series_names(rows, plot)
        return draw(rows, plot, series, _words(runs, frame, rows, left_out))


def _needs(plot: Plot) -> str:
    columns = dict.fromkeys(panel.y.column for panel in plot.panels)
    return f"{', '.join(columns)} of a copy without errors"


def _words(runs: list[Run], frame: pd.DataFrame, rows: list[list[PanelData]],
           left_out: list[str]) -> Words:
    rounds = describe.rounds(cells.without_twins(frame))
    how = rounds if stats.rounds_of(frame) < 2 else (
        f"medians over {rounds}, bands or bars hold the middle half of them")
    caption = [f"Platform {describe.place(runs, frame)}; {how}.",
               f"{describe.sentence(describe.noise(frame))} {describe.files(runs)}."]
    if describe.warning(runs, frame):
        caption.append(describe.warning(runs, frame) + ".")
    loud = disturbed.sentence(frame, ["disturbed" in run.present for run in runs])
    if loud and (frame["disturbed"] > 0).any():
        caption += loud
    if left_out:
        named = ", ".join(text.clean(name, text.NAME_MAX) for name in left_out)
        caption.append(f"Measured but not drawn: {named}.")
    settings = {(r, c): describe.setting(_untold(data), frame)
                for r, row in enumerate(rows) for c, data in enumerate(row)}
    untrue = describe.untrue(runs)
    caption += untrue[1:]
    return Words(tuple(caption), untrue[0] if untrue else "", " ".join(describe.marks(runs)),
                 settings)


def _untold(data: PanelData) -> dict:
    """What the title of a panel leaves open: of the path, all but the one it is made for."""
    path = data.panel.where.get("path")
    first = path[0] if isinstance(path, tuple) else path
    return {axis: value for axis, value in data.setting.items()
            if (axis, value) != ("path", first)}


def _save(figure: Figure, folder: Path, name: str) -> list[Path]:
    canvases = {
        "svg": (FigureCanvasSVG, {"metadata": {"Date": None, "Creator": "pagecopy report"}}),
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
