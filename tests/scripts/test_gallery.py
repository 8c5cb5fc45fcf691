# SPDX-License-Identifier: MIT
"""The committed figures are what the definitions draw from the committed rows."""

import re
import xml.etree.ElementTree as ET
from collections import Counter

import pytest
from pagecopy_report.cli import report_main
from pagecopy_report.plotdef import PLOTS, names

GALLERY = PLOTS / "gallery"
FIGURES = [(GALLERY, "results.csv", name) for name in names()]
FIGURES.append((PLOTS / "copies/uml", "results.csv.gz", "throughput"))
# README.md shows some of them: nobody waits for more.
BYTES_MOST = 150_000


def texts(svg):
    """All words, in their order."""
    return [" ".join(node.itertext()).strip() for node in ET.fromstring(svg).iter()
            if node.tag.endswith("}text")]


def marks(svg):
    """How many of each kind of mark; where they are changes with the version of Matplotlib."""
    return Counter(node.tag.split("}")[1] for node in ET.fromstring(svg).iter()
                   if node.tag.endswith(("}path", "}use")))


def version(svg):
    return re.search(r"Matplotlib (\S+?)<", svg).group(1)


@pytest.fixture(scope="module", name="drawn")
def drawn_fixture(tmp_path_factory):
    """Every figure drawn anew; by folder and name the text of the SVG."""
    found = {}
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("pagecopy_report.report.DPI", 20)
        for folder, rows in dict.fromkeys(figure[:2] for figure in FIGURES):
            out = tmp_path_factory.mktemp("drawn")
            wanted = [f"--plot={name}" for where, _, name in FIGURES if where == folder]
            assert report_main([str(folder / rows), "--out", str(out), *wanted]) == 0
            found.update({(folder, path.stem): path.read_text() for path in out.glob("*.svg")})
    return found


@pytest.mark.parametrize("folder, name", [(figure[0], figure[2]) for figure in FIGURES])
def test_a_committed_figure_is_what_is_drawn_now(drawn, folder, name):
    committed, now = (folder / f"{name}.svg").read_text(), drawn[folder, name]
    assert len(committed) < BYTES_MOST
    again = f"draw it again: scripts/report --out {folder.relative_to(PLOTS.parent)} (its CSV)"
    assert texts(committed) == texts(now), again
    assert marks(committed) == marks(now), again
    if version(committed) == version(now):
        assert committed == now, again


def test_the_gallery_has_every_kind_of_chart_and_no_other_figure():
    assert {path.stem for path in GALLERY.glob("*.svg")} == set(names())
    shown = re.findall(r"\]\((\S+)\.svg\)", (GALLERY / "README.md").read_text())
    assert sorted(shown) == sorted(names())
