# SPDX-License-Identifier: MIT
"""What a kind of chart is asked to fill, and what it answers."""

from __future__ import annotations

from dataclasses import dataclass, field

import pandas as pd

from .book import Book
from .drawing import Axis, Band, Series
from .plotdef import Panel, Plot


@dataclass(frozen=True)
class Asked:
    """One setting of one panel of a definition.

    @cells: the lines of Book.table to show. @names: strategies to show, in order.
    """

    book: Book
    plot: Plot
    panel: Panel
    setting: dict
    cells: pd.DataFrame
    names: tuple[str, ...]


@dataclass(frozen=True)
class Filled:
    """A panel drawn. @title stands in for the definition's; @fixed: tags beside the setting's.

    @said goes to the caption, each sentence once. @first: may be in the static figure.
    """

    series: tuple[Series, ...]
    bands: tuple[Band, ...] = ()
    title: str = ""
    x: Axis | None = None
    y: Axis | None = None
    said: tuple[str, ...] = ()
    fixed: dict = field(default_factory=dict)
    first: bool = True
