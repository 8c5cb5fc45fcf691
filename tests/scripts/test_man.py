# SPDX-License-Identifier: MIT
"""The manual: clean, complete against what the programs say, and always the same."""

import json
import os
import re
import shutil
import subprocess

import native
import pytest
import shell
import told

MAN = shell.ROOT / "docs/man"
FRAMES = sorted(path.stem for path in MAN.glob("*.in"))
BUILT = shell.ROOT / "build/release/docs/man"
ABI = (shell.ROOT / "lib/include/pagecopy/abi.h").read_text()


def generate(*words, **more):
    return told.call("/usr/bin/python3", MAN / "generate", "--version", "0.1.0", *words, **more)


@pytest.fixture(scope="module")
def pages(tmp_path_factory):
    """Every page, made by the build as it is now."""
    told.build("manual")
    folder = tmp_path_factory.mktemp("man")
    for page in [*BUILT.glob("*.[1-9]"), *(shell.ROOT / "lib/user").glob("*.3")]:
        # A page that only names another is not one to read.
        if "\n.TH " in page.read_text():
            shutil.copy(page, folder)
    assert {name for name in FRAMES if told.GBENCH.exists() or name != "pagecopy-gbench.1"} <= {
        page.name for page in folder.iterdir()}
    return folder


def text(page):
    """The page as it is read, on one line."""
    if not shutil.which("mandoc"):
        pytest.skip("no mandoc (Debian: mandoc)")
    done = told.call("mandoc", "-T", "utf8", "-O", "width=200", page)
    # Overstruck letters are bold or underlined.
    return " ".join(re.sub(".\b", "", done.stdout).split())


def test_pages_are_clean(pages):
    if not shutil.which("mandoc"):
        pytest.skip("no mandoc (Debian: mandoc)")
    done = told.call("mandoc", "-T", "lint", "-W", "warning", *sorted(pages.iterdir()))
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def test_pages_are_clean_for_groff(pages):
    if not shutil.which("groff"):
        pytest.skip("no groff (Debian: groff-base)")
    for page in sorted(pages.iterdir()):
        done = told.call("groff", "-ww", "-man", "-T", "utf8", page)
        assert (done.returncode, done.stderr) == (0, ""), f"{page.name}: {done.stderr}"


def test_no_directive_is_left(pages):
    for page in pages.iterdir():
        assert not re.search(r"generate:|@[A-Z]+@", page.read_text()), page.name


def test_a_minus_is_one_that_a_shell_takes(pages):
    """A plain - is a hyphen to roff, which is another character when copied."""
    for page in pages.glob("pagecopy*"):
        assert not re.search(r"(?<!\\)-(?=-|\w+=)", page.read_text()), page.name


def test_pages_have_the_sections_that_are_looked_for(pages):
    want = {"pagecopy.1": "NAME SYNOPSIS DESCRIPTION COMMANDS EXIT ENVIRONMENT FILES EXAMPLES "
                          "CAVEATS SEE", "pagecopy.4": "NAME SYNOPSIS DESCRIPTION ERRORS FILES "
            "EXAMPLES CAVEATS SEE", "pagecopy_results.7": "NAME DESCRIPTION COLUMNS FILES EXAMPLES "
            "CAVEATS SEE"}
    for name, sections in want.items():
        found = re.findall(r"^\.SH (\w+)", (pages / name).read_text(), re.M)
        assert set(sections.split()) <= set(found), name


def test_pages_named_under_see_also_exist(pages):
    there = {page.name for page in pages.iterdir()} | {"io_uring.7", "io_uring_enter.2"}
    for page in pages.iterdir():
        body = page.read_text()
        for name, section in re.findall(r"^\.BR (\S+) \((\d)\)", body, re.M):
            name = name.replace("\\-", "-")
            if name.startswith(("pagecopy", "io_uring", "atomic_load")):
                assert f"{name}.{section}" in there, f"{page.name}: {name}({section})"


def test_every_command_and_option_is_in_its_page(pages):
    assert len(told.tables()) >= 4
    for command, (keys, rows) in told.tables().items():
        page = "pagecopy-gbench.1" if command[0] == told.GBENCH else "pagecopy.1"
        body = text(pages / page)
        assert len(command) == 1 or f" pagecopy {command[1]} " in body
        assert keys["example"] in body and keys["exits"] in body
        for row in rows:
            at = f"--{row['option']}" + (f"={row['argument']}" if row["argument"] else "")
            meaning = row["meaning"].replace("`", "`")[1:]
            assert re.search(rf" {re.escape(at)} \w{re.escape(meaning)}\.", body), at
            default = f"Default: {row['default']}"
            assert not row["default"] or default in body, f"{at}: {default}"


def test_lists_are_in_the_page(pages):
    body = text(pages / "pagecopy.1")
    for name, column in (("paths", "description"), ("strategies", "description")):
        for row in told.tsv(told.call(told.PROGRAM, "list", name).stdout):
            tag = next(iter(row.values()))
            assert f" {tag} {' '.join(row[column].split())}" in body, tag


def test_every_column_is_in_the_page_of_results(pages):
    body = text(pages / "pagecopy_results.7")
    for row in told.tsv(told.call(told.PROGRAM, "list", "columns").stdout):
        unit = f"unit: {row['unit']}; " if row["unit"] else ""
        assert f" {row['column']} {row['meaning']} ({unit}type: {row['type']}; " in body


def test_every_key_of_a_real_result_is_in_the_page(pages, tmp_path):
    body = text(pages / "pagecopy_results.7")
    done = native.run("run", "--path", "nop,user", "--depth", 1, "--size", 64, "--rounds", 1,
                      "--slice", 1, "--budget", 10, "--csv", tmp_path / "r.csv")
    if done.returncode == 77:
        pytest.skip(done.stderr.strip())
    assert done.returncode == 0, done.stderr
    keys = set(native.head(tmp_path / "r.csv"))
    assert len(keys) > 15
    head, _, env = body.partition("ENV.JSON")
    head = head.partition("THE HEAD")[2]
    missing = {key for key in keys if not re.search(rf"\b{key}\b", head)}
    assert not missing
    missing = {key for key in json.loads((tmp_path / "env.json").read_text())
               if not re.search(rf"\b{key}\b", env)}
    assert not missing


def test_the_device_page_has_all_of_the_header_and_of_its_document(pages):
    body = text(pages / "pagecopy.4")
    names = re.findall(r"^#define (PAGECOPY_IOC_\w+)", ABI, re.M)
    names += re.findall(r"^struct (pagecopy_\w+) \{", ABI, re.M)
    assert len(names) >= 12
    assert not [name for name in names if name not in body]
    tables = re.findall(r"(?:^\|.*\|\n)+", (shell.ROOT / "docs/abi.md").read_text(), re.M)
    assert len(tables) >= 8
    for line in (line for table in tables for line in table.splitlines()[2:]):
        for cell in re.sub(r"[`*]", "", line).strip("| ").split(" | "):
            assert " ".join(cell.split()) in body, cell


def test_the_device_page_has_every_parameter_of_the_module(pages):
    body = text(pages / "pagecopy.4")
    found = {}
    for path in (shell.ROOT / "driver").glob("*.c"):
        found.update(re.findall(r'MODULE_PARM_DESC\((\w+),\s*"[^"]*\(default (\w+)\)"',
                                path.read_text()))
    assert len(found) >= 4
    for name, default in found.items():
        assert re.search(rf" {name} [^(]*\(default {default}\)", body), name


def test_the_program_in_the_device_page_compiles(pages, tmp_path):
    page = (pages / "pagecopy.4").read_text()
    code = re.search(r"^\.nf\n(#include <fcntl.*?)^\.fi$", page, re.M | re.S).group(1)
    source = tmp_path / "example.c"
    source.write_text(code.replace("\\e", "\\").replace("\\-", "-"))
    done = told.call("cc", "-Wall", "-Wextra", "-Werror", "-std=c17", "-fsyntax-only",
                     "-I", shell.ROOT / "lib/include", source)
    assert done.returncode == 0, done.stderr


def test_commands_in_examples_are_known(pages):
    run = {"--" + row["option"] for row in told.tables()[(told.PROGRAM, "run")][1]}
    body = (pages / "pagecopy.1").read_text().partition(".SH EXAMPLES")[2].replace("\\-", "-")
    shown = re.findall(r"^pagecopy run (.*)$", body, re.M)
    assert shown
    for line in shown:
        assert set(re.findall(r"--[\w-]+", line)) <= run


def test_pages_do_not_depend_on_time_or_machine(pages, tmp_path):
    env = os.environ | {"COLUMNS": "40", "LC_ALL": "C", "TZ": "Asia/Tokyo", "PATH": "/usr/bin:/bin"}
    for name in ("pagecopy.1", "pagecopy_results.7"):
        generate("--bin", told.BIN, MAN / f"{name}.in", tmp_path / name, env=env, cwd=tmp_path)
        assert (tmp_path / name).read_bytes() == (pages / name).read_bytes()
    generate("--script", shell.SCRIPTS / "host-prep", tmp_path / "page", env=env)
    assert (tmp_path / "page").read_bytes() == (pages / "pagecopy-host-prep.1").read_bytes()
    for page in pages.iterdir():
        assert re.search(r'^\.TH \S+ \d "\d{4}-\d\d-\d\d" ', page.read_text(), re.M), page.name


def test_a_command_that_fails_leaves_no_page(tmp_path):
    done = generate("--bin", tmp_path, MAN / "pagecopy.1.in", tmp_path / "page")
    assert done.returncode != 0
    assert not (tmp_path / "page").exists()


def test_pages_and_completion_are_installed(pages, tmp_path):
    tree = shell.ROOT / "build/release"
    for part in ("docs/man", "scripts/completion"):
        subprocess.run(["cmake", f"-DCMAKE_INSTALL_PREFIX={tmp_path}", "-P",
                        tree / part / "cmake_install.cmake"], check=True, capture_output=True)
    share = tmp_path / "share"
    for page in ("man1/pagecopy.1", "man4/pagecopy.4", "man7/pagecopy_results.7",
                 "man1/pagecopy-host-prep.1"):
        assert (share / "man" / page).stat().st_size > 1000
    completions = share / "bash-completion/completions"
    assert "complete -F _pagecopy" in (completions / "pagecopy").read_text()
    assert (completions / "pagecopy-compare").resolve() == completions / "pagecopy"
    assert (share / "zsh/vendor-completions/_pagecopy").exists()
