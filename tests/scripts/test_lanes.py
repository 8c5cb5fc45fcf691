# SPDX-License-Identifier: MIT
"""How scripts/test runs its suites side by side, with suites that only say when they ran.

Bugs these would catch: a suite that starts before what it needs is built, or looks at the
tree while others write to it; more at once than asked for; a suite lost, counted twice or
left running; a failure that gets lost in the sum.
"""

import os
import re
import shutil
import signal
import subprocess
import time
from pathlib import Path

import pytest

SCRIPTS = Path(__file__).resolve().parents[2] / "scripts"
MADE_UP = """run_suite()
{
	echo "begin $1" >>"$PAGECOPY_TOP/times"
	case $1 in
	compat) sleep "$LONG" ;;
	module) echo "not ok - a fault" ;;
	kunit)
		echo "ok - left out # SKIP no reason"
		echo "end $1" >>"$PAGECOPY_TOP/times"
		exit 1 ;;
	*) sleep 0.3 ;;
	esac
	echo "ok - $1"
	echo "end $1" >>"$PAGECOPY_TOP/times"
}
"""


@pytest.fixture(name="tree")
def fixture_tree(tmp_path):
    scripts = tmp_path / "scripts"
    scripts.mkdir()
    shutil.copy(SCRIPTS / "lib.sh", scripts)
    text = (SCRIPTS / "test").read_text(encoding="utf-8")
    text, changed = re.subn(r"^run_suite\(\)\n\{.*?^\}\n", lambda _: MADE_UP, text,
                            flags=re.S | re.M)
    assert changed == 1
    for name, content in (("test", text), ("setup", "#!/bin/sh\n")):
        (scripts / name).write_text(content, encoding="utf-8")
        (scripts / name).chmod(0o755)
    return tmp_path


def start(tree, *words, long="0.3"):
    return subprocess.Popen([tree / "scripts/test", *words], text=True, stdin=subprocess.DEVNULL,
                            stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                            env={**os.environ, "LONG": long})


def run(tree, *words):
    child = start(tree, *words)
    out, err = child.communicate(timeout=60)
    return child.returncode, out, err


def overlaps(tree):
    """For each suite, in order: which others ran while it did."""
    running, met = [], {}
    for line in (tree / "times").read_text(encoding="utf-8").splitlines():
        word, name = line.split()
        if word == "end":
            running.remove(name)
            continue
        met[name] = set(running)
        for other in running:
            met[other].add(name)
        running.append(name)
    assert not running
    return met


def test_all_run_two_at_a_time_but_build_and_lint(tree):
    status, out, _ = run(tree, "--jobs", "2")
    met = overlaps(tree)
    listed = subprocess.run([tree / "scripts/test", "--list"], text=True, check=True,
                            capture_output=True).stdout.split()
    assert sorted(met) == sorted(listed)
    assert list(met)[0] == "build" and list(met)[-1] == "lint"
    assert met["build"] == set() == met["lint"]
    assert any(met.values())
    assert status == 1 and "not ok - a fault" in out
    assert f"{len(listed) - 1} passed, 2 failed, 1 skipped" in out.splitlines()[-1]


def test_order_does_not_let_them_run_beside_others(tree):
    status, _, _ = run(tree, "--jobs", "2", "docs", "lint", "compat", "build", "unit", "arm64")
    met = overlaps(tree)
    assert status == 0 and len(met) == 6
    assert met["build"] == set() == met["lint"]


def test_one_at_a_time_when_asked(tree):
    status, out, _ = run(tree, "--jobs", "1", "compat", "docs", "docs")
    assert status == 0 and out.splitlines()[-1] == "2 passed, 0 failed, 0 skipped"
    assert overlaps(tree) == {"compat": set(), "docs": set()}


@pytest.mark.parametrize("words", [("--jobs",), ("--jobs", "0"), ("--jobs", "x")])
def test_jobs_must_be_a_number(tree, words):
    status, _, err = run(tree, *words)
    assert status == 2 and "--jobs" in err


def test_a_suite_that_runs_ends_with_the_script(tree):
    long = f"54{os.getpid()}"
    child = start(tree, "--jobs", "2", "compat", "docs", long=long)
    until = time.monotonic() + 20
    while not (tree / "times").exists() and time.monotonic() < until:
        time.sleep(0.1)
    child.send_signal(signal.SIGTERM)
    child.communicate(timeout=20)
    assert child.returncode == 1
    left = subprocess.run(["ps", "-eo", "args"], text=True, capture_output=True, check=True)
    assert f"sleep {long}" not in left.stdout
