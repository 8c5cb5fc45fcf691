# SPDX-License-Identifier: MIT
"""Where a run was made and what pagecopy doctor found there, from its head and its env.json."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator

from . import describe, text
from .load import Run

LONG = 400
# Of the head of the CSV, in this order.
_HEAD = (("command", "command"), ("version", "pagecopy"), ("build", "build"), ("seed", "seed"),
         ("clock", "clock"), ("ring", "ring"), ("cpu", "pinned to CPU"),
         ("memcpy_flags", "memcpy() by flags"), ("byte_atomic", "byte-wise atomic"),
         ("precision", "precision"), ("counters", "counters"))
# Of env.json: the folder in it, its key, what it is called.
_ENV = (("host", "os", "host OS"), ("host", "kernel", "host kernel"),
        ("host", "cpu_model", "host CPU"), ("host", "cpus", "host CPUs"),
        ("host", "microcode", "microcode"), ("host", "hypervisor", "hypervisor"),
        ("host", "governor", "governor"), ("host", "load", "load before the run"),
        ("host", "source", "source"), ("program", "compiler", "compiler"),
        ("program", "liburing", "liburing"), ("kernel", "clocksource", "clocksource"),
        ("kernel", "mitigations", "mitigations"))
_VERDICTS = ("fail", "warn")
_STAMP = re.compile(r"(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z")


def env_of(run: Run) -> tuple[dict, list[str]]:
    """env.json of @run, {} if there is none, and what is wrong with it."""
    folder = run.path.parent
    faults = []
    for path in (folder / "env.json", folder / "run-1" / "env.json"):
        try:
            found = json.loads(path.read_text(encoding="utf-8"))
        except FileNotFoundError:
            continue
        except (OSError, ValueError, RecursionError) as err:
            faults.append(f"{path}: cannot be used: {type(err).__name__}")
            continue
        if not isinstance(found, dict):
            faults.append(f"{path}: not what pagecopy run writes")
        elif found.get("run_id") in set(run.frame["run_id"]) - {""}:
            return found, []
        else:
            faults.append(f"{path} is of another run; its facts are left out")
    return {}, faults


def facts(runs: list[Run], env: dict) -> list[list[str]]:
    """Names and values, for reading."""
    frame_platform = ", ".join(sorted({name for run in runs for name in run.frame["platform"]}))
    found = [["platform", describe.said(runs, "platform", frame_platform)],
             ["kernel", describe.said(runs, "kernel")],
             ["CPU", describe.said(runs, "cpu_model")],
             ["memcpy() loop", describe.said(runs, "memcpy_loop")],
             ["files", ", ".join(str(run.path.name) for run in runs)],
             ["run", ", ".join(_ids(runs))], ["measured", ", ".join(_dates(runs))]]
    found += [[name, _joined(runs, key)] for key, name in _HEAD]
    found += [[name, _value(env, folder, key)] for folder, key, name in _ENV]
    found.append(["caches", ", ".join(_caches(env))])
    return [[name, text.clean(value, LONG)] for name, value in found if value]


def doctor(env: dict) -> tuple[list[str], list[str]]:
    """What spoils the numbers, the worst first, and what the doctor could not look at."""
    checks = {name: one for name, one in _folder(env, "doctor").items() if isinstance(one, dict)}
    warnings = []
    for verdict in _VERDICTS:
        warnings += [_finding(name, one) for name, one in checks.items()
                     if one.get("verdict") == verdict]
    unknown: dict[str, list[str]] = {}
    for name, one in checks.items():
        if one.get("verdict") == "unknown":
            unknown.setdefault(str(one.get("found")), []).append(name)
    parts = [f"{', '.join(names)} ({why})" for why, names in unknown.items()]
    return warnings, [f"Doctor could not tell: {'; '.join(parts)}."] if parts else []


def _finding(name: str, one: dict) -> str:
    fix = f" Fix: {one['fix']}." if one.get("fix") else ""
    said = "FAIL, and measured all the same" if one["verdict"] == "fail" else "warning"
    return text.clean(f"Doctor, {name}: {said}: {one.get('found')}; {one.get('why')}.{fix}", LONG)


def _folder(env: dict, name: str) -> dict:
    found = env.get(name)
    return found if isinstance(found, dict) else {}


def _value(env: dict, folder: str, key: str) -> str:
    found = _folder(env, folder).get(key)
    return "" if found is None else str(found)


def _joined(runs: list[Run], key: str) -> str:
    return "; ".join(dict.fromkeys(run.meta[key] for run in runs if run.meta.get(key)))


def _ids(runs: list[Run]) -> list[str]:
    return list(dict.fromkeys(name for run in runs for name in run.frame["run_id"].unique()
                              if name))


def _dates(runs: list[Run]) -> Iterator[str]:
    for name in _ids(runs):
        if found := _STAMP.match(name):
            year, month, day, hour, minute, _ = found.groups()
            yield f"{year}-{month}-{day} {hour}:{minute} UTC"


def _caches(env: dict) -> Iterator[str]:
    caches = _folder(env, "cpu").get("caches")
    for one in caches if isinstance(caches, list) else []:
        if isinstance(one, dict) and isinstance(one.get("bytes"), int):
            kind = str(one.get("type", "")).replace("u", "")
            yield f"L{one.get('level')}{kind} {text.size(one['bytes'])}"
