# SPDX-License-Identifier: MIT
"""The rules of the tree that no compiler checks."""

import fnmatch
import functools
import pathlib
import re
import shutil
import subprocess

import pytest

ROOT = pathlib.Path(__file__).resolve().parents[2]
LICENCES = {"driver": "GPL-2.0-only", "lib": "GPL-2.0-only OR MIT"}
# Data and prose: no place for a comment, or no licence line wanted in it.
UNMARKED = ("*.md", "*.json", "*.csv", "*.gz", "*.png", "*.svg", "*.exclude", "LICENSE",
            "*/LICENSE", "*.litmus", "plots/*.txt", "tests/calibration/results/*.txt")
GENERATED = ("build/*", "results/*", "*.o", "*.ko", "*.a", "*.so", "*.pyc", "*.mod", "*.mod.c",
             "*.cmd", "*.order", "*.symvers", "*CMakeCache.txt", "*CMakeFiles/*", "*~", "*.orig",
             "*.rej", "*.swp", "*compile_commands.json")
C = ("*.c", "*.h", "*.def", "*.cc")


@functools.cache
def tracked():
    """Files that git has or would take, as paths from the root."""
    if not shutil.which("git") or not (ROOT / ".git").exists():
        return None
    done = subprocess.run(["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
                          cwd=ROOT, capture_output=True, text=True, check=True)
    return sorted(p for p in done.stdout.split("\0") if p and (ROOT / p).is_file())


def files(*patterns, without=()):
    if tracked() is None:
        pytest.skip("not a git tree")
    return [p for p in tracked() if any(fnmatch.fnmatch(p, want) for want in patterns)
            and not any(fnmatch.fnmatch(p, no) for no in without)]


def read(path):
    return (ROOT / path).read_text()


def sources():
    return files("*", without=UNMARKED)


def functions(text):
    """(name, number of lines) of each function written in kernel style."""
    lines = text.splitlines()
    start = head = None
    for number, line in enumerate(lines):
        if line == "{":
            start = number
        elif line.startswith("}") and start is not None:
            name = re.search(r"(\w+)\(", head or "")
            yield name.group(1) if name else "?", number - start + 1
            start = head = None
        elif start is None and re.match(r"[a-zA-Z_].*\(", line):
            head = line


def columns(line):
    return len(line.expandtabs(8))


def test_every_source_names_its_licence():
    bad = []
    for path in sources():
        lines = read(path).splitlines()[:2]
        line = lines[1] if lines[0].startswith("#!") else lines[0]
        # A shell library has no #! line but tells shellcheck, or zsh, what it is.
        if lines[0].startswith(("# shellcheck", "#compdef")):
            line = lines[1]
        found = re.search(r"SPDX-License-Identifier: (.*?)(?: \*/| -->)?$", line)
        wanted = LICENCES.get(path.split("/")[0], "MIT")
        if not found or found.group(1) != wanted:
            bad.append(f"{path}: {found.group(1) if found else 'none'}, not {wanted}")
    assert not bad, "\n".join(bad)


def test_one_file_knows_which_side_it_is_on():
    bad = [p for p in files(*C) if "__KERNEL__" in read(p)]
    assert bad == ["lib/include/pagecopy/port.h"]


def test_one_file_knows_kernel_versions():
    bad = [p for p in files(*C, "*Kbuild", "*Makefile", without=["driver/compat.h"])
           if re.search(r"LINUX_VERSION_CODE|KERNEL_VERSION\s*\(", read(p))]
    assert not bad


def test_no_file_is_longer_than_500_lines():
    bad = [f"{p}: {n}" for p in sources() if (n := len(read(p).splitlines())) > 500]
    assert not bad, "\n".join(bad)


def test_no_line_is_wider_than_100_columns():
    # strategies.def: the build takes its list from it line by line.
    bad = [f"{p}:{n}: {columns(line)}" for p in files("*", without=(*UNMARKED, "*.def"))
           for n, line in enumerate(read(p).splitlines(), 1) if columns(line) > 100]
    assert not bad, "\n".join(bad)


def test_no_function_is_longer_than_60_lines():
    bad = [f"{p}: {name}: {n}" for p in files("lib/*.c", "lib/*.h", "driver/*.c", "driver/*.h")
           for name, n in functions(read(p)) if n > 60]
    assert not bad, "\n".join(bad)


def test_functions_are_found():
    text = "int f(void)\n{\n\treturn 0;\n}\n\nstatic int g(int a,\n\t     int b)\n{\n}\n"
    assert list(functions(text)) == [("f", 3), ("g", 2)]


def test_text_ends_in_one_newline_and_has_no_trailing_blanks():
    bad = []
    for path in files("*", without=("*.png", "*.svg", "*.csv", "*.gz")):
        text = read(path)
        if not text.endswith("\n") or text.endswith("\n\n"):
            bad.append(f"{path}: its end")
        bad += [f"{path}:{n}" for n, line in enumerate(text.splitlines(), 1)
                if line != line.rstrip()]
    assert not bad, "\n".join(bad)


def test_nothing_is_left_to_do():
    # Split, so that this file does not find itself.
    marks = "|".join(("TO" "DO", "X" "XX", "FIX" "ME"))
    bad = [f"{p}:{n}" for p in sources() for n, line in enumerate(read(p).splitlines(), 1)
           if re.search(rf"\b({marks})\b", line)]
    assert not bad, "\n".join(bad)


def test_nothing_generated_is_tracked():
    assert not files(*GENERATED)


def test_every_strategy_has_its_file_and_every_file_its_line():
    text = read("lib/include/pagecopy/strategies.def")
    listed = re.findall(r"^STRATEGY\( *\d+, *\w+, *(\w+),", text, re.M)
    present = [pathlib.Path(p).stem for p in files("lib/copy/*.c")]
    assert sorted(listed) == sorted(present)
    numbers = [int(n) for n in re.findall(r"^STRATEGY\( *(\d+),", text, re.M)]
    assert numbers == sorted(set(numbers)), "ascending: the table ends after the last line"


CMAKE = """
cmake_minimum_required(VERSION 3.25)
project(pagecopy LANGUAGES C)
add_compile_definitions(_GNU_SOURCE)
enable_testing()
add_subdirectory(lib)
add_subdirectory(tests/unit)
"""


def documented_strategy():
    """The file and the line that docs/adding-a-strategy.md shows."""
    file, line = re.findall(r"```c\n(.*?)```", read("docs/adding-a-strategy.md"), re.S)
    # Its number may be taken by now; this one is not.
    return file, re.sub(r"^STRATEGY\( *\d+", "STRATEGY(200", line)


def with_strategy(tree, file, line):
    """A copy of what the unit tests need, with one file and one line more."""
    for part in ("lib", "tests/unit/lib"):
        shutil.copytree(ROOT / part, tree / part)
    shutil.copy(ROOT / "tests/unit/CMakeLists.txt", tree / "tests/unit")
    (tree / "CMakeLists.txt").write_text(CMAKE)
    (tree / "lib/copy/backward.c").write_text(file)
    with (tree / "lib/include/pagecopy/strategies.def").open("a") as lines:
        lines.write(line)
    for command in (["cmake", "-S", tree, "-B", tree / "build"],
                    ["cmake", "--build", tree / "build"]):
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout + done.stderr


def run_unit(tree, name):
    done = subprocess.run([tree / f"build/tests/unit/lib/test-lib-{name}"], text=True, check=False,
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    return done.returncode, done.stdout


def test_adding_a_strategy_is_one_file_and_one_line(tmp_path):
    with_strategy(tmp_path, *documented_strategy())
    for name in ("copy", "table", "abi"):
        status, text = run_unit(tmp_path, name)
        assert status == 0, text
        if name == "copy":
            assert text.count("OK ] backward: ") == 4


def test_a_wrong_new_strategy_is_caught(tmp_path):
    file, line = documented_strategy()
    wrong = file.replace("while (len--)", "while (len-- > 1)")
    assert wrong != file
    with_strategy(tmp_path, wrong, line)
    status, text = run_unit(tmp_path, "copy")
    assert status > 0
    assert re.search("backward: len 1, .*not", text), text
