# SPDX-License-Identifier: MIT
"""scripts/trace, second half: the kernel's histogram beside the driver's percentiles."""

from __future__ import annotations

import argparse
import csv
import json
import math
import sys
from pathlib import Path
from statistics import median

PERCENTILES = (("p50", 0.5), ("p90", 0.9), ("p99", 0.99), ("p99.9", 0.999))
BAR = 40

Buckets = list[tuple[int, int, int]]


class Unusable(Exception):
    """Nothing can be said from these files."""


def buckets(text: str) -> Buckets:
    """(first ns, width, requests) from the output of bpftrace -f json, in order."""
    found: Buckets = []
    for line in text.splitlines():
        try:
            said = json.loads(line)
        except ValueError:
            continue
        if not isinstance(said, dict) or said.get("type") != "map":
            continue
        for key, count in said["data"].get("@ns", {}).items():
            first, width = (int(word) for word in key.split(","))
            found.append((first, width, int(count)))
    if not found:
        raise Unusable("bpftrace has seen no request; in a PID namespace it does not know the "
                       "program's number")
    return sorted(found)


def quantile(counted: Buckets, share: float) -> tuple[int, int]:
    """The bucket that this share of the requests is at or below, as its two bounds."""
    rank = math.ceil(share * sum(count for _, _, count in counted))
    seen = 0
    for first, width, count in counted:
        seen += count
        if seen >= rank:
            return first, first + width
    raise ValueError("no requests")


def octaves(counted: Buckets) -> list[tuple[int, int]]:
    """(lower bound, requests) by power of two, without gaps."""
    sums: dict[int, int] = {}
    for first, _, count in counted:
        power = max(first, 1).bit_length() - 1
        sums[power] = sums.get(power, 0) + count
    return [(1 << power, sums.get(power, 0)) for power in range(min(sums), max(sums) + 1)]


def driver(path: Path) -> dict[str, float]:
    """Median over the rows of each percentile of results.csv, in ns."""
    with open(path, encoding="utf-8") as file:
        rows = list(csv.DictReader(line for line in file if not line.startswith("#")))
    found = {}
    for name, _ in PERCENTILES:
        column = f"lat_{name.replace('.', '')}_ns"
        values = [float(row[column]) for row in rows if row.get(column)]
        if not values:
            raise Unusable(f"{path}: no {column}")
        found[name] = median(values)
    return found


def histogram(counted: Buckets) -> list[str]:
    """A line for each power of two."""
    rows = octaves(counted)
    most = max(count for _, count in rows)
    return [f"{low:>10} to {2 * low - 1:<10} {count:>9}  {'#' * round(BAR * count / most)}".rstrip()
            for low, count in rows]


def table(counted: Buckets, traced: dict[str, float], alone: dict[str, float]) -> list[str]:
    """Percentiles side by side."""
    out = [f"{'ns':8} {'kernel: submit to completion':>30} {'program, traced':>16} "
           f"{'program, not traced':>20}"]
    for name, share in PERCENTILES:
        low, high = quantile(counted, share)
        out.append(f"{name:8} {f'{low} to {high - 1}':>30} {traced[name]:>16.0f} "
                   f"{alone[name]:>20.0f}")
    return out


def main(argv: list[str] | None = None) -> int:
    """Called by scripts/trace only."""
    parser = argparse.ArgumentParser(prog="trace")
    parser.add_argument("folder", type=Path, help="with trace.json, results.csv, alone.csv")
    folder = parser.parse_args(argv).folder
    try:
        counted = buckets((folder / "trace.json").read_text(encoding="utf-8", errors="replace"))
        lines = [f"{sum(count for _, _, count in counted)} requests in the slices, ns from submit "
                 "to completion in the kernel:", "", *histogram(counted), "",
                 *table(counted, driver(folder / "results.csv"), driver(folder / "alone.csv"))]
    except (Unusable, OSError) as error:
        print(f"trace: {error}", file=sys.stderr)
        return 1
    print("\n".join(lines))
    return 0


if __name__ == "__main__":
    sys.exit(main())
