// SPDX-License-Identifier: MIT
"use strict";

// A small picture of how a series is drawn.
function swatch(look) {
    const canvas = el("canvas", { "aria-hidden": "true", width: "68", height: "28" });

    canvas.style.width = "34px";
    canvas.style.height = "14px";
    drawSwatch(canvas.getContext("2d"), look, 2);
    return canvas;
}

function drawSwatch(ctx, look, zoom) {
    ctx.save();
    ctx.scale(zoom, zoom);
    ctx.strokeStyle = ctx.fillStyle = look.color;
    if (look.area) {
        ctx.fillRect(10, 1, 14, 12);
        ctx.restore();
        return;
    }
    ctx.lineWidth = look.width;
    ctx.setLineDash(look.dash);
    ctx.beginPath();
    ctx.moveTo(0, 7);
    ctx.lineTo(34, 7);
    ctx.stroke();
    ctx.setLineDash([]);
    ctx.lineWidth = 1.4;
    ctx.fillStyle = color("paper");
    if (look.radius > 2)
        Chart.helpers.drawPoint(ctx, { pointStyle: look.shape, rotation: look.turn,
            radius: Math.min(look.radius, 4.5), borderWidth: 1.4 }, 17, 7);
    ctx.restore();
}

function toggleSeries(section, name) {
    if (!section.hidden.delete(name))
        section.hidden.add(name);
    section.seriesChanged();
}

// Only this one; all of them where it already is the only one.
function onlySeries(section, names, name) {
    const alone = names.every((one) => section.hidden.has(one) === (one !== name));

    section.hidden = new Set(alone ? [] : names.filter((one) => one !== name));
    section.seriesChanged();
}

function legendButton(section, names, one) {
    const label = one.role === "floor" ? `floor: ${one.name}` : one.name;

    return el("button", { type: "button", "aria-pressed": String(!section.hidden.has(one.name)),
        "data-series": one.name,
        title: "click: show or hide; double click or Shift+Enter: only this",
        on: {
            click: () => toggleSeries(section, one.name),
            dblclick: () => onlySeries(section, names, one.name),
            keydown: (event) => {
                if (event.key !== "Enter" || !event.shiftKey)
                    return;
                event.preventDefault();
                onlySeries(section, names, one.name);
            },
        } }, swatch(seriesLook(section.styles, one)), el("span", null, label));
}

// Fills box; the buttons stay while the same series are there, so that the
// keyboard's place and the second click of a double click are not lost.
function fillLegend(section, box, models) {
    const entries = legendEntries(models);
    const names = entries.map((one) => one.name);
    const key = JSON.stringify([names, isDark()]);

    if (box.dataset.key === key) {
        for (const button of box.querySelectorAll("button"))
            button.setAttribute("aria-pressed",
                String(!section.hidden.has(button.dataset.series)));
        return;
    }
    box.dataset.key = key;
    box.replaceChildren(el("span", { class: "title" }, section.chart.legend),
        ...entries.map((one) => legendButton(section, names, one)));
}

// The colours of a heat map and what they stand for.
function heatLegend(section, low, high) {
    const format = section.chart.value?.format;
    const scale = el("div", { class: "scale" });
    const middle = section.isLog("value") ? Math.sqrt(low * high) : (low + high) / 2;

    scale.style.background = `linear-gradient(to right, ${RAMP.join(", ")})`;
    return el("div", { class: "ramp" }, el("span", null, section.chart.value?.label ?? ""),
        scale, el("div", { class: "ends" }, [low, middle, high].map((value) =>
            el("span", null, valueText(value, format, 3)))));
}
