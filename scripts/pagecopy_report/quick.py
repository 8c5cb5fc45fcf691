# SPDX-License-Identifier: MIT
"""The rows of a faultless file, fast; of any other nothing, so that load.py may say what is wrong.

Whatever is accepted here must mean the same to the csv module, which load.py
reads with where this declines: plain RFC 4180, every row as wide as the header,
every number a number.
"""

from __future__ import annotations

import csv
import io
import os
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pandas as pd
from pandas.api.types import union_categoricals

CHUNK = 16 << 20
_COMMA, _END, _QUOTE = b",\n\""


def rows(body: bytes, header: Sequence[str], text: Sequence[str], numbers: Sequence[str],
         first: int) -> tuple[np.ndarray, pd.DataFrame, np.ndarray] | None:
    """The lines of all rows, the columns @text and a table of @numbers; None: ask the csv module.

    @body: lines below the header, each ended by a line feed. @first: the line
    number of the first. Columns that @header lacks are left to the caller.
    """
    if body.startswith((b"#", b"\n")) or b"\n#" in body or b"\n\n" in body:
        return None
    parts = []
    for chunk in _chunks(body):
        ends = _rows_in(chunk, len(header))
        if ends is None:
            return None
        parts.append((chunk, ends, first))
        first += chunk.count(b"\n")
    return _parsed(parts, header, text, numbers) if parts else None


def _chunks(body: bytes) -> Iterator[bytes]:
    """Pieces that end with a line; where a quoted line end is cut, _rows_in() will notice."""
    start = 0
    while start < len(body):
        end = body.rfind(b"\n", start, start + CHUNK) + 1
        if end <= start:
            end = body.find(b"\n", start) + 1
        yield body[start:end]
        start = end


def _rows_in(chunk: bytes, width: int) -> np.ndarray | None:
    """For each row the line ends up to its own; None where a row is not @width plain fields."""
    data = np.frombuffer(chunk, dtype=np.uint8)
    ends, commas = data == _END, data == _COMMA
    lines = np.flatnonzero(ends)
    if b'"' in chunk:
        inside = _inside_quotes(data)
        if inside is None:
            return None
        ends, commas = ends & ~inside, commas & ~inside
    at = np.flatnonzero(ends)
    fields = np.add.reduceat(commas, np.r_[0, at[:-1] + 1], dtype=np.int32) + 1
    longest = np.diff(at, prepend=-1).max()
    if (fields != width).any() or longest > csv.field_size_limit():
        return None
    return np.searchsorted(lines, at) + 1


def _inside_quotes(data: np.ndarray) -> np.ndarray | None:
    """Which bytes are quoted; None if a quote stands where a field neither begins nor ends."""
    quotes = data == _QUOTE
    inside = (np.cumsum(quotes, dtype=np.uint8) & 1).astype(bool)
    if inside[-1]:
        return None
    before, after = np.r_[np.uint8(_END), data[:-1]], np.r_[data[1:], np.uint8(_END)]
    for where, beside in ((quotes & inside, before), (quotes & ~inside, after)):
        beside = beside[where]
        if not np.isin(beside, (_COMMA, _END, _QUOTE)).all():
            return None
    return inside


def _parsed(parts: list[tuple[bytes, np.ndarray, int]], header: Sequence[str],
            text: Sequence[str], numbers: Sequence[str]):
    size = sum(len(ends) for _, ends, _ in parts)
    lines = np.empty(size, dtype=np.int64)
    table = np.full((len(numbers), size), np.nan)
    pieces, start = [], 0
    # The parser works without the lock of the interpreter.
    with ThreadPoolExecutor(min(len(parts), os.cpu_count() or 1)) as pool:
        frames = list(pool.map(lambda part: _read(part[0], header, text, numbers), parts))
    for (_, ends, first), frame in zip(parts, frames):
        end = start + len(ends)
        if frame is None or len(frame) != len(ends):
            return None
        lines[start:end] = ends + (first - 1)
        for nr, name in enumerate(numbers):
            if name in frame:
                table[nr, start:end] = frame[name]
        pieces.append(frame[[name for name in text if name in frame]])
        start = end
    if np.isinf(table).any():
        return None
    return lines, _shared(pieces), table


def _shared(pieces: list[pd.DataFrame]) -> pd.DataFrame:
    """@pieces put together as plain columns of str, in which equal values are one object.

    A search among a million of objects of their own takes many times as long.
    """
    data = {}
    for name in pieces[0]:
        whole = union_categoricals([piece[name] for piece in pieces])
        data[name] = whole.categories.to_numpy(dtype=object)[whole.codes]
    return pd.DataFrame(data)


def _read(chunk: bytes, header: Sequence[str], text: Sequence[str],
          numbers: Sequence[str]) -> pd.DataFrame | None:
    """@chunk by pandas, which refuses what is no number."""
    here = set(header)
    types = {name: float if name in numbers else "category" for name in here}
    wanted = [name for name in header if name in text or name in numbers]
    try:
        return pd.read_csv(
            io.BytesIO(chunk), header=None, names=list(header), usecols=wanted, index_col=False,
            dtype=types, keep_default_na=False, na_values={name: [""] for name in numbers},
            encoding="utf-8", low_memory=False, skip_blank_lines=False)
    except (ValueError, OverflowError, pd.errors.ParserError):
        return None
