# SPDX-License-Identifier: MIT
"""scripts/hyperfine: what it leaves, what it refuses, and against `pagecopy run`."""

import csv
import importlib.machinery
import importlib.util
import json
import math
import os
import shutil
import subprocess

import native
import numpy as np
import pytest
import shell

from pagecopy_report.stats import median_interval

FILES = {f"hyperfine{name}" for name in (
    ".json", ".csv", ".md", "-setting.json", "-startup.json", "-startup.csv", "-startup.md")}
# hyperfine, as far as the script sees it: 0.05 s and a bit for each, 0.2 s more for copies.
FAKE = r"""exec /usr/bin/python3 - "$@" <<'END'
import csv, json, sys
words = sys.argv[1:]
option = {words[i]: words[i + 1] for i in range(len(words) - 1) if words[i].startswith("--")}
axes = {words[i + 1]: words[i + 2].split(",") for i in range(len(words)) if words[i] == "-L"}
results = []
for nr, strategy in enumerate(axes["strategy"]):
    count = int(axes["count"][0])
    times = [0.05 + 0.001 * k + (0.2 + 0.1 * nr if count else 0) for k in range(10)]
    results.append({"command": words[-1], "mean": sum(times) / 10, "stddev": 0.003,
                    "median": 0.0544 + (0.2 + 0.1 * nr if count else 0), "times": times,
                    "user": 0.01 + (0.15 if count else 0), "system": 0.01,
                    "parameters": {"strategy": strategy, "size": axes["size"][0],
                                   "count": str(count)}})
json.dump({"results": results}, open(option["--export-json"], "w"))
with open(option["--export-csv"], "w") as file:
    csv.writer(file).writerows([["command", "mean"]] + [[r["command"], r["mean"]] for r in results])
open(option["--export-markdown"], "w").write("| Command |\n")
END"""


@pytest.fixture(scope="module", autouse=True)
def built():
    """The program, as scripts/bench would build it."""
    subprocess.run(["bash", "-c", '. "$1/lib.sh"; build_programs', "-", shell.SCRIPTS],
                   check=True, timeout=shell.LIMIT)


@pytest.fixture(autouse=True)
def there(request):
    """hyperfine itself; tests that bring their own need none."""
    if "tmp_path" in request.fixturenames and not shutil.which("hyperfine") \
            and "fake" not in request.node.name:
        pytest.skip("hyperfine is not installed (Debian: hyperfine)")


def run(*words, **more):
    return shell.run("hyperfine", "--no-build", *map(str, words), **more)


def fake(folder):
    return shell.shim(folder / "bin", hyperfine=FAKE)


def results(folder, name="hyperfine"):
    return json.loads((folder / f"{name}.json").read_text())["results"]


def test_mistakes_are_refused(tmp_path):
    for words, said in (
            (("--path", "nop", "--size", "64"), "copies nothing: no --strategy and no --size"),
            (("--startup", "--count", "5"), "--startup takes no"),
            (("--module", "x.ko"), "only with --startup --platform host"),
            (("--startup", "--platform", "host"), "--module FILE.ko says which"),
            (("--count", "0"), "a number from 1"), (("--seconds", "0"), "0.001 to 3600"),
            (("--size", "4K,4096", "--count", "9", "--runs", "1"), "given twice")):
        done = run(*words, "--out", tmp_path / "out")
        assert (done.returncode, done.stdout) == (2, ""), words
        assert said in done.stderr
        assert not list(tmp_path.rglob("*.json"))


def test_what_the_program_refuses_is_told_at_once_and_leaves_nothing(tmp_path):
    done = run("--strategy", "raw,xx", "--size", "4K,9M", "--depth", "0", "--out", tmp_path / "out")
    assert (done.returncode, done.stdout) == (2, "")
    for said in ("--strategy 'xx'", "--size '9M'", "--depth '0'"):
        assert done.stderr.count(said) == 1, said
    assert not (tmp_path / "out").exists()


def test_results_are_never_overwritten(tmp_path):
    (tmp_path / "hyperfine-setting.json").write_text("mine")
    done = run("--count", 5, "--runs", 1, "--out", tmp_path)
    assert done.returncode == 2 and "never overwritten" in done.stderr
    assert os.listdir(tmp_path) == ["hyperfine-setting.json"]


def test_what_cannot_run_here_is_skipped(tmp_path):
    done = run("--platform", "uml", "--out", tmp_path / "out")
    assert done.returncode == 77 and "does not run in a guest" in done.stderr
    done = run("--path", "uring", "--out", tmp_path / "out")
    if not os.path.exists("/dev/pagecopy"):
        assert done.returncode == 77 and "load the module" in done.stderr
    assert not (tmp_path / "out").exists()


def test_without_hyperfine_it_is_skipped_even_with_the_scripts_in_the_path(tmp_path):
    env = shell.path_without(tmp_path / "bin", "hyperfine")
    env["PATH"] = f"{shell.SCRIPTS}:{env['PATH']}"
    done = run("--out", tmp_path / "out", env=env)
    assert (done.returncode, done.stdout) == (77, "")
    assert "hyperfine is not installed" in done.stderr and not (tmp_path / "out").exists()


def test_every_cell_is_in_every_export(tmp_path):
    out = tmp_path / "a folder"
    done = run("--strategy", "raw,words", "--size", "512,4K", "--depth", 3, "--offset", 64, "--op",
               "write", "--seconds", "0.01", "--runs", 2, "--out", out)
    assert done.returncode == 0, done.stderr
    assert set(os.listdir(out)) == FILES
    setting = json.loads((out / "hyperfine-setting.json").read_text())
    assert {"path": "user", "op": "write", "buffer": "user", "depth": 3,
            "offset": 64}.items() <= setting.items()
    cells = [(size, strategy) for size in ("512", "4096") for strategy in ("raw", "words")]
    for name in ("hyperfine", "hyperfine-startup"):
        found = results(out, name)
        assert [(r["parameters"]["size"], r["parameters"]["strategy"]) for r in found] == cells
        assert all(len(r["times"]) == 2 and set(r["exit_codes"]) == {0} for r in found)
        with (out / f"{name}.csv").open(newline="") as file:
            rows = list(csv.DictReader(file))
        assert [(r["parameter_size"], r["parameter_strategy"]) for r in rows] == cells
        assert [float(r["mean"]) for r in rows] == pytest.approx([r["mean"] for r in found])
        text = (out / f"{name}.md").read_text()
        assert text.count("| Command |") == 2 and text.count("| `") == 4
    for size, strategy in cells:
        idle, busy = (next(r for r in results(out, name)
                           if r["parameters"]["size"] == size
                           and r["parameters"]["strategy"] == strategy)
                      for name in ("hyperfine-startup", "hyperfine"))
        assert f"--strategy {strategy} --size {size} " in busy["command"]
        assert busy["command"].endswith(f" --count {setting['count'][size]}")
        assert idle["command"] == busy["command"].rpartition(" ")[0] + " 0"
        assert str(shell.ROOT) not in busy["command"]
    assert len(done.stdout.splitlines()) == 2 + 1 + 4 and "512" in done.stdout


def test_floors_are_one_cell(tmp_path):
    done = run("--path", "nop", "--depth", 4, "--count", 2000, "--runs", 2, "--out", tmp_path)
    if done.returncode == 77:
        pytest.skip(done.stderr)
    assert done.returncode == 0, done.stderr
    one, = results(tmp_path)
    assert one["parameters"] == {"strategy": "nop", "size": "0", "count": "2000"}
    assert json.loads((tmp_path / "hyperfine-setting.json").read_text())["count"] == {"0": 2000}


def test_a_command_lasts_as_long_as_asked(tmp_path):
    """By the program's own clock; a fifth of it, since the machine may be faster by now."""
    done = run("--strategy", "bytes,raw", "--size", "4K", "--seconds", "0.1", "--runs", 1,
               "--warmup", 0, "--out", tmp_path)
    assert done.returncode == 0, done.stderr
    count = json.loads((tmp_path / "hyperfine-setting.json").read_text())["count"]["4096"]
    said = native.run("copy", "--count", count, "--verbose").stdout
    assert float(said.split()[3]) > 0.02
    # Two digits: one that people read.
    assert str(count).rstrip("0") == str(count)[:2].rstrip("0")


def test_fake_times_give_these_figures(tmp_path):
    done = run("--strategy", "raw,words", "--size", "4K", "--count", 1000000, "--out",
               tmp_path / "out", env=fake(tmp_path))
    assert done.returncode == 0, done.stderr
    lines = [line.split() for line in done.stdout.splitlines()[-2:]]
    # Of ten runs the second from either end: 0.251 - 0.058 and 0.258 - 0.051.
    assert lines[0] == "4K raw 1000000 254 54.4 200 193 to 207 150 10".split()
    assert lines[1] == "4K words 1000000 354 54.4 300 293 to 307 150 10".split()


def test_fake_hyperfine_that_fails_leaves_nothing(tmp_path):
    env = shell.shim(tmp_path / "bin", hyperfine="echo broken >&2; exit 3")
    done = run("--count", 9, "--out", tmp_path / "out", env=env)
    assert (done.returncode, done.stdout) == (1, "")
    assert "broken" in done.stderr and "status 3" in done.stderr
    assert not (tmp_path / "out").exists()


def test_startup_of_program_and_guest(tmp_path):
    done = shell.run("hyperfine", "--startup", "--runs", "1", "--out", tmp_path)
    if done.returncode == 77:
        pytest.skip(done.stderr)
    assert done.returncode == 0, done.stderr
    found = {r["command"]: r["median"] for r in results(tmp_path, "hyperfine-startup")}
    version, listed, none, boot, loaded = found.values()
    assert max(version, listed, none) < min(boot, loaded)
    assert [command.partition("pagecopy ")[2] for command in list(found)[:3]] == [
        "--version", "list strategies", "copy --count 0"]
    assert list(found)[3:] == [f"scripts/vm --platform uml --no-build {word}-- true"
                               for word in ("--no-module ", "")]
    assert len(done.stdout.splitlines()) == 2 + 5


@pytest.mark.skipif(os.geteuid() != 0, reason="only root is asked to load modules")
@pytest.mark.skipif(os.path.exists("/sys/module/pagecopy"), reason="the module is loaded")
def test_the_module_is_loaded_when_it_is_not_and_unloaded_when_it_is(tmp_path):
    """insmod and rmmod are played: each fails where the real one would."""
    state, log = tmp_path / "loaded", tmp_path / "log"
    module = tmp_path / "a module.ko"
    module.touch()
    env = shell.shim(
        tmp_path / "bin",
        insmod=f'[ "$1" = "{module}" ] && [ ! -e {state} ] && touch {state} && echo in >>{log}',
        rmmod=f'[ "$1" = pagecopy ] && rm {state} && echo out >>{log}')
    done = run("--startup", "--platform", "host", "--module", module, "--runs", 3, "--out",
               tmp_path / "out", env=env)
    assert done.returncode == 0, done.stderr
    assert not state.exists()
    assert log.read_text().split() == ["in", "out"] * 7
    found = [r["command"] for r in results(tmp_path / "out", "hyperfine-startup")]
    assert found[3:] == [f"insmod '{module}'", "rmmod pagecopy"]
    done = run("--startup", "--platform", "host", "--module", tmp_path / "none.ko", env=env)
    assert done.returncode == 2 and "no such file" in done.stderr


@pytest.mark.skipif(os.geteuid() != 0, reason="only root is asked to load modules")
@pytest.mark.skipif(os.path.exists("/sys/module/pagecopy"), reason="the module is loaded")
def test_a_module_that_does_not_load_is_told(tmp_path):
    (tmp_path / "x.ko").touch()
    env = shell.shim(tmp_path / "bin", insmod="echo 'Invalid module format' >&2; exit 1")
    done = run("--startup", "--platform", "host", "--module", tmp_path / "x.ko", "--out",
               tmp_path / "out", "--runs", 1, env=env)
    assert (done.returncode, done.stdout) == (1, "")
    assert "insmod" in done.stderr and "Invalid module format" in done.stderr
    assert not (tmp_path / "out").exists()


# --- Harness against harness -------------------------------------------------

SAME = ("raw", "words")
COUNTS = {4096: 200000, 65536: 15000}
# Turns: never fewer than the first, as many as are needed up to the second.
FEWEST, MOST = 6, 40
# How fast a copy can be, by one, is that by the other to so much; and some ratio of
# the interval of the paired ratios is this near to 1.
FASTEST, PAIRED = 1.15, 1.10


def script():
    """scripts/hyperfine as a module."""
    path = str(shell.SCRIPTS / "hyperfine")
    loader = importlib.machinery.SourceFileLoader("hyperfine_script", path)
    spec = importlib.util.spec_from_loader(loader.name, loader)
    module = importlib.util.module_from_spec(spec)
    loader.exec_module(module)
    return module


def cpu_seconds(folder, name):
    """Of the commands of a call with one run each."""
    return {(r["parameters"]["strategy"], int(r["parameters"]["size"])): r["user"] + r["system"]
            for r in results(folder, name)}


def by_hyperfine(module, folder, capfd):
    """{cell: (CPU seconds without a copy, with, copies)} as the script leaves them."""
    found = {}
    for size, count in COUNTS.items():
        out = folder / str(size)
        shutil.rmtree(out, ignore_errors=True)
        words = ["--no-build", "--strategy", ",".join(SAME), "--size", str(size), "--count",
                 str(count), "--runs", "1", "--warmup", "0", "--out", str(out)]
        status = module.main(words)
        assert status == 0, capfd.readouterr().err
        idle, busy = (cpu_seconds(out, f"hyperfine{name}") for name in ("-startup", ""))
        said = json.loads((out / "hyperfine-setting.json").read_text())["count"]
        for cell, took in busy.items():
            found[cell] = idle[cell], took, said[str(cell[1])]
    return found


def by_run(folder):
    """{cell: ns per copy of each round in which nobody else had the CPU}."""
    path = folder / "run.csv"
    path.unlink(missing_ok=True)
    done = native.run("run", "--path", "user", "--op", "read", "--strategy", ",".join(SAME),
                      "--size", "4K,64K", "--depth", 1, "--latency", "off", "--counters", "off",
                      "--rounds", 10, "--slice", 1, "--precision", 0, "--disturbed", "keep",
                      "--csv", path)
    assert done.returncode == 0, done.stderr
    found = {}
    for row in native.rows(path):
        if row["strategy"] in SAME and row["preempted"] in ("", "0"):
            cell = row["strategy"], int(row["size"])
            found.setdefault(cell, []).append(1e9 / float(row["ops_per_s"]))
    return found


class Cell:
    """What both have said of one cell so far."""

    def __init__(self):
        self.idle = self.busy = self.run = math.inf
        self.count = 0
        self.ratios = []

    def add(self, idle, busy, count, rounds):
        self.idle, self.busy = min(self.idle, idle), min(self.busy, busy)
        self.count = count
        if rounds:
            # Not the very least: a clock that steps once must not decide.
            self.run = min(self.run, sorted(rounds)[min(1, len(rounds) - 1)])
            self.ratios.append((busy - idle) / count * 1e9 / np.median(rounds))

    def fault(self):
        """Why the two do not agree, or nothing."""
        whole = (self.busy - self.idle) / self.count * 1e9
        if not 1 / FASTEST < whole / self.run < FASTEST:
            return f"at its fastest {whole:.1f} ns by hyperfine, {self.run:.1f} by run"
        found = median_interval(np.array(self.ratios))
        if found.low > PAIRED or found.high < 1 / PAIRED:
            return f"paired ratios {found.low:.2f} to {found.high:.2f}"
        return ""


def test_both_harnesses_say_the_same(tmp_path, capfd):
    """Taken in turns. Whole commands are long: with other programs on the CPU their
    wall time holds those, so what is compared is the CPU time that hyperfine has of
    each command, and of `pagecopy run` the rounds in which it was not preempted. A
    core also has two speeds; so two things must hold at once: the fastest that
    either saw are alike, and the interval around the median of the ratios, turn by
    turn, comes near to 1. Turns go on until both do; a fault of one harness stays,
    however many they are."""
    module, cells = script(), {}
    for turn in range(MOST):
        sides = {}
        for side in ("hyperfine", "run") if turn % 2 else ("run", "hyperfine"):
            sides[side] = by_run(tmp_path) if side == "run" else \
                by_hyperfine(module, tmp_path, capfd)
        for cell, took in sides["hyperfine"].items():
            cells.setdefault(cell, Cell()).add(*took, sides["run"].get(cell, []))
        assert len(cells) == 4
        if turn + 1 < FEWEST:
            continue
        faults = {cell: fault for cell, one in cells.items() if (fault := one.fault())}
        if not faults:
            return
    pytest.fail(f"after {MOST} turns: {faults}")
