# SPDX-License-Identifier: MIT
"""The clock of the kernel against that of user space, and what the loop around a copy takes."""

import pytest
from conftest import ALL, COLUMNS, row, series, write
from pagecopy_report import clocks
from pagecopy_report.load import load_all, pool
from pagecopy_report.summary import Options, summary


def loaded(tmp_path, rows, columns=ALL):
    return load_all([write(tmp_path / "results.csv", rows, columns=columns)])


def told(tmp_path, rows, columns=ALL):
    """The summary of @rows, on one line."""
    return " ".join(summary(loaded(tmp_path, rows, columns), Options())[0].split())


def both():
    return [one for name in ("raw", "bytewise_atomic")
            for one in series([100] * 6, strategy=name)]


def clocked(ratios, **values):
    return [row(round=nr, kernel_ns=100 + nr, kernel_ns_user=(100 + nr) * ratio, **values)
            for nr, ratio in enumerate(ratios)]


def test_clocks_that_agree_are_one_line(tmp_path):
    rows = clocked([1.004, 0.99, 1.004, 1.02, 1.01, 0.98]) + clocked([1.0] * 6, size=64)
    out = told(tmp_path, rows)
    assert "The two clocks agree within 0.4 % on 2 cells" in out and "DISAGREE" not in out


def test_clocks_are_compared_within_a_row(tmp_path):
    """Medians of columns that miss different rows would differ by drift alone."""
    rows = [row(round=nr, kernel_ns=v, kernel_ns_user=v) for nr, v in
            enumerate((10, 20, 40, 80, 160, 320))]
    rows += [row(round=nr, kernel_ns="", kernel_ns_user=9999) for nr in range(6, 14)]
    (one,) = clocks.ratios(pool(loaded(tmp_path, rows)))
    assert one[1].n == 6 and one[1].median == 1


@pytest.mark.parametrize("ratios, flagged", (
    ([1.03] * 8, True), ([0.95] * 8, True), ([1.005] * 8, False),
    ([0.97, 0.98, 1.02, 1.03, 1.04, 1.05], False), ([1.03] * 5, False)))
def test_clocks_that_disagree_are_flagged_with_the_cell(tmp_path, ratios, flagged):
    out = told(tmp_path, clocked(ratios, size=65536) + clocked([1] * 8))
    assert ("CLOCKS DISAGREE" in out) == flagged
    assert ("1 of 2 cells" in out) == flagged
    if flagged:
        assert "size 64K, depth 1, raw" in out
    assert ("1 of them have too few rounds" in out) == (len(ratios) < 6)


def test_a_file_with_one_clock_says_nothing_of_two(tmp_path):
    assert "clocks" not in told(tmp_path, both(), columns=COLUMNS)


def test_the_loop_floor_is_printed_and_flagged(tmp_path):
    nothing = series([1.5, 1.7, 1.9], strategy="nop", size=64)
    out = told(tmp_path, both() + nothing)
    assert "Loop floor: 1.70 ns per op" in out and "ABOVE" not in out
    out = told(tmp_path, both() + nothing + series([2.5] * 3, strategy="nop", size=4096))
    assert "Loop floor: 1.70 to 2.50 ns per op" in out
    assert "ABOVE 2 ns at size 4K 2.50:" in out
    touch = series([900] * 3, strategy="nop", op="touch")
    assert "Loop floor: 1.70 ns" in told(tmp_path, both() + nothing + touch)
