# SPDX-License-Identifier: MIT
"""Plot definitions: plots/NAME.json as checked, typed values."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

from .cells import FLOORS, SETTING, Floor, Rule
from .columns import NUMBER, TEXT
from .load import InputError

PLOTS = Path(__file__).resolve().parents[2] / "plots"
DERIVED = ("kernel_gb_per_s",)
FORMATS = ("size", "count", "plain", "time")
FLOOR_DRAW = ("ceiling", "same")


@dataclass(frozen=True)
class Axis:
    """A column on a logarithmic axis; @format is one of FORMATS."""

    column: str
    label: str
    format: str


@dataclass(frozen=True)
class Panel:
    """One column of the figure: the rows of @where, @y against the plot's x.

    @floor_draw "same" draws the floors' own @y; "ceiling" draws the bytes/s
    that their rate would allow: x times ops/s. @prefer goes before the plot's.
    """

    title: str
    where: dict[str, object]
    y: Axis
    floors: tuple[Floor, ...]
    floor_draw: str
    prefer: tuple[Rule, ...]


@dataclass(frozen=True)
class Plot:
    """One figure: a panel for each of @panels by each value of @row_column.

    @series_max lines are drawn, those in @series_first before others.
    @prefer picks one setting of the axes that no panel shows (cells.choose).
    """

    name: str
    title: str
    x: Axis
    series: str
    series_max: int
    series_first: tuple[str, ...]
    row_column: str
    row_values: tuple[str, ...]
    row_max: int
    share_y: str
    panels: tuple[Panel, ...]
    prefer: tuple[Rule, ...]
    floor_words: str


def names(folder: Path = PLOTS) -> list[str]:
    """What --plot takes; a definition that is `of` other results is not among them."""
    return sorted(path.stem for path in folder.glob("*.json") if not _is_of_others(path))


def _is_of_others(path: Path) -> bool:
    try:
        return "of" in json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError, TypeError):
        return False


def load_plot(name: str, folder: Path = PLOTS) -> Plot:
    """The plot called @name; only names() are looked up, never a path."""
    known = names(folder)
    if name not in known:
        raise InputError(f"no plot {name!r:.60}; there are: {', '.join(known) or 'none'}")
    path = folder / f"{name}.json"
    try:
        plot = _plot(name, json.loads(path.read_text(encoding="utf-8")))
    except OSError as err:
        raise InputError(f"{path}: cannot read: {err.strerror}") from None
    except json.JSONDecodeError as err:
        raise InputError(f"{path}:{err.lineno}: not JSON: {err.msg}") from None
    except KeyError as err:
        raise InputError(f"{path}: {err.args[0]} is missing") from None
    except (TypeError, ValueError, AttributeError) as err:
        raise InputError(f"{path}: {err}") from None
    return plot


def _plot(name: str, data: dict) -> Plot:
    series, rows = data["series"], data["rows"]
    return Plot(
        name=name, title=data["title"], x=_axis(data["x"]),
        series=_column(series["column"]), series_max=series["max"],
        series_first=tuple(series["first"]), row_column=_column(rows["column"]),
        row_values=tuple(rows["values"]), row_max=rows["max"],
        share_y=_one_of("share_y", data["share_y"], ("all", "column")),
        panels=tuple(_panel(panel) for panel in data["panels"]),
        prefer=_rules(data["prefer"]),
        floor_words=data["floor_words"])


def _panel(data: dict) -> Panel:
    floors = data["floors"]
    by_name = {floor.name: floor for floor in FLOORS}
    wanted = [_one_of("floor", name, tuple(by_name)) for name in floors.get("names", ())]
    for column in data["where"]:
        _column(column)
    return Panel(
        title=data["title"], where=_where(data["where"]), y=_axis(data["y"]),
        floors=tuple(by_name[name] for name in wanted),
        floor_draw=_one_of("draw", floors.get("draw", "same"), FLOOR_DRAW),
        prefer=_rules(data.get("prefer", ())))


def _where(data: dict) -> dict[str, object]:
    """A list of values stands for any of them."""
    return {axis: tuple(value) if isinstance(value, list) else value
            for axis, value in data.items()}


def _rules(data: list) -> tuple[Rule, ...]:
    return tuple((_one_of("axis", axis, ("points", *SETTING)), rule) for axis, rule in data)


def _axis(data: dict) -> Axis:
    return Axis(_column(data["column"]), data["label"],
                _one_of("format", data["format"], FORMATS))


def _column(name: str) -> str:
    return _one_of("column", name, (*TEXT, *NUMBER, *DERIVED))


def _one_of(what: str, value: str, allowed: tuple[str, ...]) -> str:
    if value not in allowed:
        raise ValueError(f"{what} {value!r} is not one of: {', '.join(allowed)}")
    return value
