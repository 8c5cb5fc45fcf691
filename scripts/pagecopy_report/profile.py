# SPDX-License-Identifier: MIT
"""scripts/profile, second half: from a recording to the files and the summary."""

from __future__ import annotations

import argparse
import csv
import json
import subprocess
import sys
from collections import Counter
from pathlib import Path, PurePosixPath

from . import flame, frames, listing
from .frames import Sample, Symbols

# Functions to list, besides the hot copy: those with at least this share.
LISTED = 0.05
LISTED_MAX = 4
TOP = 8


class Unusable(Exception):
    """Nothing can be made of this recording."""


def _output(command: list[str]) -> list[str]:
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
                          errors="replace", check=False)
    if done.returncode:
        raise Unusable(f"{' '.join(command)}: exit {done.returncode}: {done.stderr[-300:]}")
    return done.stdout.splitlines()


def samples_of(folder: Path, perf: str, symbols: Symbols) -> tuple[list[Sample], int]:
    """What perf script prints of perf.data, read; how many samples are of talking to perf."""
    script = [perf, "script", "-i", str(folder / "perf.data")]
    addresses = []
    if symbols:
        addresses = [int(line, 16) for line in _output([*script, "-G", "-F", "ip"])
                     if line.strip()]
    samples = frames.read(_output([*script, "--no-inline", "-F", frames.FIELDS]), symbols,
                          addresses)
    kept = frames.without_control(samples)
    if not kept:
        raise Unusable("perf has no sample of a slice: a longer --seconds?")
    return kept, len(samples) - len(kept)


def measured(folder: Path) -> tuple[float, str]:
    """Seconds of the slices in results.csv; their cell in words."""
    with open(folder / "results.csv", encoding="utf-8") as file:
        rows = list(csv.DictReader(line for line in file if not line.startswith("#")))
    if not rows:
        raise Unusable("results.csv has no row")
    one = rows[0]
    cell = " ".join(f"{key}={one[key]}" for key in (
        "platform", "path", "op", "strategy", "size", "depth", "buffer", "completion", "ring"))
    return sum(float(row["seconds"] or 0) for row in rows), cell


def hot_functions(samples: list[Sample]) -> list[tuple[str, str]]:
    """(function, file) to list: the copy that has most samples, then all with a share of note."""
    order = frames.top(samples)
    copies = [one for one in order if flame.is_copy(one[1])]
    named = [one for one in order if one[1] != frames.UNKNOWN and one[0] >= LISTED * len(samples)]
    chosen = dict.fromkeys((name, place) for _, name, place in copies[:1] + named)
    return list(chosen)[:LISTED_MAX]


def listings(samples: list[Sample], module: Path | None) -> list[listing.Listing]:
    """The hot functions, instruction by instruction."""
    found = []
    for name, place in hot_functions(samples):
        hits: Counter[int] = Counter()
        start = 0
        for sample in samples:
            frame = sample.frames[0] if sample.frames else None
            if frame and (frame.name, frame.place) == (name, place):
                hits[frame.offset] += 1
                start = frame.ip - frame.offset
        file = module if place == "[pagecopy]" and module else Path(place)
        found.append(listing.listing(file, name, place, hits, start))
    return found


def hot_text(head: list[str], found: list[listing.Listing], total: int) -> str:
    """hot.txt."""
    lines = [f"# {line}" for line in head]
    lines += ["# A sample is on the instruction that was to be executed next when the interrupt",
              "# came: the one before it, or the one that all wait for, is often the slow one.", ""]
    return "\n".join(lines) + "\n" + "\n".join(listing.show(one, total) for one in found)


def summary(head: list[str], samples: list[Sample], found: list[listing.Listing]) -> str:
    """What is printed."""
    total = len(samples)
    copies = sum(frames.copying(sample) for sample in samples)
    out = [*head, "", "samples   share  function"]
    for number, name, place in frames.top(samples)[:TOP]:
        out.append(f"{number:7} {100 * number / total:6.1f} %  {name}  "
                   f"({PurePosixPath(place).name})")
    out += ["", f"in copies: {100 * copies / total:.1f} % of {total} samples"]
    host = sum(bool(one.frames) and one.frames[0].place == frames.HOST for one in samples)
    if host:
        out.append(f"{100 * host / total:.1f} % are of the host's kernel, which serves the guest; "
                   f"without them: {100 * copies / (total - host or 1):.1f} % in copies")
    hot = next((one for one in found if flame.is_copy(one.name)), None)
    if hot and hot.loop:
        out.append(f"hot loop: {100 * hot.in_loop / total:.1f} % in {hot.name} "
                   f"+{hot.loop[0]:#x} to +{hot.loop[1]:#x}")
    elif hot:
        out.append(f"hot loop: none is seen in {hot.name}")
    return "\n".join(out) + "\n"


def guest_symbols(folder: Path) -> Symbols:
    """Those that a guest has left; none where the kernel is the host's."""
    file = folder / "kallsyms.txt"
    if not file.exists():
        return Symbols()
    with open(file, encoding="utf-8", errors="replace") as lines:
        symbols = Symbols(lines)
    if not symbols:
        raise Unusable(f"{file}: no addresses; the guest hides them (kptr_restrict)")
    return symbols


def digest(folder: Path, perf: str, about: dict[str, str], module: Path | None) -> str:
    """Write hot.txt, folded.txt and flame.svg; return the summary."""
    symbols = guest_symbols(folder)
    if symbols:
        (folder / "perf.map").write_text(symbols.perf_map(), encoding="utf-8")
    samples, control = samples_of(folder, perf, symbols)
    seconds, cell = measured(folder)
    head = [f"cell: {cell}", f"event: {about['event']}"]
    said = f"{len(samples)} samples of {about['event']}"
    if about.get("unit") == "ns":
        sampled = sum(sample.period for sample in samples) / 1e9
        head.append(f"sampled: {sampled:.2f} s of CPU time; the slices took {seconds:.2f} s")
    else:
        head.append(f"sampled: {len(samples)} times; the slices took {seconds:.2f} s")
    if control:
        head.append(f"left out: {control} samples of telling perf that a slice ends")
    found = listings(samples, module)
    folded = frames.folded(samples)
    (folder / "hot.txt").write_text(hot_text(head, found, len(samples)), encoding="utf-8")
    (folder / "folded.txt").write_text(flame.fold(folded), encoding="utf-8")
    (folder / "flame.svg").write_text(
        flame.svg(folded, "Where the time goes", f"{cell}; {said}"), encoding="utf-8")
    return summary(head, samples, found)


def main(argv: list[str] | None = None) -> int:
    """Called by scripts/profile only, which has the options for people."""
    parser = argparse.ArgumentParser(prog="profile")
    parser.add_argument("folder", type=Path)
    parser.add_argument("--perf", required=True)
    parser.add_argument("--about", required=True, help="JSON: event, unit")
    parser.add_argument("--module", type=Path)
    args = parser.parse_args(argv)
    try:
        sys.stdout.write(digest(args.folder, args.perf, json.loads(args.about), args.module))
    except (Unusable, OSError) as error:
        print(f"profile: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
