# SPDX-License-Identifier: MIT
"""Rows in the Go benchmark data format, which benchstat and its kin read.

https://go.googlesource.com/proposal/+/master/design/14313-benchmark-format.md
"""

from __future__ import annotations

import re
from collections.abc import Iterator

import pandas as pd

from .columns import CELL, NUMBER
from .load import Run
from .question import TIME, shown

# Head lines that are alike in all runs that may be compared: benchstat makes a
# table for each value of a key, so what names a run must not be one.
_KEYS = ("platform", "kernel", "memcpy_loop", "emulated", "debug_kernel")
# What names a run goes into lines that readers pass over.
_ASIDE = ("run_id", "version", "build", "command", "seed", "ring", "pair", "precision")
# Axes at these values go without saying.
_PLAIN = {"offset": 0, "buf_offset": 0, "threads": 1, "cache": "hot", "completion": "inline",
          "batch": "all", "pages": "4k", "mutators": "none"}
# Column and the unit it is given in; lower is better for all but rates.
_UNITS = (("lat_p50_ns", "p50-ns"), ("lat_p99_ns", "p99-ns"), ("kernel_ns", "kernel-ns"))


def benchfmt(sides: list[tuple[str, list[Run], pd.DataFrame]], metric: str) -> str:
    """One line for each row, so that every round is a sample; copies and floors alike.

    @sides: name, runs, rows. More than one becomes the key pagecopy-side:
    benchstat -col pagecopy-side. Two values of an axis are in the names:
    benchstat -col /strategy.
    """
    lines = []
    for side, runs, frame in sides:
        lines += _head(runs, side if len(sides) > 1 else "")
        for nr, run in enumerate(runs):
            rows = frame[frame["source"] == nr]
            for name, part in rows.groupby("run_id", sort=False):
                lines += ["", *_aside(run, name)]
                lines += _results(part.sort_values("round", kind="stable"), metric)
        lines.append("")
    return "\n".join(lines)


def _head(runs: list[Run], side: str) -> Iterator[str]:
    meta = runs[0].meta
    yield "goos: linux"
    yield "pkg: pagecopy"
    named = [("cpu", meta.get("cpu_model", "")), ("pagecopy-side", side)]
    named += [(f"pagecopy-{key.replace('_', '-')}", meta.get(key, "")) for key in _KEYS]
    yield from (f"{key}: {_value(value)}" for key, value in named if _value(value))


def _aside(run: Run, run_id: str) -> Iterator[str]:
    meta = {**run.meta, "run_id": run_id}
    yield from (f"# {key}: {_value(meta[key])}" for key in _ASIDE if _value(meta.get(key, "")))


def _results(rows: pd.DataFrame, metric: str) -> Iterator[str]:
    extra = [(metric, metric.replace("_", "-"))] if metric in NUMBER and metric not in (
        TIME, "ops_per_s", "gb_per_s", *(name for name, _ in _UNITS)) else []
    for row in rows.to_dict("records"):
        if not row["ops_per_s"] > 0:
            continue
        count = int(row["ops"]) if row["ops"] >= 1 else 1
        values = [f"{1e9 / row['ops_per_s']:.6g} ns/op"]
        if row["gb_per_s"] > 0:
            values.append(f"{1000 * row['gb_per_s']:.6g} MB/s")
        values += [f"{row[column]:.6g} {unit}" for column, unit in (*_UNITS, *extra)
                   if row[column] == row[column]]
        yield f"{_name(row)} {count} {' '.join(values)}"


def _name(row: dict) -> str:
    parts = [f"{axis}={_word(shown(axis, row[axis]))}" for axis in CELL if _said(axis, row[axis])]
    # What follows the last dash is GOMAXPROCS to its readers.
    threads = int(row["threads"]) if row["threads"] >= 1 else 1
    return f"BenchmarkPagecopy/{'/'.join(parts)}-{threads}"


def _said(axis: str, value: object) -> bool:
    if value != value or value in ("", "none"):
        return False
    return _PLAIN.get(axis) != value


def _word(value: str) -> str:
    """A value without blanks and without what parts names."""
    return re.sub(r"[\s/=]+", "_", value)


def _value(value: object) -> str:
    return " ".join("".join(c if c.isprintable() or c.isspace() else "?"
                            for c in str(value)).split())
