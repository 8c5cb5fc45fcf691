# SPDX-License-Identifier: MIT
"""docs/litmus: each test has the verdict that its head states, by the kernel's model.

By herd7 where it is installed; everywhere else by tests/litmus, which is itself
held against the kernel's own litmus tests. The model is the kernel's: it is taken
from a kernel source and never kept here.
"""

import os
import pathlib
import re
import shutil
import subprocess
import sys

import pytest

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tests/litmus"))

import catmodel  # noqa: E402
import litmus  # noqa: E402

FILES = {path.stem: path for path in sorted((ROOT / "docs/litmus").glob("*.litmus"))}
TARBALLS = ("/usr/src/linux-source-6.12.tar.xz",)
# Agreement with fewer of the kernel's tests than that means little.
ENOUGH = 25

# id: test, what is replaced, by what, verdict that the checker must come to
EDITS = {
    "first-rmb": ("seq", "r0 = READ_ONCE(*seq);\n\tsmp_rmb();", "r0 = READ_ONCE(*seq);",
                  "Sometimes"),
    "weaker-fence": ("seq", "smp_rmb", "smp_wmb", "Sometimes"),
    "compiler-only": ("seq", "smp_wmb", "barrier", "Sometimes"),
    "stronger-fence": ("seq", "smp_rmb", "smp_mb", "Never"),
    "fence-for-acquire": ("seq-acquire-last", "r3 = smp", "smp_rmb();\n\tr3 = smp", "Never"),
    "other-value": ("bytes-old-or-new", "WRITE_ONCE(*src, 1)", "WRITE_ONCE(*src, 2)", "Sometimes"),
    "marked": ("plain-load", "r0 = *src", "r0 = READ_ONCE(*src)", "Sometimes"),
    "once-more": ("stored-once", "WRITE_ONCE(*dst, 1);", "WRITE_ONCE(*dst, 1);" * 2, "Sometimes"),
    "always": ("stored-once", "exists (1:r0=1 /\\ 1:r1=1)", "exists (dst=1 \\/ dst=2)", "Always"),
}


def cache():
    home = os.environ.get("XDG_CACHE_HOME") or pathlib.Path.home() / ".cache"
    return pathlib.Path(home) / "pagecopy"


def unpack(tarball):
    """The model out of a kernel source, into the cache."""
    target = cache() / "memory-model"
    if not target.is_dir():
        new = cache() / f"memory-model.{os.getpid()}"
        new.mkdir(parents=True)
        subprocess.run(["tar", "-xJf", tarball, "-C", new, "--strip-components=3",
                        "--wildcards", "*/tools/memory-model"], check=True)
        try:
            new.rename(target)
        except OSError:    # another run was faster
            shutil.rmtree(new)
    return target


@pytest.fixture(scope="session")
def source():
    """The folder tools/memory-model of some kernel source."""
    for found in sorted(cache().glob("*/build/tools/memory-model/linux-kernel.cat")):
        return found.parent
    for tarball in TARBALLS:
        if pathlib.Path(tarball).exists():
            return unpack(tarball)
    pytest.skip("no kernel source with the memory model here (apt-get install linux-source-6.12)")


@pytest.fixture(scope="session")
def model(source):
    return catmodel.Model(*((source / f"linux-kernel.{part}").read_text()
                            for part in ("bell", "cat")))


def stated(text):
    """The verdict and the flags in the head of a test."""
    result = re.findall(r"^ \* Result: (Never|Sometimes|Always)", text, re.M)
    assert len(result) == 1, text
    return result[0], set(re.findall(r"^ \* Flag: (\S+)$", text, re.M))


@pytest.mark.parametrize("name", FILES)
def test_verdict_is_the_stated_one(model, name):
    text = FILES[name].read_text()
    assert litmus.verdict(litmus.Test(text), model) == stated(text)


@pytest.mark.parametrize("name", FILES)
def test_file_is_well_formed(name):
    """What needs no model: names, the head, and a condition on what there is."""
    text = FILES[name].read_text()
    test = litmus.Test(text)
    assert test.name == name
    stated(text)
    assert "SPDX-License-Identifier: MIT" in text
    assert any(test.holds(execution.state) for execution in test.executions()) \
        or stated(text)[0] == "Never"


def test_verdict_by_herd7(source):
    if not shutil.which("herd7"):
        pytest.skip("herd7 is not installed")
    bad = []
    for name, path in FILES.items():
        done = subprocess.run(["herd7", "-conf", "linux-kernel.cfg", path], cwd=source, text=True,
                              capture_output=True, check=False, timeout=300)
        found = re.search(r"^Observation \S+ (\w+)", done.stdout, re.M)
        flags = set(re.findall(r"^Flag (\S+)", done.stdout, re.M))
        if not found or (found.group(1), flags) != stated(path.read_text()):
            bad.append(f"{name}: {done.stdout}{done.stderr}")
    assert FILES and not bad, "\n".join(bad)


def test_checker_agrees_with_the_tests_of_the_kernel(source, model):
    """Of a model one cannot read off whether it was read correctly; of these one can."""
    agreed, bad = 0, []
    for path in sorted((source / "litmus-tests").glob("*.litmus")):
        text = path.read_text()
        try:
            found, _ = litmus.verdict(litmus.Test(text), model)
        except litmus.NotSupported:
            continue
        if found == stated(text)[0]:
            agreed += 1
        else:
            bad.append(f"{path.name}: {found}")
    assert not bad
    assert agreed >= ENOUGH


@pytest.mark.parametrize("name", EDITS)
def test_verdict_follows_the_program(model, name):
    file, old, new, verdict = EDITS[name]
    text = FILES[file].read_text()
    edited = text.replace(old, new)
    assert edited != text
    assert litmus.verdict(litmus.Test(edited), model) == (verdict, set())


def test_no_fence_ends_a_race(model):
    text = re.sub("smp_[rw]mb", "smp_mb", FILES["seq-plain"].read_text())
    assert litmus.verdict(litmus.Test(text), model) == ("Never", {"data-race"})


@pytest.mark.parametrize("name", ["plain-published", "plain-handed-back"])
def test_a_race_is_flagged_when_nothing_orders(model, name):
    text = FILES[name].read_text().replace("smp_load_acquire(", "READ_ONCE(*")
    if name == "plain-handed-back":    # what a load decides is ordered after it
        text = re.sub(r"if \(.*\)", "", text)
    assert litmus.verdict(litmus.Test(text), model) == ("Sometimes", {"data-race"})


CONTROL = """C control
{}
P0(int *x, int *y, int *z)
{
	int r0;

	r0 = READ_ONCE(*x);
	if (r0 == 1)
		WRITE_ONCE(*z, 1);
	WRITE_ONCE(*y, 1);
}
P1(int *x, int *y)
{
	int r0;

	r0 = smp_load_acquire(y);
	WRITE_ONCE(*x, 1);
}
exists (0:r0=1 /\\ 1:r0=1)
"""


def test_what_a_load_decides_ends_with_the_arm(model):
    """As the kernel's control-dependencies.txt has it."""
    assert litmus.verdict(litmus.Test(CONTROL), model)[0] == "Sometimes"
    inside = CONTROL.replace("WRITE_ONCE(*z, 1)", "WRITE_ONCE(*y, 1)", 1)
    inside = inside.replace("\tWRITE_ONCE(*y, 1);\n}\nP1", "}\nP1")
    assert inside.count("*y, 1") == 1
    assert litmus.verdict(litmus.Test(inside), model)[0] == "Never"


@pytest.mark.parametrize("dropped,name", [
    ("acyclic hb as happens-before", "seq"),
    ("acyclic po-loc | com as coherence", "stored-once"),
])
def test_verdict_follows_the_model(source, dropped, name):
    texts = [(source / f"linux-kernel.{part}").read_text() for part in ("bell", "cat")]
    assert dropped in texts[1]
    weaker = catmodel.Model(texts[0], texts[1].replace(dropped, ""))
    assert litmus.verdict(litmus.Test(FILES[name].read_text()), weaker)[0] == "Sometimes"


def test_checker_refuses_what_it_does_not_know():
    text = FILES["seq"].read_text()
    for old, new in (("smp_rmb();", "spin_lock(lock);"), ("exists", "forall"),
                     ("r3 = READ_ONCE(*seq)", "r3 = xchg(seq, 1)"),
                     ("smp_wmb();", "while (1);")):
        with pytest.raises(litmus.NotSupported):
            litmus.Test(text.replace(old, new))
    test = litmus.Test(text.replace("1:r3=2", "1:r9=2"))
    with pytest.raises(NameError):
        for execution in test.executions():
            test.holds(execution.state)


def test_document_says_what_the_files_say():
    text = (ROOT / "docs/atomicity-lkmm.md").read_text()
    rows = re.findall(r"^\| \[([\w-]+)\]\(litmus/([\w-]+)\.litmus\) "
                      r"\| (\w+)(?:, Flag ([\w-]+))? \|", text, re.M)
    assert {row[0] for row in rows} == set(FILES)
    for name, link, result, flag in rows:
        assert link == name
        assert (result, {flag} - {""}) == stated(FILES[name].read_text())
