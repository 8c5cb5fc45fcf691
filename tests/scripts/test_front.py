# SPDX-License-Identifier: MIT
"""The first screen and the table of cells: the numbers are those of the CSV and of the commands."""

import json
import re
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from conftest import ALL, META, Maker, command, row, series, write
from pagecopy_report import best, celltable, front
from pagecopy_report.columns import CELL
from pagecopy_report.load import by_place, load_all

ROOT = Path(__file__).resolve().parents[2]
GALLERY = ROOT / "plots/gallery/results.csv"
QUESTION = ROOT / "plots/copies/question/results.csv.gz"
SAFE = {**META, "byte_atomic": "bytewise_atomic, words"}


def places_of(*paths):
    return by_place(load_all([Path(path) for path in paths]))


def front_of(tmp_path, rows, meta=None, env=None):
    path = write(tmp_path / "results.csv", rows, SAFE if meta is None else meta, ALL)
    if env is not None:
        (tmp_path / "env.json").write_text(env if isinstance(env, str) else json.dumps(env))
    return front.front(places_of(path))


def times(base, test, rounds=20, **fixed):
    """raw and bytewise_atomic with these kernel_ns (a number, or one for each round)."""
    sides = {"raw": base, "bytewise_atomic": test}
    return [one for name, ns in sides.items() for one in series(
        ns if isinstance(ns, list) else [ns] * rounds, strategy=name, **fixed)]


def table(found, title, place=0):
    return next(one for one in found["places"][place]["tables"] if title in one["title"])


def frame_of(path):
    """The CSV by pandas alone."""
    frame = pd.read_csv(path, comment="#", keep_default_na=False, na_values={
        name: [""] for name in ("kernel_ns", "lat_p999_ns", "gb_per_s")})
    # Where nothing is copied no mutator is named.
    return frame.replace({"mutators": {"": "none"}})


def test_cells_are_the_medians_of_the_csv():
    data = frame_of(GALLERY)
    found = celltable.table(places_of(GALLERY))
    keys = [column["key"] for column in found["columns"]]
    shown = pd.DataFrame(found["rows"], columns=keys)
    axes = [axis for axis in CELL if axis in data]
    data = data[~data["strategy"].str.endswith(".twin")]
    groups = {key: rows for key, rows in data.groupby(axes)}
    assert len(shown) == len(groups)
    for _, line in shown.iterrows():
        rows = groups[tuple("" if line[axis] is None or line[axis] != line[axis] else line[axis]
                            for axis in axes)]
        assert line["rounds"] == len(rows)
        assert line["disturbed"] == pytest.approx(100 * (rows["disturbed"] > 0).mean())
        quiet = rows[rows["disturbed"] == 0]
        used = quiet if len(quiet) >= 10 else rows
        for key in ("ops_per_s", "gb_per_s", "lat_p50_ns", "lat_p99_ns", "lat_p999_ns",
                    "kernel_ns"):
            wanted = used[key].median()
            assert line[key] == pytest.approx(wanted, rel=1e-8, nan_ok=True), key
        low, high = np.percentile(used["ops_per_s"], [25, 75])
        assert line["spread"] == pytest.approx(50 * (high - low) / used["ops_per_s"].median())


def test_failed_and_unverified_rounds_are_told_and_in_no_median(tmp_path):
    rows = series([10, 20, 900, 950])
    rows[2].update(errors=3, verified=0)
    rows[3].update(verified=0)
    path = write(tmp_path / "a.csv", [*rows, *series([7], strategy="raw.twin")])
    found = celltable.table(places_of(path))
    (line,) = found["rows"]
    cell = dict(zip([column["key"] for column in found["columns"]], line))
    assert (cell["rounds"], cell["kernel_ns"], cell["errors"]) == (4, 15, 3)
    assert cell["verified"] == "no, in 1" and cell["rate"] is None and cell["place"] == "1"
    loud = " ".join(front.front(places_of(path))["places"][0]["loud"])
    assert "1 rows with failed commands" in loud and "1 rows whose bytes were not" in loud


def test_a_cell_of_failures_alone_has_no_median(tmp_path):
    path = write(tmp_path / "a.csv", series([5, 6], verified="no"))
    found = celltable.table(places_of(path))
    cell = dict(zip([column["key"] for column in found["columns"]], found["rows"][0]))
    assert cell["kernel_ns"] is None and cell["verified"] == "no, in 2"
    assert "cannot be said" in front.front(places_of(path))["answer"]


def test_what_does_not_fit_is_counted_and_every_place_has_its_share(tmp_path):
    paths = []
    for name in ("6.1", "6.12"):
        (tmp_path / name).mkdir()
        paths.append(write(tmp_path / name / "r.csv", [row(size=8 * nr) for nr in range(1, 400)],
                           {**META, "kernel": name}))
    found = celltable.table(places_of(*paths), room=20_000)
    assert len(json.dumps(found["rows"], separators=(",", ":"))) < 20_100
    assert {line[0] for line in found["rows"]} == {"1", "2"}
    shown = len(found["rows"])
    assert found["said"].startswith(f"Only {shown} of 798 cells fit on the page")
    assert f"the other {798 - shown} are in r.csv, r.csv alone" in found["said"]


@pytest.mark.parametrize("path", (GALLERY, QUESTION))
def test_ratios_are_those_that_compare_prints(path):
    found = front.front(places_of(path))
    shown = table(found, "bytewise_atomic / raw, kernel_ns")
    words = re.search(r"scripts/compare \S+ (.*)", shown["notes"][-1])[1].split()
    done = command("compare", path, *words)
    assert done.returncode == 0, done.stderr
    printed = [" ".join(line.split()) for line in done.stdout.splitlines()]
    for line in shown["rows"]:
        assert " ".join(" ".join(line).split()) in printed
    page = next(line for line in shown["rows"] if line[0] == "4K")
    assert f"{page[3]} {page[4]}, {page[6]} round" in found["answer"]


def test_the_best_are_those_that_best_prints():
    found = front.front(places_of(QUESTION))
    shown = table(found, "Best safe strategy")
    done = command("best", QUESTION)
    printed = [" ".join(line.split()) for line in done.stdout.splitlines()]
    assert len(shown["rows"]) == 8
    for line in shown["rows"]:
        assert " ".join(" ".join(line).split()) in printed
    assert shown["notes"] == [best.HOW]


def test_the_noise_floor_is_that_of_the_summary():
    found = front.front(places_of(GALLERY))
    said = " ".join(command("summary", GALLERY).stdout.split())
    lines = table(found, "Noise floor")["rows"]
    assert [line[0] for line in lines] == ["ops/s", "kernel ns"]
    for of, typical, interval, most, controls, apart in lines:
        assert (f"{typical} [{interval.removesuffix(' %')}] in {of} (at most {most}; "
                f"{apart} of {controls} told apart)") in said


@pytest.mark.parametrize("test, rounds, begin", (
    (105.0, 20, "It costs 5 % more time at 4K inside the kernel: bytewise_atomic / raw 1.050"),
    (95.0, 20, "It costs nothing, it takes 5 % less time at 4K"),
    (105.0, 3, "It cannot be said yet: at 4K inside the kernel the rounds are too few"),
    ([95.0, 106.0] * 10, 20, "No cost was told from noise, at most 6 % by the interval"),
))
def test_the_answer_is_what_the_rows_say(tmp_path, test, rounds, begin):
    answer = front_of(tmp_path, times(100.0, test, rounds))["answer"]
    assert answer.startswith(begin), answer
    assert "no control was measured" in answer and answer.endswith(".")


def test_the_answer_names_the_best_safe_one_and_the_noise(tmp_path):
    rows = times(100.0, 110.0) + series([104.0] * 20, strategy="words")
    rows += series([101.0] * 20, strategy="raw.twin")
    found = front_of(tmp_path, rows)
    assert "two identical things differ by 1 % here" in found["answer"]
    assert "the best safe strategy is words, 104 ns against 100 ns of raw" in found["answer"]
    assert found["places"][0]["loud"] == []


def test_the_size_nearest_to_a_page_and_the_kernel_come_first(tmp_path):
    rows = times(10.0, 11.0, size=64) + times(100.0, 120.0, size=8192)
    rows += times("", "", size=4096, path="user", buffer="user")
    assert "20 % more time at 8K inside the kernel" in front_of(tmp_path, rows)["answer"]
    rows = [one | {"kernel_ns": ""} for one in rows]
    assert "at 8K end to end" in front_of(tmp_path, rows)["answer"]


@pytest.mark.parametrize("meta, loud, said", (
    ({"emulated": "yes"}, "EMULATED", "the CPU is emulated"),
    ({"debug_kernel": "KASAN"}, "DEBUG KERNEL (KASAN)", "a debug kernel (KASAN)"),
))
def test_times_that_rank_wrongly_give_no_answer(tmp_path, meta, loud, said):
    found = front_of(tmp_path, times(100.0, 150.0), {**SAFE, **meta})
    assert found["answer"].startswith("It cannot be said from here") and said in found["answer"]
    (place,) = found["places"]
    assert place["loud"][0].startswith(loud)
    assert table(found, "Best safe")["rows"] == []
    assert all(one["title"].startswith(loud.split(" (")[0]) for one in place["tables"])


def test_without_one_of_the_two_the_reason_is_given(tmp_path):
    found = front_of(tmp_path, series([5.0] * 20))
    assert "It cannot be said from here: bytewise_atomic" in found["answer"]
    found = front_of(tmp_path, [row(path="nop", op="nop", strategy="nop", size=0, buffer="none")])
    assert "no copy was measured" in found["answer"]


def test_a_file_that_names_no_safe_strategy_says_so(tmp_path):
    lines = GALLERY.read_text(encoding="utf-8").splitlines(keepends=True)
    path = tmp_path / "results.csv"
    path.write_text("".join(line for line in lines if not line.startswith("#byte_atomic")))
    assert "#byte_atomic" in table(front.front(places_of(path)), "Best safe")["notes"][0]
    assert "movsb" in str(table(front.front(places_of(GALLERY)), "Best safe")["rows"])


def test_doctor_and_facts_are_those_of_the_run(tmp_path):
    env = {"run_id": "made-up", "host": {"os": "Imaginary 7", "governor": None},
           "cpu": {"caches": [{"level": 1, "type": "d", "bytes": 49152}, "x", {}]},
           "doctor": {"turbo": {"verdict": "warn", "found": "on", "why": "w", "fix": "f it"},
                      "tsc": {"verdict": "fail", "found": "jumps", "why": "w", "fix": None},
                      "smt": {"verdict": "unknown", "found": "hidden"}, "odd": 7,
                      "numa": {"verdict": "pass", "found": "one"}}}
    (place,) = front_of(tmp_path, times(100.0, 105.0), env=env)["places"]
    doctor = [line for line in place["warnings"] if line.startswith("Doctor")]
    assert doctor == ["Doctor, tsc: FAIL, and measured all the same: jumps; w.",
                      "Doctor, turbo: warning: on; w. Fix: f it."]
    assert "Doctor could not tell: smt (hidden)." in place["notes"]
    facts = dict(place["facts"])
    assert facts["host OS"] == "Imaginary 7" and facts["caches"] == "L1d 48K"
    assert "governor" not in facts and facts["run"] == "made-up"


@pytest.mark.parametrize("env, said", (
    ({"run_id": "another", "host": {"os": "Other"}}, "of another run"),
    ("{ broken", "cannot be used"), ("[1]", "not what pagecopy run writes"),
    ("[" * 100_000, "cannot be used"),
))
def test_an_env_that_does_not_belong_is_named_and_left_out(tmp_path, env, said):
    (place,) = front_of(tmp_path, times(100.0, 105.0), env=env)["places"]
    assert any(said in line for line in place["warnings"])
    assert "host OS" not in dict(place["facts"])


def test_two_places_stand_side_by_side(tmp_path):
    paths = []
    for name, ns in (("6.1", 110.0), ("6.12", 130.0)):
        (tmp_path / name).mkdir()
        paths.append(write(tmp_path / name / "r.csv", times(100.0, ns), {**SAFE, "kernel": name}))
    found = front.front(places_of(*paths))
    assert [place["name"].split(",")[1] for place in found["places"]] == [" kernel 6.1",
                                                                        " kernel 6.12"]
    assert re.search(r"6\.1,.*10 % more.*6\.12,.*30 % more", found["answer"])


def test_what_a_hostile_file_says_is_printable_and_short(tmp_path):
    rows = times(100.0, 105.0, buffer="\x1b[31m\u202e" + "b" * 3000, path="p,=\u2028'\";")
    meta = {**SAFE, "cpu_model": "\x07" + "c" * 9000, "command": "x" * 100_000, "clock": "\u202e"}
    found = front_of(tmp_path, rows, meta)
    text = json.dumps(found, ensure_ascii=False)
    assert text.isprintable() and len(text) < 20_000
    cells = celltable.table(places_of(tmp_path / "results.csv"))
    assert json.dumps(cells, ensure_ascii=False).isprintable()


def test_any_made_up_run_has_a_front(tmp_path):
    rows = Maker(rounds=6).run(("raw", "bytewise_atomic", "bytes"), (64, 4096), (1, 8))
    found = front_of(tmp_path, rows, META)
    assert "at 4K inside the kernel" in found["answer"]
    assert json.loads(json.dumps(found, allow_nan=False)) == found
