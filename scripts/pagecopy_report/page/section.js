// SPDX-License-Identifier: MIT
"use strict";

// More panels than this are drawn only when asked for.
const PANELS_MAX = 24;
// What the caption of a chart further up has said.
const told = new Set();

// One chart: its heading, tools, legend, and those of its panels that are shown.
class ChartSection {
    constructor(chart, styles, files) {
        Object.assign(this, { chart, styles, views: new Map(), hidden: new Set(),
            scales: {}, oneScale: true, all: false, ranges: new Map() });
        this.legend = el("div", { class: "legend", role: "group", "aria-label": chart.legend });
        this.grid = el("div", { class: "panels" });
        this.none = el("p", { class: "soft", hidden: true });
        this.more = el("button", { type: "button", class: "more", on: { click: () => {
            this.all = !this.all;
            this.update();
        } } });
        if (["forest", "bars", "histogram"].includes(chart.kind))
            this.grid.style.setProperty("--least", "460px");
        this.watch = new IntersectionObserver((seen) => this.reveal(seen),
            { rootMargin: "500px" });
        this.makeTools(files);
        this.element = el("section", { id: `chart-${chart.name}`, tabindex: "-1",
            "aria-label": chart.title }, el("h2", null, chart.title),
        chart.untrue.map((why) => el("p", { class: "loud" }, why)),
        this.tools, this.legend, this.grid, this.none, this.more, this.caption());
        theme.changed.push(() => this.refresh());
        state.changed.push(() => this.update());
    }

    caption() {
        const left = this.chart.left_out.length
            ? [`Measured but not drawn: ${this.chart.left_out.join(", ")}.`] : [];

        const lines = [...this.chart.caption, ...left];
        const again = lines.filter((line) => told.has(line));
        const news = lines.filter((line) => !told.has(line));

        lines.forEach((line) => told.add(line));
        return el("div", { class: "caption" }, news.map((line) => el("p", null, line)),
            again.length ? el("details", null, el("summary", null, "as said above"),
                again.map((line) => el("p", null, line))) : null);
    }

    makeTools(files) {
        this.switches = ["y", "x", "value"].map((key) => [key, toggleButton("", false,
            "logarithmic or linear", () => this.switchScale(key))]);
        this.share = toggleButton("same scales", true, "the same axes in like panels", () => {
            this.oneScale = !this.oneScale;
            this.refresh();
        });
        this.reset = el("button", { type: "button", on: { click: () => this.resetZoom() } },
            "reset zoom");
        const save = el("button", { type: "button", title: "the panels as they are shown",
            on: { click: () => savePicture(this) } }, "save PNG");
        const links = ["svg", "png"].map((kind) => `${this.chart.name}.${kind}`)
            .filter((name) => !files || files.includes(name))
            .map((name) => el("a", { href: `./${encodeURIComponent(name)}`,
                title: "the static figure beside this page" }, name));

        this.tools = el("div", { class: "tools" }, this.switches.map(([, button]) => button),
            this.share, this.reset, el("span", { class: "push" }), save, links);
    }

    // How an axis is scaled: as defined, until the reader switches it.
    scaleOf(axis, key) {
        return axis.scale === "category" ? axis.scale : this.scales[key] || axis.scale;
    }

    // What key is scaled as in the first panel; null if there is nothing to switch.
    scaleNow(key) {
        const first = [...this.views.values()][0];

        if (STACKED.includes(this.chart.kind) || !first)
            return null;
        if (key === "value")
            return this.chart.kind === "heat" && this.chart.value
                ? this.scaleOf(this.chart.value, key) : null;
        const scale = first.axis(key).scale;
        return scale === "category" ? null : scale;
    }

    isLog(key) {
        return this.scaleNow(key) === "log";
    }

    switchScale(key) {
        this.scales[key] = this.isLog(key) ? "linear" : "log";
        for (const view of this.views.values())
            view.zoom = { x: null, y: null };
        this.refresh();
    }

    resetZoom() {
        for (const view of this.views.values())
            if (view.isZoomed())
                view.setZoom(null, null);
    }

    // The ends of an axis: those of all like panels, or of this one alone.
    range(view, key) {
        const axis = view.axis(key);
        const like = (other) => other.model.panel.title === view.model.panel.title
            && other.axis(key).label === axis.label && other.axis(key).scale === axis.scale;
        const alone = !this.oneScale || axis.scale === "category";
        const group = alone ? [view] : [...this.views.values()].filter(like);
        const id = alone ? null : JSON.stringify([key, view.model.panel.title, axis.label]);

        if (alone || !this.ranges.has(id)) {
            const values = group.flatMap((one) => valuesAlong(one.model, key, this.hidden));
            const range = axisRange(values, axis, STACKED.includes(this.chart.kind),
                (key === "x") === view.model.alongX);

            if (alone)
                return range;
            this.ranges.set(id, range);
        }
        return this.ranges.get(id);
    }

    heatRange() {
        const values = [...this.views.values()].flatMap((view) => view.shownSeries()
            .flatMap((one) => one.points.map((point) => point.value)))
            .filter((one) => one !== null && (one > 0 || !this.isLog("value")));

        return [values.reduce((a, b) => Math.min(a, b), Infinity),
            values.reduce((a, b) => Math.max(a, b), -Infinity)];
    }

    heatColor(value) {
        const [low, high] = this.heatEnds.map((one) => this.isLog("value") ? Math.log(one) : one);
        const at = this.isLog("value") ? Math.log(value) : value;

        return rampColor(high > low ? (at - low) / (high - low) : 0.5);
    }

    wanted() {
        const matching = this.chart.panels.filter(panelMatches);
        const first = matching.filter((panel) => panel.first);
        const some = isFiltered() || !first.length ? matching.slice(0, PANELS_MAX) : first;

        return { matching, shown: this.all ? matching : some };
    }

    // Shows the panels that the filters and the reader want.
    update() {
        const { matching, shown } = this.wanted();

        for (const [panel, view] of this.views)
            if (!shown.includes(panel)) {
                this.watch.unobserve(view.element);
                view.remove();
                this.views.delete(panel);
            }
        for (const panel of shown)
            if (!this.views.has(panel))
                this.views.set(panel, new PanelView(this, panel));
        this.views = new Map(shown.map((panel) => [panel, this.views.get(panel)]));
        for (const view of this.views.values()) {
            this.grid.append(view.element);
            this.watch.observe(view.element);
        }
        this.grid.classList.toggle("one", shown.length === 1);
        this.tellMore(matching.length, shown.length);
        this.refresh();
    }

    tellMore(matching, shown) {
        const every = this.chart.panels.length;

        this.none.hidden = matching > 0;
        this.none.textContent = every ? `None of the ${every} panels of this chart matches the `
            + "filters." : "Nothing was measured for this chart.";
        this.more.hidden = !this.all && matching === shown;
        this.more.textContent = this.all ? "show fewer panels"
            : `show all ${matching} panels`;
    }

    reveal(seen) {
        for (const { isIntersecting, target } of seen) {
            const view = [...this.views.values()].find((one) => one.element === target);

            if (isIntersecting && view && !view.drawing)
                view.draw();
        }
    }

    drawAll() {
        for (const view of this.views.values())
            view.draw();
    }

    refresh() {
        this.ranges.clear();
        if (this.chart.kind === "heat")
            this.heatEnds = this.heatRange();
        for (const view of this.views.values())
            view.refresh();
        this.updateLegend();
        this.updateTools();
    }

    seriesChanged() {
        hideHover();
        for (const view of this.views.values())
            view.cursor = null;
        this.refresh();
    }

    updateLegend() {
        const models = [...this.views.values()].map((view) => view.model);

        if (this.chart.kind !== "heat") {
            fillLegend(this, this.legend, models);
            return;
        }
        const [low, high] = this.heatEnds;
        this.legend.replaceChildren(...low <= high ? [heatLegend(this, low, high)] : []);
    }

    updateTools() {
        const words = { x: "x", y: "y", value: "colours" };

        for (const [key, button] of this.switches) {
            const scale = this.scaleNow(key);

            button.hidden = !scale;
            button.textContent = `${words[key]}: ${scale}`;
            button.setAttribute("aria-pressed", String(scale === "log"));
            button.dataset.axis = key;
        }
        this.share.hidden = this.views.size < 2 || this.chart.kind === "heat";
        this.share.setAttribute("aria-pressed", String(this.oneScale));
        this.reset.disabled = ![...this.views.values()].some((view) => view.isZoomed());
    }
}
