# SPDX-License-Identifier: MIT
"""--help of every command: on standard output, complete, with an example that works."""

import argparse
import functools
import os
import re
import shlex
import sys

import pytest
import shell
import told

sys.path.insert(0, str(shell.SCRIPTS))
WIDTH = 100
SCRIPTS = sorted(path.name for path in shell.SCRIPTS.iterdir()
                 if path.is_file() and os.access(path, os.X_OK))
# What the help of Google Benchmark looks like is not ours.
OURS = r"(.*?)(?:\nOf Google Benchmark's flags|\Z)"


@pytest.fixture(scope="module", autouse=True)
def built():
    if not told.PROGRAM.exists():
        told.build()


@functools.cache
def script_help(script):
    return told.call(shell.SCRIPTS / script, "--help")


def is_python(script):
    return "python" in (shell.SCRIPTS / script).read_text().splitlines()[0]


def check(done, name):
    """What every help text must be."""
    assert (done.returncode, done.stderr) == (0, ""), f"{name}: {done.stderr}"
    text = re.match(OURS, done.stdout, re.S).group(1)
    wide = [line for line in text.splitlines() if len(line) > WIDTH]
    assert not wide, f"{name}: {wide}"
    assert re.search(r"^ *eg, \S", text, re.M), f"{name}: no example"
    assert re.search(r"\bexit\b", text, re.I), f"{name}: no exit codes"
    return text


@pytest.mark.parametrize("script", SCRIPTS)
def test_every_script_has_a_help(script):
    check(script_help(script), script)


def test_every_command_of_the_program_has_a_help():
    check(told.call(told.PROGRAM, "--help"), "pagecopy")
    names = told.words(told.PROGRAM)
    assert {"run", "list", "tear", "doctor", "mutate"} <= set(names)
    for name in names:
        check(told.call(told.PROGRAM, name, "--help"), name)


def test_every_option_is_in_the_help_with_its_default():
    assert len(told.tables()) >= 4
    for command, (_, rows) in told.tables().items():
        text = " ".join(check(told.call(*command, "--help"), told.shown(command)).split())
        for row in rows:
            option = f"--{row['option']}" + (f"={row['argument']}" if row["argument"] else " ")
            assert option in text, f"{told.shown(command)}: {option}"
            # A long list is broken behind its commas by none, and within words by argp.
            default = f"[{row['default']}"
            assert not row["default"] or default in text, f"{told.shown(command)}: {default}"


@pytest.mark.parametrize("script", [name for name in SCRIPTS if not is_python(name)])
def test_a_shell_script_tells_every_option_it_takes(script):
    taken = re.findall(r"^\t+(?:[-\w]+ \| )*(--[a-z][a-z-]+)(?: \|.*)?\)",
                       (shell.SCRIPTS / script).read_text(), re.M)
    text = script_help(script).stdout
    assert not [option for option in taken
                if option != "--help" and not re.search(rf"{option}(?![\w-])", text)]


def parsers():
    """The parser of every command in Python, caught before it is used."""
    from pagecopy_report import cli

    caught = {}

    class Caught(Exception):
        pass

    def catch(self, *_):
        caught[self.prog] = self
        raise Caught

    original, argparse.ArgumentParser.parse_args = argparse.ArgumentParser.parse_args, catch
    try:
        for name in dir(cli):
            if name.endswith("_main"):
                with pytest.raises(Caught):
                    getattr(cli, name)([])
    finally:
        argparse.ArgumentParser.parse_args = original
    return caught


def test_defaults_of_the_scripts_in_python_are_in_their_help():
    found = parsers()
    assert {"compare", "summary", "report", "best", "gbench-table"} <= set(found)
    for name, parser in found.items():
        text = " ".join(parser.format_help().split("\neg, ")[0].split())
        for action in parser._actions:
            if action.default in (None, False, [], argparse.SUPPRESS):
                continue
            at = text.rindex(action.option_strings[-1])
            assert f"default: {action.default}" in text[at:] or \
                f"default {action.default}" in text[at:], f"{name}: {action.option_strings}"


def test_examples_of_the_scripts_in_python_parse():
    for name, parser in parsers().items():
        examples = re.findall(r"^eg, (.*)$", parser.epilog, re.M)
        assert examples, name
        for example in examples:
            words = shlex.split(example)
            assert words[0] == name
            parser.parse_args(words[1:])


def test_examples_name_only_options_that_there_are():
    run = {"--" + row["option"] for command, (_, rows) in told.tables().items() for row in rows
           if command[1:] in (("run",), ("tear",))}
    for script in SCRIPTS:
        text = script_help(script).stdout
        body = re.sub(r"^ *eg, .*$", "", text, flags=re.M)
        for example in re.findall(r"^ *eg, (.*)$", text, re.M):
            for option in re.findall(r"(?<!\S)--[a-z][a-z-]*", example):
                assert option in body or option in run, f"{script}: {example}"


def test_the_examples_of_the_program_run(tmp_path):
    """As shown; where there is no module 77 is a fair answer, usage is not."""
    path = {"PATH": f"{told.BIN}:{os.environ['PATH']}"}
    for command, (keys, rows) in told.tables().items():
        words = shlex.split(keys["example"])
        assert " ".join(words).startswith(told.shown(command))
        known = {"--" + row["option"] for row in rows}
        assert {word for word in words if word.startswith("--")} <= known
        assert keys["exits"]
        if "mutate" in words:  # that guest is not there
            continue
        done = told.call(*words, cwd=tmp_path, env=os.environ | path)
        assert done.returncode in (0, 77), f"{keys['example']}: {done.stderr}"


def test_version_is_that_of_the_build():
    cmake = (shell.ROOT / "CMakeLists.txt").read_text()
    version = re.search(r"project\(pagecopy VERSION ([\d.]+)", cmake).group(1)
    for program in (told.PROGRAM, told.GBENCH):
        if program.exists():
            done = told.call(program, "--version")
            assert (done.returncode, done.stdout) == (0, f"{program.name} {version}\n")
