# SPDX-License-Identifier: MIT
"""A made-up page with every kind of chart. Nothing made here is ever a result."""

from __future__ import annotations

import math
import random

import conftest  # noqa: F401  (makes the package importable)
from pagecopy_report.drawing import Axis, Band, Chart, Panel, Series, plain

SIZES = (64, 256, 1024, 4096, 16384, 65536, 262144, 2097152)
DEPTHS = (1, 4, 16, 64)
NAMES = ("raw", "bytewise_atomic", "memcpy", "bytes", "words", "movsb")
RATES = (11.0, 10.9, 11.1, 1.6, 7.0, 14.0)
HOSTILE = (
    '<img src=x onerror="window.ran=1">', "</script><script>window.ran=2</script>",
    "\"'><svg onload=window.ran=3>", "javascript:window.ran=4", "<!--", "=cmd|' /C calc'!A0",
    "{{scripts}} \u2028 \u202e txt",
)
SIZE_AXIS = Axis("bytes per copy", "size", "log")
DEPTH_AXIS = Axis("commands in flight", "count", "log")
TIME_AXIS = Axis("service time", "time", "log")
SPEED_AXIS = Axis("GB/s", "plain", "log")
FIRST = {"path": "uring", "op": "read", "buffer": "fixed", "completion": "inline", "place": "1"}


def lines(name, x, y, xs, value, **more):
    """A chart of medians with quartiles: read, write, and one more buffer."""
    panels = []
    for nr, (op, buffer) in enumerate((("read", "fixed"), ("write", "fixed"), ("read", "user"))):
        series = []
        for strategy, rate in zip(NAMES, RATES):
            ys = tuple(value(one, rate, nr) for one in xs)
            series.append(Series(strategy, "copy", tuple(map(float, xs)), ys,
                                 tuple(0.93 * one for one in ys),
                                 tuple(1.08 * one for one in ys),
                                 note=tuple("10 rounds" for _ in ys)))
        series.append(Series("op touch", "floor", tuple(map(float, xs)),
                             tuple(2.5 * value(one, 12, nr) for one in xs)))
        panels.append(Panel(f"{op} through io_uring", f"uring, {buffer}, inline, depth 1",
                            {**FIRST, "op": op, "buffer": buffer, "depth": 1},
                            tuple(series), first=nr < 2))
    return Chart(name, f"{name.replace('-', ' ').capitalize()} of one copy", "lines", x, y,
                 tuple(panels), ("Platform made up; medians over 10 rounds, bands hold the middle "
                                 "half of them.", "Noise floor 1.2 % (A/A control)."),
                 **more)


def throughput():
    return lines("throughput", SIZE_AXIS, SPEED_AXIS, SIZES,
                 lambda size, rate, nr: size / (30 + 10 * nr + size / rate))


def depth_latency():
    return lines("depth-latency", DEPTH_AXIS, TIME_AXIS, DEPTHS,
                 lambda depth, rate, nr: (900 + 4096 / rate + 50 * nr) * depth ** 0.9,
                 left_out=("movnti",))


def percentiles():
    names = ("50", "90", "99", "99.9", "max")
    x = Axis("percentile", "plain", "category", names)
    series = tuple(Series(name, "copy", (0.0, 1.0, 2.0, 3.0, 4.0),
                          tuple(4096 / rate * 1.9 ** at + 300 for at in range(5)))
                   for name, rate in zip(NAMES, RATES))
    panel = Panel("all commands", "uring, read, 4K, fixed, depth 1", {**FIRST, "size": 4096},
                  series)
    return Chart("latency", "Service time by percentile", "lines", x, TIME_AXIS, (panel,))


def forest():
    cells = tuple(f"read {size} depth {depth}" for size in ("64", "4K", "64K", "2M")
                  for depth in (1, 64))
    rng = random.Random(3)
    ratios = [1 + 0.04 * rng.uniform(-1, 1) for _ in cells]
    series = Series("bytewise_atomic", "copy", tuple(ratios), tuple(map(float, range(len(cells)))),
                    tuple(one - 0.012 for one in ratios), tuple(one + 0.015 for one in ratios),
                    note=tuple("~ noise" if abs(one - 1) < 0.02 else "differs" for one in ratios))
    twin = Series("raw.twin", "control", (1.004,), (1.0,), (0.99,), (1.01,))
    panel = Panel("bytewise_atomic over raw", "uring, fixed, inline", dict(FIRST),
                  (series, twin), (Band("A/A control", 0.985, 1.017),))
    return Chart("ratio", "Ratio to raw, with intervals", "forest",
                 Axis("time over that of raw", "plain", "log"),
                 Axis("", "plain", "category", cells), (panel,),
                 ("Intervals of 95 %, corrected for 8 cells; the band is the A/A control.",))


def cost():
    modes = ("uring fixed inline", "uring user inline", "uring fixed task", "ioctl")
    parts = {"ring floor": (180, 180, 180, 0), "command": (60, 60, 240, 90),
             "map and pin": (40, 210, 40, None), "copy": (370, 375, 371, 372)}
    series = tuple(Series(name, "part", (0.0, 1.0, 2.0, 3.0),
                          tuple(None if one is None else float(one) for one in times))
                   for name, times in parts.items())
    panel = Panel("read, 4K", "depth 1, raw", {"op": "read", "size": 4096, "place": "1"}, series)
    return Chart("cost", "What one copy costs, part by part", "bars",
                 Axis("mode", "plain", "category", modes), Axis("time", "time", "linear"),
                 (panel,), legend="part")


def rounds():
    rng = random.Random(5)
    series = tuple(Series(name, "copy", tuple(map(float, range(40))),
                          tuple(4096 / rate * rng.lognormvariate(0, 0.02) for _ in range(40)),
                          note=tuple("disturbed" if one == 7 else "" for one in range(40)))
                   for name, rate in zip(NAMES[:3], RATES))
    panel = Panel("read, 4K", "uring, fixed, depth 1", {**FIRST, "size": 4096}, series)
    return Chart("rounds", "Every round", "dots", Axis("round", "count", "linear"),
                 Axis("time of a copy", "time", "linear"), (panel,))


def tear():
    finest = ("whole", "64", "8", "1")
    shares = ((0.9, 0.05, 0.05, 0.0), (0.88, 0.07, 0.05, 0.0), (0.1, 0.1, 0.1, 0.7))
    series = tuple(Series(name, "part", (0.0, 1.0, 2.0), tuple(row[nr] for row in shares))
                   for nr, name in enumerate(finest))
    panel = Panel("read", "uring, 4K, thread", {"path": "uring", "op": "read", "place": "1"},
                  series)
    return Chart("tear", "How finely copies of a changing source were torn", "histogram",
                 Axis("strategy", "plain", "category", ("raw", "bytewise_atomic", "bytes")),
                 Axis("share of the copies", "plain", "linear"), (panel,), legend="finest tear")


def heat():
    places = [(float(size), float(depth)) for size in SIZES for depth in DEPTHS]
    panels = tuple(Panel(name, "uring, read, fixed", {**FIRST, "strategy": name},
                         (Series(name, "copy", tuple(x for x, _ in places),
                                 tuple(y for _, y in places),
                                 value=tuple(x / (30 / y + x / rate) for x, y in places)),))
                   for name, rate in zip(NAMES[:3], RATES))
    return Chart("heat", "Throughput by size and depth", "heat", SIZE_AXIS, DEPTH_AXIS, panels,
                 value=Axis("GB/s", "plain", "log"))


def empty():
    """No panel; and a panel with nothing but gaps."""
    none = Series("raw", "copy", (1.0, 2.0), (None, math.nan), (None, None), (None, None))
    return [Chart("no-panel", "A chart of nothing", "lines", SIZE_AXIS, SPEED_AXIS, ()),
            Chart("gaps", "A chart of gaps", "lines", SIZE_AXIS, SPEED_AXIS,
                  (Panel("gaps", "nothing here", {}, (none,)),
                   Panel("no series", "", {}, ()),))]


def hostile():
    """Names that would run, and names as long as they come."""
    series = tuple(Series(name, "copy", (64.0, 4096.0), (nr + 1.0, nr + 2.0),
                          note=(name, name)) for nr, name in enumerate(HOSTILE))
    panel = Panel(HOSTILE[0], HOSTILE[1], {**FIRST, "path": HOSTILE[2]}, series,
                  (Band(HOSTILE[3], 1.0, 1.5),))
    return Chart("hostile", HOSTILE[1] + "x" * 200, "lines", SIZE_AXIS, SPEED_AXIS, (panel,),
                 (HOSTILE[0],), (HOSTILE[4],), left_out=HOSTILE)


def charts():
    return [throughput(), percentiles(), depth_latency(), cost(), forest(), rounds(), tear(),
            heat()]


def cells(count=400):
    """Rows whose numbers do not sort as text does."""
    keys = ("path", "op", "strategy", "size", "depth", "buffer", "completion", "gb_per_s",
            "lat_p50_ns", "notes")
    numbers = {"size": "size", "depth": "count", "gb_per_s": "plain", "lat_p50_ns": "time"}
    columns = [{"key": key, "label": key.replace("_", " "), "number": key in numbers,
                "format": numbers.get(key, "text")} for key in keys]
    rows = []
    for nr in range(count):
        size = SIZES[nr % len(SIZES)]
        rows.append(["uring" if nr % 3 else "user", ("read", "write")[nr % 2],
                     NAMES[nr % len(NAMES)], size, DEPTHS[nr % 4], ("fixed", "user")[nr % 5 == 0],
                     "inline", None if nr % 11 == 0 else round(0.5 + (nr * 7919 % 1000) / 9, 6),
                     1000.0 + nr, None if nr % 4 else f"note {nr}, with \"quotes\""])
    return {"columns": columns, "rows": rows, "said": "One row for each cell, medians of rounds."}


def front(**place):
    table = {"title": "Fastest safe copy by size", "columns": ["size", "best", "GB/s", "to raw"],
             "numeric": [2, 3], "notes": ["Over raw, paired by round; noise floor 1.2 %."],
             "rows": [["64", "bytewise_atomic", "4.10", "1.002 (0.99 to 1.01)"],
                      ["4K", "bytewise_atomic", "10.4", "0.998 (0.99 to 1.01)"],
                      ["2M", "movsb", "13.8", "0.801 (0.79 to 0.82)"]]}
    base = {"name": "made-up host, User-Mode Linux 6.12", "loud": [], "warnings": [
        "doctor: the CPU may change its frequency (governor powersave)"],
        "notes": ["The noise floor is the spread of two identical copies."],
        "tables": [table], "facts": [["cpu", "Imaginary CPU @ 1.00GHz"], ["kernel", "6.12.0"],
                                     ["command", "pagecopy run --quick"]]}
    return {"question": "What does a copy cost that is safe while user space changes the page?",
            "answer": "Nothing that can be measured: bytewise_atomic takes 1.002 times as long as "
                      "raw at 4K (0.995 to 1.009; noise 1.2 %).",
            "places": [{**base, **place}]}


def data(**parts):
    """What html.page takes; @parts replace those of a page that is as it should be."""
    base = {"title": "pagecopy: made-up host", "front": front(), "cells": cells(),
            "charts": [plain(chart) for chart in charts()],
            "checks": [{"title": "hyperfine", "columns": ["cell", "ours", "hyperfine"],
                        "numeric": [1, 2], "rows": [["raw 4K", "1.20 µs", "1.19 µs"]],
                        "notes": ["They agree within their intervals."]}]}
    return {**base, **parts}


def hostile_data():
    table = {"title": HOSTILE[0], "columns": list(HOSTILE), "numeric": [],
             "rows": [list(HOSTILE)], "notes": list(HOSTILE)}
    place = {"name": HOSTILE[1], "loud": list(HOSTILE), "warnings": list(HOSTILE),
             "notes": list(HOSTILE), "tables": [table], "facts": [[one, one] for one in HOSTILE]}
    columns = [{"key": key, "label": key, "number": False, "format": "text"}
               for key in ("path", *HOSTILE)]
    rows = [[HOSTILE[2], *HOSTILE], ["uring", *reversed(HOSTILE)]]
    return {"title": HOSTILE[1], "checks": [table],
            "front": {"question": HOSTILE[0], "answer": HOSTILE[1], "places": [place, place]},
            "charts": [plain(chart) for chart in (hostile(), *empty(), throughput())],
            "cells": {"columns": columns, "rows": rows, "said": HOSTILE[0]}}
