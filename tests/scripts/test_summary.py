# SPDX-License-Identifier: MIT
"""The summary: figures against hand-made rows, and what it must say aloud."""

import random

import numpy as np
import pytest
from conftest import COLUMNS, META, Maker, command, row, write
from pagecopy_report import cells, stats, text
from pagecopy_report.load import load_all, pool
from pagecopy_report.summary import Options, summary


def told(tmp_path, rows, meta=None, **options):
    """The summary of @rows."""
    runs = load_all([write(tmp_path / "results.csv", rows, meta)])
    return summary(runs, Options(**options))[0]


def line_of(out, *start):
    """The words of the first line that begins with these."""
    found = [line.split() for line in out.splitlines() if line.split()[:len(start)] == list(start)]
    assert found, f"no line begins with {start}:\n{out}"
    return found[0]


def pairs(tests, bases, **values):
    """Rows of both strategies, kernel_ns as given, one round each."""
    rows = [row(strategy="bytewise_atomic", kernel_ns=v, round=nr, **values)
            for nr, v in enumerate(tests)]
    return rows + [row(strategy="raw", kernel_ns=v, round=nr, **values)
                   for nr, v in enumerate(bases)]


def ratio_of(tmp_path, rows, column="kernel_ns"):
    frame = pool(load_all([write(tmp_path / "results.csv", rows)]))
    return stats.paired_ratio(frame, "bytewise_atomic", "raw", column)


def test_figures_are_medians_over_rounds(tmp_path):
    rows = [row(round=nr, gb_per_s=v, ops_per_s=v * 1000, lat_p50_ns=v * 10, lat_p99_ns=v * 20,
                kernel_ns=k) for nr, (v, k) in enumerate(((1, 100), (2, 400), (90, 1000)))]
    words = line_of(told(tmp_path, rows), "4K", "raw")
    assert words[2:4] == ["2.00", "2,000"]
    assert words[5:] == ["20.0", "40.0", "400", "10.2"]


def test_ratio_is_the_median_of_pairs_not_the_ratio_of_medians(tmp_path):
    found = ratio_of(tmp_path, pairs((10, 30, 20), (10, 10, 40)))
    assert (found.median, found.low, found.high, found.n) == (1.0, 0.5, 3.0, 3)
    assert found.iqr == pytest.approx(1.25)


def test_order_of_rows_changes_nothing(tmp_path):
    rows = Maker(rounds=7).run(("raw", "bytewise_atomic"), (64, 4096), (1, 8))
    first = told(tmp_path, rows)
    random.Random(3).shuffle(rows)
    assert told(tmp_path, rows) == first


def test_unpaired_rounds_are_dropped(tmp_path):
    rows = pairs((10, 20, 999), (10, 10))
    found = ratio_of(tmp_path, rows)
    assert (found.n, found.high) == (2, 2.0)


def test_rounds_of_two_files_are_not_paired_with_each_other(tmp_path):
    one = write(tmp_path / "a.csv", [row(strategy="raw", kernel_ns=10)])
    two = write(tmp_path / "b.csv", [row(strategy="bytewise_atomic", kernel_ns=20)])
    frame = pool(load_all([one, two]))
    assert stats.paired_ratio(frame, "bytewise_atomic", "raw", "kernel_ns").n == 0


def test_pairs_without_a_positive_time_are_left_out_and_counted(tmp_path):
    found = ratio_of(tmp_path, pairs((10, -3, "", 5), (10, 5, 5, 0)))
    assert (found.n, found.dropped) == (1, 3)
    assert "3 pairs left out" in told(tmp_path, pairs((10, -3, "", 5), (10, 5, 5, 0)))


def test_ratio_of_ops_is_beside_that_of_kernel_time(tmp_path):
    rows = pairs((30,) * 6, (20,) * 6, ops_per_s=100)
    for one in rows:
        if one["strategy"] == "bytewise_atomic":
            one["ops_per_s"] = 90
    out = told(tmp_path, rows)
    kernel, ops = [line.split() for line in out.splitlines() if line.startswith("4K  ")
                   and ".." in line]
    assert kernel[1:3] == ["1.500", ">1"] and ops[1:3] == ["0.900", "<1"]


@pytest.mark.parametrize("n, k, coverage", ((6, 1, 0.96875), (9, 2, 0.9609), (20, 6, 0.9586)))
def test_median_interval_is_that_of_the_sign_test(n, k, coverage):
    """Against the table found in any book on order statistics."""
    found = stats.median_interval(np.arange(1, n + 1))
    assert (found.low, found.high) == (k, n + 1 - k)
    assert found.coverage == pytest.approx(coverage, abs=1e-4)


def test_median_interval_holds_the_median_as_often_as_it_says():
    rng = np.random.default_rng(5)
    draws = np.exp(rng.standard_normal((2000, 10)))
    held = [(i := stats.median_interval(d)).low <= 1 <= i.high for d in draws]
    assert 0.96 < np.mean(held) < 0.99


@pytest.mark.parametrize("tests, verdict", (
    ((11, 9, 12, 8, 11, 9), "~"), ((11, 12, 11, 12, 11, 12), ">1"),
    ((9, 8, 9, 8, 9, 8), "<1"), ((11, 12, 11), "n<6"), ((10, 12, 11), "~"), ((), ""),
))
def test_verdict(tmp_path, tests, verdict):
    """Three rounds on one side of 1 prove nothing and must not look like proof."""
    rows = pairs(tests, (10,) * 6)
    assert ratio_of(tmp_path, rows).verdict() == verdict


def test_floors_stand_beside_copies_of_their_depth_and_size(tmp_path):
    floor = {"strategy": "nop", "size": 0, "buffer": "none", "kernel_ns": "", "gb_per_s": ""}
    rows = [row(depth=depth) for depth in (1, 8)]
    for depth in (1, 8):
        for nr, (path, op) in enumerate((("nop", "nop"), ("null", "nop"), ("uring", "nop"))):
            rows.append(row(**floor, path=path, op=op, depth=depth, ops_per_s=100 * depth + nr))
        for size in (64, 4096):
            rows.append(row(**{**floor, "size": size, "buffer": "fixed"}, op="touch", depth=depth,
                            ops_per_s=1000 * depth + size))
    out = told(tmp_path, rows)
    for name, ops in (("path nop", "100"), ("path null", "101"), ("op nop", "102")):
        words = line_of(out, "any", "floor:", *name.split())
        assert words[4:6] == ["-", ops]
    assert line_of(out, "4K", "floor:", "op", "touch")[5] == "5,096"
    assert "64 " not in out.split("ratio")[0], "a floor of a size nobody copied"


def test_the_copy_of_nothing_is_a_floor_not_a_strategy(tmp_path):
    out = told(tmp_path, [row(), row(strategy="nop", kernel_ns=2)])
    assert line_of(out, "4K", "floor:", "no", "copy")[9] == "2.00"
    assert "4K    nop" not in out


def test_main_table_prefers_what_the_question_is_about(tmp_path):
    rows = [row(op=op, buffer=buffer, depth=depth) for op in ("write", "read")
            for buffer in ("user", "fixed") for depth in (64, 1)]
    out = told(tmp_path, rows)
    assert "path uring, op read, buffer fixed, depth 1:" in out
    assert "Also measured" in out and "and 3 more" in out
    everything = told(tmp_path, rows, every=True)
    assert everything.count(": medians over rounds") == 8 and "Also measured" not in everything


def test_main_table_takes_what_there_is(tmp_path):
    out = told(tmp_path, [row(path="user", op="write", buffer="user", depth=8, lat_batch=64)])
    assert "path user, op write, buffer user, depth 8:" in out
    assert "the mean of up to 64 copies" in " ".join(out.split())


def test_floors_alone(tmp_path):
    rows = [row(path="nop", op="nop", strategy="nop", size=0, buffer="none", round=nr,
                gb_per_s="", kernel_ns="", ops_per_s=100 + nr) for nr in range(3)]
    out = told(tmp_path, rows)
    assert line_of(out, "1", "floor:", "path", "nop")[5] == "101"
    assert "No copy was measured" in out


def test_noise_is_the_spread_of_the_floors(tmp_path):
    rows = [row(path="nop", op="nop", strategy="nop", size=0, round=nr, ops_per_s=v)
            for nr, v in enumerate((90, 95, 100, 105, 110))]
    out = " ".join(told(tmp_path, [*rows, row()]).split())
    assert "Noise ±5.0 %" in out and "widest range 20 %" in out
    assert "Noise not known: no transport floor" in told(tmp_path, [row(), row(round=2)])
    assert "Noise not known: it takes two rounds" in told(tmp_path, [row()])


def test_first_line_says_what_ran_where(tmp_path):
    out = " ".join(told(tmp_path, [row(), row(round=2)]).split())
    assert out.startswith("pagecopy on uml, kernel 6.12.0-made-up, CPU Imaginary CPU @ 1.00GHz, "
                          "memcpy() loop unrolled, 2 rounds, seed 7")
    assert "UML: syscalls are slow, depth-1 transport is not representative" in out
    assert "unpatched generic loop (unrolled)" in out


def test_emulated_is_said_aloud(tmp_path):
    loud = told(tmp_path, [row(platform="vm")], {**META, "platform": "vm", "emulated": "yes"})
    assert "EMULATED" in loud and "!" * 100 in loud and "UML" not in loud
    assert "EMULATED" not in told(tmp_path, [row()])


def test_faults_are_named_left_out_and_exit_1(tmp_path):
    path = write(tmp_path / "results.csv", [
        row(round=1, ops_per_s=1000), row(round=2, ops_per_s=5, errors=3, verified=0),
        row(round=3, ops_per_s=7, verified=0, notes="wrong byte at 12")])
    done = command("summary", path)
    assert done.returncode == 1
    assert line_of(done.stdout, "4K", "raw")[3] == "1,000"
    out = " ".join(done.stdout.split())
    assert "FAULT: 1 rows with failed commands" in out
    assert "FAULT: 1 rows whose bytes were not verified" in out and "round 3" in out
    assert "wrong byte at 12" in out


def test_all_rows_faulty_still_says_so(tmp_path):
    path = write(tmp_path / "results.csv", [row(errors=3, verified=0)])
    done = command("summary", path)
    assert done.returncode == 1 and "FAULT" in done.stdout and not done.stderr


def test_empty_columns_are_named_with_the_reason(tmp_path):
    out = " ".join(told(tmp_path, [row(lat_p999_ns="")]).split())
    assert "cycles_user, cycles_kernel, instructions_kernel: not in this version" in out
    assert "--latency off" in out


def test_each_reason_for_an_empty_column_is_given(tmp_path):
    path = write(tmp_path / "results.csv", [row()])
    path.write_text("#empty: cycles_user: no counter left: none\n#empty: cycles_kernel: a, b\n" +
                    path.read_text().replace("#empty:", "#ignored:"), encoding="utf-8")
    out = " ".join(command("summary", path).stdout.split())
    assert "cycles_user: no counter left: none." in out
    assert "cycles_kernel: a, b." in out


def test_an_unfinished_run_is_named(tmp_path):
    meta = {**META, "cells": "2", "rounds": "3"}
    assert "has 1 of 6 rows" in told(tmp_path, [row()], meta)
    assert "UNFINISHED" not in told(tmp_path, [row(round=nr, size=s) for nr in range(3)
                                               for s in (64, 128)], meta)


@pytest.mark.parametrize("options", ({}, {"every": True}))
def test_fits_a_hundred_columns_whatever_the_names(tmp_path, options):
    names = ("raw", "bytewise_atomic", "n" * 300, "\x1b[31mred\x1b[0m", "a\nb")
    rows = Maker(rounds=3).run(names, (64, 2 << 20), (1, 256))
    meta = {**META, "cpu_model": "y" * 500, "kernel": "k" * 500, "run_id": "../" * 90}
    out = told(tmp_path, rows, meta, **options)
    assert max(map(len, out.splitlines())) <= text.WIDTH
    assert "\x1b" not in out


def test_markdown_cannot_be_broken_by_a_name(tmp_path):
    out = told(tmp_path, [row(strategy="a|b<script>")], markdown=True)
    assert "a\\|b\\<script\\>" in out and "| --: |" in out


def test_two_places_are_two_summaries(tmp_path):
    one = write(tmp_path / "a.csv", [row(kernel_ns=100)])
    two = write(tmp_path / "b.csv", [row(kernel_ns=300)], {**META, "kernel": "6.1"})
    done = command("summary", one, two)
    assert done.returncode == 0 and done.stdout.count("pagecopy on") == 2
    assert "200" not in done.stdout


def test_a_reader_that_goes_away_is_no_error(made):
    import subprocess
    from conftest import SCRIPTS
    shell = f"'{SCRIPTS}/summary' '{made}' | head -1; exit ${{PIPESTATUS[0]}}"
    done = subprocess.run(["bash", "-c", shell], capture_output=True, text=True, check=False)
    assert done.returncode == 0 and done.stderr == ""


@pytest.mark.parametrize("value, word", ((64, "64"), (4096, "4K"), (3000, "3000"), (1536, "1536"),
                                         (2 << 20, "2M"), (65536 + 1024, "65K")))
def test_sizes_are_exact(value, word):
    assert text.size(value) == word


@pytest.mark.parametrize("value, word", (
    (float("nan"), "-"), (0, "0.00"), (0.00251, "0.0025"), (0.0399, "0.040"), (0.9996, "1.00"),
    (9.996, "10.0"), (99.96, "100"), (1234567.8, "1,234,568"), (-2.5, "-2.50")))
def test_numbers(value, word):
    assert text.number(value) == word


def test_choose_obeys_the_order_of_its_rules(tmp_path):
    rows = [row(depth=1, size=64), row(depth=64, size=64), row(depth=64, size=4096)]
    frame = pool(load_all([write(tmp_path / "a.csv", rows)]))
    by_points = cells.choose(frame, ("size",), (("points", "max"), ("depth", "min")))
    by_depth = cells.choose(frame, ("size",), (("depth", "min"), ("points", "max")))
    assert (by_points["depth"], by_depth["depth"]) == (64, 1)
    near = cells.choose(frame, ("depth",), (("size", {"near": 5000}),))
    assert near["size"] == 4096


def test_rings_are_named_where_there_are_several(tmp_path):
    rows = [row(ring="defer"), row(ring="plain+iopoll", completion="poll")]
    out = told(tmp_path, rows, every=True)
    assert "depth 1, ring defer" in out
    assert "completion poll, ring plain+iopoll" in out
    assert out.index("ring defer") < out.index("ring plain")
    assert "depth 1: medians" in told(tmp_path, rows[:1])


def test_memory_and_batch_are_named_where_they_are_not_plain(tmp_path):
    rows = [row(), row(pages="thp"), row(buf_offset=8), row(batch="16")]
    out = told(tmp_path, rows, every=True)
    assert "depth 1: medians" in out
    assert "depth 1, pages thp: medians" in out
    assert "depth 1, buf_offset 8: medians" in out
    assert "depth 1, batch 16: medians" in out
    assert out.index("depth 1: medians") < out.index("pages thp")


def test_a_file_from_before_the_newer_axes_is_summed_up(tmp_path):
    older = [name for name in COLUMNS if name not in ("pages", "buf_offset", "offset", "batch")]
    path = write(tmp_path / "older.csv", [row()], columns=older)
    assert "depth 1: medians" in summary(load_all([path]), Options())[0]
