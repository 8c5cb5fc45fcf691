// SPDX-License-Identifier: MIT
"use strict";

// What the chart library lacks: bands, ranges, heat maps, a mark for untrue times.
// Each is drawn from the view of the panel, of which the chart holds only points.

function onPlot(chart, draw) {
    const { left, top, width, height } = chart.chartArea;

    chart.ctx.save();
    chart.ctx.beginPath();
    chart.ctx.rect(left, top, width, height);
    chart.ctx.clip();
    draw(chart.ctx, chart.chartArea);
    chart.ctx.restore();
}

function drawBands(view, chart) {
    const axis = view.model.alongX ? chart.scales.x : chart.scales.y;

    onPlot(chart, (ctx, area) => {
        for (const band of view.model.panel.bands) {
            const ends = [band.low, band.high].map((one) => axis.getPixelForValue(one));
            const [from, to] = ends.sort((a, b) => a - b);

            ctx.fillStyle = color("soft");
            ctx.globalAlpha = 0.2;
            if (view.model.alongX)
                ctx.fillRect(from, area.top, Math.max(to - from, 1), area.height);
            else
                ctx.fillRect(area.left, from, area.width, Math.max(to - from, 1));
        }
    });
}

// The line of no difference.
function drawOne(view, chart) {
    if (view.model.kind !== "forest")
        return;
    onPlot(chart, (ctx, area) => {
        const axis = view.model.alongX ? chart.scales.x : chart.scales.y;
        const at = axis.getPixelForValue(1);

        ctx.strokeStyle = color("soft");
        ctx.lineWidth = 1;
        ctx.beginPath();
        ctx.moveTo(...view.model.alongX ? [at, area.top] : [area.left, at]);
        ctx.lineTo(...view.model.alongX ? [at, area.bottom] : [area.right, at]);
        ctx.stroke();
    });
}

function rangesOf(view, one) {
    return one.points.filter((point) => point.low !== null && point.high !== null
        && view.isDrawn(point));
}

// Floors have none, as in the static figures: they are there to be compared with.
function drawRanges(view, chart) {
    const shown = view.shownSeries().filter((one) => one.role !== "floor");
    const areas = view.model.kind === "lines" && shown.length <= AREAS_MAX;

    if (view.model.kind === "heat" || STACKED.includes(view.model.kind))
        return;
    onPlot(chart, (ctx) => shown.forEach((one) => {
        const look = view.look(one);
        const points = rangesOf(view, one);

        ctx.strokeStyle = ctx.fillStyle = look.color;
        if (areas && points.length > 1)
            drawArea(ctx, view, chart, points);
        else
            points.forEach((point) => drawWhisker(ctx, view, chart, point));
    }));
}

function drawArea(ctx, view, chart, points) {
    const { x, y } = chart.scales;
    const low = view.least(chart);

    ctx.globalAlpha = isDark() ? 0.2 : 0.14;
    ctx.beginPath();
    for (const point of points)
        ctx.lineTo(x.getPixelForValue(point.x), y.getPixelForValue(point.high));
    for (const point of [...points].reverse())
        ctx.lineTo(x.getPixelForValue(point.x),
            y.getPixelForValue(Math.max(point.low, low)));
    ctx.fill();
    ctx.globalAlpha = 1;
}

function drawWhisker(ctx, view, chart, point) {
    const { x, y } = chart.scales;
    const ends = [Math.max(point.low, view.least(chart)), point.high];

    ctx.lineWidth = 1.5;
    ctx.beginPath();
    for (const end of ends)
        ctx.lineTo(x.getPixelForValue(view.model.alongX ? end : point.x),
            y.getPixelForValue(view.model.alongX ? point.y : end));
    ctx.stroke();
}

// The rectangle of a place of the heat map, in pixels.
function heatCell(chart, point) {
    const { x, y } = chart.scales;
    const [left, right] = [-0.5, 0.5].map((d) => x.getPixelForValue(point.x + d))
        .sort((a, b) => a - b);
    const [top, bottom] = [-0.5, 0.5].map((d) => y.getPixelForValue(point.y + d))
        .sort((a, b) => a - b);

    return { left, top, width: right - left, height: bottom - top };
}

function drawHeat(view, chart) {
    if (view.model.kind !== "heat")
        return;
    onPlot(chart, (ctx) => view.shownSeries().forEach((one) => one.points.forEach((point) => {
        const cell = heatCell(chart, point);

        if (point.value === null || point.x === null || point.y === null)
            return;
        const fill = view.section.heatColor(point.value);
        ctx.fillStyle = fill;
        ctx.fillRect(cell.left + 0.5, cell.top + 0.5, cell.width - 1, cell.height - 1);
        if (cell.width < 30 || cell.height < 13)
            return;
        ctx.fillStyle = contrast(fill, "#ffffff") > 4.5 ? "#ffffff" : "#000000";
        ctx.font = `${cell.width < 44 ? 9 : 11}px ${Chart.defaults.font.family}`;
        ctx.textAlign = "center";
        ctx.textBaseline = "middle";
        ctx.fillText(valueText(point.value, view.section.chart.value?.format, 3),
            cell.left + cell.width / 2, cell.top + cell.height / 2, cell.width - 4);
    })));
}

function drawMark(view, chart) {
    if (!view.section.chart.untrue.length)
        return;
    onPlot(chart, (ctx, area) => {
        ctx.translate(area.left + area.width / 2, area.top + area.height / 2);
        ctx.rotate(-0.45);
        ctx.fillStyle = color("loud");
        ctx.globalAlpha = isDark() ? 0.4 : 0.2;
        ctx.font = `700 ${Math.min(36, area.width / 8)}px ${Chart.defaults.font.family}`;
        ctx.textAlign = "center";
        ctx.fillText("NOT A RESULT", 0, 0);
    });
}

// The point under the pointer or the keyboard.
function drawCursor(view, chart) {
    const point = view.cursor?.point;

    if (!point)
        return;
    onPlot(chart, (ctx, area) => {
        const x = chart.scales.x.getPixelForValue(point.x);
        const y = chart.scales.y.getPixelForValue(point.y);

        ctx.strokeStyle = color("ink");
        ctx.lineWidth = 1;
        if (view.model.kind === "heat") {
            const cell = heatCell(chart, point);

            ctx.lineWidth = 2;
            ctx.strokeRect(cell.left + 1, cell.top + 1, cell.width - 2, cell.height - 2);
            return;
        }
        if (view.model.kind === "lines") {
            ctx.globalAlpha = 0.35;
            ctx.beginPath();
            ctx.moveTo(x, area.top);
            ctx.lineTo(x, area.bottom);
            ctx.stroke();
            ctx.globalAlpha = 1;
        }
        if (STACKED.includes(view.model.kind))
            return;
        ctx.beginPath();
        ctx.arc(x, y, 7, 0, 2 * Math.PI);
        ctx.stroke();
    });
}

function plugins(view) {
    return [{
        id: "pagecopy",
        beforeDraw: (chart) => drawBands(view, chart),
        beforeDatasetsDraw: (chart) => {
            drawOne(view, chart);
            drawHeat(view, chart);
            drawRanges(view, chart);
        },
        afterDatasetsDraw: (chart) => {
            drawMark(view, chart);
            drawCursor(view, chart);
        },
    }];
}
