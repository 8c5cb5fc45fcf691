// SPDX-License-Identifier: MIT
"use strict";

const HOVER_ROWS = 16;

// The box beside the pointer: the true numbers of a point and of what lies at its x.
function showHover(view, found) {
    const box = byId("hover");
    const beside = companions(view, found);
    const rows = beside.slice(0, HOVER_ROWS);

    if (!rows.includes(found))
        rows.splice(0, rows.length, ...beside.filter((one) => one.point === found.point),
            ...rows.filter((one) => one.point !== found.point).slice(0, HOVER_ROWS - 1));
    box.replaceChildren(
        el("div", { class: "head" }, hoverHead(view, found)),
        el("div", { class: "soft" }, hoverMeasure(view)),
        el("table", null, el("tbody", null, rows.map((row) => hoverRow(view, row, found)))),
        beside.length > rows.length
            ? el("div", { class: "soft" }, `and ${beside.length - rows.length} more`) : null);
    box.hidden = false;
    putBeside(view, found.point, box);
}

function hideHover() {
    byId("hover").hidden = true;
}

// On lines, everything at the same x from top to bottom; the parts of a bar.
function companions(view, found) {
    const { x, y } = view.drawing.scales;
    const all = view.drawnPoints();

    if (STACKED.includes(view.model.kind))
        return all.filter(({ point }) => point.y === found.point.y);
    if (view.model.kind !== "lines")
        return [found];
    return all.filter(({ point }) => point.x === found.point.x
        && point.y >= y.min && point.y <= y.max && point.x >= x.min && point.x <= x.max)
        .sort((a, b) => b.point.y - a.point.y);
}

// What the values are counted in, as the axis or the chart says.
function hoverMeasure(view) {
    if (view.model.kind === "heat")
        return view.section.chart.value?.label ?? "";
    return view.model.axes[view.model.alongX ? "x" : "y"].label;
}

function hoverHead(view, { point }) {
    const { x, y } = view.model.axes;
    const text = (axis, value) => axis.scale === "category"
        ? axisText(value, axis) : `${axis.label}: ${valueText(value, axis.format)}`;

    if (view.model.kind === "heat")
        return `${x.label} ${axisText(point.x, x)}, ${y.label} ${axisText(point.y, y)}`;
    return view.model.alongX ? text(y, point.y) : text(x, point.x);
}

function hoverRow(view, { one, point }, found) {
    const along = view.model.alongX ? "x" : "y";
    const format = view.model.kind === "heat" ? view.section.chart.value?.format
        : view.model.axes[along].format;
    const value = view.model.kind === "heat" ? point.value : point[along];
    const range = point.low === null || point.high === null ? ""
        : `${valueText(point.low, format)} to ${valueText(point.high, format)}`;

    return el("tr", { class: point === found.point ? "near" : null },
        el("td", null, swatch(view.look(one))), el("td", null, one.name),
        el("td", { class: "n" }, valueText(value, format)), el("td", null, range),
        el("td", null, point.note ?? ""));
}

function putBeside(view, point, box) {
    const canvas = view.canvas.getBoundingClientRect();
    const x = canvas.left + view.drawing.scales.x.getPixelForValue(point.x);
    const y = canvas.top + view.drawing.scales.y.getPixelForValue(point.y);
    const { offsetWidth: wide, offsetHeight: high } = box;
    const room = document.documentElement.clientWidth;
    const right = x + 16 + wide < room;
    const left = right ? x + 16 : x - 16 - wide;
    // On a narrow window it lies above or below the point, not on it.
    const free = left >= 4;
    const top = free ? y - high / 2 : y - high - 24 > 4 ? y - high - 24 : y + 24;

    box.style.left = `${Math.min(Math.max(left, 4), Math.max(room - wide - 4, 4))}px`;
    box.style.top = `${Math.min(Math.max(top, 4), Math.max(innerHeight - high - 4, 4))}px`;
}
