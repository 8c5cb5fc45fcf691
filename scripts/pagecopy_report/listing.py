# SPDX-License-Identifier: MIT
"""The instructions of one function, each with its share of the samples."""

from __future__ import annotations

import bisect
import re
import subprocess
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

# One instruction of objdump: address, colon, text.
CODE = re.compile(r"^\s*([0-9a-f]+):\t(.*)$")
JUMP = re.compile(r"^(?:j\w+|loop\w*|b(?:\.\w+)?|cbn?z|tbn?z)\s+(?:.*,\s*)?([0-9a-f]+)\b")
# Where a symbol says nothing: bytes to show around the samples.
AROUND = 64


@dataclass(frozen=True)
class Line:
    """An instruction: offset in the function, text, samples on it, where it may jump to."""

    offset: int
    text: str
    samples: int
    target: int | None = None


@dataclass(frozen=True)
class Listing:
    """A function; @loop holds the first and the last offset of its hot loop, or is None."""

    name: str
    place: str
    samples: int
    lines: tuple[Line, ...]
    loop: tuple[int, int] | None

    @property
    def in_loop(self) -> int:
        """Samples in the loop."""
        return sum(line.samples for line in self.lines if self.loops(line.offset))

    def loops(self, offset: int) -> bool:
        """Is it in the loop?"""
        return bool(self.loop) and self.loop[0] <= offset <= self.loop[1]


def _objdump(file: Path, *options: str) -> list[tuple[int, str]]:
    done = subprocess.run(["objdump", "-d", "--no-show-raw-insn", *options, str(file)],
                          capture_output=True, text=True, errors="replace", check=False)
    found = (CODE.match(line) for line in done.stdout.splitlines())
    return [(int(one.group(1), 16), " ".join(one.group(2).split())) for one in found if one]


def code_of(file: Path, name: str, offsets: Iterable[int],
            start: int) -> tuple[int, list[tuple[int, str]]]:
    """Address of the function and (address, text) of its instructions; no code: none.

    A stripped library has only some symbols: then what is around the samples,
    which are @offsets behind address @start.
    """
    lines = _objdump(file, f"--disassemble={name}")
    if lines:
        return lines[0][0], lines
    offsets = list(offsets)
    return start, _objdump(file, f"--start-address={start + max(min(offsets) - AROUND, 0):#x}",
                           f"--stop-address={start + max(offsets) + AROUND:#x}")


def hot_loop(lines: Iterable[Line]) -> tuple[int, int] | None:
    """The shortest jump back around the hottest instruction; else one that repeats itself."""
    lines = list(lines)
    hottest = max(lines, key=lambda line: line.samples, default=None)
    if hottest is None or not hottest.samples:
        return None
    around = [(line.target, line.offset) for line in lines
              if line.target is not None and line.target <= hottest.offset <= line.offset]
    if around:
        return min(around, key=lambda loop: loop[1] - loop[0])
    # The interrupt may come when it is done: the sample is on the next one.
    for line, after in zip(lines, [*lines[1:], hottest]):
        if line.text.startswith("rep ") and hottest in (line, after):
            return line.offset, hottest.offset
    return None


def _target(text: str, base: int) -> int | None:
    """Offset that a jump goes to; None for any other instruction."""
    jump = JUMP.match(text.partition("<")[0].strip())
    return int(jump.group(1), 16) - base if jump else None


def listing(file: Path, name: str, place: str, hits: Counter[int], start: int) -> Listing:
    """The function @name of @file with its samples, which are @hits by offset.

    A sample between two instructions belongs to the one that it is in; what
    lies outside the code at hand has lines of its own.
    """
    base, code = code_of(file, name, hits, start)
    offsets = [address - base for address, _ in code]
    end = offsets[-1] + 16 if offsets else 0
    counted: Counter[int] = Counter()
    for offset, number in hits.items():
        at = bisect.bisect_right(offsets, offset) - 1
        counted[offsets[at] if at >= 0 and offset < end else offset] += number
    lines = tuple(Line(offset, _local(text, name), counted.pop(offset, 0), _target(text, base))
                  for offset, (_, text) in zip(offsets, code))
    rest = tuple(Line(offset, "(no code at hand)", number, None)
                 for offset, number in sorted(counted.items()))
    return Listing(name, place, sum(hits.values()), lines + rest, hot_loop(lines))


def _local(text: str, name: str) -> str:
    """Jumps within the function by their offset."""
    return re.sub(r"\b[0-9a-f]+ <" + re.escape(name) + r"(\+0x[0-9a-f]+)?>$",
                  lambda found: found.group(1) or "+0x0", text)


def show(one: Listing, total: int) -> str:
    """As text: share of all samples, samples, offset, instruction; `|` marks the loop."""
    out = [f"{one.name} ({one.place}): {100 * one.samples / total:.2f} % of {total} samples"]
    if one.loop:
        out.append(f"its hot loop, marked |, is +{one.loop[0]:#x} to +{one.loop[1]:#x}: "
                   f"{100 * one.in_loop / total:.2f} %")
    out.append("")
    out.append("  share  samples    offset    instruction")
    for line in one.lines:
        mark = "|" if one.loops(line.offset) else " "
        share = f"{100 * line.samples / total:7.2f}" if line.samples else "       "
        count = str(line.samples) if line.samples else ""
        out.append(f"{share} {count:>8} {'+' + format(line.offset, '#x'):>9} {mark}  {line.text}")
    return "\n".join(out) + "\n"
