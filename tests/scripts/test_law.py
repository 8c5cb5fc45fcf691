# SPDX-License-Identifier: MIT
"""What the command object forbids does not compile.

Each case adds one mistake to a copy of the module and wants the compiler to
refuse it, for the reason given. The copy without a mistake must compile: else
every case would pass for the wrong reason.
"""
import shutil
import subprocess

import pytest

from shell import ROOT

# name: (file, what is put at its end, what the compiler must say)
MISTAKES = {
    "none": ("complete.c", "", None),
    "errno_is_no_answer": (
        "complete.c",
        "struct pc_answer pc_bad(void);\n"
        "struct pc_answer pc_bad(void)\n{\n\treturn -EINVAL;\n}\n",
        "incompatible types when returning type"),
    "answer_is_no_errno": (
        "complete.c",
        "int pc_bad(struct pc_ticket *t);\n"
        "int pc_bad(struct pc_ticket *t)\n"
        "{\n\treturn pc_answer_again(t);\n}\n",
        "incompatible types when returning type"),
    "private_data_too_large": (
        "complete.c",
        "struct pc_large { char byte[33]; };\n"
        "void *pc_bad(struct io_uring_cmd *ioucmd);\n"
        "void *pc_bad(struct io_uring_cmd *ioucmd)\n"
        "{\n\treturn pc_cmd_pdu(ioucmd, struct pc_large);\n}\n",
        "BUILD_BUG_ON"),
    "completion_by_hand": (
        "op.c",
        "void pc_bad(struct io_uring_cmd *ioucmd);\n"
        "void pc_bad(struct io_uring_cmd *ioucmd)\n"
        "{\n\tio_uring_cmd_done(ioucmd, 0, 0, 0);\n}\n",
        "poisoned"),
}


@pytest.fixture(scope="module")
def kernel():
    """Folder of the UML kernel, made if it is not in the cache."""
    got = subprocess.run([ROOT / "scripts/kernel", "uml"], text=True,
                         capture_output=True, check=False)
    if got.returncode == 77:
        pytest.skip(got.stderr.strip())
    assert got.returncode == 0, got.stderr
    return got.stdout.strip()


@pytest.fixture(scope="module")
def copy(tmp_path_factory):
    """A copy of what the module is built from; its objects are kept."""
    top = tmp_path_factory.mktemp("law")
    for name in ("driver", "lib", "scripts"):
        shutil.copytree(ROOT / name, top / name)
    return top


@pytest.mark.parametrize("name", MISTAKES)
def test_mistake_does_not_compile(name, copy, kernel):
    """Catches: a way to complete twice, or not at all, that compiles."""
    file, added, reason = MISTAKES[name]
    shutil.copy(ROOT / "driver" / file, copy / "driver" / file)
    with open(copy / "driver" / file, "a", encoding="utf-8") as out:
        out.write(added)
    got = subprocess.run(
        [copy / "scripts/build-module", "--arch", "um", kernel + "/build",
         copy / "out"], text=True, capture_output=True, check=False)
    shutil.copy(ROOT / "driver" / file, copy / "driver" / file)
    if reason is None:
        assert got.returncode == 0, got.stderr
    else:
        assert got.returncode != 0
        assert reason in got.stderr
