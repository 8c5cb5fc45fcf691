# SPDX-License-Identifier: MIT
"""The command line of scripts/compare. Exit 0 done, 1 beyond --fail-above, 2 usage or refused."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

import pandas as pd

from . import compare, question, usage, verdicts
from .benchfmt import benchfmt

EXAMPLES = (
    "compare results/1/results.csv results/2/results.csv",
    "compare results.csv --base raw --test bytewise_atomic",
    "compare results.csv --base inline --test task --metric lat_p99_ns",
    "compare --base-runs old*.csv --test-runs new*.csv --fail-above 3",
)
MORE = """\
A cell is told apart when its p after Holm's correction is at most alpha and its
whole interval lies outside what the control shows: twins of the base cell
within a run, cells that need no module across runs. Else it is ~.
n<K: too few rounds to tell.
"""
EXITS = ("Exit: 0 judged; 1 a cell lies beyond --fail-above; 2 usage, or input that cannot be "
         "compared.")


def arguments(argv: list[str] | None) -> argparse.Namespace:
    """Parse and check the options against each other; exit 2 on a mistake."""
    parser = usage.parser(
        "compare", "Judge two runs (BASE.csv TEST.csv), or two values of an axis within one run "
        "(CSV --base VALUE --test VALUE).", *EXAMPLES, more=MORE, exits=EXITS)
    _add_inputs(parser)
    _add_judging(parser)
    form = parser.add_mutually_exclusive_group()
    form.add_argument("--markdown", action="store_true", help="for a mail or a pull request")
    form.add_argument("--json", action="store_true", help="every field, null where not a number")
    form.add_argument("--benchfmt", action="store_true",
                      help="the rows of both sides in Go benchmark format, for benchstat")
    parser.add_argument("--all", action="store_true", help="every cell, however many")
    args = parser.parse_args(argv)
    faults = list(_faults(args))
    if faults:
        parser.error("; ".join(faults))
    return args


def _add_inputs(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("csv", nargs="*", type=Path, metavar="CSV")
    parser.add_argument("--base", metavar="VALUE", help="what is divided by: raw, 4K, inline ...")
    parser.add_argument("--test", metavar="VALUE", help="what is set against it")
    parser.add_argument("--axis", metavar="NAME", help="the axis of both values, where several "
                        "have them")
    parser.add_argument("--base-runs", nargs="+", type=Path, metavar="CSV", default=[],
                        help="several files, each with one or more runs, as base")
    parser.add_argument("--test-runs", nargs="+", type=Path, metavar="CSV", default=[],
                        help="the same as test")
    parser.add_argument("--where", action="append", default=[], metavar="AXIS=VALUE[,VALUE]",
                        help="only these cells; may be given again")
    parser.add_argument("--across", action="append", default=[], choices=question.ALIKE,
                        metavar="NAME", help="head line that may differ, because it is the "
                        f"question: {', '.join(question.ALIKE)}; may be given again")


def _add_judging(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--metric", default=question.TIME, metavar="COLUMN",
                        help="default: time, 1e9 / ops_per_s; or any measured column")
    parser.add_argument("--confidence", type=float, default=0.95, metavar="C",
                        help="of each interval; alpha is 1 - C (default 0.95)")
    parser.add_argument("--disturbed", choices=("auto", "keep", "drop"), default="auto",
                        help="rounds with a disturbance (default auto: left out where 10 others "
                        "remain)")
    parser.add_argument("--fail-above", type=float, metavar="PCT",
                        help="exit 1 if the whole interval of a cell is worse by more than PCT %%")


def _faults(args: argparse.Namespace):
    """Every mistake, so that one try shows them all."""
    values = [args.base is not None, args.test is not None]
    sides = [bool(args.base_runs), bool(args.test_runs)]
    if any(values) and not all(values):
        yield "--base and --test go together"
    if any(sides) and not all(sides):
        yield "--base-runs and --test-runs go together"
    if any(sides) and (args.csv or any(values)):
        yield "--base-runs and --test-runs take the place of CSV, --base and --test"
    if not any(sides) and not any(values) and len(args.csv) != 2:
        yield (f"{len(args.csv)} files: give two, BASE.csv TEST.csv; or one with --base and "
               "--test; or --base-runs and --test-runs")
    if any(values) and not args.csv:
        yield "--base and --test need a CSV"
    if args.axis and not any(values):
        yield "--axis needs --base and --test"
    if not 0.5 <= args.confidence < 1:
        yield f"--confidence {args.confidence:g}: at least 0.5 and below 1"
    if args.fail_above is not None and not 0 <= args.fail_above < float("inf"):
        yield f"--fail-above {args.fail_above:g}: a number of per cent, 0 or more"
    if args.benchfmt and args.fail_above is not None:
        yield "--benchfmt judges nothing: leave --fail-above away"


def run(args: argparse.Namespace) -> int:
    """Read, judge, print."""
    metric = question.metric_of(args.metric)
    sides = _sides(args)
    for one in sides.runs:
        for warning in one.warnings:
            print(f"compare: warning: {question.text.clean(warning, 400)}", file=sys.stderr)
    if args.benchfmt:
        sys.stdout.write(_benchfmt(sides, args))
        return 0
    asked = compare.Asked(metric, args.confidence, args.disturbed, args.fail_above)
    found = compare.answer(sides, asked)
    if args.json:
        sys.stdout.write(verdicts.as_json(found))
    elif args.markdown:
        sys.stdout.write(verdicts.markdown(found, args.all))
    else:
        sys.stdout.write(verdicts.plain(found, args.all))
    if args.fail_above is None:
        return 0
    print(f"compare: {verdicts.failures(found)}", file=sys.stderr)
    return 1 if found.failed() else 0


def _sides(args: argparse.Namespace) -> question.Sides:
    if args.base is not None:
        return question.one_run(args.csv, args.base, args.test, args.axis, args.across, args.where)
    base, test = args.base_runs or args.csv[:1], args.test_runs or args.csv[1:]
    return question.two_runs(base, test, args.across, args.where)


def _benchfmt(sides: question.Sides, args: argparse.Namespace) -> str:
    caution = compare.caution(question.emulated_or_debug(sides.runs))
    if sides.paired:
        frame = pd.concat([sides.base, sides.test], ignore_index=True)
        parts = [("", sides.runs, frame)]
    else:
        many = len(args.base_runs or args.csv[:1])
        parts = [("base", sides.runs[:many], sides.base),
                 ("test", sides.runs[many:], sides.test)]
    return (f"# {caution}\n" if caution else "") + benchfmt(parts, args.metric)
