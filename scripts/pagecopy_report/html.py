# SPDX-License-Identifier: MIT
"""The interactive page: one file, no network, from data and the files in page/.

Everything from a result file goes through JSON in a data block; the scripts put
it on the page as text only. The policy in the page's head lets nothing run but
the scripts named there by their hash.
"""

from __future__ import annotations

import base64
import gzip
import hashlib
import html
import json
import math
import re
from collections.abc import Iterable
from pathlib import Path

from . import palette

FOLDER = Path(__file__).resolve().parent / "page"
# In this order: one file uses what those before it declare.
SCRIPTS = ("dom.js", "format.js", "ticks.js", "theme.js", "state.js", "model.js", "plugins.js",
           "panel.js", "pointer.js", "hover.js", "legend.js", "picture.js", "section.js",
           "table.js", "front.js", "main.js")
PACKAGE = "libjs-chart.js"
LIBRARY = ("/usr/share/javascript/chart.js/chart.min.js",
           "/usr/share/nodejs/chart.js/dist/chart.min.js")
# Larger data is compressed: the page stays below 2 MB, and opens no slower.
PLAIN_MAX = 100_000
# Digits of a number: those that the CSV has.
DIGITS = 9
_ESCAPE = {ord(c): f"\\u{ord(c):04x}" for c in "<>&\u2028\u2029"}
_POLICY = ("default-src 'none'; script-src {scripts}; style-src {style}; img-src data: blob:; "
           "base-uri 'none'; form-action 'none'")


class NoLibrary(RuntimeError):
    """The chart library is not there, or not the one that the page is made for."""


def page(data: dict) -> str:
    """The page as one text; NoLibrary says what to install."""
    code = [library(), "\n".join(_read(name) for name in SCRIPTS)]
    code = [_closed(text) for text in code]
    style = _read("page.css")
    data = _plain({**data, "styles": looks(data["charts"])})
    small = {key: value for key, value in data.items() if key not in ("charts", "cells")}
    large = {key: data[key] for key in ("charts", "cells")}
    parts = {
        "policy": _POLICY.format(scripts=" ".join(map(_hash, code)), style=_hash(style)),
        "title": html.escape(str(data["title"])),
        "question": html.escape(str(data["front"]["question"])),
        "answer": html.escape(str(data["front"]["answer"])),
        "style": style,
        "data": _block("data", _json(small)) + _large(_json(large)),
        "scripts": "\n".join(f"<script>{text}</script>" for text in code),
    }
    return re.sub(r"\{\{(\w+)\}\}", lambda found: parts[found[1]], _read("page.html"))


def library(places: Iterable[str] = LIBRARY) -> str:
    """The text of the chart library, version 3."""
    for place in map(Path, places):
        if not place.is_file():
            continue
        text = place.read_text(encoding="utf-8")
        if not re.search(r"Chart\.js v3\.\d", text[:300]):
            raise NoLibrary(f"{place} is not version 3 of Chart.js, which the page needs; install "
                            f"the package {PACKAGE} of Debian 12 or later")
        return text
    raise NoLibrary("Chart.js is not installed, so there is no page; install it with: "
                    f"sudo apt-get install {PACKAGE}")


def looks(charts: list[dict]) -> dict:
    """How every series of @charts looks, by its role: palette.py as JSON takes it."""
    copies = palette.styles(_names(charts, "copy"))
    floors = _names(charts, "floor")
    parts: dict[str, str | float] = {}
    for chart in charts:
        names = _names([chart], "part")
        if chart["kind"] != "histogram":
            parts.update(palette.parts(names))
            continue
        # How far it is along the ramp, for these parts have an order.
        parts.update((name, nr / max(len(names) - 1, 1)) for nr, name in enumerate(names))
    return {
        "copy": {name: {"color": look.color, "dash": _dash(look.dash), "width": look.width,
                        "marker": look.marker, "size": look.marker_size}
                 for name, look in copies.items()},
        "floor": {name: {"color": palette.FLOOR_COLOR, "width": 1.4,
                         "dash": _dash(palette.floor_dash(name, floors))} for name in floors},
        "part": parts,
    }


def _names(charts: list[dict], role: str) -> list[str]:
    """Series of that role, each once, in their order."""
    return list(dict.fromkeys(one["name"] for chart in charts for panel in chart["panels"]
                              for one in panel["series"] if one["role"] == role))


def _dash(dash: tuple) -> list[float]:
    return list(dash[1])


def _read(name: str) -> str:
    return (FOLDER / name).read_text(encoding="utf-8")


def _closed(code: str) -> str:
    """@code that cannot end its own element."""
    return "\n" + re.sub(r"</(script)", r"<\\/\1", code, flags=re.I) + "\n"


def _hash(text: str) -> str:
    digest = base64.b64encode(hashlib.sha256(text.encode("utf-8")).digest()).decode("ascii")
    return f"'sha256-{digest}'"


def _json(value) -> str:
    text = json.dumps(value, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    return text.translate(_ESCAPE)


def _block(name: str, text: str) -> str:
    return f'<script type="application/json" id="{name}">{text}</script>\n'


def _large(text: str) -> str:
    if len(text) <= PLAIN_MAX:
        return _block("large", text)
    packed = gzip.compress(text.encode("utf-8", "surrogatepass"), 9, mtime=0)
    return _block("packed", json.dumps(base64.b64encode(packed).decode("ascii")))


def _plain(value):
    """@value as JSON takes it: numbers of the CSV's digits, null for what is not one."""
    if isinstance(value, dict):
        return {str(key): _plain(one) for key, one in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(one) for one in value]
    if isinstance(value, bool) or value is None or isinstance(value, int):
        return value
    if isinstance(value, float):
        return _number(value)
    if isinstance(value, str):
        return value.encode("utf-8", "replace").decode("utf-8")
    return _plain(value.item()) if hasattr(value, "item") else str(value)


def _number(value: float) -> float | int | None:
    if not math.isfinite(value):
        return None
    short = float(f"{value:.{DIGITS}g}")
    return int(short) if short.is_integer() and abs(short) < 2 ** 53 else short
