// SPDX-License-Identifier: MIT
"use strict";

// What the reader has chosen. All of it is in the address, so that a link shows
// the same; values that the data does not have are dropped.
const MAIN_AXES = ["path", "op", "buffer", "completion", "place"];
const state = { filters: {}, search: "", sort: null, down: false, axes: [], changed: [] };

function tagText(value) {
    return value === null || value === undefined || value === "" ? "none" : String(value);
}

// The axes that filters act on, with every value that the data has for them.
function findAxes(charts, cells) {
    const found = new Map(MAIN_AXES.map((axis) => [axis, new Map()]));

    for (const chart of charts)
        for (const panel of chart.panels)
            for (const [axis, value] of Object.entries(panel.tags))
                addValue(found, axis, value, true);
    cells.columns.forEach((column, at) => {
        if (found.has(column.key))
            cells.rows.forEach((row) => addValue(found, column.key, row[at], false));
    });
    return [...found].filter(([, values]) => values.size > 1).map(([name, values]) => ({
        name, main: MAIN_AXES.includes(name),
        values: [...values].sort(([a, x], [b, y]) => compareValues(x, y) || (a < b ? -1 : 1))
            .map(([text]) => text),
    }));
}

function addValue(found, axis, value, make) {
    if (!found.has(axis) && make)
        found.set(axis, new Map());
    found.get(axis).set(tagText(value), value);
}

// Numbers as numbers, what is not there last.
function compareValues(a, b) {
    const lacks = (one) => one === null || one === undefined || one === "";

    if (lacks(a) || lacks(b))
        return Number(lacks(a)) - Number(lacks(b));
    if (typeof a === "number" && typeof b === "number")
        return a - b;
    return String(a).localeCompare(String(b), "en", { numeric: true });
}

function isFiltered() {
    return Object.keys(state.filters).length > 0;
}

// A panel that moves an axis has it in all its values: it matches any of them.
function panelMatches(panel) {
    return Object.entries(state.filters).every(([axis, value]) =>
        !(axis in panel.tags) || tagText(panel.tags[axis]) === value);
}

function readAddress() {
    const given = new URLSearchParams(location.hash.slice(1));

    state.filters = {};
    for (const axis of state.axes)
        if (axis.values.includes(given.get(axis.name)))
            state.filters[axis.name] = given.get(axis.name);
    state.search = given.get("search") || "";
    state.sort = (given.get("sort") || "").replace(/^-/, "") || null;
    state.down = (given.get("sort") || "").startsWith("-");
}

function writeAddress() {
    const given = new URLSearchParams(state.filters);

    if (state.search)
        given.set("search", state.search);
    if (state.sort)
        given.set("sort", (state.down ? "-" : "") + state.sort);
    history.replaceState(null, "", `#${given}`);
}

// To be called after any change of the state.
function announce() {
    writeAddress();
    for (const act of state.changed)
        act();
}

function setFilter(axis, value) {
    delete state.filters[axis];
    if (value)
        state.filters[axis] = value;
    announce();
}

function filterSelect(axis, names) {
    const select = el("select", { "data-axis": axis.name, on: {
        change: () => setFilter(axis.name, select.value) } },
    el("option", { value: "" }, "all"),
    axis.values.map((value) => el("option", { value },
        axis.name === "place" ? names[Number(value) - 1] ?? value
            : axis.name === "size" ? sizeText(Number(value)) : value)));

    state.changed.push(() => {
        select.value = state.filters[axis.name] || "";
        select.classList.toggle("set", Boolean(select.value));
    });
    return el("label", null, axis.name, select);
}

function filterBar(places) {
    const names = places.map((place) => place.name);
    const more = state.axes.filter((axis) => !axis.main);
    const rest = el("span", { class: "bar", hidden: true },
        more.map((axis) => filterSelect(axis, names)));
    const open = toggleButton("more", false, "filters of the other axes", () => {
        rest.hidden = !rest.hidden;
        open.setAttribute("aria-pressed", String(!rest.hidden));
    });
    const clear = el("button", { type: "button", on: { click: () => {
        state.filters = {};
        announce();
    } } }, "clear");

    open.hidden = !more.length;
    state.changed.push(() => { clear.disabled = !isFiltered(); });
    return el("div", { class: "bar", role: "group", "aria-label": "filters" },
        state.axes.filter((axis) => axis.main).map((axis) => filterSelect(axis, names)),
        open, rest, clear);
}
