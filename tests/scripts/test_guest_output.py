# SPDX-License-Identifier: MIT
"""What scripts/test makes of a guest's output: guest/programs.awk and guest/kunit.awk."""

import subprocess

import shell


def awk(program, text, **values):
    words = [f"{key}={value}" for key, value in values.items()]
    options = [word for pair in words for word in ("-v", pair)]
    done = subprocess.run(["awk", "-f", shell.SCRIPTS / "guest" / program, *options], input=text,
                          capture_output=True, text=True, check=True)
    assert done.stderr == ""
    return done.stdout


def programs(text, wanted=1):
    """What is said beyond the programs' own lines."""
    lines = awk("programs.awk", text, kernel="6.12", wanted=wanted).splitlines()
    given = text.splitlines()
    assert [line for line in lines if line in given] == given
    return [line for line in lines if line not in given]


def test_programs_that_keep_their_plan():
    text = ("# begin a --fast\nok 1 - x\nok 2 - y # SKIP why\n1..2\n# end 0\n"
            "# begin b\nok 1 - z\n1..1\n# end 0\n")
    assert programs(text, 2) == ["ok - a: all 2 tests ran, 6.12", "ok - b: all 1 tests ran, 6.12"]


def test_a_failed_test_is_counted_once():
    text = "# begin a\nok 1 - x\nnot ok 2 - y\n1..2\n# end 1\n"
    assert programs(text) == ["ok - a: all 2 tests ran, 6.12"]


def test_a_status_that_no_test_explains():
    assert programs("# begin a\nok 1 - x\n1..1\n# end 3\n") == ["not ok - a: exit 3"]


def test_fewer_tests_than_planned():
    assert programs("# begin a\nok 1 - x\n1..2\n# end 0\n") == [
        "not ok - a: 1 tests ran of 2, exit 0"]


def test_no_plan():
    text = "# begin a\nok 1 - x\n# end 139\n"
    assert programs(text) == ["not ok - a: 1 tests ran of an unknown number, exit 139"]


def test_the_plan_of_one_program_is_not_that_of_the_next():
    text = "# begin a\nok 1 - x\n1..1\n# end 0\n# begin b\nok 1 - x\n# end 0\n"
    assert programs(text, 2)[1].startswith("not ok - b")


def test_a_program_that_is_not_there():
    assert programs("# begin a\n# end 127\n") == ["not ok - a: no such program in the guest"]


def test_a_program_that_the_guest_did_not_survive():
    said = programs("# begin a\nok 1 - x\n", 3)
    assert said == ["not ok - a: the guest ended before it did",
                    "not ok - programs that did not run: 2"]


def test_nothing_ran():
    assert awk("programs.awk", "", kernel="uml", wanted=2).startswith("not ok")


SUITE = """    KTAP version 1
    # Subtest: pagecopy-range
    # module: pagecopy
    1..3
    ok 1 edges
        KTAP version 1
        # Subtest: sizes
        ok 1 size 1
        ok 2 size 2
    ok 2 sizes
    ok 3 later # SKIP not here
# pagecopy-range: pass:2 fail:0 skip:1 total:3
ok 1 pagecopy-range
"""


def kunit(text):
    stamped = [f"[    0.{n:06}] {line}\r\n" for n, line in enumerate(text.splitlines())]
    return awk("kunit.awk", "".join(stamped)).splitlines()


def test_a_line_for_each_case():
    assert kunit(SUITE) == ["ok - pagecopy-range: edges", "ok - pagecopy-range: sizes",
                            "ok - pagecopy-range: later # SKIP not here"]


def test_a_failed_case():
    text = SUITE.replace("    ok 1 edges", "    # edges: EXPECTATION FAILED\n    not ok 1 edges")
    text = text.replace("\nok 1 pagecopy", "\nnot ok 1 pagecopy")
    assert kunit(text)[0] == "not ok - pagecopy-range: edges"
    assert len(kunit(text)) == 3


def test_a_suite_that_fails_by_itself():
    text = SUITE.replace("\nok 1 pagecopy", "\nnot ok 1 pagecopy")
    assert kunit(text)[-1] == "not ok - pagecopy-range: the suite itself failed"


def test_a_suite_that_breaks_off():
    lines = SUITE.splitlines(keepends=True)
    assert kunit("".join(lines[:6]))[-1] == "not ok - pagecopy-range: broke off"
    missing = SUITE.replace("    ok 3 later # SKIP not here\n", "")
    assert kunit(missing)[-1] == "not ok - pagecopy-range: 2 cases ran of 3"


def test_a_log_without_kunit():
    assert kunit("pagecopy: loaded\nok 1 something else\n") == []
