# SPDX-License-Identifier: MIT
"""The control: a base cell under a second name is the noise floor and nothing else."""

import random

import pytest
from conftest import ALL, META, Maker, row, series, write
from pagecopy_report import control
from pagecopy_report.load import load_all, pool
from pagecopy_report.modes import modes
from pagecopy_report.report import charts
from pagecopy_report.summary import Options, summary


def loaded(tmp_path, rows, meta=None):
    return load_all([write(tmp_path / "results.csv", rows, meta, ALL)])


def told(tmp_path, rows, meta=None, **options):
    """The summary of @rows, on one line."""
    return " ".join(summary(loaded(tmp_path, rows, meta), Options(**options))[0].split())


def noisy(rng, n, middle, spread=0.05):
    return [middle * rng.lognormvariate(0, spread) for _ in range(n)]


def group(rng, size, test=1.0, n=20, twin=1.0):
    """raw, its twin and bytewise_atomic, which takes @test times as long."""
    speeds = (("raw", 1.0), ("raw.twin", twin), ("bytewise_atomic", test))
    return [one for name, factor in speeds
            for one in series(noisy(rng, n, 100 * factor), strategy=name, size=size)]


def test_a_control_is_paired_by_round(tmp_path):
    """Drift that both share is no noise; a ratio of medians would show it."""
    base = [100, 200, 400, 800, 1600, 3200]
    rows = series(base, strategy="raw") + series(reversed(base), strategy="bytewise_atomic")
    rows += [row(strategy="raw.twin", round=nr, kernel_ns=1.01 * value)
             for nr, value in reversed(list(enumerate(base)))]
    (found,) = control.controls(pool(loaded(tmp_path, rows)), "kernel_ns").values()
    assert found.n == 6
    assert (found.low, found.high) == pytest.approx((1.01, 1.01))
    assert "differ by 0" in told(tmp_path, rows) and "1 % [+1..+1] in kernel ns" in told(
        tmp_path, rows)


def test_twins_of_other_settings_are_no_pair(tmp_path):
    rows = series([10] * 6, strategy="raw", depth=1) + series([20] * 6, strategy="raw.twin",
                                                              depth=8)
    assert not control.controls(pool(loaded(tmp_path, rows)), "kernel_ns")


def test_settings_with_empty_axes_still_have_their_control(tmp_path):
    """rate is empty in a closed loop: an empty value must match an empty one."""
    rows = series([10] * 6, strategy="raw") + series([10] * 6, strategy="raw.twin")
    (key,) = control.controls(pool(loaded(tmp_path, rows)), "kernel_ns")
    assert key[-1] == "raw"


def test_the_noise_floor_is_that_of_the_controls(tmp_path):
    rng = random.Random(3)
    rows = [one for size in (64, 512, 4096, 65536) for one in group(rng, size)]
    rows += series(noisy(rng, 20, 1000, 0.4), "ops_per_s", path="nop", op="nop", strategy="nop",
                   size=0)
    out = told(tmp_path, rows)
    assert "Noise floor: two identical things differ by" in out
    assert "in kernel ns (at most" in out and "0 of 4 told apart" in out
    assert "half the quartile range of ops/s over rounds" not in out


def test_a_control_that_is_told_apart_is_counted(tmp_path):
    rng = random.Random(3)
    rows = group(rng, 64) + group(rng, 4096, twin=1.2)
    assert "1 of 2 told apart" in told(tmp_path, rows)
    few = group(rng, 64, n=4) + group(rng, 4096, n=4)
    assert "2 controls, too few rounds to tell any apart" in told(tmp_path, few)


def test_tables_do_not_show_twins(tmp_path):
    rows = Maker(rounds=6).run(("raw", "raw.twin", "bytewise_atomic"), (64, 4096), (1, 8))
    runs = loaded(tmp_path, rows)
    for out in (summary(runs, Options(every=True))[0], modes(runs, False)[0]):
        assert "raw.twin" not in out
    out = told(tmp_path, rows)
    shown = len({(r["path"], r["op"], r["strategy"], r["size"], r["depth"], r["buffer"])
                 for r in rows if r["strategy"] != "raw.twin"})
    assert f"{shown} cells and 6 controls, {len(rows)} rows" in out


def test_modes_figures_are_those_without_twins(tmp_path):
    rows = series([100] * 6, "lat_p50_ns", strategy="raw")
    rows += series([900] * 6, "lat_p50_ns", strategy="raw.twin")
    out = modes(loaded(tmp_path, rows), False)[0]
    assert "100" in out and "500" not in out


def test_plots_do_not_show_twins(tmp_path):
    rows = Maker(rounds=3).run(("raw", "raw.twin"), (64, 4096), (1, 8))
    runs = loaded(tmp_path, rows)
    for chart in charts([runs], ["throughput", "depth-latency", "latency"]):
        assert {one.name for panel in chart.panels for one in panel.series
                if one.role == "copy"} == {"raw"}


def test_twins_of_floors_copy_nothing(tmp_path):
    rows = series([5] * 6, op="touch", strategy="nop.twin") + series([5] * 6, op="read",
                                                                     strategy="nop.twin")
    out = told(tmp_path, rows + series([5] * 6, op="touch", strategy="nop"))
    assert "No copy was measured" in out


@pytest.mark.parametrize("test, twin, mark", (
    (1.02, 1.03, "~"), (1.02, 1.0, ">1"), (0.98, 0.97, "~"), (0.98, 1.03, "~"),
    (0.95, 1.03, "<1"), (0.996, 0.82, "~")))
def test_a_ratio_is_told_apart_only_beyond_its_control(tmp_path, test, twin, mark):
    """1.02 where two identical cells make 1.03: nothing was found."""
    rows = [one for name, value in (("raw", 100), ("raw.twin", 100 * twin),
                                    ("bytewise_atomic", 100 * test))
            for one in series([value * (1 + 0.007 * (nr % 3 - 1) * (name != "raw"))
                               for nr in range(12)], strategy=name, ops_per_s="")]
    out = summary(loaded(tmp_path, rows), Options())[0]
    line = [line.split() for line in out.splitlines() if line.startswith("4K  ")
            and ".." in line][0]
    assert line[1] == f"{test:.3f}" and line[2] == mark
    assert line[-1] == f"{twin * 0.993:.3f}..{twin * 1.007:.3f}"
    assert "comes as near to 1 as that of the control" in " ".join(out.split())


def test_files_without_twins_say_nothing_of_a_control(tmp_path):
    rows = Maker(rounds=6).run(("raw", "bytewise_atomic"), (4096,), (1,))
    out = told(tmp_path, rows)
    assert "control" not in out and "floor cells (worst" in out
    assert "differ by" not in told(tmp_path, rows, META)
