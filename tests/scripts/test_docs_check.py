# SPDX-License-Identifier: MIT
"""tests/docs/check: what it runs, what it takes for equal, what it refuses."""

import pathlib
import subprocess
import sys

import pytest

CHECK = pathlib.Path(__file__).resolve().parents[1] / "docs/check"


def check(tmp_path, text, *options, name="README.md"):
    """Run the check on one document; its status and what it printed."""
    path = tmp_path / name
    path.parent.mkdir(exist_ok=True)
    path.write_text(text)
    done = subprocess.run([sys.executable, CHECK, "--root", tmp_path, *options],
                          capture_output=True, text=True, check=False, timeout=60)
    return done.returncode, done.stdout + done.stderr


def console(*lines, after=""):
    return "\n".join(("# Title", "", "```console", *lines, "```", after, ""))


@pytest.mark.parametrize("shown", [
    "copy 4096 1.5 GB/s",
    "copy  512   999.25   GB/s",
    "copy ... GB/s",
    "copy ...",
    "...",
])
def test_same_shape_passes(tmp_path, shown):
    status, text = check(tmp_path, console("$ echo copy 4096 1.5 GB/s", shown))
    assert status == 0, text
    assert "ok 1 - README.md:4: $ echo copy 4096 1.5 GB/s" in text


@pytest.mark.parametrize("shown", [
    "copied 4096 1.5 GB/s",
    "copy 4096 1.5",
    "copy 4096 1.5 GB/s fast",
    "copy many 1.5 GB/s",
    "copy 4096 1.5 MB/s",
    "... MB/s",
])
def test_other_words_fail(tmp_path, shown):
    status, text = check(tmp_path, console("$ echo copy 4096 1.5 GB/s", shown))
    assert status == 1
    assert f"# shown:   {shown}" in text
    assert "# printed: copy 4096 1.5 GB/s" in text


def test_numbers_within_words_are_wild(tmp_path):
    status, text = check(tmp_path, console(
        "$ echo results/20310102-030405/a.csv +0.4% x-1", "results/19991231-235959/a.csv -7% x2"))
    assert status == 0, text


def test_a_line_too_many_fails(tmp_path):
    status, text = check(tmp_path, console("$ printf 'a\\nb\\n'", "a"))
    assert status == 1
    assert "# printed: b" in text


def test_how_busy_the_machine_is_does_not_matter(tmp_path):
    status, text = check(tmp_path, console(
        "$ echo 'vm: building the programs: 2 s of about 60 s'; echo 6.12", "6.12"))
    assert status == 0, text
    status, _ = check(tmp_path, console("$ echo 'vm: no guest, 2 s'; echo 6.12", "6.12"))
    assert status == 1


def test_a_line_too_few_fails(tmp_path):
    status, text = check(tmp_path, console("$ echo a", "a", "b"))
    assert status == 1
    assert "# printed: the end of the output" in text


@pytest.mark.parametrize("shown", [["...", "d"], ["a", "..."], ["a", "...", "c", "..."],
                                   ["...", "a", "b", "c", "d", "..."], ["a", "...", "d"]])
def test_dots_stand_for_lines(tmp_path, shown):
    status, text = check(tmp_path, console("$ printf 'a\\nb\\nc\\nd\\n'", *shown))
    assert status == 0, text


def test_dots_do_not_hide_what_follows(tmp_path):
    status, _ = check(tmp_path, console("$ printf 'a\\nb\\n'", "...", "c"))
    assert status == 1


def test_no_output_shown_means_any(tmp_path):
    status, text = check(tmp_path, console("$ echo anything", "$ echo b", "b"))
    assert status == 0, text


def test_failing_command_fails(tmp_path):
    status, text = check(tmp_path, console("$ echo why; false"))
    assert status == 1
    assert "# exit 1, expected 0" in text and "# why" in text


def test_expected_status_passes(tmp_path):
    document = console("$ exit 2", after="<!-- check: exit 2 -->")
    assert check(tmp_path, document)[0] == 0
    assert check(tmp_path, document.replace("$ exit 2", "$ exit 1"))[0] == 1


def test_skipped_block_is_not_run(tmp_path):
    status, text = check(tmp_path, console(
        "$ touch ran", "$ false", after="<!-- check: skip needs a network -->"))
    assert status == 0, text
    assert text.count("# SKIP needs a network") == 2
    assert not (tmp_path / "ran").exists()


def test_a_block_of_a_suite_is_left_to_it(tmp_path):
    status, text = check(tmp_path, console("$ false", after="<!-- check: suite target -->") +
                         console("$ true"))
    assert status == 0, text
    assert "1..1" in text and "false" not in text


def test_skip_covers_one_block_only(tmp_path):
    document = console("$ false", after="<!-- check: skip because -->") + console("$ false")
    status, text = check(tmp_path, document)
    assert status == 1
    assert "1 not, 1 skipped" in text


def test_status_77_is_a_skip_with_reason(tmp_path):
    status, text = check(tmp_path, console("$ echo no kvm; exit 77", "something"))
    assert status == 0
    assert "# SKIP no kvm" in text


def test_other_blocks_are_not_run(tmp_path):
    status, text = check(tmp_path, "```sh\n$ false\n```\n\n    $ false\n")
    assert status == 0
    assert "1..0" in text


def test_continued_command_is_one(tmp_path):
    status, text = check(tmp_path, console("$ echo a \\", "    b", "a b"))
    assert status == 0, text
    assert "1..1" in text


def test_commands_run_in_the_root(tmp_path):
    (tmp_path / "here").write_text("")
    status, text = check(tmp_path, console("$ ls here", "here"), name="docs/a.md")
    assert status == 0, text
    assert "docs/a.md:4" in text


def test_slow_command_fails(tmp_path):
    status, text = check(tmp_path, console("$ sleep 30"), "--timeout", "0.2")
    assert status == 1
    assert "not done within 0.2 s" in text


@pytest.mark.parametrize("link", [
    "[a](there.md)", "![a](there.md)", "[a](there.md#part)", "[a]: there.md",
    '<img src="there.md">', "[a](https://example.org/x)", "[a](#below)", "`[a](gone.md)`",
    "```\n[a](gone.md)\n```",
])
def test_good_link_passes(tmp_path, link):
    (tmp_path / "there.md").write_text("")
    status, text = check(tmp_path, link + "\n")
    assert status == 0, text


@pytest.mark.parametrize("link", [
    "[a](gone.md)", "![a](gone.md)", "[a](gone.md#part)", "[a]: gone.md", '<img src="gone.md">',
    "[![a](there.md)](gone.md)",
])
def test_dead_link_fails(tmp_path, link):
    (tmp_path / "there.md").write_text("")
    status, text = check(tmp_path, link + "\n")
    assert status == 1
    assert "gone.md" in text and "# no such file" in text


def test_links_are_relative_to_the_document(tmp_path):
    (tmp_path / "README.md").write_text("")
    assert check(tmp_path, "[a](../README.md)\n", name="docs/a.md")[0] == 0
    assert check(tmp_path, "[a](README.md)\n", name="docs/a.md")[0] == 1


def test_list_runs_nothing(tmp_path):
    status, text = check(tmp_path, console("$ touch ran"), "--list")
    assert status == 0
    assert "touch ran" in text and not (tmp_path / "ran").exists()


def test_missing_file_is_a_usage_error(tmp_path):
    assert check(tmp_path, "", tmp_path / "gone.md")[0] == 2


def test_it_does_not_run_itself(tmp_path):
    status, text = check(tmp_path, console(f"$ {sys.executable} {CHECK}"))
    assert status == 0
    assert "# SKIP 1..0 # SKIP started by itself" in text
