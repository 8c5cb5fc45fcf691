# SPDX-License-Identifier: MIT
"""The commands: arguments, messages, exit codes (0 done, 1 faults, 2 usage)."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Callable
from pathlib import Path

from . import usage
from .load import InputError, Run, by_place, load_all
from .modes import modes
from .summary import Options, summary


def summary_main(argv: list[str] | None = None) -> int:
    """scripts/summary. 1 when a cell failed or was not verified."""
    parser = usage.parser(
        "summary", "Print what the results say: figures per strategy and size, transport "
        "floors, the ratio bytewise_atomic / raw, the noise.", "summary results.csv --all",
        exits="Exit: 0 done; 1 a cell failed or was not verified; 2 usage, or a file that cannot "
        "be read.")
    parser.add_argument("csv", nargs="+", type=Path, metavar="CSV")
    parser.add_argument("--all", action="store_true", help="a table for every setting measured")
    parser.add_argument("--modes", action="store_true",
                        help="instead: what each op and completion costs, and their ratios to "
                        "inline; for files that differ in nothing but path, op, depth and "
                        "completion")
    parser.add_argument("--markdown", action="store_true", help="tables for a document")
    return _guard("summary", parser.parse_args(argv), _summary)


def report_main(argv: list[str] | None = None) -> int:
    """scripts/report. 2 when nothing could be drawn."""
    parser = usage.parser(
        "report", "Make report.html, one page that opens without a network, and the plots that "
        "plots/*.json define as SVG and PNG. Files of one platform, kernel and CPU are put "
        "together; others are shown side by side.",
        "report results/a/results.csv results/b/results.csv --html both.html",
        exits="Exit: 0 done; 2 usage, or nothing could be drawn.")
    parser.add_argument("csv", nargs="+", type=Path, metavar="FILE",
                        help="a CSV of pagecopy run or pagecopy tear; also the JSON of "
                        "pagecopy-gbench or scripts/hyperfine for the same cells, to be shown "
                        "beside (gbench.json, hyperfine.json and tear.csv are found beside a CSV)")
    parser.add_argument("--out", type=Path, metavar="DIR",
                        help="where to write (default: beside the first CSV)")
    parser.add_argument("--plot", action="append", metavar="NAME",
                        help="only this plot, and no page but with --html; may be given again "
                        "(default: all)")
    page = parser.add_mutually_exclusive_group()
    page.add_argument("--html", type=Path, metavar="FILE",
                      help="write the page as FILE (default: report.html in DIR)")
    page.add_argument("--no-html", action="store_true", help="no page")
    return _guard("report", parser.parse_args(argv), _report)


def compare_main(argv: list[str] | None = None) -> int:
    """scripts/compare. 1 when a cell is beyond --fail-above."""
    from .compare_cli import arguments, run
    return _guard("compare", arguments(argv), run)


def best_main(argv: list[str] | None = None) -> int:
    """scripts/best."""
    parser = usage.parser(
        "best", "For every size: what bytewise_atomic costs over raw, which byte-wise atomic "
        "strategy is the fastest, and how far it is from the fastest of all.",
        "best results.csv --where cache=hot --where path=ioctl,user",
        exits="Exit: 0 done; 2 usage, or a file that cannot be read.")
    parser.add_argument("csv", nargs="+", type=Path, metavar="CSV")
    parser.add_argument("--where", action="append", default=[], metavar="AXIS=VALUE[,VALUE]",
                        help="only these cells; may be given again")
    parser.add_argument("--markdown", action="store_true", help="tables for a document")
    return _guard("best", parser.parse_args(argv), _best)


def gbench_main(argv: list[str] | None = None) -> int:
    """scripts/gbench-table. 1 when a copy was wrong."""
    from .gbench import arguments, run
    return _guard("gbench-table", arguments(argv), run)


def _guard(name: str, args: argparse.Namespace,
           body: Callable[[argparse.Namespace], int]) -> int:
    """Run @body; turn what a user can mend into a message and 2."""
    for stream in (sys.stdout, sys.stderr):
        stream.reconfigure(errors="replace")
    try:
        status = body(args)
        sys.stdout.flush()
        return status
    except InputError as err:
        _say(name, str(err))
        return 2
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0


def _say(name: str, message: str) -> None:
    line = "".join(c if c.isprintable() else "?" for c in message)
    print(f"{name}: {line}", file=sys.stderr)


def _warn(name: str, runs: list[Run]) -> None:
    for run in runs:
        for warning in run.warnings:
            _say(name, f"warning: {warning}")


def _summary(args: argparse.Namespace) -> int:
    runs = load_all(args.csv)
    _warn("summary", runs)
    fine = True
    for nr, same in enumerate(by_place(runs)):
        if args.modes:
            text, good = modes(same, args.markdown)
        else:
            text, good = summary(same, Options(args.all, args.markdown))
        sys.stdout.write(("\n" if nr else "") + text)
        fine = fine and good
    return 0 if fine else 1


def _best(args: argparse.Namespace) -> int:
    from . import best
    runs = load_all(args.csv)
    _warn("best", runs)
    sys.stdout.write(best.spoken(best.answer(runs, args.where), args.markdown))
    return 0


def _report(args: argparse.Namespace) -> int:
    from . import assemble, memory
    from .report import books_of, draw_all, draw_tears
    from .tear import NAME, is_tear
    memory.keep()
    tears = [path for path in args.csv if is_tear(path)]
    others = [path for path in args.csv if path.suffix == ".json"]
    tables = [path for path in args.csv if path not in tears and path not in others]
    if others and not tables:
        raise InputError(f"{others[0]}: is shown beside the cells of a CSV; give one, too")
    written, skipped = [], []
    if tears and (not args.plot or NAME in args.plot):
        written, skipped = draw_tears(tears, args.out)
    if tables:
        runs = load_all(tables)
        _warn("report", runs)
        places = by_place(runs)
        page = not args.no_html and (args.html or not args.plot)
        begun = assemble.tables(places) if page else None
        books = books_of(places)
        more, without = draw_all(places, args.out, args.plot, books)
        written, skipped = written + more, skipped + without
    for path in written:
        print(path, flush=True)
    for reason in skipped:
        _say("report", reason)
    if tables and page:
        written += _page(args, places, (others, tears), written,
                         {"books": books, "begun": begun})
    return 0 if written else 2


def _page(args: argparse.Namespace, places: list[list[Run]], more: tuple,
          figures: list[Path], made: dict) -> list[Path]:
    """The file of the page; none, and the reason said, without the chart library.

    @more: results of other tools and of the tear test. @made: what assemble.data()
    takes of what is made already.
    """
    from . import assemble, html
    path = args.html or (args.out or places[0][0].path.resolve().parent) / assemble.NAME
    beside = [one.name for one in figures if one.resolve().parent == path.resolve().parent]
    try:
        assemble.write(places, *more, path, files=beside, **made)
    except html.NoLibrary as err:
        _say("report", f"no page: {err}")
        return []
    print(path)
    return [path]
