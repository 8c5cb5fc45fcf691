# SPDX-License-Identifier: MIT
"""Reads the CSV of `pagecopy run`, prints its summary, draws its plots.

The package knows the CSV and nothing else, so a file copied from a target
machine is read anywhere.
"""
