# SPDX-License-Identifier: MIT
"""How a strategy looks: the same in every figure, told apart without colour."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

# Okabe and Ito's palette without the yellow, which is lost on white.
COLORS = ("#0072B2", "#D55E00", "#009E73", "#E69F00", "#CC79A7", "#56B4E9", "#000000")
MARKERS = ("o", "s", "^", "D", "v", "P", "X", "<", ">", "p", "h")
DASHES = ((0, ()), (0, (5, 2)), (0, (1.2, 1.5)), (0, (6, 2, 1.2, 2)))
FLOOR_COLOR = "#7a7a7a"
FLOOR_DASHES = ((0, (7, 3)), (0, (3, 2)), (0, (1, 2)), (0, (7, 2, 1, 2)), (0, (4, 2, 1, 2, 1, 2)))

# Parts of a stacked bar, from the bottom: the way there in grey, then what is added to it.
PART_COLORS = ("#9a9a9a", "#56B4E9", "#E69F00", "#D55E00", "#0072B2", "#009E73", "#CC79A7",
               "#000000")

# Each has its slot for good; a name that is not here takes the next free one.
KNOWN = (
    "raw", "bytewise_atomic", "memcpy", "bytes", "words", "movsb", "movsq", "movnti",
    "copy_page", "flushcache", "mc", "nofault", "hybrid", "bounce", "avx2", "avx512",
    "ldp", "mops", "nt", "sse2", "unrolled", "words_aligned", "words_shift", "per_byte",
)


@dataclass(frozen=True)
class Style:
    """Line and marker of one curve; lines drawn first are wider."""

    color: str
    dash: tuple
    marker: str
    width: float
    marker_size: float


def styles(names: Iterable[str]) -> dict[str, Style]:
    """A style for every name; colour and dash tell 28 of them apart, with the marker 308."""
    names = set(names)
    order = list(KNOWN) + sorted(names - set(KNOWN))
    return {name: _style(slot) for slot, name in enumerate(order) if name in names}


def floor_dash(name: str, order: list[str]) -> tuple:
    """The dashes of a floor."""
    return FLOOR_DASHES[order.index(name) % len(FLOOR_DASHES)]


def parts(names: Iterable[str]) -> dict[str, str]:
    """A colour for each part of a bar, the last always that of the copy."""
    names = list(names)
    found = {name: PART_COLORS[nr % len(PART_COLORS)] for nr, name in enumerate(names)}
    return {**found, "copy": PART_COLORS[3]} if "copy" in found else found


def _style(slot: int) -> Style:
    step = min(slot, 3)
    return Style(COLORS[slot % len(COLORS)], DASHES[slot // len(COLORS) % len(DASHES)],
                 MARKERS[slot % len(MARKERS)], 3.0 - 0.55 * step, 8.0 - 1.1 * step)
