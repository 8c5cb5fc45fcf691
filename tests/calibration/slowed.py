# SPDX-License-Identifier: MIT
"""A tree of its own with strategies that are slower by a known share.

They are in no build that anybody measures with: the tree is a copy of this one.
"""

import os
import pathlib
import shutil
import subprocess

ROOT = pathlib.Path(__file__).resolve().parents[2]
TREE = ROOT / "build/calibration/tree"
SHARES = (0, 1, 3, 10)
# Numbers on the wire at the far end, which no strategy has.
FIRST_NUMBER = 200


def _copy_tree():
    names = subprocess.run(["git", "-C", ROOT, "ls-files", "-z", "--cached", "--others",
                            "--exclude-standard"], capture_output=True, check=True).stdout
    for name in map(os.fsdecode, filter(None, names.split(b"\0"))):
        source, target = ROOT / name, TREE / name
        if not source.is_file():
            continue
        target.parent.mkdir(parents=True, exist_ok=True)
        # What is already there and alike stays, so that make has nothing to do.
        if not target.exists() or target.read_bytes() != source.read_bytes():
            shutil.copy2(source, target)


def _write(path, text):
    if not path.exists() or path.read_text(encoding="utf-8") != text:
        path.write_text(text, encoding="utf-8")


def _add_strategies():
    template = (ROOT / "tests/calibration/slow.c.in").read_text(encoding="utf-8")
    lines = []
    for nr, share in enumerate(SHARES):
        text = template.replace("@PERCENT@", str(share)).replace("@TWO_DIGITS@", f"{share:02}")
        _write(TREE / f"lib/copy/slow{share}.c", text)
        lines.append(f'STRATEGY({FIRST_NUMBER + nr}, BOTH,  slow{share}, ANY, PLAIN, AGAIN, '
                     f'CACHED, "raw, {share} % slower", "as raw")\n')
    name = "lib/include/pagecopy/strategies.def"
    _write(TREE / name, (ROOT / name).read_text(encoding="utf-8") + "".join(lines))


def build():
    """The tree with its programs built; its folder."""
    _copy_tree()
    _add_strategies()
    subprocess.run(["cmake", "--preset", "release"], cwd=TREE, check=True,
                   stdout=subprocess.DEVNULL)
    subprocess.run(["cmake", "--build", "build/release", "-j2", "--target", "pagecopy",
                    "pagecopy-static"], cwd=TREE, check=True, stdout=subprocess.DEVNULL)
    return TREE
