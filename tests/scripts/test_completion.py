# SPDX-License-Identifier: MIT
"""Completion of the command line, by the shells themselves."""

import os
import pty
import re
import select
import shutil
import signal
import subprocess
import time

import pytest
import shell
import told

FOLDER = shell.SCRIPTS / "completion"
BASH = FOLDER / "pagecopy.bash"

# Each line read is completed at its end; the words offered are printed on one line.
DRIVER = r"""
. "$1"
while IFS= read -r line; do
	IFS=$' \t\n' read -ra COMP_WORDS <<<"${line//=/ = }"
	[[ $line != *[\ =] ]] || COMP_WORDS+=("")
	COMP_CWORD=$((${#COMP_WORDS[@]} - 1))
	COMPREPLY=()
	_pagecopy
	printf '%s\n' "${COMPREPLY[*]}"
done
"""


@pytest.fixture(scope="module", autouse=True)
def built():
    if not told.PROGRAM.exists():
        told.build()


@pytest.fixture(scope="module")
def path(tmp_path_factory):
    """A PATH with the programs, and scripts under the names they are installed by."""
    folder = tmp_path_factory.mktemp("bin")
    for name in ("host-prep", "compare"):
        command = folder / f"pagecopy-{name}"
        command.write_text(f'#!/bin/sh\nexec {shell.SCRIPTS / name} "$@"\n')
        command.chmod(0o755)
    return f"{folder}:{told.BIN}:{os.environ['PATH']}"


@pytest.fixture
def bash(path):
    """What bash offers at the end of each line."""
    def complete(*lines, cwd=None):
        done = subprocess.run(["bash", "--norc", "-c", DRIVER, "bash", BASH], text=True, cwd=cwd,
                              input="".join(line + "\n" for line in lines), check=True,
                              capture_output=True, timeout=120, env=os.environ | {"PATH": path})
        assert not done.stderr
        return [line.split() for line in done.stdout.split("\n")[:-1]]
    return complete


def test_commands_and_words(bash):
    commands, one, lists, none = bash("pagecopy ", "pagecopy ru", "pagecopy list ",
                                      "pagecopy list paths ")
    assert commands == [*told.words(told.PROGRAM), "--help", "--version"]
    assert one == ["run"]
    assert lists == told.words(told.PROGRAM, "list") == ["strategies", "paths", "columns"]
    assert none == []


def test_every_option_of_every_command_is_offered(bash):
    tables = told.tables()
    offered = bash(*(told.shown(command) + " --" for command in tables))
    for (command, (_, rows)), words in zip(tables.items(), offered, strict=True):
        assert words == ["--help"] + [f"--{row['option']}" + ("=" if row["argument"] else "")
                                      for row in rows], command


def test_every_value_of_every_option_is_offered(bash):
    wanted = {}
    for command, (_, rows) in told.tables().items():
        for row in rows:
            values = [value for value in row["values"].split(",") if value]
            if values and values != ["all"]:
                wanted[f"{told.shown(command)} --{row['option']}"] = values
    assert "pagecopy run --strategy" in wanted and len(wanted) > 15
    for glue in (" ", "="):
        offered = bash(*(line + glue for line in wanted))
        assert dict(zip(wanted, offered, strict=True)) == wanted


def test_lists_go_on_behind_a_comma(bash):
    behind, again, start, single = bash(
        "pagecopy run --strategy raw,byt", "pagecopy run --op=read,write,",
        "pagecopy run --size ", "pagecopy run --platform uml,")
    assert behind == ["raw,bytewise_atomic", "raw,bytes"]
    assert again == ["read,write,touch", "read,write,nop", "read,write,all"]
    assert start == ["64", "512", "4K", "64K", "2M", "all"]
    assert single == []


def test_files_and_folders_where_they_are_meant(bash, tmp_path):
    (tmp_path / "folder").mkdir()
    (tmp_path / "file.csv").touch()
    files, folders, none, script, csv = bash(
        "pagecopy run --csv f", "pagecopy doctor --root f", "pagecopy run --seed ",
        "pagecopy-host-prep --root f", "pagecopy-compare fi", cwd=tmp_path)
    assert sorted(files) == ["file.csv", "folder"]
    assert folders == script == ["folder"]
    assert none == []
    assert csv == ["file.csv"]


def test_a_flag_is_followed_by_options(bash):
    flag, value = bash("pagecopy run --quick --st", "pagecopy run --rounds 3 --st")
    assert flag == value == ["--strategy=", "--strict"]


def test_scripts_complete_by_their_help(bash):
    options, some = bash("pagecopy-host-prep --", "pagecopy-compare --fail")
    assert {"--cpu", "--smt-off", "--dry-run", "--restore", "--root"} <= set(options)
    assert some == ["--fail-above"]


def test_a_program_that_is_not_there_offers_nothing(bash):
    assert bash("/nowhere/pagecopy ", "/nowhere/pagecopy run --") == [["--help", "--version"],
                                                                      ["--help"]]


class Terminal:
    """An interactive shell; what is typed comes with the keys that complete it."""

    def __init__(self, command, path, folder):
        self.pid, self.fd = pty.fork()
        if not self.pid:
            env = {"PATH": path, "TERM": "dumb", "HOME": str(folder), "LC_ALL": "C.UTF-8",
                   "INPUTRC": "/dev/null", "PS1": "> "}
            os.execvpe(command[0], command, env)

    def send(self, text):
        os.write(self.fd, text.encode())

    def until(self, pattern, limit=20):
        """What came until the pattern did."""
        seen, end = "", time.monotonic() + limit
        while not re.search(pattern, seen):
            assert time.monotonic() < end, f"no {pattern} in {seen!r}"
            if select.select([self.fd], [], [], 0.2)[0]:
                seen += os.read(self.fd, 4096).decode(errors="replace")
        return re.search(pattern, seen)

    def completed(self, line):
        """The line as it is behind a TAB, printed by the shell itself."""
        self.send(f"{line}\t\x01printf '[%s]' \x05 ''; echo 'do''ne'\r")
        found = self.until(r"((?:\[[^]\r\n]*\])+)done").group(1)
        return " ".join(re.findall(r"\[([^]]+)\]", found))

    def close(self):
        os.close(self.fd)
        os.kill(self.pid, signal.SIGKILL)
        os.waitpid(self.pid, 0)


LINES = {
    "pagecopy tea": "pagecopy tear",
    "pagecopy run --strategy raw,bytew": "pagecopy run --strategy raw,bytewise_atomic",
    "pagecopy run --strategy=raw,bytew": "pagecopy run --strategy=raw,bytewise_atomic",
    "pagecopy list col": "pagecopy list columns",
    "pagecopy run --plat": "pagecopy run --platform=",
    "pagecopy tear --mutator=out": "pagecopy tear --mutator=outside",
    "pagecopy run --csv some-f": "pagecopy run --csv some-file",
    "pagecopy-host-prep --dry": "pagecopy-host-prep --dry-run",
}


@pytest.mark.parametrize("name", ["bash", "zsh"])
def test_tab_in_a_shell(name, path, tmp_path):
    if not shutil.which(name):
        pytest.skip(f"no {name} (Debian: {name})")
    (tmp_path / "some-file").touch()
    start = {"bash": (["bash", "--norc", "--noprofile", "-i"], f". {BASH}"),
             "zsh": (["zsh", "-f", "-i"], f"fpath=({FOLDER} $fpath); unsetopt zle_bracketed_paste; "
                     "bindkey -e; autoload -Uz compinit; compinit -u -D")}[name]
    terminal = Terminal(start[0], path, tmp_path)
    try:
        terminal.send(f"{start[1]}; cd {tmp_path}; stty cols 250; echo rea''dy\r")
        terminal.until("ready")
        # zsh takes an = or a comma that waits for more away with the next key.
        for line, want in LINES.items():
            assert terminal.completed(line).rstrip(",= ") == want.rstrip("=")
    finally:
        terminal.close()


def test_the_script_is_clean():
    if not shutil.which("shellcheck"):
        pytest.skip("no shellcheck (Debian: shellcheck)")
    done = told.call("shellcheck", BASH)
    assert done.returncode == 0, done.stdout
