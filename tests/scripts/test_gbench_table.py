# SPDX-License-Identifier: MIT
"""scripts/gbench-table on made-up JSON."""

import json

import pytest
from conftest import command

CONTEXT = {"pagecopy_build": "ab" * 20, "platform": "host", "emulated": "no", "cpu": "1",
           "pinned": "yes", "date": "2031-01-02", "left_out": "strategy copy_page: in the kernel "
           "only; ", "perf_counters": "none: made up"}


def name(strategy, size, align="same", cache="hot"):
    return f"copy/strategy:{strategy}/size:{size}/align:{align}/offset:0/cache:{cache}"


def repetitions(strategy, size, times, unit="ns", **more):
    """Rows of a cell: one for each of @times, and an aggregate that must not count."""
    rows = [{"run_name": name(strategy, size, **more), "run_type": "iteration",
             "repetition_index": nr, "cpu_time": time, "real_time": 9 * time, "time_unit": unit,
             "bytes_per_second": size / time * 1e9} for nr, time in enumerate(times)]
    return rows + [{"run_name": name(strategy, size, **more), "run_type": "aggregate",
                    "aggregate_name": "mean", "cpu_time": 1e9, "time_unit": unit}]


def write(path, *rows, **context):
    path.write_text(json.dumps({"context": {**CONTEXT, **context}, "benchmarks": sum(rows, [])}))
    return path


def lines(text):
    return [line.split() for line in text.splitlines()]


def table(*words):
    done = command("gbench-table", *words)
    assert done.returncode == 0, done.stderr
    return lines(done.stdout)


# The machine gets slower all the time: only pairs tell.
BASE = [100, 120, 150, 200, 300, 500, 600, 700]


def test_speeds_are_paired_by_repetition(tmp_path):
    path = write(tmp_path / "x.json", repetitions("memcpy", 4096, BASE),
                 repetitions("fast", 4096, [time / 2 for time in BASE]),
                 repetitions("slow", 4096, [time * 4 / 1000 for time in BASE], unit="us"))
    found = table(path)
    assert ["4K", "memcpy", "250", "16.4", "-", "-", "-", "8"] in found
    assert ["4K", "fast", "125", "32.8", "2.000", ">1", "2.000..2.000", "99%", "8"] in found
    assert [row[4] for row in found if row[:2] == ["4K", "slow"]] == ["0.250"]
    assert ["align", "same,", "cache", "hot:"] == found[2][:4]


def test_the_base_can_be_another(tmp_path):
    path = write(tmp_path / "x.json", repetitions("memcpy", 4096, BASE),
                 repetitions("words", 4096, [5 * time for time in BASE]))
    found = table(path, "--base", "words")
    assert [row[4] for row in found if row[:2] == ["4K", "memcpy"]] == ["5.000"]
    done = command("gbench-table", path, "--base", "sword")
    assert done.returncode == 2 and "memcpy, words" in done.stderr


def test_geomean_is_of_the_sizes_asked_for(tmp_path):
    speeds = {8: 100.0, 16: 2.0, 4096: 0.5, 2 << 20: 8.0, 8 << 20: 100.0}
    rows = [repetitions("memcpy", size, BASE) for size in speeds]
    rows += [repetitions("fast", size, [time / speed for time in BASE])
             for size, speed in speeds.items()]
    found = table(write(tmp_path / "x.json", *rows))
    # The third root of 2 * 0.5 * 8.
    assert ["16..2M", "fast:", "geomean", "of", "3", "-", "-", "2.000", ">1", "2.000..2.000",
            "99%", "8"] in found
    assert ["4K", "fast:", "its", "worst", "-", "-", "0.500", "-", "-", "-"] in found
    found = table(tmp_path / "x.json", "--from", "4K", "--to", "8M")
    assert [row[7] for row in found if row[:1] == ["4K..8M"]] == ["7.368"]


def test_a_size_that_only_one_has_is_in_no_mean(tmp_path):
    found = table(write(tmp_path / "x.json", repetitions("memcpy", 64, BASE),
                        repetitions("fast", 64, [time / 2 for time in BASE]),
                        repetitions("fast", 128, BASE)))
    assert [row[:6] + row[7:8] for row in found if "geomean" in row] == [
        ["64..64", "fast:", "geomean", "of", "1", "-", "2.000"]]
    assert [row[4] for row in found if row[:2] == ["128", "fast"]] == ["-"]


def test_settings_have_tables_of_their_own(tmp_path):
    found = table(write(tmp_path / "x.json", repetitions("memcpy", 64, BASE),
                        repetitions("memcpy", 64, BASE, align="mutual"),
                        repetitions("fast", 64, [t / 2 for t in BASE]),
                        repetitions("fast", 64, [t / 3 for t in BASE], align="mutual")))
    assert [row[4] for row in found if row[:2] == ["64", "fast"]] == ["2.000", "3.000"]
    assert [row[1] for row in found if row[:1] == ["align"]] == ["same,", "mutual,"]


def test_files_of_one_build_are_put_together(tmp_path):
    half = [time / 2 for time in BASE]
    paths = [write(tmp_path / f"{nr}.json", repetitions("memcpy", 64, [t * k for t in BASE]),
                   repetitions("fast", 64, [t * k for t in half]))
             for nr, k in enumerate((1, 10))]
    found = table(*paths)
    assert [row[4:] for row in found if row[:2] == ["64", "fast"]] == [
        ["2.000", ">1", "2.000..2.000", "98%", "16"]]
    other = write(tmp_path / "other.json", repetitions("memcpy", 64, BASE), pagecopy_build="cd")
    done = command("gbench-table", paths[0], other)
    assert done.returncode == 2 and "another build" in done.stderr


def test_sizes_may_be_in_files_of_their_own(tmp_path):
    paths = [write(tmp_path / f"{size}.json", repetitions("memcpy", size, BASE),
                   repetitions("fast", size, [time / speed for time in BASE]))
             for size, speed in ((64, 4), (4096, 16))]
    found = table(*paths)
    assert [row[7:] for row in found if "geomean" in row] == [
        ["8.000", ">1", "8.000..8.000", "99%", "8"]]


def test_repetitions_of_different_files_are_no_pairs(tmp_path):
    found = table(write(tmp_path / "base.json", repetitions("memcpy", 64, BASE)),
                  write(tmp_path / "test.json", repetitions("fast", 64, BASE)))
    assert [row[4:] for row in found if row[:2] == ["64", "fast"]] == [
        ["-", "-", "-", "0"]]


def test_a_wrong_copy_is_a_fault_and_no_figure(tmp_path):
    bad = repetitions("fast", 64, BASE)
    for row in bad:
        row.update(error_occurred=True, error_message="the copy differs from the original")
        row.pop("cpu_time")
    path = write(tmp_path / "x.json", repetitions("memcpy", 64, BASE), bad)
    done = command("gbench-table", path)
    assert done.returncode == 1
    assert "FAULT: 8 repetitions of fast" in done.stdout
    assert not [row for row in lines(done.stdout) if row[:2] == ["64", "fast"]]


def test_what_is_missing_and_why_is_said(tmp_path):
    done = command("gbench-table", write(tmp_path / "x.json", repetitions("memcpy", 64, BASE),
                                         emulated="yes"))
    assert "Left out: strategy copy_page: in the kernel only." in done.stdout
    assert "Perf counters: none: made up." in done.stdout
    assert "!! EMULATED" in done.stdout


@pytest.mark.parametrize("text,said", [
    ("{", "not what pagecopy-gbench"), ("[]", "not what pagecopy-gbench"),
    ('{"context": {}, "benchmarks": []}', "no repetitions"),
    ('{"context": {}, "benchmarks": [{"run_type": "iteration"}]}', "run_name"),
    (None, "No such file")])
def test_a_file_that_is_none_is_refused(tmp_path, text, said):
    path = tmp_path / "x.json"
    if text is not None:
        path.write_text(text)
    done = command("gbench-table", path)
    assert (done.returncode, done.stdout) == (2, "")
    assert said in done.stderr and "Traceback" not in done.stderr


def test_sizes_of_the_range_are_checked(tmp_path):
    done = command("gbench-table", "--from", "4Q", tmp_path)
    assert done.returncode == 2 and "4Q" in done.stderr


def test_markdown(tmp_path):
    path = write(tmp_path / "x.json", repetitions("memcpy", 64, BASE),
                 repetitions("fast_one", 64, [time / 2 for time in BASE]))
    done = command("gbench-table", "--markdown", path)
    assert "| 64 | fast\\_one | 125 | " in done.stdout
