#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Which interval to believe: each method on made-up laws and on rows of real runs.

USAGE: methods.py [--trials N] [--seed N] [--csv OUT.csv] [RESULTS.csv...]
   eg, tests/calibration/methods.py results/long/results.csv

methods.csv holds the rows of --trials 1000, with a run of 600 rounds of the
paths user, null and nop on a virtual machine that others share.

Three questions, a table each: rounds that pair, two runs, several runs a side.
Columns: how often the interval of 95 % held the truth, its width over that of
the first method, and how often two alike were told apart at 5 % and at 0.1 %,
the level that Holm's correction asks of the first of 50 cells.

Real rows serve as laws, in windows of neighbouring rounds. Rounds that pair: the
truth is the median ratio of the whole run. Two runs: two windows of one run.
"""

from __future__ import annotations

import argparse
import csv
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
from scipy import special
from scipy import stats as laws

sys.dont_write_bytecode = True
sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "scripts"))

from pagecopy_report import cells, infer, unit  # noqa: E402
from pagecopy_report.columns import CELL  # noqa: E402
from pagecopy_report.infer import Found  # noqa: E402
from pagecopy_report.load import load_all, pool  # noqa: E402

SURE = 0.95
RESAMPLES = 1000
Draw = Callable[[np.random.Generator, int], np.ndarray]
Judged = tuple[Found, float]


# Laws of the noise of a round, the median at 0.

def _normal(rng, n):
    return rng.normal(0, 1, n)


def _skewed(rng, n):
    return np.exp(rng.normal(0, 1, n)) - 1


def _spoilt(rng, n):
    """15 % of the rounds were disturbed, either side alike."""
    return np.where(rng.random(n) < 0.15, rng.normal(0, 10, n), rng.normal(0, 1, n))


def _one_sided(rng, n):
    """15 % of the rounds were disturbed on one side only."""
    hit = rng.random(n) < 0.15
    return np.where(hit, 8 + rng.exponential(3, n), rng.normal(0, 1, n)) - 0.2230


def _two_modes(rng, n):
    return np.where(rng.random(n) < 0.3, rng.normal(6, 1, n), rng.normal(0, 1, n)) - 0.5659


def _chained(weight: float) -> Draw:
    """Each round remembers the one before it."""
    def draw(rng, n):
        noise = rng.normal(0, np.sqrt(1 - weight ** 2), n)
        noise[0] = rng.normal()
        for at in range(1, n):
            noise[at] += weight * noise[at - 1]
        return noise
    return draw


def _stopped(rng, n):
    """Measured until the interval was narrow, as --precision does: 10 to @n rounds."""
    values = rng.normal(0, 1, n)
    for end in range(10, n):
        found = infer.sign_interval(values[:end], SURE)
        if found.high - found.low < 1.0:
            return values[:end]
    return values


LAWS: dict[str, Draw] = {
    "normal": _normal, "skewed": _skewed, "disturbed": _spoilt,
    "disturbed, one side": _one_sided, "two modes": _two_modes,
    "chained 0.3": _chained(0.3), "chained 0.6": _chained(0.6), "stopped early": _stopped,
}


# Rounds that pair: one list of log ratios.

def signed_rank(x: np.ndarray) -> Judged:
    """Wilcoxon's test; Hodges' and Lehmann's interval, which inverts it."""
    n = len(x)
    i, j = np.triu_indices(n)
    means = np.sort((x[i] + x[j]) / 2)
    spread = np.sqrt(n * (n + 1) * (2 * n + 1) / 24)
    k = int(max(np.floor(n * (n + 1) / 4 - special.ndtri((1 + SURE) / 2) * spread), 1))
    found = Found(float(np.median(means)), float(means[k - 1]), float(means[-k]), SURE)
    return found, float(laws.wilcoxon(x).pvalue)


def _by_sign(x, _rng) -> Judged:
    return infer.sign_interval(x, SURE), infer.sign_p(x)


def _by_sign_chained(x, _rng) -> Judged:
    worth = infer.chain(x)
    return infer.sign_interval(x, SURE, worth), infer.sign_p(x, 0.0, worth)


def _by_signed_rank(x, _rng) -> Judged:
    return signed_rank(x)


def _resampled(middles: np.ndarray, middle: float) -> Judged:
    low, high = np.quantile(middles, [(1 - SURE) / 2, (1 + SURE) / 2])
    below = ((middles <= 0).sum() + 1) / (len(middles) + 1)
    above = ((middles >= 0).sum() + 1) / (len(middles) + 1)
    return Found(middle, low, high, SURE), min(1.0, 2 * min(below, above))


def _by_bootstrap(x, rng) -> Judged:
    drawn = x[rng.integers(0, len(x), (RESAMPLES, len(x)))]
    return _resampled(np.median(drawn, axis=1), float(np.median(x)))


def _by_student(x, _rng) -> Judged:
    return infer.student_interval(x, None, SURE), infer.student_p(x, None)


PAIRED = {"sign": _by_sign, "sign, chained [used]": _by_sign_chained,
          "signed rank": _by_signed_rank, "bootstrap": _by_bootstrap,
          "Student (naive)": _by_student}


# Two runs: a list a side, in the order of time.

def _segments(x: np.ndarray, most: int = 10) -> np.ndarray:
    return infer.segments(x, most)


def _ranked_rounds(a, b, _rng) -> Judged:
    return infer.rank_sum_interval(b, a, SURE), infer.rank_sum_p(b, a)


def _ranked_segments(a, b, rng) -> Judged:
    return _ranked_rounds(_segments(a), _segments(b), rng)


def _ranked_chained(a, b, _rng) -> Judged:
    pair = unit.TwoRuns(b, a)
    return pair.interval(SURE), pair.p()


def _ranked_five(a, b, rng) -> Judged:
    return _ranked_rounds(_segments(a, 5), _segments(b, 5), rng)


def _student_segments(a, b, _rng) -> Judged:
    a, b = _segments(a), _segments(b)
    return infer.student_interval(b, a, SURE), infer.student_p(b, a)


def _blocks(x: np.ndarray, rng) -> np.ndarray:
    """Medians of @x put together again from blocks of neighbours."""
    n = len(x)
    length = max(1, round(np.sqrt(n)))
    starts = rng.integers(0, n - length + 1, (RESAMPLES, -(-n // length)))
    at = (starts[:, :, None] + np.arange(length)).reshape(RESAMPLES, -1)[:, :n]
    return np.median(x[at], axis=1)


def _block_bootstrap(a, b, rng) -> Judged:
    return _resampled(_blocks(b, rng) - _blocks(a, rng), float(np.median(b) - np.median(a)))


def _welch_rounds(a, b, _rng) -> Judged:
    return infer.student_interval(b, a, SURE), infer.student_p(b, a)


TWO_RUNS = {"ranks of rounds": _ranked_rounds, "ranks of 10 segments": _ranked_segments,
            "ranks of 5 segments": _ranked_five,
            "ranks, chained [used]": _ranked_chained, "Student, 10 segments": _student_segments,
            "block bootstrap": _block_bootstrap, "Welch (naive)": _welch_rounds}


# Several runs a side: a list of lists a side.

def _all_rounds(a, b, rng) -> Judged:
    return _ranked_rounds(a.ravel(), b.ravel(), rng)


def _ranked_runs(a, b, rng) -> Judged:
    return _ranked_rounds(np.median(a, axis=1), np.median(b, axis=1), rng)


def _student_runs(a, b, _rng) -> Judged:
    a, b = np.median(a, axis=1), np.median(b, axis=1)
    return infer.student_interval(b, a, SURE), infer.student_p(b, a)


def _runs_then_rounds(x: np.ndarray, rng) -> np.ndarray:
    runs, n = x.shape
    which = rng.integers(0, runs, (RESAMPLES, runs))
    rounds = rng.integers(0, n, (RESAMPLES, runs, n))
    return np.median(x[which[:, :, None], rounds], axis=2).mean(axis=1)


def _hierarchical(a, b, rng) -> Judged:
    middle = float(np.median(b, axis=1).mean() - np.median(a, axis=1).mean())
    return _resampled(_runs_then_rounds(b, rng) - _runs_then_rounds(a, rng), middle)


RUNS = {"Student on runs [used]": _student_runs, "ranks of runs": _ranked_runs,
        "runs, then rounds resampled": _hierarchical, "all rounds (naive)": _all_rounds}


def _run_laws() -> dict[str, Draw]:
    return {"alike": lambda rng, n: np.zeros(n), "normal": lambda rng, n: rng.normal(0, 0.5, n),
            "skewed": lambda rng, n: 0.5 * (np.exp(rng.normal(0, 1, n)) - 1),
            "two modes": lambda rng, n: np.where(rng.random(n) < 0.3, 3.0, 0.0)}


class Score:
    """Counts of one method on one law."""

    def __init__(self) -> None:
        self.trials = self.held = self.false = self.very_false = 0
        self.width = 0.0

    def take(self, judged: Judged, truth: float) -> None:
        """Count one trial."""
        found, p = judged
        self.trials += 1
        self.held += found.low <= truth <= found.high
        self.width += found.high - found.low
        self.false += p <= 1 - SURE
        self.very_false += p <= 0.001


def paired(rng, trials: int, real: dict[str, np.ndarray]) -> Iterator[tuple]:
    """Rows of the table for rounds that pair."""
    laws = dict(LAWS)
    for name, values in real.items():
        laws[f"real: {name}"] = _windows(values)
    for law, draw in laws.items():
        for n in (10, 20, 40):
            scores = {name: Score() for name in PAIRED}
            for _ in range(trials):
                x = draw(rng, n)
                for name, method in PAIRED.items():
                    scores[name].take(method(x, rng), 0.0)
            yield from _lines("paired", law, n, scores)


def two_runs(rng, trials: int, real: dict[str, np.ndarray]) -> Iterator[tuple]:
    """Rows of the table for one run a side."""
    laws = {name: LAWS[name] for name in ("normal", "skewed", "disturbed, one side", "two modes",
                                          "chained 0.3", "chained 0.6")}
    laws["drift"] = lambda rng, n: _normal(rng, n) + np.linspace(-1, 1, n) * rng.choice((-1, 1))
    for name, values in real.items():
        laws[f"real: {name}"] = _windows(values, centred=False)
    for law, draw in laws.items():
        scores = {name: Score() for name in TWO_RUNS}
        for _ in range(trials):
            a, b = draw(rng, 40), draw(rng, 40)
            for name, method in TWO_RUNS.items():
                scores[name].take(method(a, b, rng), 0.0)
        yield from _lines("two runs", law, 40, scores)


def several_runs(rng, trials: int) -> Iterator[tuple]:
    """Rows of the table for several runs a side; @n is their number."""
    for law, draw in _run_laws().items():
        for runs in (3, 5, 10):
            scores = {name: Score() for name in RUNS}
            for _ in range(trials):
                a, b = (draw(rng, runs)[:, None] + rng.normal(0, 1, (runs, 40))
                        for _ in range(2))
                for name, method in RUNS.items():
                    scores[name].take(method(a, b, rng), 0.0)
            yield from _lines("several runs", law, runs, scores)


def _windows(values: np.ndarray, centred: bool = True) -> Draw:
    values = values - np.median(values) if centred else values

    def draw(rng, n):
        start = rng.integers(0, len(values) - n + 1)
        return values[start:start + n]
    return draw


def _lines(question: str, law: str, n: int, scores: dict[str, Score]) -> Iterator[tuple]:
    first = next(iter(scores.values())).width or 1.0
    for method, s in scores.items():
        yield (question, law, n, method, s.trials, round(100 * s.held / s.trials, 1),
               round(s.width / first, 2), round(100 * s.false / s.trials, 2),
               round(100 * s.very_false / s.trials, 2))


def real_rows(paths: list[Path]) -> tuple[dict[str, np.ndarray], dict[str, np.ndarray]]:
    """Log ratios of cells to the first strategy of their group, and log times."""
    frame = cells.usable(pool(load_all(paths)))
    frame = frame.assign(value=-np.log(frame["ops_per_s"]))
    ratios, times = {}, {}
    axes = [axis for axis in CELL if axis != "strategy"]
    for _, group in frame.groupby(["source", "run_id", *axes], dropna=False):
        table = group.pivot(index="round", columns="strategy", values="value").dropna()
        if len(table) < 200:
            continue
        where = f"{group['path'].iloc[0]} {group['size'].iloc[0]:.0f}"
        for name in table.columns:
            times[f"{where} {name}"] = table[name].to_numpy()
            if name != table.columns[0]:
                ratios[f"{where} {name}"] = (table[name] - table[table.columns[0]]).to_numpy()
    return ratios, times


HEAD = ("question", "law", "n", "method", "trials", "held_pct", "width", "alarm_5_pct",
        "alarm_0.1_pct")


def main() -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("results", nargs="*", type=Path)
    parser.add_argument("--trials", type=int, default=1000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--csv", type=Path, metavar="OUT.csv", help="write the rows here, too")
    args = parser.parse_args()
    rng = np.random.default_rng(args.seed)
    ratios, times = real_rows(args.results) if args.results else ({}, {})
    rows = [HEAD]
    print("{:13} {:28} {:>3} {:28} {:>6} {:>6} {:>6} {:>7} {:>8}".format(
        "question", "law", "n", "method", "trials", "held %", "width", "alarm 5", "alarm .1"))
    for table in (paired(rng, args.trials, ratios), two_runs(rng, args.trials, times),
                  several_runs(rng, args.trials)):
        for row in table:
            rows.append(row)
            print("{:13} {:28} {:3} {:28} {:6} {:6.1f} {:6.2f} {:7.2f} {:8.2f}".format(*row),
                  flush=True)
    if args.csv:
        with open(args.csv, "w", encoding="utf-8", newline="") as out:
            csv.writer(out, lineterminator="\n").writerows(rows)


if __name__ == "__main__":
    main()
