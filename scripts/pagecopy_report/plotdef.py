# SPDX-License-Identifier: MIT
"""Plot definitions: plots/NAME.json as checked, typed values."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

from . import drawing
from .cells import FLOORS, SETTING, Floor, Rule
from .columns import NUMBER, TEXT
from .drawing import FORMATS, SCALES
from .load import InputError

PLOTS = Path(__file__).resolve().parents[2] / "plots"
DERIVED = ("kernel_gb_per_s", "time_ns")
# Which panels have the same limits.
SHARE_Y = ("all", "column", "row")
FLOOR_DRAW = ("ceiling", "same")
# What every definition may hold, and what only some kinds need.
_COMMON = ("SPDX-License-Identifier", "kind", "order", "title", "series", "rows", "share_y",
           "across", "panels", "prefer", "said", "x", "floor_words", "panels_max", "legend")
_OWN = {"lines": (), "dots": ("dots_max",), "bars": ("parts",), "forest": ("base",),
        "heat": ("y", "value")}
_HISTOGRAM = ("SPDX-License-Identifier", "of", "kind", "title", "said", "legend", "x", "y",
              "columns", "first", "panel", "panels_max", "across")
# What tells the rows of pagecopy tear apart, beside the strategy.
TEAR_AXES = ("path", "op", "size", "offset", "buf_offset", "mutator")


@dataclass(frozen=True)
class Axis:
    """A column, or several (@columns, each with its label) that lie side by side."""

    column: str
    label: str
    format: str
    scale: str
    columns: tuple[tuple[str, str], ...] = ()

    def drawn(self) -> drawing.Axis:
        """As the charts have it."""
        return drawing.Axis(self.label, self.format, self.scale,
                            tuple(label for _, label in self.columns))


@dataclass(frozen=True)
class Panel:
    """One column of the figure: the rows of @where, @y against the plot's x.

    @floor_draw "same" draws the floors' own @y; "ceiling" draws the bytes/s
    that their rate would allow: x times ops/s. @prefer goes before the plot's.
    @first: so many of its settings are in the static figure, if any is drawn.
    """

    title: str
    where: dict[str, object]
    y: Axis
    floors: tuple[Floor, ...]
    floor_draw: str
    prefer: tuple[Rule, ...]
    first: int


@dataclass(frozen=True)
class Part:
    """A part of a bar: the floor @of less the floor @less; "copy" is the copy itself."""

    name: str
    of: str
    less: str


@dataclass(frozen=True)
class Plot:
    """One chart: a panel for each of @panels by each value of @row_column.

    @series_max series are drawn, those in @series_first before others. @prefer
    ranks the settings of the axes that no panel shows (cells.ranked). The static figure
    lays @across panels side by side.
    """

    name: str
    kind: str
    title: str
    x: Axis
    series_max: int
    series_first: tuple[str, ...]
    row_values: tuple[str, ...]
    row_max: int
    share_y: str
    panels: tuple[Panel, ...]
    prefer: tuple[Rule, ...]
    said: str
    floor_words: str
    across: int
    panels_max: int
    legend: str
    dots_max: int
    parts: dict[str, tuple[Part, ...]]
    base: str
    y: Axis | None
    value: Axis | None


@dataclass(frozen=True)
class Histogram:
    """A chart of counts: @columns (name, label) are parts of a whole, the axes of @panel
    tell its panels apart, @first are the strategies that come before others.
    """

    title: str
    said: str
    legend: str
    x: Axis
    y: Axis
    columns: tuple[tuple[str, str], ...]
    first: tuple[str, ...]
    panel: tuple[str, ...]
    panels_max: int
    across: int


def names(folder: Path = PLOTS) -> list[str]:
    """What --plot takes, as ordered by the definitions, not those `of` other results."""
    found = {path.stem: _glance(path) for path in folder.glob("*.json")}
    return sorted((name for name, data in found.items() if "of" not in data),
                  key=lambda name: (_order(found[name]), name))


def _glance(path: Path) -> dict:
    """A definition that may be broken: load_plot() says how."""
    try:
        data = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return data if isinstance(data, dict) else {}


def _order(data: dict) -> int:
    order = data.get("order")
    return order if isinstance(order, int) else 0


def load_plot(name: str, folder: Path = PLOTS) -> Plot:
    """The plot called @name; only names() are looked up, never a path."""
    known = names(folder)
    if name not in known:
        raise InputError(f"no plot {name!r:.60}; there are: {', '.join(known) or 'none'}")
    return _read(folder / f"{name}.json", lambda data: _plot(name, data))


def load_histogram(name: str, folder: Path = PLOTS) -> Histogram:
    """The definition called @name of a kind that is `of` other results."""
    return _read(folder / f"{name}.json", _histogram)


def _read(path: Path, make):
    try:
        return make(json.loads(path.read_text(encoding="utf-8")))
    except OSError as err:
        raise InputError(f"{path}: cannot read: {err.strerror}") from None
    except json.JSONDecodeError as err:
        raise InputError(f"{path}:{err.lineno}: not JSON: {err.msg}") from None
    except KeyError as err:
        raise InputError(f"{path}: {err.args[0]} is missing") from None
    except (TypeError, ValueError, AttributeError) as err:
        raise InputError(f"{path}: {err}") from None


def _histogram(data: dict) -> Histogram:
    _one_of("kind", data["kind"], ("histogram",))
    for key in data:
        _one_of("key of a histogram", key, _HISTOGRAM)
    for axis in data["panel"]:
        _one_of("axis", axis, TEAR_AXES)
    return Histogram(
        data["title"], data["said"], data["legend"], _axis(data["x"], False),
        _axis(data["y"], False), tuple((column, label) for column, label in data["columns"]),
        tuple(data["first"]), tuple(data["panel"]), _count("panels_max", data["panels_max"]),
        _count("across", data["across"]))


def _plot(name: str, data: dict) -> Plot:
    kind = _one_of("kind", data["kind"], tuple(_OWN))
    own = _OWN[kind]
    for key in data:
        _one_of(f"key of a plot of kind {kind}", key, (*_COMMON, *own))
    for key in own:
        data[key]
    _count("order", data["order"])
    series, rows = data["series"], data.get("rows", {"values": (), "max": 1})
    if not data["panels"]:
        raise ValueError("panels is empty: nothing would be drawn")
    return Plot(
        name=name, kind=kind, title=data["title"], x=_axis(data["x"], kind in ("lines", "heat")),
        series_max=_count("series max", series["max"]), series_first=tuple(series["first"]),
        row_values=tuple(rows["values"]), row_max=_count("rows max", rows["max"]),
        share_y=_one_of("share_y", data["share_y"], SHARE_Y),
        panels=tuple(_panel(panel) for panel in data["panels"]),
        prefer=_rules(data["prefer"]), said=data.get("said", ""),
        floor_words=data.get("floor_words", ""),
        across=_count("across", data.get("across", 3)),
        panels_max=_count("panels_max", data.get("panels_max", 400)),
        legend=data.get("legend", "strategy"), dots_max=_count("dots_max", data.get("dots_max", 1)),
        parts={path: tuple(_part(one) for one in parts)
               for path, parts in data.get("parts", {}).items()},
        base=data.get("base", ""), y=_axis(data["y"]) if "y" in data else None,
        value=_axis(data["value"], False) if "value" in data else None)


def _panel(data: dict) -> Panel:
    floors = data.get("floors", {})
    for column in data["where"]:
        _column(column)
    return Panel(
        title=data["title"], where=_where(data["where"]), y=_axis(data["y"]),
        floors=tuple(_floor(name) for name in floors.get("names", ())),
        floor_draw=_one_of("draw", floors.get("draw", "same"), FLOOR_DRAW),
        prefer=_rules(data.get("prefer", ())), first=_count("first", data.get("first", 1), 0))


def _part(data: list) -> Part:
    part = Part(*data)
    for name in (part.of, part.less):
        _one_of("floor", name, ("", "copy", *(floor.name for floor in FLOORS)))
    return part


def _floor(name: str) -> Floor:
    by_name = {floor.name: floor for floor in FLOORS}
    return by_name[_one_of("floor", name, tuple(by_name))]


def _where(data: dict) -> dict[str, object]:
    """A list of values stands for any of them."""
    return {axis: tuple(value) if isinstance(value, list) else value
            for axis, value in data.items()}


def _rules(data: list) -> tuple[Rule, ...]:
    return tuple((_one_of("axis", axis, ("points", *SETTING)), rule) for axis, rule in data)


def _axis(data: dict, needed: bool = True) -> Axis:
    """@needed: it shows a column, or several."""
    columns = tuple((_column(column), label) for column, label in data.get("columns", ()))
    column = columns[0][0] if columns else data["column"] if needed else data.get("column", "")
    return Axis(_column(column) if column else "", data["label"],
                _one_of("format", data["format"], FORMATS),
                _one_of("scale", data.get("scale", "category" if columns else "log"), SCALES),
                columns)


def _column(name: str) -> str:
    return _one_of("column", name, (*TEXT, *NUMBER, *DERIVED))


def _count(what: str, value: object, least: int = 1) -> int:
    if not isinstance(value, int) or value < least:
        raise ValueError(f"{what} {value!r:.40} is not a whole number from {least} on")
    return value


def _one_of(what: str, value: str, allowed: tuple[str, ...]) -> str:
    if value not in allowed:
        raise ValueError(f"{what} {value!r} is not one of: {', '.join(allowed)}")
    return value
