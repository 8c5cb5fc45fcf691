# SPDX-License-Identifier: MIT
"""The interactive page, in headless Chromium: what it shows, and what it must not run."""

import base64
import csv
import shutil
import time
from pathlib import Path

import page_data
import pandas
import pytest
from pagecopy_report import assemble, html
from pagecopy_report.drawing import plain
from pagecopy_report.load import by_place, load_all

FLAGS = ("--headless --no-sandbox --disable-gpu --disable-quic --no-first-run "
         "--disable-background-networking --disable-component-update --disable-sync").split()
MARKS = """return pagecopy.sections.map(s => (s.drawAll(), [...s.views.values()].map(v =>
    v.drawing.data.datasets.map((d, i) => v.drawing.getDatasetMeta(i).data.filter((e, k) =>
        d.data[k].y !== null && Number.isFinite(e.x) && Number.isFinite(e.y)).length))));"""


@pytest.fixture(scope="module")
def browser(tmp_path_factory):
    webdriver = pytest.importorskip("selenium.webdriver", reason="no python3-selenium here")
    chromium, driver = shutil.which("chromium"), shutil.which("chromedriver")
    if not chromium or not driver:
        pytest.skip("no chromium and chromedriver here: see scripts/setup")
    try:
        html.library()
    except html.NoLibrary as err:
        pytest.skip(str(err))
    downloads = tmp_path_factory.mktemp("downloads")
    options = webdriver.ChromeOptions()
    options.binary_location = chromium
    for flag in (*FLAGS, f"--user-data-dir={tmp_path_factory.mktemp('profile')}"):
        options.add_argument(flag)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL", "performance": "ALL"})
    service = webdriver.chrome.service.Service(driver)
    made = webdriver.Chrome(service=service, options=options)
    made.execute_cdp_cmd("Browser.setDownloadBehavior",
                         {"behavior": "allow", "downloadPath": str(downloads)})
    made.downloads = downloads
    made.files = tmp_path_factory.mktemp("pages")
    yield made
    made.quit()


def show(browser, data, name="report", width=1280, dark=False, at=""):
    path = browser.files / f"{name}.html"
    path.write_text(html.page(data), encoding="utf-8")
    browser.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", {
        "width": width, "height": 900, "deviceScaleFactor": 1, "mobile": False})
    browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": [
        {"name": "prefers-color-scheme", "value": "dark" if dark else "light"}]})
    browser.get("about:blank")
    browser.get_log("browser"), browser.get_log("performance")
    browser.get(path.as_uri() + at)
    wait(lambda: browser.execute_script("return Boolean(window.pagecopy)"))


def wait(done):
    for _ in range(200):
        if done():
            return
        time.sleep(0.05)
    pytest.fail("the page did not come to it in time")


def test_page_loads_in_silence_and_draws_every_point(browser):
    show(browser, page_data.data())
    expected = [[[sum(y is not None for y in s["y"]) for s in p["series"]]
                 for p in c["panels"] if p["first"]] for c in page_data.data()["charts"]]
    assert browser.execute_script(MARKS) == expected
    assert browser.get_log("browser") == []
    asked = [line["message"] for line in browser.get_log("performance")
             if "Network.requestWillBeSent\"" in line["message"]]
    assert not [one for one in asked if '"url":"http' in one]


def test_hover_shows_the_true_numbers(browser):
    show(browser, page_data.data())
    text = browser.execute_script("""
        const view = [...pagecopy.sections[0].views.values()][0]; view.draw();
        view.canvas.scrollIntoView({block: "center"});
        const p = view.model.series[0].points[3], s = view.drawing.scales;
        const box = view.canvas.getBoundingClientRect();
        view.canvas.dispatchEvent(new PointerEvent("pointermove", {bubbles: true,
            clientX: box.left + s.x.getPixelForValue(p.x),
            clientY: box.top + s.y.getPixelForValue(p.y)}));
        return document.getElementById("hover").innerText;""")
    value = 4096 / (30 + 4096 / 11.0)
    assert "bytes per copy: 4K" in text and "GB/s" in text and "10 rounds" in text
    assert f"{value:.4g}" in text and f"{0.93 * value:.4g} to {1.08 * value:.4g}" in text
    assert all(name in text for name in page_data.NAMES)


def test_legend_hides_shows_and_leaves_one(browser):
    show(browser, page_data.data())
    section = "const s = pagecopy.sections[0]; s.drawAll();"
    button = section + "s.legend.querySelector('[data-series=words]')"
    hidden = section + """return [...s.views.values()][0].drawing.data.datasets
        .filter(d => !d.hidden).map(d => d.label);"""
    browser.execute_script(button + ".click()")
    assert "words" not in browser.execute_script(hidden)
    browser.execute_script(button + ".click()")
    assert "words" in browser.execute_script(hidden)
    browser.execute_script(button + ".dispatchEvent(new MouseEvent('dblclick'))")
    assert browser.execute_script(hidden) == ["words"]


def test_zoom_and_scale_switches(browser):
    show(browser, page_data.data())
    view = "const s = pagecopy.sections[0]; s.drawAll(); const v = [...s.views.values()][0];"
    ends = view + "return [v.drawing.scales.x.min, v.drawing.scales.x.max]"
    before = browser.execute_script(ends)
    browser.execute_script(view + """
        v.canvas.scrollIntoView({block: "center"}); v.canvas.setPointerCapture = () => {};
        const box = v.canvas.getBoundingClientRect(), x = v.drawing.scales.x;
        const y = box.top + 100;
        const send = (name, at) => v.canvas.dispatchEvent(new PointerEvent(name, {button: 0,
            clientX: box.left + x.getPixelForValue(at), clientY: y}));
        send("pointerdown", 256); send("pointermove", 4096); send("pointerup", 4096);""")
    low, high = browser.execute_script(ends)
    assert abs(low / 256 - 1) < 0.05 and abs(high / 4096 - 1) < 0.05
    browser.execute_script(view + "v.canvas.dispatchEvent(new MouseEvent('dblclick'))")
    assert browser.execute_script(ends) == before
    kind = view + "return v.drawing.scales.y.type"
    assert browser.execute_script(kind) == "logarithmic"
    browser.execute_script(view + "s.tools.querySelector('[data-axis=y]').click()")
    assert browser.execute_script(kind) == "linear"


def test_filters_act_on_charts_and_cells_and_stay_in_the_address(browser):
    show(browser, page_data.data(), at="#op=write&buffer=nonsense")
    shown = "return [...pagecopy.sections[0].views.keys()].map(p => p.tags.op)"
    assert browser.execute_script(shown) == ["write"]
    rows = page_data.cells()["rows"]
    count = "return pagecopy.table.shown.length"
    assert browser.execute_script(count) == sum(row[1] == "write" for row in rows)
    browser.execute_script("""const s = document.querySelector('select[data-axis=op]');
        s.value = "read"; s.dispatchEvent(new Event("change"));""")
    assert browser.execute_script(shown) == ["read", "read"]
    assert browser.execute_script("return location.hash") == "#op=read"


def test_cells_sort_search_and_download(browser):
    show(browser, page_data.data())
    column = "return pagecopy.table.shown.map(nr => pagecopy.table.rows[nr][7])"
    values = [row[7] for row in page_data.cells()["rows"]]
    numbers, blanks = sorted(v for v in values if v is not None), [None] * values.count(None)
    click = "document.querySelector('#cells th button[data-key=gb_per_s]').click()"
    browser.execute_script(click)
    assert browser.execute_script(column) == numbers + blanks
    browser.execute_script(click)
    assert browser.execute_script(column) == numbers[::-1] + blanks
    browser.execute_script("""const t = pagecopy.table; t.search.value = "NOTE raw";
        t.search.dispatchEvent(new Event("input"));""")
    wait(lambda: browser.execute_script("return pagecopy.table.shown.length < 400"))
    found = [row for row in page_data.cells()["rows"] if row[2] == "raw" and row[9]]
    assert found
    browser.execute_script("pagecopy.table.save.click()")
    wait(lambda: (browser.downloads / "cells.csv").exists())
    with (browser.downloads / "cells.csv").open(newline="") as file:
        saved = list(csv.DictReader(file))
    assert sorted(row["notes"] for row in saved) == sorted(row[9] for row in found)
    assert browser.execute_script("return csvField('=1+1')") == "'=1+1"


def test_hostile_names_run_nothing_and_gaps_break_nothing(browser):
    show(browser, page_data.hostile_data(), "hostile")
    browser.execute_script("pagecopy.sections.forEach(s => s.drawAll());"
                           "document.querySelectorAll('details').forEach(d => { d.open = true })")
    assert browser.execute_script("return window.ran === undefined && "
                                  "!document.querySelector('main img, main svg, main script')")
    text = browser.execute_script("return document.body.textContent")
    assert all(name in text for name in page_data.HOSTILE)
    assert browser.get_log("browser") == []


GALLERY = Path(__file__).resolve().parents[2] / "plots/gallery/results.csv"
POINTS = """const v = [...pagecopy.sections[0].views.values()].find(
        v => v.model.panel.title === arguments[0]);
    pagecopy.sections[0].drawAll();
    const scale = v.drawing.scales.y, of = {};
    v.drawing.data.datasets.forEach((d, i) => { of[v.model.series[i].name] = d.data.map((p, k) =>
        [p.x, p.y, scale.getValueForPixel(v.drawing.getDatasetMeta(i).data[k].y)]); });
    return of;"""


def from_files(*paths):
    return assemble.data(by_place(load_all(list(paths))))


def test_marks_are_where_the_rows_of_the_gallery_put_them(browser):
    show(browser, from_files(GALLERY))
    found = browser.execute_script(POINTS, "the same code in the process")
    rows = pandas.read_csv(GALLERY, comment="#", low_memory=False)
    rows = rows[(rows["path"] == "user") & (rows["depth"] == 1)
                & (rows["disturbed"].fillna(0) == 0)]
    medians = rows.groupby(["strategy", "size"])["gb_per_s"].median()
    for name in ("raw", "bytewise_atomic", "bytes", "movsb"):
        assert [size for size, _, _ in found[name]] == list(medians[name].index)
        for size, drawn, pixel in found[name]:
            assert drawn == pytest.approx(medians[name, size], rel=1e-4), (name, size)
            assert pixel == pytest.approx(drawn, rel=0.02), (name, size)


def test_a_real_pointer_is_told_what_is_below_it(browser):
    show(browser, from_files(GALLERY))
    found = browser.execute_script(POINTS, "the same code in the process")
    place = browser.execute_script("""const v = [...pagecopy.sections[0].views.values()][2];
        v.canvas.scrollIntoView({ block: "center" });
        const box = v.canvas.getBoundingClientRect();
        const i = v.model.series.findIndex(s => s.name === "bytes");
        const at = v.drawing.getDatasetMeta(i).data[2];
        return [box.left + at.x, box.top + at.y];""")
    chains = pytest.importorskip("selenium.webdriver.common.action_chains")
    mouse = chains.ActionBuilder(browser)
    mouse.pointer_action.move_to_location(*map(round, place))
    mouse.perform()
    size, value, _ = found["bytes"][2]
    wait(lambda: not browser.execute_script("return byId('hover').hidden"))
    text = browser.execute_script("return byId('hover').innerText")
    assert "bytes" in text and f"{value:.3g}" in text and size == 4096


def test_hostile_names_in_a_csv_run_nothing(browser, tmp_path):
    name = "<img src=x onerror='window.ran=1'>"
    host = "</script><script>window.ran=1</script>"
    text = GALLERY.read_text(encoding="utf-8").replace(",words,", f",{name},")
    for key in ("cpu_model", "command"):
        text = text.replace(f"#{key}: ", f"#{key}: {host}")
    path = tmp_path / "results.csv"
    path.write_text(text, encoding="utf-8")
    show(browser, from_files(path), "hostile-csv")
    browser.execute_script("pagecopy.sections.forEach(s => s.drawAll())")
    assert browser.execute_script("return window.ran === undefined && "
                                  "!document.querySelector('main img, main svg, main script')")
    shown = browser.execute_script("return document.body.textContent")
    assert name in shown and host in shown
    assert browser.get_log("browser") == []


@pytest.mark.parametrize("dark", [False, True])
def test_contrast_of_text(browser, dark):
    show(browser, page_data.data(), dark=dark)
    assert browser.execute_script("return isDark()") is dark
    for ink, paper, least in (("ink", "page", 7), ("ink", "paper", 7), ("soft", "page", 4.5),
                              ("soft", "paper", 4.5), ("accent", "page", 4.5),
                              ("loud-ink", "loud", 4.5), ("ink", "warn", 7)):
        found = browser.execute_script(f"return contrast(color('{ink}'), color('{paper}'))")
        assert found >= least, (ink, paper, found)


@pytest.mark.parametrize("made", [page_data.data, page_data.hostile_data])
def test_phone_has_no_sideways_scrolling(browser, made):
    show(browser, made(), width=390)
    browser.execute_script("pagecopy.sections.forEach(s => s.drawAll())")
    assert browser.execute_script("return document.documentElement.scrollWidth") <= 390


def test_prints_pages(browser):
    show(browser, page_data.data(), dark=True)
    pdf = base64.b64decode(browser.execute_cdp_cmd("Page.printToPDF", {})["data"])
    assert pdf.count(b"/Type /Page\n") + pdf.count(b"/Type /Page ") >= 2
    assert browser.execute_script("return isDark()"), "the theme is as before"


def test_untrue_is_loud_and_large_data_is_packed(browser):
    charts = [{**one, "untrue": ["EMULATED: no times"]} for one in page_data.data()["charts"]]
    data = page_data.data(front=page_data.front(loud=["EMULATED"]), charts=charts,
                          cells=page_data.cells(20000))
    assert 'id="packed"' in html.page(data) and len(html.page(data)) < 2_000_000
    show(browser, data)
    assert browser.execute_script("return pagecopy.table.shown.length") == 20000
    assert "EMULATED" in browser.execute_script("return document.getElementById('loud').innerText")
    assert browser.execute_script("return document.querySelectorAll('#charts .loud').length") == 8


def test_library_that_is_absent_is_named(tmp_path):
    with pytest.raises(html.NoLibrary, match="libjs-chart.js"):
        html.library([str(tmp_path / "none.js")])
    (tmp_path / "old.js").write_text("/*! Chart.js v2.9.4 */")
    with pytest.raises(html.NoLibrary, match="version 3"):
        html.library([str(tmp_path / "old.js")])


def test_same_data_same_page():
    try:
        assert html.page(page_data.data()) == html.page(page_data.data())
    except html.NoLibrary as err:
        pytest.skip(str(err))
    assert plain(page_data.empty()[1])["panels"][0]["series"][0]["y"] == [None, None]
