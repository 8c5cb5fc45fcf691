// SPDX-License-Identifier: MIT
"use strict";

const STACKED = ["bars", "histogram"];
// Above so many series the ranges around medians are bars, not areas.
const AREAS_MAX = 8;
// A floor this far above all that is copied may leave the picture.
const CEILING = 6;

// A panel ready to draw: axes of its own, points as {x, y, low, high, value, note},
// category axes where places are counted. alongX: low and high belong to x.
function panelModel(chart, panel) {
    const axes = { x: copyAxis(panel.x || chart.x), y: copyAxis(panel.y || chart.y) };
    const series = panel.series.map((one) => ({ name: one.name, role: one.role,
        points: one.x.map((x, nr) => ({ x, y: one.y[nr], low: at(one.low, nr),
            high: at(one.high, nr), value: at(one.value, nr), note: at(one.note, nr) })) }));
    const model = { kind: chart.kind, panel, axes, series, alongX: false };

    if (chart.kind === "heat")
        ["x", "y"].forEach((key) => countPlaces(model, key));
    else if (STACKED.includes(chart.kind))
        layBars(model);
    else if (chart.kind === "lines")
        series.forEach((one) => one.points.sort((a, b) => a.x - b.x));
    if (axes.y.scale === "category" && axes.x.scale !== "category")
        model.alongX = true;
    return model;
}

function copyAxis(axis) {
    return { label: axis.label, format: axis.format, scale: axis.scale, names: [...axis.names] };
}

function at(list, nr) {
    return list ? list[nr] ?? null : null;
}

// Makes axis key a category axis whose names are its values in order.
function countPlaces(model, key) {
    const axis = model.axes[key];

    if (axis.scale === "category")
        return;
    const values = [...new Set(model.series.flatMap((one) =>
        one.points.map((point) => point[key])))].filter((one) => one !== null)
        .sort((a, b) => a - b);
    axis.names = values.map((value) => valueText(value, axis.format));
    axis.scale = "category";
    for (const one of model.series)
        for (const point of one.points)
            point[key] = point[key] === null ? null : values.indexOf(point[key]);
}

// Bars lie down, so that their names can be read; each starts where the last ends.
function layBars(model) {
    const { axes, series } = model;

    if (axes.y.scale !== "category") {
        countPlaces(model, "x");
        [axes.x, axes.y] = [axes.y, axes.x];
        for (const one of series)
            for (const point of one.points)
                [point.x, point.y] = [point.y, point.x];
    }
    axes.x.scale = "linear";
}

// The values of axis key that a range must hold.
function valuesAlong(model, key, hidden) {
    const shown = model.series.filter((one) => !hidden.has(one.name));
    const along = (key === "x") === model.alongX;

    if (STACKED.includes(model.kind) && along)
        return stackEnds(shown);
    const values = shown.flatMap((one) => one.points.flatMap((point) =>
        along ? [point[key], point.low, point.high] : [point[key]]));
    return along ? withoutCeilings(model, key, shown, values).concat(
        model.panel.bands.flatMap((band) => [band.low, band.high])) : values;
}

function withoutCeilings(model, key, shown, values) {
    const own = shown.filter((one) => one.role !== "floor")
        .flatMap((one) => one.points.map((point) => point[key] ?? -Infinity))
        .reduce((a, b) => Math.max(a, b), -Infinity);

    return own > 0 && model.kind === "lines"
        ? values.map((one) => one === null ? null : Math.min(one, CEILING * own)) : values;
}

// What lies left and right of zero is stacked apart.
function stackEnds(shown) {
    const sums = new Map();

    for (const one of shown)
        for (const { x, y } of one.points) {
            const sum = sums.get(y) || [0, 0];

            sum[Number(x > 0)] += x ?? 0;
            sums.set(y, sum);
        }
    return [...sums.values()].flat();
}

// Series of all panels, each once, floors last: the entries of the legend.
function legendEntries(models) {
    const found = new Map();

    for (const model of models)
        for (const one of model.series)
            if (!found.has(one.name))
                found.set(one.name, one);
    return [...found.values()].sort((a, b) =>
        Number(a.role === "floor") - Number(b.role === "floor"));
}

// The numbers of a panel as a table of text.
function panelTable(chart, model) {
    const has = (key) => model.series.some((one) => one.points.some((point) =>
        point[key] !== null));
    const columns = [chart.legend, model.axes.x.label, model.axes.y.label];
    const extra = ["low", "high", "value", "note"].filter(has);
    const along = model.alongX ? model.axes.x : model.axes.y;
    const cell = (point, key) => key === "note" ? point.note ?? ""
        : valueText(point[key], key === "value" ? chart.value?.format : along.format, 6);
    const place = (point, key) => point[key] === null ? "–"
        : axisText(point[key], model.axes[key], 6);
    const rows = model.series.flatMap((one) => one.points.map((point) =>
        [one.name, place(point, "x"), place(point, "y"),
            ...extra.map((key) => cell(point, key))]));

    return { columns: [...columns, ...extra.map((key) =>
        key === "value" && chart.value ? chart.value.label : key)], rows,
    numeric: columns.concat(extra).map((_, nr) => nr).filter((nr) =>
        nr > 0 && extra[nr - 3] !== "note") };
}
