# SPDX-License-Identifier: MIT
"""The samples of perf, as `perf script` prints them, with names for every frame.

perf names what lies in files that it can find. What lies in memory that no file
is mapped to, as the module in a User-Mode Linux guest, is named by a list of
symbols that the guest has written (/proc/kallsyms). To perf the memory of such a
guest may be a file, and then the addresses on its stacks are offsets in that
file: only the innermost one is known as such (perf script -G -F ip).
"""

from __future__ import annotations

import bisect
import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import PurePosixPath

from .flame import Folded, is_copy

# Fields to ask perf script for, and how each frame then looks.
FIELDS = "period,ip,sym,symoff,dso"
FRAME = re.compile(r"^\s+([0-9a-f]+) (.*) \(([^()]*(?:\([^()]*\))?)\)$")
NAMED = re.compile(r"^(.*)\+0x([0-9a-f]+)$")
NOWHERE = (1 << 64) - 1
UNKNOWN = "[unknown]"
# Of a guest that is a process: the kernel below it; what called its module.
HOST = "[host]"
NOT_SEEN = "(callers not seen)"
# Telling perf that a slice has ended is not part of the slice.
CONTROL = "perf_control_"


@dataclass(frozen=True)
class Frame:
    """A place in the code: function, offset in it, the file it is from."""

    ip: int
    name: str
    offset: int
    place: str

    @property
    def mark(self) -> str:
        """What flame.kind_of() tells it by."""
        if self.place == "[pagecopy]" or PurePosixPath(self.place).name == "pagecopy.ko":
            return "_[m]"
        # The image of a guest's kernel is one, too.
        if self.place == HOST:
            return "_[h]"
        kernel = self.place.startswith(("[kernel", "[guest"))
        return "_[k]" if kernel or PurePosixPath(self.place).name in ("image", "linux") else ""


@dataclass(frozen=True)
class Sample:
    """What ran, innermost frame first, and how much it stands for."""

    period: int
    frames: tuple[Frame, ...]


class Symbols:
    """Addresses of functions, from lines as in /proc/kallsyms."""

    def __init__(self, lines: Iterable[str] = ()) -> None:
        found: dict[int, tuple[str, str]] = {}
        for line in lines:
            words = line.split()
            if len(words) < 3 or words[1] not in "tTwW" or words[2].startswith((".", "$", "__pfx")):
                continue
            module = words[3] if len(words) > 3 else "[guest]"
            found.setdefault(int(words[0], 16), (words[2], module))
        found.pop(0, None)
        self.starts = sorted(found)
        self.names = [found[start] for start in self.starts]

    def __bool__(self) -> bool:
        return bool(self.starts)

    def find(self, ip: int) -> Frame | None:
        """The function at an address: the last one that begins before it."""
        at = bisect.bisect_right(self.starts, ip) - 1
        # A module's last function is followed by nothing: what is far from it is not it.
        if at < 0 or ip - self.starts[at] > 1 << 16:
            return None
        name, module = self.names[at]
        return Frame(ip, name, ip - self.starts[at], module)

    def perf_map(self) -> str:
        """The same as perf takes it from /tmp/perf-PID.map."""
        ends = [*self.starts[1:], self.starts[-1] + 4096] if self.starts else []
        return "".join(f"{start:x} {min(end - start, 1 << 16):x} {name}\n" for start, end, (name, _)
                       in zip(self.starts, ends, self.names))


def _frame(line: str, symbols: Symbols, address: int | None) -> Frame | None:
    found = FRAME.match(line)
    if not found:
        return None
    ip, said, place = int(found.group(1), 16), found.group(2), found.group(3)
    if symbols and place.startswith("[kernel"):
        place = HOST
    named = NAMED.match(said)
    if named:
        return Frame(ip, named.group(1), int(named.group(2), 16), place)
    if ip >= NOWHERE - 4096:
        return None
    if address is None and place == UNKNOWN:
        address = ip
    found_by_guest = symbols.find(address) if address is not None else None
    return found_by_guest or Frame(ip, said, 0, place)


def read(lines: Iterable[str], symbols: Symbols | None = None,
         addresses: Iterable[int] = ()) -> list[Sample]:
    """The samples in the output of perf script -F FIELDS; @addresses: of each, where it is."""
    symbols = symbols or Symbols()
    address = iter(addresses)
    samples: list[Sample] = []
    period: int | None = None
    frames: list[Frame] = []
    inner: int | None = None
    for line in [*lines, ""]:
        text = line.rstrip("\n")
        if text and not text.startswith("\t") and text.strip().isdigit():
            period, frames, inner = int(text), [], next(address, None)
        elif text.strip() and period is not None:
            frame = _frame(text, symbols, inner)
            inner = None
            if frame:
                frames.append(frame)
        elif period is not None:
            samples.append(Sample(period, _without_end(frames)))
            period = None
    return samples


def without_control(samples: Iterable[Sample]) -> list[Sample]:
    """Those that are not of talking to perf."""
    return [one for one in samples
            if not any(frame.name.startswith(CONTROL) for frame in one.frames)]


def _without_end(frames: list[Frame]) -> tuple[Frame, ...]:
    """Without the outermost frames that nobody can name: the stack ended before them."""
    kept = list(frames)
    while len(kept) > 1 and kept[-1].name == UNKNOWN:
        kept.pop()
    return tuple(kept)


def label(frame: Frame) -> str:
    """As a folded stack has it."""
    name = re.sub(r"[;\s]", ":", frame.name)
    if frame.name == UNKNOWN:
        return f"[{PurePosixPath(frame.place).name.strip('[]') or 'unknown'}]{frame.mark}"
    return name + frame.mark


def folded(samples: Iterable[Sample]) -> Folded:
    """How many samples had each stack."""
    counted: Counter[tuple[str, ...]] = Counter()
    for sample in samples:
        if not sample.frames:
            continue
        names = [label(frame) for frame in reversed(sample.frames)]
        # perf cannot unwind what no file is mapped to.
        if sample.frames[-1].place.startswith("[pagecopy"):
            names.insert(0, NOT_SEEN)
        counted[tuple(names)] += 1
    return dict(counted)


def top(samples: Iterable[Sample]) -> list[tuple[int, str, str]]:
    """(samples, function, file) by function that ran, the most first."""
    counted: Counter[tuple[str, str]] = Counter()
    for sample in samples:
        if sample.frames:
            counted[sample.frames[0].name, sample.frames[0].place] += 1
    return sorted(((n, *what) for what, n in counted.items()), key=lambda one: (-one[0], one[1:]))


def copying(sample: Sample) -> bool:
    """Was it in a copy, or in what one had called?"""
    return any(is_copy(frame.name) for frame in sample.frames)
