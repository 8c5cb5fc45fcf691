// SPDX-License-Identifier: MIT
"use strict";

// One panel on the page: its canvas, and the chart on it once it is near the window.
class PanelView {
    constructor(section, panel) {
        this.section = section;
        this.model = panelModel(section.chart, panel);
        this.zoom = { x: null, y: null };
        this.cursor = null;
        this.drawing = null;
        this.canvas = el("canvas", { role: "img", tabindex: "0",
            "aria-label": this.description() });
        this.none = el("div", { class: "none", hidden: true }, "not measured");
        this.lost = el("p", { class: "lost", hidden: true });
        this.plot = el("div", { class: "plot" }, this.canvas, this.none);
        this.plot.style.height = `${this.height()}px`;
        this.element = el("figure", { class: "panel" },
            el("figcaption", null, el("b", null, panel.title),
                el("span", { class: "setting" }, panel.setting)),
            this.plot, this.lost, this.numbers());
        pointAndZoom(this);
    }

    description() {
        const { panel, axes, series, kind } = this.model;
        const bands = panel.bands.map((band) => `; band: ${band.name}`).join("");

        return `${this.section.chart.title}: ${panel.title}; ${panel.setting}. ${axes.y.label} `
            + `against ${axes.x.label}, ${kind}, of ${series.map((one) => one.name).join(", ")}`
            + `${bands}. Arrow keys go from point to point, + and - zoom, 0 shows all; the `
            + "numbers follow as a table.";
    }

    height() {
        const { kind, axes, series } = this.model;
        const lines = axes.y.names.length;

        if (axes.y.scale !== "category")
            return 270;
        if (kind === "heat")
            return Math.max(170, 70 + 30 * lines);
        // Of a forest: a line for each series.
        return Math.min(1600, 80 + (STACKED.includes(kind) ? 26
            : Math.max(22, 13 * series.length)) * lines);
    }

    numbers() {
        const details = el("details", null, el("summary", null, "numbers"));

        details.addEventListener("toggle", () => {
            if (!details.open || details.children.length > 1)
                return;
            const { columns, rows, numeric } = panelTable(this.section.chart, this.model);
            details.append(el("div", { class: "wide", tabindex: "0", role: "region",
                "aria-label": "numbers" }, textTable(columns, rows, numeric)));
        });
        return details;
    }

    look(one) {
        return seriesLook(this.section.styles, one);
    }

    isShown(one) {
        return !this.section.hidden.has(one.name);
    }

    shownSeries() {
        return this.model.series.filter((one) => this.isShown(one));
    }

    // The axis as the reader has switched it.
    axis(key) {
        const axis = this.model.axes[key];

        return { ...axis, scale: this.section.scaleOf(axis, key) };
    }

    // Whether a point has a place on the axes as they are.
    isDrawn(point) {
        return ["x", "y"].every((key) => point[key] !== null
            && (this.axis(key).scale !== "log" || point[key] > 0));
    }

    // What stands for zero and less where there is none.
    least(chart) {
        const key = this.model.alongX ? "x" : "y";

        return this.axis(key).scale === "log" ? chart.scales[key].min : -Infinity;
    }

    drawnPoints() {
        return this.shownSeries().flatMap((one) =>
            one.points.filter((point) => this.isDrawn(point))
                .map((point) => ({ one, point })));
    }

    dataset(one, order) {
        const look = this.look(one);
        const bars = STACKED.includes(this.model.kind);
        const data = one.points.map((point) => this.isDrawn(point)
            ? { x: point.x, y: point.y } : { x: point.x, y: null });

        return {
            label: one.name, data, order, hidden: !this.isShown(one),
            borderColor: bars ? color("paper") : look.color, borderWidth: look.width,
            borderDash: look.dash, backgroundColor: bars ? look.color : color("paper"),
            pointBackgroundColor: one.role === "floor" ? look.color : color("paper"),
            pointBorderColor: look.color, pointBorderWidth: 1.4,
            pointStyle: look.shape, pointRotation: look.turn,
            pointRadius: this.model.kind === "heat" ? 0
                : this.model.kind === "dots" ? Math.min(look.radius, 3) : look.radius,
            pointHitRadius: 0, pointHoverRadius: look.radius,
            showLine: this.model.kind === "lines", spanGaps: false, tension: 0,
            barPercentage: 0.82, categoryPercentage: 1, maxBarThickness: 30,
        };
    }

    scale(key) {
        const axis = this.axis(key);
        const [min, max] = this.zoom[key] || this.section.range(this, key);
        const names = axis.scale === "category";

        return {
            type: axis.scale === "log" ? "logarithmic" : "linear", min, max, bounds: "data",
            stacked: STACKED.includes(this.model.kind), reverse: names && key === "y",
            offset: false,
            title: { display: axis.label !== "", text: axis.label, color: color("soft"),
                font: { size: 11.5 }, padding: 2 },
            grid: { color: color("grid"), borderColor: color("rule"), drawTicks: false,
                display: !names || this.model.kind === "forest" },
            ticks: { color: color("soft"), padding: 5, autoSkip: !names || key === "x",
                maxRotation: names ? 50 : 0, autoSkipPadding: 8, font: { size: 11 },
                callback: (value) => tickText(value, axis) },
            afterBuildTicks: (scale) => {
                scale.ticks = axisTicks(axis, scale.min, scale.max, key)
                    .map((value) => ({ value }));
            },
        };
    }

    options() {
        return {
            responsive: true, maintainAspectRatio: false, animation: false, parsing: false,
            normalized: false, events: [], layout: { padding: { right: 8, top: 4 } },
            indexAxis: STACKED.includes(this.model.kind) ? "y" : "x",
            plugins: { legend: { display: false }, tooltip: { enabled: false } },
            scales: { x: this.scale("x"), y: this.scale("y") },
        };
    }

    datasets() {
        return this.model.series.map((one, nr) => this.dataset(one, nr));
    }

    draw() {
        const shown = this.drawnPoints();

        this.tellLost();
        this.none.hidden = shown.length > 0;
        this.canvas.classList.toggle("zoomed", this.isZoomed());
        if (!this.drawing) {
            this.drawing = new Chart(this.canvas, {
                type: STACKED.includes(this.model.kind) ? "bar" : "line",
                data: { datasets: this.datasets() }, options: this.options(),
                plugins: plugins(this) });
            return;
        }
        this.drawing.data.datasets = this.datasets();
        this.drawing.options = this.options();
        this.drawing.update("none");
    }

    tellLost() {
        const lost = this.shownSeries().flatMap((one) => one.points).filter((point) =>
            point.x !== null && point.y !== null && !this.isDrawn(point)).length;

        this.lost.hidden = lost === 0;
        this.lost.textContent = `${lost} ${lost === 1 ? "point is" : "points are"} zero or `
            + "less: not on a logarithmic scale.";
    }

    isZoomed() {
        return Boolean(this.zoom.x || this.zoom.y);
    }

    // Shows a part of an axis; null shows all of it again.
    setZoom(x, y) {
        this.zoom = { x, y };
        this.draw();
        this.section.updateTools();
    }

    refresh() {
        if (this.drawing)
            this.draw();
    }

    remove() {
        this.drawing?.destroy();
        this.drawing = null;
        this.element.remove();
    }
}
