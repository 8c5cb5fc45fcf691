# SPDX-License-Identifier: MIT
"""What the results of a calibration say, as tables."""

import pandas as pd

ALPHA = 0.05


def _share(mask):
    return f"{100 * mask.mean():.1f}%" if len(mask) else "-"


def _lines(head, rows):
    columns = [head, *rows]
    widths = [max(len(row[nr]) for row in columns) for nr in range(len(head))]
    return "\n".join("  ".join([row[0].ljust(widths[0]), *(
        cell.rjust(width) for cell, width in zip(row[1:], widths[1:]))]).rstrip()
        for row in columns)


def _read(folder, kind):
    files = sorted(folder.glob(f"{kind}-*.csv"))
    return pd.concat(map(pd.read_csv, files)) if files else pd.DataFrame()


def _alike(frame):
    rows = []
    for (where, metric), cells in frame.groupby(["where", "metric"]):
        rows.append((f"{where}, {metric}", str(len(cells)), str(int(cells["told_apart"].sum())),
                     _share(cells["told_apart"] == 1), _share(cells["p"] <= ALPHA),
                     f"{100 * (cells['ratio'] - 1).abs().median():.2f}%",
                     f"{100 * (cells['ratio'] - 1).abs().max():.1f}%",
                     _share(cells["naive_p"] <= ALPHA),
                     f"{100 * (cells['naive_ratio'] - 1).abs().max():.0f}%"))
    return _lines(("A/A: alike", "cells", "false", "alarms", "p<=5%", "median off", "worst",
                   "naive: alarms", "worst"), rows)


def _covers(cells, low, high):
    return (cells[low] <= cells["truth"]) & (cells["truth"] <= cells[high])


def _slowed(frame):
    rows = []
    keys = ["where", "metric", "kind", "truth"]
    for (where, metric, kind, truth), cells in frame.groupby(keys):
        naive_found = (cells["naive_p"] <= ALPHA) & (cells["naive_ratio"] > 1)
        rows.append((f"{where}, {metric}, {kind}, +{100 * (truth - 1):.0f}%", str(len(cells)),
                     f"{cells['rounds'].median():.0f}", f"{cells['seconds'].median():.1f}",
                     _share((cells["told_apart"] == 1) & (cells["ratio"] > 1)),
                     _share(_covers(cells, "low", "high")),
                     f"{100 * (cells['ratio'].median() - cells['truth'].iloc[0]):+.2f}%",
                     f"{50 * (cells['high'] - cells['low']).median():.2f}%",
                     _share(naive_found), _share(_covers(cells, "naive_low", "naive_high"))))
    return _lines(("A/B: slower by", "trials", "rounds", "s", "found", "covers", "bias", "+-",
                   "naive: found", "covers"), rows)


def table(folder):
    """Both tables of a folder."""
    alike, slowed = _read(folder, "aa"), _read(folder, "ab")
    parts = ([_alike(alike)] if len(alike) else []) + ([_slowed(slowed)] if len(slowed) else [])
    return "\n\n".join(parts)
