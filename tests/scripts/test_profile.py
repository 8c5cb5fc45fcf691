# SPDX-License-Identifier: MIT
"""scripts/profile: real perf over the program and over a User-Mode Linux guest."""

import glob
import os
import re
import shutil
import subprocess
import xml.etree.ElementTree as ET
from collections import Counter

import native
import pytest
import shell

from pagecopy_report import flame, listing, profile

# One recording for all tests that look at one: 2 MiB at a time, so that filling
# and comparing take several times as long as the slices.
CELL = ["--no-build", "--path", "user", "--strategy", "words", "--size", "2M", "--seconds", "3"]


@pytest.fixture(scope="module", name="made")
def fixture_made(tmp_path_factory):
    """(folder, finished process) of a profile of path user."""
    folder = tmp_path_factory.mktemp("profile") / "out"
    done = shell.run("profile", *CELL, "--out", str(folder))
    if done.returncode == 77:
        pytest.skip(done.stderr.strip())
    assert done.returncode == 0, done.stderr
    return folder, done


def seconds(folder):
    return sum(float(row["seconds"]) for row in native.rows(folder / "results.csv"))


def test_the_copy_is_the_hot_function(made):
    folder, done = made
    rows = re.findall(r"^ *(\d+) +([\d.]+) %  (\S+)", done.stdout, re.M)
    assert rows[0][2] == "pagecopy_copy_words"
    assert float(rows[0][1]) > 80
    share = float(re.search(r"in copies: ([\d.]+) %", done.stdout).group(1))
    assert 80 < share <= 100
    loop = re.search(r"hot loop: ([\d.]+) % in pagecopy_copy_words", done.stdout)
    assert float(loop.group(1)) > 75
    assert str(folder) in done.stdout


def test_it_says_which_event_and_why(made):
    _, done = made
    assert re.search(r"^event: (cycles|cpu-clock \(no cycles here\))", done.stdout, re.M)
    assert ("cpu-clock it is: " in done.stderr) == ("no cycles here" in done.stdout)


def test_only_the_slices_are_sampled(made):
    folder, done = made
    if "cpu-clock" not in done.stdout:
        pytest.skip("cycles are no time")
    sampled = float(re.search(r"sampled: ([\d.]+) s of CPU", done.stdout).group(1))
    # Never more than the slices; much less only when others had the CPU.
    assert 0.1 * seconds(folder) < sampled < 1.1 * seconds(folder) + 0.05
    # What fills and compares the buffers takes far more than these.
    stacks = flame.parse((folder / "folded.txt").read_text())
    outside = sum(count for frames, count in stacks.items()
                  if any(re.match("verify_|pattern_|measure_once|counters_|disturb_start", one)
                         for one in frames))
    assert outside <= 0.01 * sum(stacks.values())


def test_without_the_slices_told_the_comparing_is_sampled(made, tmp_path):
    """The other way round: what the test above would find if nothing was disabled."""
    folder, _ = made
    text = (folder / "commands.txt").read_text()
    always = text.replace(" --delay=-1", "").replace(
        "disable", "").replace('"--control=fifo:$fifos/ctl,$fifos/ack"', "")
    always = re.sub(r'--perf-control "\S+"', "", always).replace("--budget 3", "--budget 1")
    assert always != text
    (tmp_path / "always").write_text(always)
    subprocess.run(["bash", tmp_path / "always", tmp_path / "out"], cwd=shell.ROOT, check=True,
                   stderr=subprocess.DEVNULL, stdin=subprocess.DEVNULL)
    samples, _ = profile.samples_of(tmp_path / "out", "perf", profile.Symbols())
    outside = [one for one in samples
               if any(re.match("verify_|pattern_|measure_once", frame.name)
                      for frame in one.frames)]
    assert len(outside) > 0.05 * len(samples)


def test_the_shares_of_the_listing_add_up(made):
    folder, _ = made
    text = (folder / "hot.txt").read_text()
    head = re.search(r"^pagecopy_copy_words \(.*\): ([\d.]+) % of (\d+) samples", text, re.M)
    body = text[head.end():].split("\n\n\n")[0].split("\n\npagecopy_")[0]
    lines = re.findall(r"^ *([\d.]+) +(\d+) +\+0x[0-9a-f]+ [| ]  \S", body, re.M)
    total = sum(int(count) for _, count in lines)
    assert total == round(float(head.group(1)) * int(head.group(2)) / 100)
    assert sum(float(share) for share, _ in lines) == pytest.approx(float(head.group(1)), abs=0.3)
    assert re.search(r"\+0x[0-9a-f]+ \|  mov ", body)


def test_the_flame_graph_is_of_the_same_samples(made):
    folder, done = made
    stacks = flame.parse((folder / "folded.txt").read_text())
    total = int(re.search(r"of (\d+) samples", done.stdout).group(1))
    assert sum(stacks.values()) == total
    titles = [one.text for one in ET.parse(folder / "flame.svg").iter(
        "{http://www.w3.org/2000/svg}title")]
    assert f"all: 100.0 %, {total} samples" in titles
    assert any(one.startswith("pagecopy_copy_words: ") for one in titles)


def test_the_commands_run_again(made, tmp_path):
    folder, _ = made
    text = (folder / "commands.txt").read_text()
    (tmp_path / "again").write_text(text.replace("--budget 3", "--budget 1"))
    again = tmp_path / "with space"
    done = subprocess.run(["bash", tmp_path / "again", again], cwd=shell.ROOT, text=True,
                          capture_output=True, check=False, stdin=subprocess.DEVNULL)
    assert done.returncode == 0, done.stderr
    assert (again / "perf.data").stat().st_size > 0
    assert native.rows(again / "results.csv")[0]["strategy"] == "words"


def test_the_run_is_in_the_results_and_verified(made):
    folder, _ = made
    rows = native.rows(folder / "results.csv")
    assert {row["strategy"] for row in rows} <= {"words", "words.twin"}
    assert all(row["verified"] == "1" and row["size"] == "2097152" for row in rows)


def test_stat_counts_in_the_slices(tmp_path):
    out = tmp_path / "out"
    done = shell.run("profile", *CELL[:-1], "2", "--stat", "--out", str(out))
    if done.returncode == 77:
        pytest.skip(done.stderr.strip())
    assert done.returncode == 0, done.stderr
    counted = float(re.search(r"([\d.,]+) msec task-clock",
                              done.stdout).group(1).replace(",", "")) / 1000
    assert 0.1 * seconds(out) < counted < 1.1 * seconds(out) + 0.05
    assert not (out / "perf.data").exists()


def test_a_guest_is_profiled_down_to_the_module(tmp_path):
    out = tmp_path / "out"
    # The copy of many bytes, so that the guest's system calls do not hide it.
    done = shell.run("profile", "--platform", "uml", "--strategy", "bytes", "--size", "1M",
                     "--seconds", "3", "--out", str(out))
    if done.returncode == 77:
        pytest.skip(done.stderr.strip())
    assert done.returncode == 0, done.stderr
    assert "pagecopy_copy_bytes  ([pagecopy])" in done.stdout
    share = re.search(r"without them: ([\d.]+) % in copies", done.stdout)
    assert float(share.group(1)) > 50
    loop = re.search(r"hot loop: ([\d.]+) % in pagecopy_copy_bytes", done.stdout)
    assert float(loop.group(1)) > 10
    text = (out / "hot.txt").read_text()
    # The loop is that of the source: load, store, compare, and samples on it.
    loop = re.findall(r"^ *[\d.]* +(\d*) +\+0x[0-9a-f]+ \|  (\w+)", text, re.M)
    assert {"movzbl", "mov", "cmp"} <= {word for _, word in loop}
    assert sum(int(count or 0) for count, _ in loop) > 20
    assert "(no code at hand)" not in text.split("\n\n")[1]
    assert all(row["platform"] == "uml" and row["verified"] == "1"
               for row in native.rows(out / "results.csv"))
    assert "pagecopy_copy_bytes_[m]" in (out / "folded.txt").read_text()
    assert re.search("^[0-9a-f]+ [0-9a-f]+ pagecopy_copy_bytes$",
                     (out / "perf.map").read_text(), re.M)


@pytest.mark.parametrize("args, word", [
    (["--size", "4K,8K"], "one value"), (["--strategy", "all"], "one value"),
    (["--op", ""], "one value"), (["--seconds", "0"], "number of seconds"),
    (["--freq", "x"], "samples a second"), (["--event", "a b"], "perf list"),
    (["--platform", "moon"], "one of"), (["--path", "user", "--platform", "uml"], "path user"),
    (["--out", "."], "never overwritten"), (["--color"], "unknown option"),
    (["--size"], "needs a value")])
def test_what_makes_no_sense_is_refused(args, word):
    done = shell.run("profile", *args)
    assert done.returncode == 2
    assert word in done.stderr


def test_a_wrong_option_of_the_run_is_a_usage_error(tmp_path):
    done = shell.run("profile", *CELL, "--out", str(tmp_path / "out"), "--", "--size", "7")
    if done.returncode == 77:
        pytest.skip(done.stderr.strip())
    assert done.returncode == 2
    assert "given a second time" in done.stderr


def test_a_guest_of_another_machine_is_skipped():
    done = shell.run("profile", "--platform", "vm")
    assert done.returncode == 77
    assert "TCG" in done.stderr


@pytest.mark.skipif(os.path.exists("/dev/pagecopy"), reason="the module is loaded")
def test_the_host_needs_the_module():
    done = shell.run("profile", "--platform", "host", "--no-build")
    assert done.returncode == 77
    assert "/dev/pagecopy" in done.stderr


def test_without_perf_it_is_skipped(tmp_path):
    if glob.glob("/usr/bin/perf_*") + glob.glob("/usr/lib/linux-tools*/*/perf"):
        pytest.skip("another perf is installed beside")
    env = shell.shim(tmp_path / "bin", perf="exit 2", apt_get="exit 1",
                     dpkg_query='shift 3; for p; do echo "installed $p"; done')
    done = shell.run("profile", *CELL, env=env)
    assert done.returncode == 77
    assert "no perf that works" in done.stderr


def fake_perf(folder, body):
    """A perf that does as it is told, but for --version."""
    return shell.shim(folder, perf=f'[ "$1" = --version ] && exit 0\n{body}')


def test_an_event_that_is_not_there_is_skipped(tmp_path):
    env = fake_perf(tmp_path / "bin", "echo '<not supported>,,cycles,0,0.00,,' >&2")
    done = shell.run("profile", *CELL, "--event", "cycles", env=env)
    assert done.returncode == 77
    assert "does not count cycles" in done.stderr and "perf_event_paranoid" in done.stderr


def test_cycles_are_taken_where_there_are_some(tmp_path):
    env = fake_perf(tmp_path / "bin", '[ "$1" = stat ] && echo "9,,cycles,9,100.00,," >&2 && '
                    'exit 0; echo "$@" >"$SAID"; exit 3')
    env["SAID"] = str(tmp_path / "said")
    done = shell.run("profile", *CELL, "--out", str(tmp_path / "out"), env=env)
    assert done.returncode == 1
    assert "exit 3" in done.stderr
    words = (tmp_path / "said").read_text().split()
    assert words[words.index("-e") + 1] == "cycles"
    assert "--delay=-1" in words


def test_a_timer_is_taken_where_there_are_none(tmp_path):
    env = fake_perf(tmp_path / "bin", 'case "$*" in "stat "*cycles*) '
                    'echo "<not supported>,,cycles,0,100.00,," >&2; exit 0;; stat*) exit 0;; esac\n'
                    'exit 3')
    done = shell.run("profile", *CELL, "--out", str(tmp_path / "out"), env=env)
    assert "cpu-clock it is: this machine does not count cycles" in done.stderr
    assert " -e cpu-clock " in (tmp_path / "out/commands.txt").read_text()


def test_who_may_not_see_the_kernel_is_told(tmp_path):
    (tmp_path / "sys/kernel").mkdir(parents=True)
    (tmp_path / "sys/kernel/perf_event_paranoid").write_text("2\n")
    (tmp_path / "kallsyms").write_text("0000000000000000 T _text\n0000000000000000 t f\n")
    env = fake_perf(tmp_path / "bin", 'case "$*" in *:u*) exit 0;; esac\n'
                    '[ "$1" = stat ] && echo "Error: no permission" >&2; exit 255')
    env |= shell.shim(tmp_path / "bin", id="echo 1000")
    env["PAGECOPY_PROC"] = str(tmp_path)
    done = shell.run("profile", *CELL, "--out", str(tmp_path / "out"), env=env)
    assert "perf_event_paranoid is 2" in done.stderr
    assert "hides its symbols (kptr_restrict)" in done.stderr
    assert "cpu-clock:u" in (tmp_path / "out/commands.txt").read_text()


# Listings.

CODE = """
int sum(const unsigned char *p, int n)
{
	int s = 0;
	for (int i = 0; i < n; i++)
		for (int k = 0; k < n; k++)
			s += p[i] * p[k + s];
	return s;
}
"""


@pytest.fixture(scope="module", name="binary")
def fixture_binary(tmp_path_factory):
    """An object file with one function that has a loop in a loop."""
    if not shutil.which("gcc") or not shutil.which("objdump"):
        pytest.skip("no gcc or no objdump")
    folder = tmp_path_factory.mktemp("code")
    (folder / "a.c").write_text(CODE)
    subprocess.run(["gcc", "-O1", "-fno-unroll-loops", "-c", "a.c", "-o", "a.o"], cwd=folder,
                   check=True)
    return folder / "a.o"


def test_every_sample_is_on_a_line(binary):
    everything = listing.listing(binary, "sum", "a.o", Counter({0: 1}), 0)
    offsets = [line.offset for line in everything.lines]
    # One between two instructions, one far behind the code.
    hits = Counter({offsets[2]: 5, offsets[-1] + 1: 2, 5000: 3})
    found = listing.listing(binary, "sum", "a.o", hits, 0)
    assert sum(line.samples for line in found.lines) == found.samples == 10
    assert {line.offset: line.samples for line in found.lines if line.samples} == {
        offsets[2]: 5, offsets[-1]: 2, 5000: 3}
    assert found.lines[-1].text == "(no code at hand)"


def test_the_inner_loop_is_the_hot_one():
    def lines(hot):
        jumps = {6: 4, 10: 2, 12: 20}
        return [listing.Line(offset, "x", 9 if offset == hot else 1, jumps.get(offset))
                for offset in range(0, 22, 2)]

    assert listing.hot_loop(lines(4)) == (4, 6)
    assert listing.hot_loop(lines(8)) == (2, 10)
    assert listing.hot_loop(lines(14)) is None


def test_jumps_are_read_from_the_code(binary):
    code = listing.listing(binary, "sum", "a.o", Counter({0: 1}), 0).lines
    offsets = {line.offset for line in code}
    jumps = [line for line in code if line.target is not None]
    assert any(line.target <= line.offset for line in jumps)
    assert all(line.target in offsets and line.text.endswith(f"+{line.target:#x}")
               for line in jumps)


def test_an_instruction_that_repeats_itself_is_a_loop():
    lines = [listing.Line(0, "mov %rdx,%rcx", 0), listing.Line(3, "rep movsb (%rsi),(%rdi)", 90),
             listing.Line(5, "ret", 9)]
    assert listing.hot_loop(lines) == (3, 3)
    late = [lines[0], listing.Line(3, lines[1].text, 1), listing.Line(5, "ret", 90)]
    assert listing.hot_loop(late) == (3, 5)
    assert listing.hot_loop([listing.Line(0, "ret", 5)]) is None
    assert listing.hot_loop([]) is None


def test_code_that_is_not_there_is_said(tmp_path):
    found = listing.listing(tmp_path / "none", "f", "none", Counter({4: 2}), 0)
    assert [line.text for line in found.lines] == ["(no code at hand)"]
    assert "100.00" in listing.show(found, 2)


# The program's side, without perf.

def test_a_fifo_that_nobody_reads_is_refused(tmp_path):
    os.mkfifo(tmp_path / "ctl")
    for name, word in (("ctl", "start perf first"), ("none", "No such file"), (".", "")):
        done = native.run("run", "--path", "nop", "--csv", tmp_path / "r.csv",
                          "--perf-control", tmp_path / name)
        assert done.returncode == 2
        assert "--perf-control" in done.stderr and word in done.stderr
    assert not (tmp_path / "r.csv").exists()


def test_perf_that_dies_ends_the_run(tmp_path):
    os.mkfifo(tmp_path / "ctl")
    os.mkfifo(tmp_path / "ack")
    script = ("exec 3<>ctl 4<>ack; echo ready; "
              "for i in 1 2 3; do read -r w <&3; echo $w; echo ack >&4; done")
    with subprocess.Popen(["bash", "-c", script], cwd=tmp_path, stdout=subprocess.PIPE,
                          text=True) as perf:
        assert perf.stdout.readline() == "ready\n"
        done = native.run("run", "--path", "nop", "--depth", "1", "--rounds", "50", "--csv",
                          tmp_path / "r.csv", "--perf-control",
                          f"{tmp_path / 'ctl'},{tmp_path / 'ack'}")
        said = perf.communicate(timeout=30)[0].split()
    assert said == ["disable", "enable", "disable"]
    assert done.returncode == 1
    assert "perf has ended" in done.stderr


def test_each_slice_is_told_once(tmp_path):
    os.mkfifo(tmp_path / "ctl")
    # A pipe holds all that is said.
    perf = os.open(tmp_path / "ctl", os.O_RDWR | os.O_NONBLOCK)
    done = native.run("run", "--path", "user", "--op", "read", "--strategy", "raw", "--size", "64",
                      "--depth", "1", "--rounds", "2", "--slice", "20", "--threads", "1,2",
                      "--precision", "0", "--disturbed", "keep", "--csv", tmp_path / "r.csv",
                      "--perf-control", tmp_path / "ctl")
    assert done.returncode == 0, done.stderr
    said = os.read(perf, 1 << 16).decode().split()
    os.close(perf)
    rows = native.rows(tmp_path / "r.csv")
    # Two slices a turn: one with time stamps, one without.
    turns = sum(int(row["turns"]) for row in rows)
    assert said == ["disable"] + ["enable", "disable"] * (2 * turns)
