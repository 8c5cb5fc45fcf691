# SPDX-License-Identifier: MIT
"""Tables of speeds from the JSON of pagecopy-gbench."""

from __future__ import annotations

import argparse
import json
import re
import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pandas as pd

from . import describe, stats, text, usage
from .load import InputError

NS = {"ns": 1.0, "us": 1e3, "ms": 1e6, "s": 1e9}
UNITS = {"": 1, "K": 1 << 10, "M": 1 << 20}
SETTING = ["align", "offset", "cache"]
COLUMNS = ("size", "strategy", "ns", "GB/s", "speed", "", "interval", "sure", "n")
HOW = ("speed: time of {base} over time of the strategy, both of the repetition with the same "
       "number in the same file, median over repetitions; above 1 the strategy is faster. Times "
       "are CPU times of the thread. ~: the interval of the median holds 1, so nothing was told "
       "apart. The interval is a pair of order statistics found by sign counting (95 % for each "
       "line alone, no normal law assumed); under 6 repetitions it is the whole range with the "
       "confidence it has, and n<6 stands where that is too little to tell. geomean: of the "
       "speeds of all sizes in a repetition, again median and interval over repetitions.")


def arguments(argv: list[str] | None) -> argparse.Namespace:
    """Of scripts/gbench-table."""
    form = usage.parser(
        "gbench-table", "Print the speed of each strategy over that of a base, for every size, "
        "and their geometric mean over a range of sizes.",
        "gbench-table user.json --base raw --from 64",
        exits="Exit: 0 done; 1 a copy was wrong; 2 usage, or a file that cannot be read.")
    form.add_argument("json", nargs="+", type=Path, metavar="JSON",
                      help="what pagecopy-gbench --benchmark_out=JSON wrote; more than one of the "
                      "same build are put together, be they of different sizes or repeated")
    form.add_argument("--base", default="memcpy", metavar="STRATEGY",
                      help="what the others are compared with (default: %(default)s)")
    form.add_argument("--from", dest="least", default="16", type=size_of, metavar="SIZE",
                      help="least size of the geometric mean (default: 16)")
    form.add_argument("--to", dest="most", default="2M", type=size_of, metavar="SIZE",
                      help="largest size of it (default: 2M)")
    form.add_argument("--markdown", action="store_true", help="tables for a document")
    return form.parse_args(argv)


def size_of(word: str) -> int:
    """64, 4K, 2M."""
    found = re.fullmatch(r"(\d+)([KM]?)", word)
    if not found:
        raise argparse.ArgumentTypeError(f"'{word}' is not a size like 64, 4K or 2M")
    return int(found[1]) * UNITS[found[2]]


def run(args: argparse.Namespace) -> int:
    """Print. 1 when a copy was wrong."""
    contexts, rows = load(args.json)
    bad = rows[rows["error"] != ""]
    rows = rows[rows["error"] == ""]
    if args.base not in set(rows["strategy"]):
        raise InputError(f"--base {text.clean(args.base)}: not measured; there is "
                         + ", ".join(sorted(set(rows["strategy"]))))
    parts = [_heading(args.json, contexts)]
    # Not in the order of execution, which is another one every time.
    for setting, here in sorted(rows.groupby(SETTING), key=lambda one: ("same" not in one[0],
                                                                       one[0])):
        table = _table(here, dict(zip(SETTING, setting)), args)
        parts.append(table.markdown() if args.markdown else table.plain())
    parts.append("\n".join(map(text.wrap, (HOW.format(base=args.base), *_footer(contexts, bad)))))
    sys.stdout.write("\n\n".join(parts) + "\n")
    return 1 if len(bad) else 0


def load(paths: list[Path]) -> tuple[list[dict], pd.DataFrame]:
    """The context of each file, and a row for every repetition."""
    contexts, rows = [], []
    for path in paths:
        context, found = _read(path)
        if contexts and context.get("pagecopy_build") != contexts[0].get("pagecopy_build"):
            raise InputError(f"{path}: of another build than {paths[0]}; what differs between "
                             "builds is for compare.py")
        rows += [{"file": len(contexts), **row} for row in found]
        contexts.append(context)
    frame = pd.DataFrame(rows)
    # Sizes of different files make one run, the second file of a size another.
    frame["run_id"] = frame.groupby([*SETTING, "size"])["file"].rank(method="dense").astype(int)
    return contexts, frame


def _read(path: Path) -> tuple[dict, list[dict]]:
    try:
        whole = json.loads(path.read_text(encoding="utf-8"))
        context = whole["context"]
        rows = [_row(one) for one in whole["benchmarks"] if one["run_type"] == "iteration"]
    except OSError as err:
        raise InputError(f"{path}: {err.strerror}") from err
    except (ValueError, KeyError, TypeError, AttributeError) as err:
        raise InputError(f"{path}: not what pagecopy-gbench --benchmark_out writes "
                         f"({type(err).__name__}: {text.clean(err)})") from err
    if not rows:
        raise InputError(f"{path}: no repetitions; measure without "
                         "--benchmark_report_aggregates_only")
    return context, rows


def _row(one: dict) -> dict:
    parts = dict(part.split(":", 1) for part in one["run_name"].split("/")[1:])
    bad = one.get("error_occurred", False)
    return {"strategy": parts["strategy"], "size": int(parts["size"]),
            **{key: parts[key] for key in SETTING}, "round": one["repetition_index"],
            "error": str(one.get("error_message", "")) or "failed" if bad else "",
            "ns": np.nan if bad else one["cpu_time"] * NS[one["time_unit"]],
            "moves": "bytes_per_second" in one}


def _heading(paths: list[Path], contexts: list[dict]) -> str:
    first = contexts[0]
    said = {key: text.clean(first.get(key, "unknown"), 50)
            for key in ("platform", "cpu", "pinned", "pagecopy_build", "date")}
    lines = [f"pagecopy-gbench on {said['platform']}, CPU {said['cpu']}, pinned {said['pinned']}, "
             f"build {said['pagecopy_build'][:12]}, {said['date']}"]
    if len(paths) > 1:
        lines.append(f"{len(paths)} files of the same build")
    if any(context.get("emulated", "no") != "no" for context in contexts):
        lines.append("!! " + describe.EMULATED)
    return "\n".join(map(text.wrap, lines))


def _table(rows: pd.DataFrame, setting: dict, args: argparse.Namespace) -> text.Table:
    names = [args.base] + sorted({*rows["strategy"]} - {args.base})
    moved = f", offset {setting['offset']}" if setting["offset"] != "0" else ""
    shown = text.Table(f"align {setting['align']}, cache {setting['cache']}{moved}: speed over "
                       f"that of {args.base} (above 1: faster)", COLUMNS, frozenset({0, 1, 5}))
    for size, here in rows.groupby("size"):
        shown.gap()
        for name in names:
            if name in set(here["strategy"]):
                shown.add(text.size(size), text.clean(name, text.NAME_MAX), *_figures(
                    here[here["strategy"] == name], here[here["strategy"] == args.base]))
    shown.gap()
    for name in names[1:]:
        _add_mean(shown, name, rows, args)
    return shown


def _figures(test: pd.DataFrame, base: pd.DataFrame) -> tuple[str, ...]:
    middle = test["ns"].median()
    moved = test["size"].iloc[0] if test["moves"].all() else np.nan
    plain = (text.number(middle), text.number(moved / middle))
    if base.empty or test["strategy"].iloc[0] == base["strategy"].iloc[0]:
        return (*plain, text.NONE, "", text.NONE, text.NONE, str(len(test)))
    return (*plain, *_ratio(stats.ratio_of(_by_round(base), _by_round(test))))


def _by_round(rows: pd.DataFrame) -> pd.Series:
    return rows.set_index(["run_id", "round"])["ns"]


def _ratio(found: stats.Ratio) -> tuple[str, ...]:
    if not found.n:
        return (text.NONE, "", text.NONE, text.NONE, "0")
    return (text.ratio(found.median), found.verdict(),
            f"{text.ratio(found.interval.low)}..{text.ratio(found.interval.high)}",
            f"{100 * found.interval.coverage:.0f}%", str(found.n))


def _add_mean(shown: text.Table, name: str, rows: pd.DataFrame,
              args: argparse.Namespace) -> None:
    """The geometric mean of a strategy over the range, and the size at its worst."""
    inside = rows[rows["size"].between(args.least, args.most)]
    sides = [inside[inside["strategy"] == one].pivot(index=["run_id", "round"], columns="size",
                                                     values="ns") for one in (args.base, name)]
    both = sides[0].columns.intersection(sides[1].columns)
    if not len(both):
        return
    means = [np.log(side[both]).mean(axis=1, skipna=False) for side in sides]
    found = stats.ratio_of(*(np.exp(mean.dropna()) for mean in _aligned(*means)))
    if not found.n:
        return
    clean = text.clean(name, text.NAME_MAX)
    shown.add(f"{text.size(min(both))}..{text.size(max(both))}", f"{clean}: geomean of {len(both)}",
              text.NONE, text.NONE, *_ratio(found))
    speeds = (sides[0][both] / sides[1][both]).median()
    shown.add(text.size(speeds.idxmin()), f"{clean}: its worst", text.NONE, text.NONE,
              text.ratio(speeds.min()), "", text.NONE, text.NONE, text.NONE)


def _aligned(one: pd.Series, other: pd.Series) -> tuple[pd.Series, pd.Series]:
    return one.align(other, join="inner")


def _footer(contexts: list[dict], bad: pd.DataFrame) -> Iterator[str]:
    for (name, why), rows in bad.groupby(["strategy", "error"]):
        yield (f"FAULT: {len(rows)} repetitions of {text.clean(name)}, left out above: "
               f"{text.clean(why)}.")
    for key in ("left_out", "perf_counters"):
        said = dict.fromkeys(text.clean(one[key].rstrip("; ")) for one in contexts if one.get(key))
        if said:
            yield f"{key.replace('_', ' ').capitalize()}: {' | '.join(said)}."
