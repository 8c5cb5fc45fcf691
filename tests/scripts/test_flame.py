# SPDX-License-Identifier: MIT
"""The flame graph, and the stacks that it is made of."""

import re
import xml.etree.ElementTree as ET

import conftest  # noqa: F401  (puts the package on the path)
import pytest

from pagecopy_report import flame, frames

SVG = "{http://www.w3.org/2000/svg}"
STACKS = {("main", "run", "pagecopy_copy_words"): 60, ("main", "run"): 30,
          ("main", "read_[k]", "pc_run_[m]"): 10}


def boxes(text):
    """title -> (class, x, y, width) of every box."""
    found = {}
    for group in ET.fromstring(text).iter(f"{SVG}g"):
        title = group.find(f"{SVG}title")
        if title is not None:
            rect = group.find(f"{SVG}rect")
            found[title.text] = (group.get("class"), *(float(rect.get(key))
                                                       for key in ("x", "y", "width")))
    return found


def test_widths_are_shares_and_callers_are_below():
    found = boxes(flame.svg(STACKS, "title", "said"))
    everything = found["all: 100.0 %, 100 samples"]
    run = found["run: 90.0 %, 90 samples"]
    copy = found["pagecopy_copy_words: 60.0 %, 60 samples"]
    assert run[3] / everything[3] == pytest.approx(0.9, abs=0.002)
    assert copy[3] / everything[3] == pytest.approx(0.6, abs=0.002)
    assert copy[2] < run[2] < found["main: 100.0 %, 100 samples"][2] < everything[2]
    assert run[1] <= copy[1] and copy[1] + copy[3] <= run[1] + run[3] + 0.1


def test_boxes_of_one_row_do_not_overlap():
    rows = {}
    for _, x, y, width in boxes(flame.svg(STACKS, "t", "s")).values():
        rows.setdefault(y, []).append((x, x + width))
    for row in rows.values():
        row.sort()
        assert all(before[1] <= after[0] + 1e-6 for before, after in zip(row, row[1:]))


def test_colours_say_whose_a_function_is():
    kinds = {title.split(":")[0]: what[0] for title, what
             in boxes(flame.svg(STACKS, "t", "s")).items()}
    assert kinds == {"all": "all", "main": "user", "run": "user", "read": "kernel",
                     "pc_run": "module", "pagecopy_copy_words": "copy"}


@pytest.mark.parametrize("name, expected", [
    ("pagecopy_copy_words", True), ("pagecopy_user_load_avx2", True), ("memcpy_orig_[k]", True),
    ("__memmove_avx512_unaligned_erms", True), ("rep_movs_alternative_[k]", True),
    ("copy_batch", False), ("memcmp", False), ("pagecopy_strategy_here", False)])
def test_what_is_a_copy(name, expected):
    assert flame.is_copy(name) is expected


HOSTILE = ['<script>alert(1)</script>', '"><g onload="x"/>', "a&b;c", "]]>", "null\x00byte\x1b[0m",
           "\ud800", "f(int, char const*)", "ünïcode"]


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_name_is_text(name):
    frame = frames.Frame(0, name, 0, "/bin/x")
    folded = frames.folded([frames.Sample(1, (frame,))])
    assert all(";" not in one and " " not in one for one in list(folded)[0])
    text = flame.svg({("main", name): 5}, name, name)
    root = ET.fromstring(text.encode("utf-8"))
    assert {element.tag for element in root.iter()} <= {
        SVG + tag for tag in ("svg", "style", "rect", "text", "g", "title")}
    assert not any(key.startswith("on") for element in root.iter() for key in element.attrib)


def test_nothing_is_fetched_and_nothing_runs():
    text = flame.svg(STACKS, "t", "s")
    assert not re.search(r"<script|href|url\(|@import|\son\w+=", text)


def test_folded_stacks_go_out_and_come_in():
    text = flame.fold(STACKS)
    assert text.splitlines()[0] == "main;read_[k];pc_run_[m] 10"
    assert flame.parse(text) == STACKS
    with pytest.raises(ValueError, match="line 2"):
        flame.parse("a;b 1\na;b\n")


def test_no_samples_make_an_empty_graph():
    assert boxes(flame.svg({}, "t", "s")) == {}


# What perf script -F period,ip,sym,symoff,dso printed here; the paths are made up.
SCRIPT = """\
    250000\x20
\t           39b1b pagecopy_copy_words+0x6b (/x/pagecopy)
\t           1ab0b copy_batch+0x13b (/x/pagecopy)
\tffffffffffffffff [unknown] ([unknown])

    250000\x20
\tffffffff8158c3e1 next_uptodate_folio+0xc1 ([kernel.kallsyms])
\t            2260 open aux<int>(char const*)+0x30 (/x/lib (deleted))

    250000\x20
\t        8e82ee2b [unknown] (PLACE)

"""
KALLSYMS = """\
0000000000000000 T nothing
0000000060020000 T memcpy
000000008e82edc0 t pagecopy_copy_words\t[pagecopy]
000000008e82edc0 t __pfx_other\t[pagecopy]
000000008e82f000 d some_data\t[pagecopy]
"""


def test_samples_are_read_as_perf_prints_them():
    text = SCRIPT.replace("PLACE", "/dev/shm/vm_file-x (deleted)")
    first, second, third = frames.read(text.splitlines(keepends=True))
    assert [frame.name for frame in first.frames] == ["pagecopy_copy_words", "copy_batch"]
    assert (first.period, first.frames[0].offset, first.frames[0].ip) == (250000, 0x6b, 0x39b1b)
    assert second.frames[0].mark == "_[k]"
    assert second.frames[1].name == "open aux<int>(char const*)"
    assert second.frames[1].place == "/x/lib (deleted)"
    assert third.frames[0].name == frames.UNKNOWN
    assert third.frames[0].place == "/dev/shm/vm_file-x (deleted)"
    assert frames.copying(first) and not frames.copying(second)


def test_what_perf_cannot_name_is_named_by_the_guest():
    symbols = frames.Symbols(KALLSYMS.splitlines())
    samples = frames.read(SCRIPT.replace("PLACE", "[unknown]").splitlines(), symbols)
    frame = samples[2].frames[0]
    assert (frame.name, frame.offset, frame.mark) == ("pagecopy_copy_words", 0x6b, "_[m]")
    assert frames.folded(samples[2:]) == {(frames.NOT_SEEN, "pagecopy_copy_words_[m]"): 1}
    # The kernel that perf knows is the one below the guest.
    assert samples[1].frames[0].mark == "_[h]"
    assert symbols.find(0x6002_0010).name == "memcpy"
    assert symbols.find(0x7000_0000) is None
    assert symbols.find(0x10) is None
    assert "8e82edc0" in symbols.perf_map() and "some_data" not in symbols.perf_map()


def test_offsets_in_the_memory_of_a_guest_are_not_taken_for_addresses():
    symbols = frames.Symbols(KALLSYMS.splitlines())
    text = SCRIPT.replace("PLACE", "#3815 (deleted)").replace("8e82ee2b", "60020010").splitlines()
    assert frames.read(text, symbols)[2].frames[0].name == frames.UNKNOWN
    samples = frames.read(text, symbols, [1, 2, 0x8e82ee2b])
    assert samples[2].frames[0].name == "pagecopy_copy_words"
    # Only the innermost one: the rest of the stack has no address.
    assert [frame.name for frame in samples[0].frames] == ["pagecopy_copy_words", "copy_batch"]


def test_talking_to_perf_is_left_out():
    telling = frames.Sample(1, (frames.Frame(1, "write", 0, "x"),
                                frames.Frame(2, "perf_control_tell", 0, "x")))
    other = frames.Sample(1, (frames.Frame(1, "write", 0, "x"),))
    assert frames.without_control([telling, other]) == [other]
