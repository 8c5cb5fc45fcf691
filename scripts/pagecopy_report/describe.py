# SPDX-License-Identifier: MIT
"""What ran where, in words: the same for the summary and under every plot."""

from __future__ import annotations

import numpy as np
import pandas as pd

from . import between, control, stats, text
from .cells import codes
from .columns import CELL
from .load import Run

EMULATED = ("EMULATED: the CPU is simulated. These times rank strategies wrongly. "
            "They show that the code works and nothing else.")
EMULATED_STORES = "EMULATED: the accesses are the emulator's, not a CPU's."
DEBUG = ("DEBUG KERNEL ({}): its checks take longer than a copy. These times rank strategies "
         "wrongly.")


def said(runs: list[Run], key: str, otherwise: str = "unknown",
         first_word: bool = False) -> str:
    """The distinct values of a `#key:` line over @runs."""
    values = [run.meta.get(key, "") for run in runs]
    if first_word:
        values = [value.partition(" ")[0] for value in values]
    return ", ".join(dict.fromkeys(text.clean(value, 70) for value in values if value)) or otherwise


def sentence(words: str) -> str:
    """@words with a capital first letter and a full stop."""
    return f"{words[:1].upper()}{words[1:]}."


def is_emulated(runs: list[Run]) -> bool:
    """True if any run was on a simulated CPU."""
    return any(run.meta.get("emulated", "no").lower() not in ("no", "0", "false", "")
               for run in runs)


def debug_kernel(runs: list[Run]) -> str:
    """The checks that a kernel of @runs was built with, or ""."""
    found = [run.meta.get("debug_kernel", "no") for run in runs]
    named = [text.clean(value, 36) for value in found
             if value and value != "no" and not value.startswith("unknown")]
    return ", ".join(dict.fromkeys(named))


def marks(runs: list[Run]) -> list[str]:
    """The words that every figure of @runs must bear, if any."""
    return (["EMULATED"] if is_emulated(runs) else []) + (
        ["DEBUG KERNEL"] if debug_kernel(runs) else [])


def untrue(runs: list[Run]) -> list[str]:
    """Why no time of @runs may be believed."""
    checks = debug_kernel(runs)
    return ([EMULATED] if is_emulated(runs) else []) + ([DEBUG.format(checks)] if checks else [])


def is_uml(runs: list[Run], frame: pd.DataFrame) -> bool:
    """True if any row is from User-Mode Linux."""
    return said(runs, "platform") == "uml" or (frame["platform"] == "uml").any()


def platform(runs: list[Run], frame: pd.DataFrame) -> str:
    """From the `#platform:` line, else from the rows."""
    from_rows = ", ".join(text.clean(name, 20) for name in frame["platform"].unique())
    return said(runs, "platform", from_rows or "unknown platform")


def place(runs: list[Run], frame: pd.DataFrame) -> str:
    """Platform, kernel, CPU and memcpy() loop on one line."""
    return (f"{platform(runs, frame)}, kernel {said(runs, 'kernel', first_word=True)}, "
            f"CPU {said(runs, 'cpu_model')}, memcpy() loop {said(runs, 'memcpy_loop')}")


def rounds(frame: pd.DataFrame) -> str:
    """"1 round", "10 rounds", "10 to 40 rounds in 3 runs": rows of a cell."""
    number = np.unique(codes(frame, CELL), return_counts=True)[1]
    low, high = number.min(), number.max()
    count = f"{high}" if low == high else f"{low} to {high}"
    runs = between.number(frame)
    return (f"{count} round" + ("" if high == 1 else "s")
            + (f" in {runs} runs" if runs > 1 else ""))


def files(runs: list[Run]) -> str:
    """File names with their run ids, the first three of them."""
    names = [f"{text.clean(run.path.name, 40)} (run {text.clean(_run_id(run), 40)})"
             for run in runs]
    more = f" and {len(names) - 3} more" if len(names) > 3 else ""
    return ", ".join(names[:3]) + more


def warning(runs: list[Run], frame: pd.DataFrame) -> str:
    """What a reader must know about the platform, or ""."""
    if not is_uml(runs, frame):
        return ""
    return ("UML: syscalls are slow, depth-1 transport is not representative; memcpy() is "
            f"the unpatched generic loop ({said(runs, 'memcpy_loop', 'not recorded')})")


def noise(frame: pd.DataFrame) -> str:
    """The noise figure with what it was taken from, or why there is none."""
    controls = control.sentence(frame)
    if controls:
        return controls
    found = stats.noise(frame)
    if found is None:
        if stats.rounds_of(frame) < 2:
            return "noise not known: it takes two rounds"
        return ("noise not known: no transport floor (path nop, path null, op nop, ioctl nop) "
                "in the data")
    return (f"noise ±{found.typical / 2:.1f} %: half the quartile range of ops/s over rounds, "
            f"median of {found.cells} floor cells (worst ±{found.worst / 2:.1f} %, widest range "
            f"{found.range_worst:.0f} %)")


def setting(one: dict, frame: pd.DataFrame) -> str:
    """A setting in words; axes at their plain value, or alike in all of @frame, go unsaid."""
    words = [f"{axis} {text.clean(one[axis], text.NAME_MAX)}"
             for axis in ("path", "op", "buffer") if one.get(axis)]
    if "size" in one:
        words.append(f"size {text.size(one['size'])}")
    if "depth" in one:
        words.append(f"depth {one['depth']:g}")
    for axis in ("offset", "buf_offset", "rate"):
        if one.get(axis, 0) > 0:
            words.append(f"{axis} {one[axis]:g}")
    if one.get("batch") not in (None, "", "all", "none"):
        words.append(f"batch {text.clean(one['batch'], text.NAME_MAX)}")
    if one.get("pages") not in (None, "", "4k", "none"):
        words.append(f"pages {text.clean(one['pages'], text.NAME_MAX)}")
    if one.get("threads", 1) > 1:
        words.append(f"threads {one['threads']:g}")
    if one.get("completion") not in (None, "", "inline", "none"):
        words.append(f"completion {text.clean(one['completion'], text.NAME_MAX)}")
    if one.get("cache") not in (None, "", "hot", "none"):
        words.append(f"cache {text.clean(one['cache'], text.NAME_MAX)}")
    if one.get("mutators") not in (None, "", "none"):
        words.append(f"mutators {text.clean(one['mutators'], text.NAME_MAX)}")
    ring = one.get("ring")
    rings = set(frame["ring"]) - {"", "none"}
    if ring not in (None, "", "none") and (len(rings) > 1 or "+" in ring):
        words.append(f"ring {text.clean(ring, text.NAME_MAX)}")
    return ", ".join(words)


def _run_id(run: Run) -> str:
    found = [name for name in run.frame["run_id"].unique() if name]
    if len(found) > 1:
        return f"{found[0]} and {len(found) - 1} more"
    return run.meta.get("run_id") or "".join(found) or "unnamed"
