// SPDX-License-Identifier: MIT
"use strict";

const PRINT_WIDE = 330;

function readBlock(id) {
    return JSON.parse(byId(id).textContent);
}

// The charts and the cells: plain, or compressed where they are many.
async function readLarge() {
    if (byId("large"))
        return readBlock("large");
    if (typeof DecompressionStream === "undefined")
        throw new Error("this browser cannot unpack the data of this page (it lacks "
            + "DecompressionStream: Chromium 80, Firefox 113 and Safari 16.4 have it); the SVG "
            + "and CSV files beside the page hold the same numbers");
    const packed = Uint8Array.from(atob(readBlock("packed")), (one) => one.charCodeAt(0));
    const stream = new Blob([packed]).stream().pipeThrough(new DecompressionStream("gzip"));

    return new Response(stream).json();
}

function chartDefaults() {
    Chart.defaults.font.family = getComputedStyle(document.body).fontFamily;
    Chart.defaults.font.size = 11;
    // Sharp when zoomed by the browser and on paper.
    Chart.defaults.devicePixelRatio = Math.max(window.devicePixelRatio || 1, 2);
}

function build(data, large) {
    const places = data.front.places;
    const sections = large.charts.map((chart) =>
        new ChartSection(chart, data.styles, data.files));
    const table = new CellTable(large.cells);
    const ends = [...data.checks.length ? [checksSection(data.checks)] : [],
        table.element, factsSection(places)];

    byId("loud").append(...loudBanners(places));
    byId("front").append(...places.map((place, nr) =>
        placeSection(place, nr, places.length > 1)));
    byId("filters").append(filterBar(places));
    byId("filters").hidden = !state.axes.length;
    byId("charts").append(...sections.map((section) => section.element));
    if (data.checks.length)
        byId("checks").append(ends[0]);
    byId("cells").append(table.element);
    byId("facts").append(ends.at(-1));
    byId("contents").append(contents([
        ...places.length > 1 ? byId("front").children : [],
        ...sections.map((section) => section.element), ...ends]));
    byId("foot").textContent = "This file holds all its data and fetches nothing.";
    return { sections, table };
}

// On paper: light, every panel drawn, two in a row; afterwards as before.
function preparePrint(sections, table, on) {
    theme.printing = on;
    applyTheme();
    table.fill(on ? PRINT_ROWS : PAGE_ROWS);
    for (const section of sections) {
        if (on)
            section.drawAll();
        for (const view of section.views.values())
            if (on)
                view.drawing.resize(PRINT_WIDE, view.height());
            else
                view.drawing?.resize();
    }
}

async function start() {
    const data = readBlock("data");

    theme.choice = keptTheme();
    byId("theme").append(themeSwitch());
    applyTheme();
    const large = await readLarge();
    chartDefaults();
    state.axes = findAxes(large.charts, large.cells);
    readAddress();
    const { sections, table } = build(data, large);
    announce();
    darkQuery.addEventListener("change", applyTheme);
    window.addEventListener("scroll", hideHover, { passive: true });
    window.addEventListener("hashchange", () => {
        // A plain #name is a place on the page, not a state.
        if (location.hash && !location.hash.includes("="))
            return;
        readAddress();
        announce();
    });
    window.addEventListener("beforeprint", () => preparePrint(sections, table, true));
    window.addEventListener("afterprint", () => preparePrint(sections, table, false));
    // For tests and for the curious.
    window.pagecopy = { data, large, sections, table, state };
}

start().catch((err) => {
    byId("broken").hidden = false;
    byId("broken").replaceChildren(el("p", { class: "loud" }, `The page cannot show its data: ${
        err.message}.`));
    console.error(err);
});
