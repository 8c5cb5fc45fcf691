# SPDX-License-Identifier: MIT
"""pagecopy-gbench: its options, its JSON, compare.py, and against `pagecopy run`."""

import json
import math
import pathlib
import re
import statistics
import subprocess

import native
import pytest
import shell

PROGRAM = shell.ROOT / "build/release/bench/pagecopy-gbench"
COMPARE = pathlib.Path("/usr/share/benchmark/compare.py")
DEF = shell.ROOT / "lib/include/pagecopy/strategies.def"


@pytest.fixture(scope="module", autouse=True)
def built():
    """The program, as scripts/bench would build it."""
    done = subprocess.run(["bash", "-c", '. "$1/lib.sh"; build_programs', "-", shell.SCRIPTS],
                          capture_output=True, text=True, check=False, timeout=shell.LIMIT)
    assert done.returncode == 0, done.stderr
    if not PROGRAM.exists():
        pytest.skip("pagecopy-gbench is not built here: no C++ compiler or no Google Benchmark")


def gbench(*options, env=None):
    return subprocess.run([PROGRAM, *map(str, options)], stdin=subprocess.DEVNULL, text=True,
                          capture_output=True, check=False, timeout=120,
                          env=shell.environment(env))


def quick(folder, *options, name="out.json", time="0.001"):
    """The JSON of a run with short repetitions."""
    path = folder / name
    done = gbench("--size", "4K", "--align", "same", f"--benchmark_min_time={time}",
                  f"--benchmark_out={path}", *options)
    assert done.returncode == 0, done.stderr
    return json.loads(path.read_text())


def repetitions(found):
    """{part of the name: value} with the row, of every repetition."""
    for row in found["benchmarks"]:
        if row["run_type"] == "iteration":
            first, *parts = row["run_name"].split("/")
            assert first == "copy"
            yield dict(part.split(":") for part in parts), row


def strategies():
    return re.findall(r"^STRATEGY\( *\d+, *\w+, *(\w+),", DEF.read_text(), re.M)


def test_all_mistakes_at_once():
    done = gbench("--size", "4K,zz,0,9M", "--strategy", "raw,xx", "--align=up", "--foo", "bar",
                  "--benchmark_nonsense=1", "--benchmark_min_time=soon", "--cpu", "1023",
                  "--benchmark_out=/nonexistent/x.json", "--cache", "cold", "--offset")
    assert (done.returncode, done.stdout) == (2, "")
    for said in ("--size 'zz'", "--size '0'", "--size '9M'", "--strategy 'xx'", "--align 'up'",
                 "'--foo'", "'bar'", "'--benchmark_nonsense=1'", "'--benchmark_min_time=soon'",
                 "--cpu '1023'", "'--benchmark_out=/nonexistent/x.json'", "--cache 'cold'",
                 "--offset: value missing"):
        assert said in done.stderr, said
    assert "allowed: all, or a comma list of hot llc dram" in done.stderr


@pytest.mark.parametrize("flag", ["--benchmark_format=xml", "--benchmark_out_format=xml",
                                  "--benchmark_filter=nothing_has_this_name",
                                  "--benchmark_filter=("])
def test_values_that_google_benchmark_passes_over_are_mistakes(flag):
    done = gbench("--strategy", "nop", "--size", "64", "--benchmark_min_time=0.001", flag)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr


def test_an_option_is_given_once_and_a_flag_has_no_value():
    done = gbench("--size", "64", "--size=64", "--list=yes")
    assert done.returncode == 2
    assert "--size: given a second time" in done.stderr and "'--list=yes'" in done.stderr


def test_list_has_every_cell_and_measures_nothing():
    done = gbench("--list", "--strategy", "raw,bytes", "--size", "1,8M", "--cache", "hot,dram",
                  "--offset", "0,5")
    assert done.returncode == 0
    names = done.stdout.split()
    assert len(set(names)) == len(names) == 2 * 2 * 2 * 2 * 2
    assert "copy/strategy:bytes/size:8388608/align:mutual/offset:5/cache:dram" in names


def test_help_shows_the_defaults():
    done = gbench("--help")
    assert done.returncode == 0
    for said in ("--strategy=LIST", "[64,512,4K,64K,2M]", "--benchmark_repetitions=20",
                 "--benchmark_enable_random_interleaving=true"):
        assert said in done.stdout


def test_what_is_here_is_measured_and_what_is_not_has_its_reason(tmp_path):
    found = quick(tmp_path, "--benchmark_repetitions=1")
    context = found["context"]
    rows = list(repetitions(found))
    measured = {parts["strategy"] for parts, _ in rows}
    missing = dict(re.findall(r"strategy (\w+): ([^;]+)", context["left_out"]))
    # The store of libpagecopy is no strategy: it promises more than one has to.
    assert measured | set(missing) == {*strategies(), "per_byte_store"}
    assert not measured & set(missing)
    assert all(missing.values())
    assert re.sub(r"\d+ ", "", context["strategies"]) == ", ".join(strategies())
    assert re.fullmatch("[0-9a-f]{16,}", context["pagecopy_build"])
    assert context["cpu"].isdigit() and context["pinned"] == "yes"
    assert (context["platform"], context["emulated"]) in (("host", "no"), ("vm", "no"),
                                                          ("vm", "yes"))
    counted = {key for _, row in rows for key in row if key.endswith(("_user", "_kernel"))}
    said = context["perf_counters"]
    assert all(name in said for name in counted)
    assert counted or said.startswith("none: ") and len(said) > 10


def test_bytes_are_those_of_the_copy(tmp_path):
    path = tmp_path / "out.json"
    done = gbench("--strategy", "nop,raw,words", "--size", "100,4K", "--benchmark_min_time=0.001",
                  "--benchmark_repetitions=2", f"--benchmark_out={path}")
    assert done.returncode == 0, done.stderr
    found = json.loads(path.read_text())
    for parts, row in repetitions(found):
        if parts["strategy"] == "nop":
            assert "bytes_per_second" not in row
            continue
        copied = row["bytes_per_second"] * row["cpu_time"] * 1e-9
        assert copied == pytest.approx(int(parts["size"]), rel=1e-6)


def test_repetitions_are_interleaved_unless_the_user_says_otherwise(tmp_path):
    found = quick(tmp_path, "--strategy", "nop,raw")
    assert len(list(repetitions(found))) == 2 * 20
    found = quick(tmp_path, "--strategy", "nop,raw", "--benchmark_repetitions=3")
    assert len(list(repetitions(found))) == 2 * 3
    assert gbench("--strategy", "nop", "--size", "64", "--align", "same",
                  "--benchmark_format=json",
                  env={"BENCHMARK_REPETITIONS": "2", "BENCHMARK_MIN_TIME": "0.001"}
                  ).stdout.count('"run_type": "iteration"') == 2


def compare(*words):
    if not COMPARE.exists():
        pytest.skip(f"{COMPARE} is not there (Debian: libbenchmark-tools)")
    done = subprocess.run(["/usr/bin/python3", "-B", COMPARE, "--no-color", *map(str, words)],
                          capture_output=True, text=True, check=False, timeout=60)
    assert done.returncode == 0, done.stderr
    return done.stdout


def times(found, strategy):
    return [row["cpu_time"] for parts, row in repetitions(found) if parts["strategy"] == strategy]


def test_compare_py_sets_two_strategies_against_each_other(tmp_path):
    found = quick(tmp_path, "--strategy", "raw,bytes,words", "--benchmark_repetitions=9")
    said = compare("-d", tmp_path / "diff.json", "filters", tmp_path / "out.json",
                   "strategy:raw/", "strategy:bytes/")
    name = "copy/[strategy:raw/ vs. strategy:bytes/]size:4096/align:same/offset:0/cache:hot"
    assert name in said and f"{name}_pvalue" in said
    one = next(d for d in json.loads((tmp_path / "diff.json").read_text()) if d["name"] == name)
    raw, byte = times(found, "raw"), times(found, "bytes")
    wanted = [b / a - 1 for a, b in zip(raw, byte)]
    assert [m["cpu"] for m in one["measurements"]] == pytest.approx(wanted)
    assert f"{wanted[0]:+.4f}" in said


def test_compare_py_sets_two_runs_against_each_other(tmp_path):
    runs = [quick(tmp_path, "--strategy", "raw,bytes", "--benchmark_repetitions=9",
                  name=f"{nr}.json") for nr in (0, 1)]
    compare("-d", tmp_path / "diff.json", "benchmarks", tmp_path / "0.json", tmp_path / "1.json")
    found = {d["name"]: d for d in json.loads((tmp_path / "diff.json").read_text())}
    for strategy in ("raw", "bytes"):
        name = f"copy/strategy:{strategy}/size:4096/align:same/offset:0/cache:hot"
        medians = [statistics.median(times(run, strategy)) for run in runs]
        one = found[f"{name}_median"]["measurements"][0]
        assert one["cpu"] == pytest.approx(medians[1] / medians[0] - 1)
        assert len(found[name]["measurements"]) == 9


# --- Harness against harness -------------------------------------------------

SAME = ("raw", "words", "bytes")
SIZES = "512,4K"
# Runs of each harness in turn: as many as are needed to see the machine at its
# fastest in both, and never fewer than the first.
FEWEST, MOST = 4, 40
# A cell of one is as fast as that of the other to so much.
NEAR = 1.15


def by_run(folder):
    """ns per copy of every cell as `pagecopy run` has it."""
    path = folder / "run.csv"
    path.unlink(missing_ok=True)
    done = native.run("run", "--path", "user", "--op", "read", "--strategy", ",".join(SAME),
                      "--size", SIZES, "--buf-offset", "0,3", "--depth", 1, "--latency", "off",
                      "--counters", "off", "--rounds", 10, "--slice", 1, "--precision", 0,
                      "--disturbed", "keep", "--csv", path)
    assert done.returncode == 0, done.stderr
    found = {}
    for row in native.rows(path):
        if not row["strategy"].endswith(".twin"):
            cell = (row["strategy"], int(row["size"]), row["buf_offset"] != "0")
            assert float(row["gb_per_s"]) == pytest.approx(
                float(row["ops_per_s"]) * cell[1] / 1e9, rel=1e-3)
            found.setdefault(cell, []).append(1e9 / float(row["ops_per_s"]))
    return found


def by_gbench(folder):
    """The same of pagecopy-gbench."""
    path = folder / "gbench.json"
    done = gbench("--strategy", ",".join(SAME), "--size", SIZES, "--benchmark_min_time=0.001",
                  "--benchmark_repetitions=10", f"--benchmark_out={path}")
    assert done.returncode == 0, done.stderr
    found = {}
    for parts, row in repetitions(json.loads(path.read_text())):
        cell = (parts["strategy"], int(parts["size"]), parts["align"] == "mutual")
        found.setdefault(cell, []).append(row["cpu_time"])
    return found


def apart(fastest):
    """Cells and pairs of cells of which the two harnesses do not say the same."""
    run, bench = fastest
    faults = []
    for cell in run:
        if not 1 / NEAR < bench[cell] / run[cell] < NEAR:
            faults.append(f"{cell}: {run[cell]:.1f} ns by run, {bench[cell]:.1f} by gbench")
        base = ("raw", *cell[1:])
        ratios = [side[cell] / side[base] for side in (run, bench)]
        if not 1 / NEAR < ratios[1] / ratios[0] < NEAR:
            faults.append(f"{cell} / raw: {ratios[0]:.2f} by run, {ratios[1]:.2f} by gbench")
    return faults


def test_two_harnesses_say_the_same(tmp_path):
    """Times move between two speeds of the machine, by a factor of up to two and
    not alike for all strategies, while someone else uses the other half of the
    core. What survives is how fast each copy can be. So the harnesses take
    turns until both have seen that; a fault of one of them stays, however long
    they do: it is not what a busy machine does to all strategies at once."""
    fastest = ({}, {})
    for turn in range(MOST):
        sides = [(by_run, fastest[0]), (by_gbench, fastest[1])]
        for measure, best in sides if turn % 2 else reversed(sides):
            for cell, values in measure(tmp_path).items():
                # Not the very least: a clock that steps once must not decide.
                best[cell] = min(best.get(cell, math.inf), sorted(values)[1])
        assert set(fastest[0]) == set(fastest[1]) and len(fastest[0]) == 12
        if turn + 1 >= FEWEST and not apart(fastest):
            return
    pytest.fail(f"after {MOST} turns: " + "; ".join(apart(fastest)))
