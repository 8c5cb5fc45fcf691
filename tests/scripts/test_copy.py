# SPDX-License-Identifier: MIT
"""pagecopy copy: what it says, what it refuses, and how often the module copies.

How often the strategy is called in a process, and what becomes of wrong bytes,
is in tests/unit/bench/test_copy.c.
"""

import re
import subprocess

import native
import pytest
import shell

# (options, how many commands) of what runs in one boot.
GUEST = [(f"--path {path} --op {op} --count {count}", count)
         for path in ("uring", "ioctl") for op in ("read", "nop") for count in (0, 1, 1003)]
GUEST += [(f"--path uring --count 101 {more}", 101) for more in (
    "--depth 8", "--depth 8 --batch 3", "--depth 8 --batch 8 --ring sqpoll",
    "--depth 16 --op write --buffer kernel --completion work", "--depth 200 --buffer copy",
    "--depth 8 --ring plain+cqe32 --completion task --offset 100 --buf-offset 7")]


@pytest.fixture(scope="module", autouse=True)
def built():
    """The program, as scripts/bench would build it."""
    subprocess.run(["bash", "-c", '. "$1/lib.sh"; build_programs', "-", shell.SCRIPTS],
                   check=True, timeout=shell.LIMIT)


@pytest.mark.parametrize("options", [
    ("--path", "user"), ("--path", "user", "--depth", "7", "--op", "write", "--strategy", "words"),
    ("--path", "null", "--depth", "3"), ("--path", "nop", "--depth", "8", "--batch", "5"),
    ("--path", "nop", "--ring", "sqpoll"), ("--size", "2M", "--buf-offset", "3")])
def test_nothing_is_said_when_all_is_well(options):
    for count in (0, 1, 1003):
        done = native.run("copy", "--count", count, *options)
        if done.returncode == 77:
            pytest.skip(done.stderr)
        assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def test_verbose_says_what_was_done():
    done = native.run("copy", "--count", 70001, "--strategy", "words", "--size", "64K",
                      "--op", "write", "--verbose")
    assert (done.returncode, done.stderr) == (0, "")
    said = re.fullmatch(r"70001 copies in (\S+) s: (.*)\n", done.stdout)
    cell = dict(word.split("=") for word in said.group(2).split())
    assert float(said.group(1)) > 0
    assert {"path": "user", "op": "write", "strategy": "words", "size": "65536", "depth": "1",
            "buffer": "user"}.items() <= cell.items()


def test_all_mistakes_at_once():
    done = native.run("copy", "--size", "4K,64", "--strategy", "xx", "--path", "all", "--depth",
                      "0", "--count", "-1", "--nonsense", "--ring", "defer+sqpoll", "stray")
    assert (done.returncode, done.stdout) == (2, "")
    for said in ("--size '4K,64': one value only; pagecopy run takes lists", "--strategy 'xx'",
                 "--path 'all': one value only", "--depth '0'", "--count '-1'", "'--nonsense'",
                 "--ring 'defer+sqpoll'", "'stray'"):
        assert f"pagecopy copy: {said}" in done.stderr, said
    assert len(done.stderr.splitlines()) == 8
    assert "allowed: one of nop raw" in done.stderr and "a comma list" not in done.stderr


@pytest.mark.parametrize("options, said", [
    ((), "--count: must be given; allowed: a number, 0 to 1000000000000"),
    (("--count", "1", "--offset", "2097151", "--size", "2"), "past the page"),
    (("--count", "1", "--op", "nop"), "path user has only the ops read and write"),
    (("--count", "1", "--path", "nop", "--depth", "2", "--batch", "4"), "a batch is not larger")])
def test_what_makes_no_cell_is_refused(options, said):
    done = native.run("copy", *options)
    assert (done.returncode, done.stdout) == (2, "")
    assert said in done.stderr and len(done.stderr.splitlines()) == 1


def test_without_the_module_it_is_skipped(tmp_path):
    done = native.run("copy", "--count", 1, "--path", "uring", "--dev", tmp_path / "none")
    assert (done.returncode, done.stdout) == (77, "")
    assert "is not there: load the module" in done.stderr


def test_help_has_the_defaults_and_an_example():
    done = native.run("copy", "--help")
    assert done.returncode == 0
    for said in ("--count=N", "[raw]", "[4K]", "[user]",
                 "pagecopy copy --path user --count 1000000"):
        assert said in done.stdout
    assert "copy " in native.run("--help").stdout


def test_the_version_is_said():
    done = native.run("--version")
    assert done.returncode == 0 and re.fullmatch(r"pagecopy \d+\.\d+\.\d+\n", done.stdout)


def test_the_module_copies_count_times():
    """By its own count of commands, whatever depth and batch divide; in one boot."""
    lines = "; ".join(f"pagecopy copy --verbose {options} || exit 9" for options, _ in GUEST)
    done = shell.run("vm", "--platform", "uml", "--", "sh", "-c", lines)
    if done.returncode == 77:
        pytest.skip(done.stderr.splitlines()[-1])
    assert done.returncode == 0, done.stdout + done.stderr
    said = re.findall(r"^(\d+) copies in \S+ s, (\d+) commands by the module's count: ",
                      done.stdout, re.M)
    assert said == [(str(count), str(count)) for _, count in GUEST]
