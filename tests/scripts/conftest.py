# SPDX-License-Identifier: MIT
"""Made-up result files for tests. Nothing made here is ever a result."""

from __future__ import annotations

import csv
import io
import random
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path

import pytest

sys.dont_write_bytecode = True
SCRIPTS = Path(__file__).resolve().parents[2] / "scripts"
sys.path.insert(0, str(SCRIPTS))

COLUMNS = (
    "schema,run_id,round,order,platform,path,op,strategy,size,offset,depth,buffer,completion,"
    "ring,cache,threads,rate,ops,bytes,seconds,ops_per_s,gb_per_s,lat_mean_ns,lat_p50_ns,"
    "lat_p90_ns,lat_p99_ns,lat_p999_ns,lat_max_ns,kernel_ns,cycles_user,cycles_kernel,"
    "instructions_kernel,completed_inline,completed_task,completed_iowq,errors,verified,notes,"
    "lat_batch,kernel_cmd_ns,buffers,completed_work,completed_poll,"
    "pages,buf_offset,batch").split(",")

# What a file has beside them since cells have a control and stop by themselves.
NEWER = (
    "stop,turns,kernel_ns_user,instructions_user,llc_misses_user,llc_misses_kernel,"
    "dtlb_misses_user,dtlb_misses_kernel,page_faults,context_switches,cpu_migrations,rate_kept,"
    "resp_mean_ns,resp_p50_ns,resp_p90_ns,resp_p99_ns,resp_p999_ns,resp_max_ns,preempted,"
    "interrupts,steal_ns,cpu_mhz,disturbed").split(",")
ALL = [*COLUMNS, *NEWER]

META = {
    "schema": "1", "run_id": "made-up", "seed": "7", "platform": "uml", "emulated": "no",
    "kernel": "6.12.0-made-up #1 SMP", "memcpy_loop": "unrolled", "cpu": "1",
    "cpu_model": "Imaginary CPU @ 1.00GHz", "ring": "asked auto; granted coop",
    "empty": "rate, cycles_user, cycles_kernel, instructions_kernel: not in this version",
}

# ns a copy takes before its first byte, and bytes it moves in a ns after that.
SPEEDS = {
    "raw": (3, 11), "bytewise_atomic": (4, 10.9), "memcpy": (4, 11), "bytes": (2, 1.6),
    "words": (3, 7), "movsb": (18, 14),
}
FLOOR_NS = {"nop": 22000, "null": 24500, "op nop": 25000, "touch": 25800}
SIZES = [64 << (2 * i) for i in range(8)] + [2 << 20]


def row(**values) -> dict:
    """One row of the contract; what is not given has a plain value."""
    base = dict.fromkeys(COLUMNS, "")
    base.update(schema=1, run_id="made-up", round=1, order=1, platform="uml", path="uring",
                op="read", strategy="raw", size=4096, offset=0, depth=1, buffer="fixed",
                completion="inline", ring="coop", cache="hot", threads=1, ops=1000,
                seconds=0.05, ops_per_s=1000, gb_per_s=0.1, lat_p50_ns=500, lat_p99_ns=900,
                kernel_ns=100, errors=0, verified=1, lat_batch=1, buffers=4, pages="4k",
                buf_offset=0, batch="all")
    base.update(values)
    return base


def series(values: Iterable, column: str = "kernel_ns", **fixed) -> list[dict]:
    """One cell: a row for each round, @column as given."""
    return [row(**{"round": nr, column: value, **fixed}) for nr, value in enumerate(values)]


def write(path: Path, rows: Iterable[dict], meta: dict | None = None,
          columns: Iterable[str] = COLUMNS) -> Path:
    """A file as `pagecopy run` would write it."""
    out = io.StringIO()
    for key, value in (META if meta is None else meta).items():
        out.write(f"#{key}: {value}\n")
    table = csv.DictWriter(out, list(columns), extrasaction="ignore", lineterminator="\n")
    table.writeheader()
    table.writerows(rows)
    path.write_text(out.getvalue(), encoding="utf-8")
    return path


class Maker:
    """Rows of a whole run with the shape of a real one; the seed fixes them."""

    def __init__(self, seed: int = 1, rounds: int = 5, platform: str = "uml") -> None:
        self.rng = random.Random(seed)
        self.rounds = rounds
        self.slow = 1.0 if platform == "uml" else 0.02
        self.platform = platform

    def run(self, strategies=tuple(SPEEDS), sizes=tuple(SIZES), depths=(1, 8, 64), ops=("read",),
            buffers=("fixed",), paths=("uring", "user"), floors=True) -> list[dict]:
        """Every cell in every round, shuffled."""
        rows = []
        for nr in range(self.rounds):
            cells = list(self._copies(strategies, sizes, depths, ops, buffers, paths))
            if floors:
                cells += self._floors(sizes, depths, buffers)
            self.rng.shuffle(cells)
            for order, cell in enumerate(cells):
                rows.append(row(platform=self.platform, round=nr, order=order, **cell))
        return rows

    def _copies(self, strategies, sizes, depths, ops, buffers, paths):
        for name in strategies:
            start, rate = SPEEDS.get(name, (5, 4 + len(name) / 3))
            for size in sizes:
                cold = 1 + size / (3 << 20)
                copy = start + size / rate * cold
                for op in ops:
                    for depth in depths:
                        for buffer in buffers if "uring" in paths else ():
                            way = FLOOR_NS["touch"] * self.slow
                            yield self._cell("uring", op, name, size, depth, buffer, way, copy)
                    if "user" in paths:
                        yield self._cell("user", op, name, size, 1, "user", 4, copy)

    def _floors(self, sizes, depths, buffers):
        cells = []
        for depth in depths:
            for path in ("nop", "null"):
                cells.append(self._cell(path, "nop", "nop", 0, depth, "none",
                                        FLOOR_NS[path] * self.slow, 0))
            cells.append(self._cell("uring", "nop", "nop", 0, depth, "none",
                                    FLOOR_NS["op nop"] * self.slow, 0))
            for size in sizes:
                for buffer in buffers:
                    cells.append(self._cell("uring", "touch", "nop", size, depth, buffer,
                                            FLOOR_NS["touch"] * self.slow, 0))
        return cells

    def _cell(self, path, op, strategy, size, depth, buffer, way, copy) -> dict:
        jitter = self.rng.lognormvariate(0, 0.012)
        each = (way * (0.15 + 0.85 / depth) + copy) * jitter
        p50 = each * depth * self.rng.lognormvariate(0, 0.01)
        copied = size if copy else 0
        timed = path == "uring" and copy
        return {
            "path": path, "op": op, "strategy": strategy, "size": size, "depth": depth,
            "buffer": buffer, "ops": int(5e7 / each), "ops_per_s": 1e9 / each,
            "bytes": int(5e7 / each) * copied, "gb_per_s": copied / each,
            "lat_mean_ns": p50 * 1.05, "lat_p50_ns": p50, "lat_p90_ns": p50 * 1.2,
            "lat_p99_ns": p50 * 2.1 * self.rng.lognormvariate(0, 0.1),
            "lat_p999_ns": p50 * 5 * self.rng.lognormvariate(0, 0.3), "lat_max_ns": p50 * 12,
            "kernel_ns": copy * self.rng.lognormvariate(0, 0.01) if timed else "",
            "completed_inline": int(5e7 / each) if path != "user" else "",
            "completed_task": 0, "completed_iowq": 0,
            "completed_work": 0, "completed_poll": 0,
            "verified": 1, "pages": "4k" if size else "none",
            "batch": "none" if path == "user" else "all",
        }


def command(name: str, *args, cwd: Path | None = None) -> subprocess.CompletedProcess:
    """Run scripts/NAME as a user would."""
    return subprocess.run([str(SCRIPTS / name), *map(str, args)], cwd=cwd, text=True,
                          capture_output=True, timeout=60, check=False)


@pytest.fixture
def made(tmp_path):
    """A small file with everything in it."""
    rows = Maker(rounds=6).run(("raw", "bytewise_atomic", "bytes"), (64, 4096, 65536), (1, 8))
    return write(tmp_path / "results.csv", rows)
