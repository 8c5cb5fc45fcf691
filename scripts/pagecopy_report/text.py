# SPDX-License-Identifier: MIT
"""Numbers, names and tables as text."""

from __future__ import annotations

import math
import textwrap
from dataclasses import dataclass, field

WIDTH = 100
NAME_MAX = 24
NONE = "-"


def clean(value: object, limit: int = 200) -> str:
    """Text from a file made safe to show: one line, printable, not endless."""
    text = "".join(c if c.isprintable() else "?" for c in str(value))
    return text if len(text) <= limit else text[:limit - 1] + "…"


def size(value: float) -> str:
    """64, 4K, 2M; a size that is not whole in K stays in bytes."""
    number = int(value)
    for unit, letter in ((1 << 30, "G"), (1 << 20, "M"), (1 << 10, "K")):
        if number >= unit and number % unit == 0:
            return f"{number // unit}{letter}"
    return str(number)


def number(value: float) -> str:
    """Two or three significant digits or all of the whole part; "-" if not available."""
    if value is None or math.isnan(value):
        return NONE
    if abs(value) >= 99.95:
        return f"{value:,.0f}"
    if abs(value) >= 9.995:
        return f"{value:.1f}"
    if value == 0 or abs(value) >= 0.9995:
        return f"{value:.2f}"
    places = 1 - math.floor(math.log10(abs(value)))
    return f"{value:.{max(places, 3)}f}"


def ratio(value: float) -> str:
    """A ratio near one, to a tenth of a per cent."""
    return NONE if math.isnan(value) else f"{value:.3f}"


def wrap(text: str, indent: str = "  ") -> str:
    """One paragraph within the width, later lines set in."""
    return textwrap.fill(text, WIDTH, subsequent_indent=indent)


@dataclass
class Table:
    """A table with a heading; every column but @left ones is set to the right."""

    heading: str
    columns: tuple[str, ...]
    left: frozenset[int] = frozenset()
    rows: list[tuple[str, ...]] = field(default_factory=list)
    gaps: set[int] = field(default_factory=set)

    def add(self, *cells: str) -> None:
        """Append one row."""
        self.rows.append(cells)

    def gap(self) -> None:
        """An empty line before the next row."""
        self.gaps.add(len(self.rows))

    def plain(self) -> str:
        """For a terminal."""
        widths = [max(map(len, column)) for column in zip(self.columns, *self.rows)]
        lines = [wrap(self.heading), self._line(self.columns, widths)]
        for nr, row in enumerate(self.rows):
            if nr in self.gaps and nr:
                lines.append("")
            lines.append(self._line(row, widths))
        return "\n".join(lines)

    def markdown(self) -> str:
        """For a README or a pull request."""
        rule = [":--" if nr in self.left else "--:" for nr in range(len(self.columns))]
        body = [self.columns, tuple(rule), *self.rows]
        lines = ["| " + " | ".join(_escape(cell) for cell in row) + " |" for row in body]
        return _escape(self.heading) + "\n\n" + "\n".join(lines)

    def _line(self, cells: tuple[str, ...], widths: list[int]) -> str:
        parts = [cell.ljust(width) if nr in self.left else cell.rjust(width)
                 for nr, (cell, width) in enumerate(zip(cells, widths))]
        return "  ".join(parts).rstrip()


def _escape(text: str) -> str:
    for character in "\\|<>*`_[]":
        text = text.replace(character, "\\" + character)
    return text
