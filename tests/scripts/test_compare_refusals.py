# SPDX-License-Identifier: MIT
"""compare refuses what cannot be compared: exit 2, nothing on stdout, the difference named."""

import pytest
from conftest import META, command, row, write


def rows(run_id, **values):
    return [row(run_id=run_id, round=nr, strategy=name, ops_per_s=1000 + nr, **values)
            for nr in range(8) for name in ("raw", "words")]


@pytest.fixture
def refused(tmp_path):
    """refused(args...): stderr of a run that must be refused."""
    def ask(*args):
        done = command("compare", *args, cwd=tmp_path)
        assert done.returncode == 2, done.stdout + done.stderr
        assert done.stdout == ""
        assert "Traceback" not in done.stderr
        return done.stderr
    write(tmp_path / "a.csv", rows("a"))
    write(tmp_path / "b.csv", rows("b"))
    return ask


@pytest.mark.parametrize("key", ["cpu_model", "kernel", "platform", "memcpy_loop", "emulated",
                                 "debug_kernel"])
def test_other_place(refused, tmp_path, key):
    write(tmp_path / "b.csv", rows("b"), {**META, key: "something else"})
    said = refused("a.csv", "b.csv")
    assert f"{key}: " in said
    assert "something else (b.csv)" in said
    assert key in refused("a.csv", "b.csv", "--base", "raw", "--test", "words")
    done = command("compare", tmp_path / "a.csv", tmp_path / "b.csv", "--across", key)
    assert done.returncode == 0, done.stderr


def test_every_difference_is_named_at_once(refused, tmp_path):
    write(tmp_path / "b.csv", rows("b"), {**META, "kernel": "6.1", "cpu_model": "Other"})
    said = refused("a.csv", "b.csv")
    assert "different kernel: " in said and "different cpu_model: " in said
    assert "different kernel" in refused("a.csv", "b.csv", "--across", "cpu_model")


def test_other_schema(refused, tmp_path):
    write(tmp_path / "b.csv", rows("b", schema=2), {**META, "schema": "2"})
    assert "schema 2" in refused("a.csv", "b.csv")


def test_same_file_and_same_run(refused, tmp_path):
    assert "given twice" in refused("a.csv", "a.csv")
    (tmp_path / "copy.csv").write_text((tmp_path / "a.csv").read_text())
    assert "run a is in a.csv and in copy.csv" in refused("a.csv", "copy.csv")


def test_nothing_in_common(refused, tmp_path):
    write(tmp_path / "b.csv", rows("b", size=64))
    assert "no cell in common: size is 4K / 64" in refused("a.csv", "b.csv")
    one = [r for r in rows("a") if (r["strategy"] == "raw") == (r["round"] < 4)]
    write(tmp_path / "a.csv", one)
    assert "no rounds in common" in refused("a.csv", "--base", "raw", "--test", "words")


def test_axes_and_values(refused, tmp_path):
    pair = ("--base", "raw", "--test")
    assert "both raw" in refused("a.csv", *pair, "raw")
    said = refused("a.csv", *pair, "rwa")
    assert "strategy: raw, words" in said
    assert "there are: raw, words" in refused("a.csv", *pair, "rwa", "--axis", "strategy")
    assert "there are: path, op, strategy" in refused("a.csv", *pair, "words", "--axis", "colour")
    assert "AXIS=VALUE" in refused("a.csv", *pair, "words", "--where", "raw")
    assert "no value of size here; there are: 4K" in refused("a.csv", *pair, "words",
                                                             "--where", "size=64")


def test_metrics(refused):
    pair = ("--base", "raw", "--test", "words", "--metric")
    assert "there are: time, ops_per_s" in refused("a.csv", *pair, "speed")
    assert "no measured column" in refused("a.csv", *pair, "round")
    assert "lat_p90_ns is empty" in refused("a.csv", *pair, "lat_p90_ns")


def test_no_good_row(refused, tmp_path):
    write(tmp_path / "b.csv", rows("b", verified=0))
    assert "no row is left" in refused("a.csv", "b.csv")


def test_all_mistakes_of_the_command_line_at_once(refused):
    said = refused("a.csv", "--base", "raw", "--confidence", "2", "--fail-above", "-1")
    for part in ("--base and --test go together", "--confidence 2", "--fail-above -1"):
        assert part in said
    assert "3 files" in refused("a.csv", "b.csv", "c.csv")
    assert "0 files" in refused()
    assert "go together" in refused("--base-runs", "a.csv")
    assert "take the place" in refused("a.csv", "--base-runs", "a.csv", "--test-runs", "b.csv")
    assert "--axis needs" in refused("a.csv", "b.csv", "--axis", "size")
    assert "no such file" in refused("a.csv", "gone.csv")
