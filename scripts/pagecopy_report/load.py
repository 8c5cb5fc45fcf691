# SPDX-License-Identifier: MIT
"""Reads result files into data frames, or says exactly what is wrong."""

from __future__ import annotations

import csv
import gzip
import io
import itertools
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import TextIO

import numpy as np
import pandas as pd

from . import quick
from .columns import CELL, FILLED, NEEDED, NUMBER, SCHEMA, TEXT

CHUNK_ROWS = 20000
# The meta lines that decide whether two runs may be pooled.
PLACE = ("platform", "kernel", "cpu_model", "memcpy_loop", "emulated")


class InputError(Exception):
    """A file that cannot be used; the text says where, what and what to do."""


@dataclass
class Run:
    """One result file: its `#key: value` lines, its rows, its warnings."""

    path: Path
    meta: dict[str, str]
    frame: pd.DataFrame
    present: frozenset[str]
    warnings: list[str] = field(default_factory=list)

    def place(self) -> tuple[str, ...]:
        """What must agree before rounds of two runs are put together."""
        return tuple(self.meta.get(key, "") for key in PLACE)


class _Lines:
    """Lines of a file as the CSV reader needs them.

    Takes the `#` lines out into @meta and holds back a last line without a
    newline in @unfinished. @number is that of the last line given out.
    """

    def __init__(self, stream: TextIO) -> None:
        self.stream = stream
        self.number = 0
        self.meta: dict[str, str] = {}
        self.unfinished = 0

    def __iter__(self) -> Iterator[str]:
        for number, line in enumerate(self.stream, 1):
            if not line.endswith("\n"):
                self.unfinished = number
                return
            if line.startswith("#"):
                self._take_meta(line)
            elif line.strip():
                self.number = number
                yield line

    def _take_meta(self, line: str) -> None:
        key, colon, value = line[1:].partition(":")
        if not colon:
            return
        key, value = key.strip(), value.strip()
        # One line for each reason.
        if key == "empty" and key in self.meta:
            value = f"{self.meta[key]}\n{value}"
        self.meta[key] = value


def load(path: Path) -> Run:
    """Read one file. Raises InputError for whatever cannot be used."""
    try:
        data = _bytes_of(path)
    except FileNotFoundError:
        raise InputError(
            f"{path}: no such file; scripts/bench writes one as results.csv") from None
    except OSError as err:
        raise InputError(f"{path}: cannot read: {err.strerror or err}") from None
    except (EOFError, zlib.error):
        raise InputError(f"{path}: the compressed file breaks off or is damaged; "
                         "copy it again") from None
    _refuse_binary(path, data)
    data = data.removeprefix(b"\xef\xbb\xbf")
    if b"\r" in data:
        data = data.replace(b"\r\n", b"\n").replace(b"\r", b"\n")
    return _load_quick(path, data) or _load_stream(path, _text(data))


def _bytes_of(path: Path) -> bytes:
    opener = gzip.open if path.suffix == ".gz" else open
    with opener(path, "rb") as stream:
        return stream.read()


def _refuse_binary(path: Path, data: bytes) -> None:
    if not data.isascii():
        try:
            data.decode("utf-8")
        except UnicodeDecodeError:
            raise InputError(
                f"{path}: not UTF-8 text; give the results.csv of pagecopy run") from None
    if (at := data.find(0)) >= 0:
        line = data.count(b"\n", 0, at) + 1
        raise InputError(f"{path}:{line}: holds a NUL byte: no text, or a file whose end was "
                         "never written to disk; copy it again or remove the line")


def _text(data: bytes) -> TextIO:
    return io.TextIOWrapper(io.BytesIO(data), encoding="utf-8", newline="\n")


def load_all(paths: list[Path]) -> list[Run]:
    """Read several files; one given twice would count its rounds twice."""
    seen: set[Path] = set()
    for path in paths:
        if path.resolve() in seen:
            raise InputError(f"{path}: given twice; name each file once")
        seen.add(path.resolve())
    return [load(path) for path in paths]


def by_place(runs: list[Run]) -> list[list[Run]]:
    """Runs that may be pooled (same platform, kernel, CPU), in order."""
    places: dict[tuple[str, ...], list[Run]] = {}
    for run in runs:
        places.setdefault(run.place(), []).append(run)
    return list(places.values())


def pool(runs: list[Run]) -> pd.DataFrame:
    """All rows, to be read only; `source` keeps the rounds of different files apart."""
    frames = [run.frame.copy(deep=False) for run in runs]
    for nr, frame in enumerate(frames):
        frame.insert(len(frame.columns), "source", nr)
    if len(frames) > 1:
        return pd.concat(frames, ignore_index=True)
    frames[0].index = pd.RangeIndex(len(frames[0]))
    return frames[0]


def _load_quick(path: Path, data: bytes) -> Run | None:
    """The run if nothing is wrong with the file, else None."""
    start = _below_header(data)
    end = data.rfind(b"\n") + 1
    if not start or start == end:
        return None
    lines = _Lines(_text(data[:start]))
    try:
        header = _read_header(path, lines, csv.reader(iter(lines)))
    except (csv.Error, InputError):
        return None
    found = quick.rows(data[start:end], header, TEXT, NUMBER, lines.number + 1)
    if found is None:
        return None
    numbers, texts, table = found
    texts = texts.reindex(columns=list(TEXT), fill_value="")
    texts["mutators"] = _named_mutators(texts["mutators"])
    frame = pd.concat([texts, pd.DataFrame(table.T, columns=list(NUMBER), copy=False)], axis=1,
                      copy=False)
    if any((frame[name].isna() | (frame[name] == "")).any() for name in FILLED):
        return None
    if end < len(data):
        lines.unfinished = data.count(b"\n") + 1
    return _checked(path, lines, header, frame, numbers)


def _below_header(data: bytes) -> int:
    """Where the line after the header begins; 0 if there is no header, or a quoted one."""
    start = 0
    while end := data.find(b"\n", start) + 1:
        line = data[start:end]
        if line.strip() and not line.startswith(b"#"):
            return 0 if b'"' in line else end
        start = end
    return 0


def _load_stream(path: Path, stream: TextIO) -> Run:
    lines = _Lines(stream)
    reader = csv.reader(iter(lines))
    try:
        header = _read_header(path, lines, reader)
        chunks = list(_read_chunks(path, lines, reader, header))
    except csv.Error as err:
        raise InputError(f"{path}:{lines.number}: not CSV: {err}") from None
    if not chunks:
        broken = f"; line {lines.unfinished} is unfinished" if lines.unfinished else ""
        raise InputError(f"{path}: a header but no row: nothing was measured{broken}; "
                         "run pagecopy run again and let it finish a cell")
    frame = pd.concat(chunks, ignore_index=True)
    numbers = frame.pop("line").to_numpy()
    return _checked(path, lines, header, frame, numbers)


def _checked(path: Path, lines: _Lines, header: list[str], frame: pd.DataFrame,
             numbers: np.ndarray) -> Run:
    """What is asked of all rows together; @numbers: the line of each."""
    warnings = []
    if lines.unfinished:
        warnings.append(f"{path}:{lines.unfinished}: the last line is unfinished "
                        "(the run was ended while writing it); it is left out")
    _check_schema(path, lines.meta, frame, numbers)
    frame = _drop_repeated(path, frame, numbers, warnings)
    return Run(path, lines.meta, frame, frozenset(header), warnings)


def _read_header(path: Path, lines: _Lines, reader: Iterator[list[str]]) -> list[str]:
    header = [name.strip() for name in next(reader, [])]
    if not header:
        what = "only # lines" if lines.meta else "empty"
        if lines.unfinished:
            what = f"ends within line {lines.unfinished}, before any row"
        raise InputError(f"{path}: {what}; nothing was measured, or the copy "
                         "of the file broke off")
    where = f"{path}:{lines.number}"
    if not set(header) & set(NEEDED):
        raise InputError(f"{where}: no header: the first line that does not begin "
                         "with # must name the columns (pagecopy list columns)")
    missing = [name for name in NEEDED if name not in header]
    if missing:
        raise InputError(f"{where}: missing columns: {', '.join(missing)}; "
                         "give the file as pagecopy run wrote it")
    twice = sorted({name for name in header if header.count(name) > 1})
    if twice:
        raise InputError(f"{where}: columns named twice: {', '.join(twice)}")
    return header


def _read_chunks(path: Path, lines: _Lines, reader: Iterator[list[str]],
                 header: list[str]) -> Iterator[pd.DataFrame]:
    rows = _numbered_rows(path, lines, reader, len(header))
    while chunk := list(itertools.islice(rows, CHUNK_ROWS)):
        numbers, values = zip(*chunk)
        columns = dict(zip(header, zip(*values)))
        yield _typed(path, np.array(numbers), columns)


def _numbered_rows(path: Path, lines: _Lines, reader: Iterator[list[str]],
                   width: int) -> Iterator[tuple[int, list[str]]]:
    for row in reader:
        if len(row) != width:
            raise InputError(
                f"{path}:{lines.number}: {len(row)} fields, the header has {width}; "
                "remove the line or copy the file again")
        yield lines.number, row


def _typed(path: Path, numbers: np.ndarray, columns: dict[str, tuple]) -> pd.DataFrame:
    """One chunk as a frame with every column of the contract."""
    size = len(numbers)
    data: dict[str, object] = {"line": numbers}
    for name in TEXT:
        data[name] = columns.get(name, ("",) * size)
    data["mutators"] = _named_mutators(pd.Series(data["mutators"], dtype=object))
    for name in NUMBER:
        given = columns.get(name)
        data[name] = _numbers(path, numbers, name, given) if given else np.nan
    frame = pd.DataFrame(data)
    for name in FILLED:
        empty = frame[name].isna() | (frame[name] == "")
        if empty.any():
            line = numbers[empty.to_numpy().argmax()]
            raise InputError(f"{path}:{line}: {name} is empty; every row must have it")
    return frame


def _named_mutators(values: pd.Series) -> pd.Series:
    """An axis needs a name for every value; files from before it have none."""
    return values.mask(values == "", "none")


def _numbers(path: Path, lines: np.ndarray, name: str, given: tuple) -> np.ndarray:
    text = np.array(given, dtype=object)
    value = np.asarray(pd.to_numeric(text, errors="coerce"), dtype=float)
    bad = ~np.isfinite(value) & (text != "")
    if bad.any():
        at = int(bad.argmax())
        raise InputError(f"{path}:{lines[at]}: {name} is {given[at]!r:.40}, not a number; "
                         "a value that cannot be had is left empty")
    return value


def _check_schema(path: Path, meta: dict[str, str], frame: pd.DataFrame,
                  numbers: np.ndarray) -> None:
    other = (frame["schema"] != SCHEMA).to_numpy()
    if other.any():
        at = int(other.argmax())
        found, where = f"{frame['schema'].iloc[at]:g}", f"{path}:{numbers[at]}"
    elif meta.get("schema", str(SCHEMA)) != str(SCHEMA):
        found, where = meta["schema"], str(path)
    else:
        return
    raise InputError(f"{where}: schema {found:.40}, this program reads schema {SCHEMA}; "
                     "use the one from the version that wrote the file")


def _drop_repeated(path: Path, frame: pd.DataFrame, numbers: np.ndarray,
                   warnings: list[str]) -> pd.DataFrame:
    again = frame.duplicated(subset=["run_id", "round", *CELL]).to_numpy()
    if not again.any():
        return frame
    warnings.append(f"{path}:{numbers[again.argmax()]}: {int(again.sum())} rows repeat a cell of "
                    "their round; the first of each is used")
    return frame[~again].reset_index(drop=True)
