# SPDX-License-Identifier: MIT
"""pagecopy doctor as a command; what each check says is in tests/unit/bench/test_doctor.c."""

import json
import re
import subprocess

import pytest
import shell

PAGECOPY = shell.ROOT / "build/release/bench/pagecopy"
# Fails whatever else is there: the kernel checks itself.
DEBUG_KERNEL = {"proc/sys/kernel/osrelease": "9.9\n", "boot/config-9.9": "CONFIG_KASAN=y\n"}
VERDICTS = ("pass", "warn", "fail", "unknown")


@pytest.fixture(scope="module", autouse=True)
def built():
    if not PAGECOPY.exists():
        for step in (["cmake", "--preset", "release"],
                     ["cmake", "--build", "--preset", "release"]):
            subprocess.run(step, cwd=shell.ROOT, check=True, capture_output=True)


def pagecopy(*args, **more):
    return subprocess.run([PAGECOPY, *map(str, args)], capture_output=True, text=True, check=False,
                          timeout=60, **more)


def tree(folder, files):
    for name, content in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content)
    return folder


def counted(text):
    """Verdicts by the lines, and by the sum below them."""
    lines = re.findall(rf"^({'|'.join(VERDICTS)}) +[a-z-]+ ", text, re.M)
    told = re.fullmatch(r"(\d+) pass, (\d+) warn, (\d+) fail, (\d+) unknown",
                        text.splitlines()[-1])
    return [lines.count(v) for v in VERDICTS], [int(n) for n in told.groups()]


def test_a_line_per_check_and_their_sum():
    done = pagecopy("doctor")
    assert (done.returncode, done.stderr) == (0, "")
    lines, told = counted(done.stdout)
    assert lines == told and sum(told) >= 30
    assert max(map(len, done.stdout.splitlines())) <= 100


def test_strict_fails_where_a_check_fails(tmp_path):
    root = tree(tmp_path, DEBUG_KERNEL)
    assert pagecopy("doctor", "--root", root).returncode == 0
    done = pagecopy("doctor", "--root", root, "--strict")
    assert done.returncode == 1
    assert re.search(r"^fail    debug-kernel  KASAN: ", done.stdout, re.M)


def test_strict_is_content_with_warnings(tmp_path):
    root = tree(tmp_path, {"proc/sys/kernel/nmi_watchdog": "1\n"})
    done = pagecopy("doctor", "--root", root, "--strict")
    assert done.returncode == 0
    assert ", 1 warn, 0 fail, " in done.stdout


def test_json_says_the_same(tmp_path):
    root = tree(tmp_path, DEBUG_KERNEL | {"sys/devices/system/cpu/online": "0-3\n"})
    text = pagecopy("doctor", "--root", root).stdout
    said = json.loads(pagecopy("doctor", "--root", root, "--json").stdout)
    assert said["cpu"] == 3
    assert [said[v] for v in VERDICTS] == counted(text)[1]
    for name, check in said["checks"].items():
        assert re.search(rf"^{check['verdict']} +{name} ", text, re.M)
        # A line breaks between words.
        words = " ".join(text.split())
        for part in ("found", "why", "fix") if check["verdict"] != "pass" else ("found",):
            assert " ".join(check[part].split()) in words


def test_every_mistake_is_told_at_once(tmp_path):
    root = tree(tmp_path, {"sys/devices/system/cpu/online": "0-1\n"})
    done = pagecopy("doctor", "--bad", "--json=yes", "word", "--cpu", "x", "--root",
                    tmp_path / "none", "--cpu")
    assert (done.returncode, done.stdout) == (2, "")
    for mistake in ("'--bad'", "'--json=yes'", "'word'", "--cpu 'x'", "--root", "--cpu: value"):
        assert f"pagecopy doctor: {mistake}" in done.stderr
    done = pagecopy("doctor", "--root", root, "--cpu", "2")
    assert done.returncode == 2
    assert "--cpu 2: not online; allowed: 0-1" in done.stderr


def test_a_run_records_the_findings(tmp_path):
    done = pagecopy("run", "--path", "nop", "--depth", 1, "--rounds", 1, "--slice", 1,
                    "--csv", tmp_path / "r.csv")
    assert done.returncode == 0, done.stderr
    found = json.loads((tmp_path / "env.json").read_text())["doctor"]
    names = re.findall(r"^(?:pass|warn|fail|unknown) +([a-z-]+) ", pagecopy("doctor").stdout, re.M)
    assert list(found) == names
    for check in found.values():
        assert check["verdict"] in VERDICTS and check["found"] and check["why"]
        assert (check["fix"] is None) == (check["verdict"] == "pass")


def busy(cpu):
    """A process that uses up the CPU until it is ended."""
    return subprocess.Popen(["taskset", "-c", str(cpu), "sh", "-c", "while :; do :; done"])


def test_a_strict_run_refuses_before_it_writes(tmp_path):
    cpu = json.loads(pagecopy("doctor", "--json").stdout)["cpu"]
    other = busy(cpu)
    try:
        args = ("run", "--path", "nop", "--depth", 1, "--rounds", 1, "--slice", 1,
                "--csv", tmp_path / "r.csv")
        done = pagecopy(*args, "--strict")
        assert done.returncode == 1
        assert re.search(r"^fail    cpu-use       ", done.stderr, re.M), done.stderr
        assert "--cpu N" in done.stderr
        assert not list(tmp_path.iterdir())
        assert pagecopy(*args).returncode == 0
    finally:
        other.kill()
        other.wait()


def test_a_uml_guest_knows_nothing_of_the_machine():
    done = shell.run("vm", "--no-module", "--", "pagecopy", "doctor")
    if done.returncode == 77:
        pytest.skip(done.stderr.strip().splitlines()[-1])
    assert done.returncode == 0, done.stderr
    lines, told = counted(done.stdout)
    assert lines == told
    for name in ("governor", "smt", "tsc", "cpu-use", "steal", "numa"):
        assert re.search(rf"^unknown {name} ", done.stdout, re.M), done.stdout
    assert re.search(r"^warn    hypervisor    User-Mode Linux", done.stdout, re.M)
    # The guest's own kernel can be read.
    assert re.search(r"^pass    debug-kernel ", done.stdout, re.M)
