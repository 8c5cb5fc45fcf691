# SPDX-License-Identifier: MIT
"""A flame graph: folded stacks as one SVG that opens anywhere and runs nothing.

Every box is a function; its width is the share of the samples that had it on
their stack, its callers are below it. Boxes of one caller are in the order of
their names, so that two graphs of the same code look alike.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from html import escape

from .palette import COLORS

WIDTH = 1200
ROW = 17
MARGIN = 10
TOP = 66
LETTER = 6.3  # px that a letter takes, about
NARROWEST = 0.3  # px; narrower boxes are not drawn
FONT = "'DejaVu Sans', Verdana, sans-serif"

# What a frame belongs to, by the mark behind its name; the copy is told by its name.
COPY, MODULE, KERNEL, HOST, USER, ALL = "copy", "module", "kernel", "host", "user", "all"
MARKS = {"_[k]": KERNEL, "_[m]": MODULE, "_[h]": HOST}
FILL = {COPY: COLORS[1], MODULE: COLORS[3], KERNEL: COLORS[5], USER: COLORS[2],
        HOST: "#b9b9b9", ALL: "#9a9a9a"}
LEGEND = ((COPY, "the copy"), (MODULE, "the module"), (KERNEL, "the kernel"),
          (USER, "programs and libraries"), (HOST, "the host's kernel, below the guest"))
IS_COPY = re.compile(r"^(?:pagecopy_(?:copy|user_(?:load|store))_|(?:__)?(?:mem(?:cpy|move)|"
                     r"rep_movs|copy_(?:page|user|mc|to_user|from_user|mc_fragile)))")
FORBIDDEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")

Folded = dict[tuple[str, ...], int]


@dataclass
class Box:
    """A function below the same callers, and what it called."""

    name: str
    total: int = 0
    inner: dict[str, Box] = field(default_factory=dict)

    def depth(self) -> int:
        """Rows that it and its callees take."""
        return 1 + max((box.depth() for box in self.inner.values()), default=0)


def is_copy(name: str) -> bool:
    """Is it a function that copies?"""
    return bool(IS_COPY.match(name))


def kind_of(name: str) -> str:
    """What a frame of a folded stack belongs to."""
    if is_copy(name):
        return COPY
    return MARKS.get(name[-4:], ALL if name.startswith("(") else USER)


def parse(text: str) -> Folded:
    """Folded stacks, one a line: frames from the outermost on, a space, how many."""
    folded: Folded = {}
    for number, line in enumerate(text.split("\n"), 1):
        if not line:
            continue
        stack, _, count = line.rpartition(" ")
        if not stack or not re.fullmatch("[0-9]+", count):
            raise ValueError(f"line {number}: not 'frame;frame COUNT'")
        frames = tuple(stack.split(";"))
        folded[frames] = folded.get(frames, 0) + int(count)
    return folded


def fold(folded: Folded) -> str:
    """The inverse of parse(), in the order of the names."""
    return "".join(f"{';'.join(frames)} {count}\n" for frames, count in sorted(folded.items()))


def tree(folded: Folded) -> Box:
    """One box for everything, the others in it."""
    root = Box("all")
    for frames, count in folded.items():
        root.total += count
        box = root
        for name in frames:
            box = box.inner.setdefault(name, Box(name))
            box.total += count
    return root


def _text(text: str) -> str:
    return escape(FORBIDDEN.sub("\ufffd", text), quote=True)


def _bare(name: str) -> str:
    """Without the mark, which the colour shows."""
    return name[:-4] if name[-4:] in MARKS else name


def _share(count: int, total: int) -> str:
    return f"{100 * count / total:.1f} %" if total else "0.0 %"


def _clipped(name: str, width: float) -> str:
    room = int((width - 6) / LETTER)
    if len(name) <= room:
        return name
    return name[:room - 1] + "\u2026" if room >= 4 else ""


def _draw(box: Box, left: float, bottom: float, scale: float, total: int, out: list[str]) -> None:
    width = box.total * scale
    if width < NARROWEST:
        return
    kind = kind_of(box.name) if out else ALL
    name = _bare(box.name)
    label = _clipped(name, width)
    out.append(f'<g class="{kind}"><title>{_text(name)}: {_share(box.total, total)}, '
               f'{box.total} samples</title><rect x="{left:.2f}" y="{bottom - ROW:.1f}" '
               f'width="{max(width - 0.4, 0.2):.2f}" height="{ROW - 1}" rx="1.5"/>'
               + (f'<text x="{left + 3:.2f}" y="{bottom - 5:.1f}">{_text(label)}</text>'
                  if label else "") + "</g>")
    for inner in (box.inner[key] for key in sorted(box.inner)):
        _draw(inner, left, bottom - ROW, scale, total, out)
        left += inner.total * scale


def _legend(y: float, seen: set[str]) -> str:
    parts, x = [], float(MARGIN)
    for kind, label in (one for one in LEGEND if one[0] in seen):
        parts.append(f'<g class="{kind}"><rect x="{x:.1f}" y="{y - 10:.1f}" width="11" '
                     f'height="11" rx="1.5"/></g><text class="said" x="{x + 16:.1f}" '
                     f'y="{y:.1f}">{label}</text>')
        x += 16 + LETTER * len(label) + 22
    return "".join(parts)


def _style() -> str:
    fills = "".join(f".{kind} rect{{fill:{color};fill-opacity:.62}}"
                    for kind, color in FILL.items())
    return (f"<style>text{{font:11px {FONT};fill:#111}}.title{{font-size:17px;font-weight:bold}}"
            f".said{{fill:#444}}{fills}g:hover>rect{{fill-opacity:1}}</style>")


def svg(folded: Folded, title: str, said: str) -> str:
    """The whole file: @title, a line about the recording below it, the boxes."""
    root = tree(folded)
    height = TOP + ROW * root.depth() + MARGIN
    scale = (WIDTH - 2 * MARGIN) / root.total if root.total else 0.0
    boxes: list[str] = []
    _draw(root, MARGIN, height - MARGIN, scale, root.total, boxes)
    return "\n".join([
        '<?xml version="1.0" encoding="UTF-8"?>',
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" '
        f'width="{WIDTH}" height="{height}" role="img">',
        _style(), f'<rect width="{WIDTH}" height="{height}" fill="#fff"/>',
        f'<text class="title" x="{MARGIN}" y="24">{_text(title)}</text>',
        f'<text class="said" x="{MARGIN}" y="42">{_text(said)}</text>',
        _legend(58, {kind_of(name) for frames in folded for name in frames}), *boxes, "</svg>", ""])
