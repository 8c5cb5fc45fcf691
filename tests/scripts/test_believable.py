# SPDX-License-Identifier: MIT
"""What the summary refuses, flags and counts before a figure is believed."""

import pytest
from conftest import ALL, COLUMNS, META, Maker, command, series, write
from pagecopy_report import disturbed, report
from pagecopy_report.figure import draw
from pagecopy_report.load import load_all, pool
from pagecopy_report.plotdef import load_plot
from pagecopy_report.summary import Options, summary
from pagecopy_report.view import Layout

RATIO = "bytewise_atomic / raw, time of one copy"
KASAN = {**META, "debug_kernel": "KASAN, LOCKDEP"}
EMULATED = {**META, "platform": "vm", "emulated": "yes"}


def loaded(tmp_path, rows, meta=None, columns=ALL):
    return load_all([write(tmp_path / "results.csv", rows, meta, columns)])


def told(tmp_path, rows, meta=None, columns=ALL):
    """The summary of @rows, on one line."""
    return " ".join(summary(loaded(tmp_path, rows, meta, columns), Options())[0].split())


def both(sizes=(64, 4096), n=6, **values):
    return [one for size in sizes for name in ("raw", "bytewise_atomic")
            for one in series([100] * n, strategy=name, size=size, **values)]


# Refusal

@pytest.mark.parametrize("meta, why, mark", (
    (EMULATED, "EMULATED: the CPU is simulated", "EMULATED: path uring"),
    (KASAN, "DEBUG KERNEL (KASAN, LOCKDEP): its checks", "DEBUG KERNEL: path uring"),
    ({**EMULATED, "debug_kernel": "KCSAN"}, "else. DEBUG KERNEL (KCSAN)",
     "EMULATED: DEBUG KERNEL: path uring")))
def test_no_answer_where_times_are_not_to_be_believed(tmp_path, meta, why, mark):
    out = told(tmp_path, both(), meta)
    assert RATIO not in out and "ops/s end to end" not in out
    assert why in out.split("No ratio bytewise_atomic / raw: ")[1]
    assert mark in out and "64 raw 0.100" in out, "the rows stay, marked"
    assert out.count("!! ") >= 1


@pytest.mark.parametrize("value", ("no", "", None))
def test_a_plain_kernel_gives_its_answer(tmp_path, value):
    meta = {**META} if value is None else {**META, "debug_kernel": value}
    out = told(tmp_path, both(), meta)
    assert RATIO in out and "DEBUG" not in out


def test_a_kernel_that_does_not_say_is_no_debug_kernel_but_said(tmp_path):
    out = told(tmp_path, both(), {**META, "debug_kernel": "unknown: no /proc/config.gz"})
    assert RATIO in out and "debug kernel is unknown: no /proc/config.gz." in out


@pytest.mark.parametrize("fault", ({"verified": 0}, {"errors": 2, "verified": 0}))
def test_no_answer_where_a_cell_is_not_verified(tmp_path, fault):
    rows = both(n=8)
    rows[0].update(fault)
    out = told(tmp_path, rows)
    table = out.split(RATIO)[1].split("Ratios are")[0]
    assert " 4K 1.000 ~" in table and " 64 1.000" not in table
    assert "where a cell has rows that failed or were not verified: 64 raw." in out
    assert "64 raw 0.100" in out, "its good rows stay"


def test_no_answer_at_all_where_nothing_is_verified(tmp_path):
    rows = [{**one, "verified": 0} if one["strategy"] == "raw" else one for one in both()]
    out = told(tmp_path, rows)
    assert RATIO not in out and "not verified: 64 raw; 4K raw." in out
    everything = told(tmp_path, [{**one, "verified": 0} for one in both()])
    assert "Every copy failed or was not verified, so there is no ratio" in everything


def test_another_strategy_may_fail_without_harm_to_the_answer(tmp_path):
    rows = both() + series([100] * 6, strategy="words", size=64, verified=0)
    assert " 64 1.000 ~" in told(tmp_path, rows).split(RATIO)[1]


def test_plots_of_a_debug_kernel_are_marked(tmp_path):
    runs = loaded(tmp_path, Maker(rounds=2).run(("raw",), (64,), (1,)), KASAN)
    figure = draw(report.charts([runs], ["throughput"])[0], Layout.of(load_plot("throughput")))
    texts = [one.get_text() for one in figure.texts]
    texts += [one.get_text() for axes in figure.axes for one in axes.texts]
    assert any(one.startswith("DEBUG KERNEL (KASAN, LOCKDEP)") for one in texts)
    assert "DEBUG KERNEL" in texts


# Disturbed rows

def loud(values, which, **fixed):
    return [{**one, "disturbed": int(nr in which)}
            for nr, one in enumerate(series(values, **fixed))]


def kernel_ns(out):
    return out.split(" 4K raw ")[1].split()[5]


def test_disturbed_rows_are_left_out_where_ten_others_remain(tmp_path):
    values = [100] * 10 + [900] * 11
    out = told(tmp_path, loud(values, range(10, 21)))
    assert kernel_ns(out) == "100"
    assert "11 of 21 rows disturbed (preempted, stolen time, migrated): 11 left out" in out
    assert "0 kept" in out


def test_disturbed_rows_are_kept_where_too_few_others_remain(tmp_path):
    out = told(tmp_path, loud([100] * 9 + [900] * 11, range(9, 20)))
    assert kernel_ns(out) == "900"
    assert "11 of 20 rows disturbed" in out and ": 0 left out" in out and "11 kept" in out


def test_each_cell_is_judged_by_itself(tmp_path):
    rows = loud([100] * 11, [0]) + loud([100] * 9, [0], size=64)
    kept = disturbed.without(pool(loaded(tmp_path, rows)))
    assert [len(kept[kept["size"] == size]) for size in (64, 4096)] == [9, 10]


@pytest.mark.parametrize("first, n, median", ((13, 27, "1.000"), (12, 25, "5.000")))
def test_a_pair_with_a_disturbed_side_is_left_out_by_the_same_rule(tmp_path, first, n, median):
    """Ten undisturbed rounds on each side are not yet ten undisturbed pairs."""
    rows = loud([100] * n, [0, 1, 2], strategy="raw")
    rows += loud([100] * first + [500] * (n - first), range(first, n), strategy="bytewise_atomic")
    out = told(tmp_path, rows)
    assert out.split(RATIO)[1].split(" 4K ")[1].split()[0] == median


def test_nothing_disturbed_is_said_and_old_files_are_silent(tmp_path):
    assert "0 of 6 rows disturbed (preempted" in told(tmp_path, loud([100] * 6, []))
    assert "disturbed (" not in told(tmp_path, loud([100] * 6, []), columns=COLUMNS)


def test_plots_leave_out_the_same_rows_and_say_so(tmp_path):
    rows = Maker(rounds=11).run(("raw",), (64,), (1,))
    for one in rows:
        one["disturbed"] = int(one["round"] == 10)
    runs = loaded(tmp_path, rows)
    figure = draw(report.charts([runs], ["throughput"])[0], Layout.of(load_plot("throughput")))
    caption = " ".join(one.get_text() for one in figure.texts)
    assert f"{len(rows) // 11} of {len(rows)} rows disturbed" in caption


# The end of a run

def ended(reason, n=6, **fixed):
    rows = series([100] * n, **fixed)
    rows[-1]["stop"] = reason
    return rows


def test_cells_that_stopped_are_counted_by_reason(tmp_path):
    rows = ended("precise", 10) + ended("rounds", 12, size=64) + ended("budget", 40, size=512)
    rows += ended("precise", 10, strategy="raw.twin") + ended("precise", 10, size=65536)
    out = told(tmp_path, rows, {**META, "cells": "4", "rounds": "40"})
    assert "Cells that stopped: 2 as precise, 1 out of rounds, 1 out of budget." in out
    assert "10 to 40 rounds, seed" in out and "UNFINISHED" not in out


def test_a_cell_with_rounds_to_come_is_unfinished(tmp_path):
    rows = ended("precise", 10) + ended("", 4, size=64)
    out = told(tmp_path, rows, {**META, "cells": "2", "rounds": "40"})
    assert "UNFINISHED: results.csv: 1 of 2 cells had rounds to come." in out


def test_the_last_row_is_that_of_the_last_round_not_of_the_file(tmp_path):
    rows = ended("precise", 10)
    rows.reverse()
    assert "UNFINISHED" not in told(tmp_path, rows)


def test_cells_that_were_never_begun_are_missed(tmp_path):
    out = told(tmp_path, ended("rounds"), {**META, "cells": "3", "rounds": "6"})
    assert "1 of 3 cells were begun" in out


def test_an_old_file_is_judged_by_its_rows(tmp_path):
    out = told(tmp_path, series([1] * 2), {**META, "cells": "2", "rounds": "3"}, COLUMNS)
    assert "has 2 of 6 rows" in out and "Cells that stopped" not in out


def test_the_summary_of_the_newer_columns_exits_well(tmp_path):
    path = write(tmp_path / "results.csv", both(), KASAN, ALL)
    done = command("summary", path)
    assert done.returncode == 0 and not done.stderr
    assert max(map(len, done.stdout.splitlines())) <= 100
