# SPDX-License-Identifier: MIT
"""Several runs: kept apart when rounds are paired, and their spread told beside that of rounds."""

import pytest
from conftest import ALL, META, row, series, write
from pagecopy_report import between, stats
from pagecopy_report.load import load_all, pool
from pagecopy_report.summary import Options, summary

THREE = {**META, "runs": "3"}


def loaded(tmp_path, rows, meta=None):
    return load_all([write(tmp_path / "results.csv", rows, meta, ALL)])


def told(tmp_path, rows, meta=None):
    """The summary of @rows, on one line."""
    return " ".join(summary(loaded(tmp_path, rows, meta), Options())[0].split())


def runs(*values, **fixed):
    """One cell in as many runs as there are lists of values."""
    return [one for nr, each in enumerate(values)
            for one in series(each, run_id=f"run-{nr}", **fixed)]


def test_rounds_of_two_runs_in_one_file_are_not_paired(tmp_path):
    rows = [row(run_id="a", strategy="raw", kernel_ns=10),
            row(run_id="b", strategy="bytewise_atomic", kernel_ns=20)]
    frame = pool(loaded(tmp_path, rows))
    assert stats.paired_ratio(frame, "bytewise_atomic", "raw", "kernel_ns").n == 0


def test_pairs_stay_within_their_run(tmp_path):
    """Across runs the ratio would be anything from 0.002 to 200."""
    rows = [one for nr, speed in enumerate((1, 10, 100)) for name, factor in
            (("raw", 1), ("bytewise_atomic", 2))
            for one in series([10 * speed * factor] * 4, run_id=f"run-{nr}", strategy=name)]
    found = stats.paired_ratio(pool(loaded(tmp_path, rows)), "bytewise_atomic", "raw", "kernel_ns")
    assert (found.n, found.low, found.high) == (12, 2, 2)


def test_the_same_round_of_another_run_is_no_repeat(tmp_path):
    (run,) = loaded(tmp_path, runs([1] * 4, [1] * 4))
    assert len(run.frame) == 8 and not run.warnings


def test_heading_counts_rounds_and_runs(tmp_path):
    out = told(tmp_path, runs([1] * 4, [1] * 5, [1] * 6), THREE)
    assert "15 rounds in 3 runs, seed" in out
    assert "results.csv (run run-0 and 2 more)" in out


def test_between_and_within_are_told_apart(tmp_path):
    """Medians 90, 100, 120; rounds within a run +-1 %, or +-20 % with equal medians."""
    quiet = runs(*([middle * (1 + 0.01 * (nr % 5 - 2)) for nr in range(10)]
                   for middle in (90, 100, 120)))
    (one,) = between.spreads(pool(loaded(tmp_path, quiet)), "kernel_ns")
    assert one.between == pytest.approx(15) and one.within == pytest.approx(1, abs=0.3)
    assert one.wide() and one.runs == 3
    noisy = runs(*[[80, 100, 120] * 4] * 3)
    (one,) = between.spreads(pool(loaded(tmp_path, noisy)), "kernel_ns")
    assert one.between == 0 and one.within == pytest.approx(20) and not one.wide()


def test_a_cell_whose_runs_differ_is_named(tmp_path):
    rows = runs([99, 100, 101] * 3, [99, 100, 101] * 3, [119, 120, 121] * 3)
    rows += runs([99, 100, 101] * 3, [99, 100, 101] * 3, [99, 100, 101] * 3, size=64)
    out = told(tmp_path, rows, THREE)
    assert "between runs within a run runs cells" in out
    assert "kernel ns ±5.0% [±10.0%] ±1.0% [±1.0%] 3 2" in out
    assert "too sure: 4K raw kernel ns ±10.0% against ±1.0%." in out
    assert "64 raw kernel" not in out


def test_a_ratio_may_hold_where_its_cells_do_not(tmp_path):
    """Runs of 100, 200 and 300 ns, and in each bytewise_atomic takes 1.1 times as long."""
    rows = runs(*([speed * factor for factor in (0.99, 1, 1.01, 1)] for speed in (100, 200, 300)))
    rows += runs(*([speed * factor for factor in (1.09, 1.1, 1.11, 1.1)]
                   for speed in (100, 200, 300)), strategy="bytewise_atomic")
    frame = pool(loaded(tmp_path, rows))
    (ratio,) = between.ratio_spreads(frame, ("bytewise_atomic", "raw"), "kernel_ns")
    assert ratio.between == pytest.approx(0, abs=1e-9) and not ratio.wide()
    assert all(one.between == pytest.approx(50) for one in between.spreads(frame, "kernel_ns"))
    out = told(tmp_path, rows)
    assert "ratio of kernel ns ±0.0% [±0.0%]" in out and "/ raw ratio of kernel" not in out
    emulated = told(tmp_path, rows, {**META, "emulated": "yes"})
    assert "ratio of kernel ns" not in emulated and "kernel ns ±50" in emulated


def test_one_run_says_nothing_of_others(tmp_path):
    out = told(tmp_path, runs([99, 100, 101]))
    assert "between runs" not in out and "in 1 runs" not in out


def test_two_files_of_one_place_are_two_runs(tmp_path):
    one = write(tmp_path / "a.csv", series([100] * 3, run_id="a"))
    two = write(tmp_path / "b.csv", series([110] * 3, run_id="b"))
    out = " ".join(summary(load_all([one, two]), Options())[0].split())
    assert "6 rounds in 2 runs" in out and "kernel ns ±4.8% [±4.8%]" in out


def test_a_missing_run_is_unfinished(tmp_path):
    rows = runs([1] * 3, [1] * 3)
    for one in rows[2::3]:
        one["stop"] = "rounds"
    assert "UNFINISHED: results.csv: 2 of 3 runs are there." in told(tmp_path, rows, THREE)
    assert "UNFINISHED" not in told(tmp_path, rows, {**META, "runs": "2"})


def test_each_run_has_a_last_row_of_its_own(tmp_path):
    """The second run broke off; the first, which has more rounds, must not hide it."""
    rows = runs([1] * 9, [1] * 3)
    rows[8]["stop"] = "precise"
    meta = {**META, "cells": "1", "runs": "2"}
    assert "1 of 2 cells had rounds to come" in told(tmp_path, rows, meta)
    rows[-1]["stop"] = "rounds"
    out = told(tmp_path, rows, meta)
    assert "UNFINISHED" not in out and "1 as precise, 1 out of rounds" in out
