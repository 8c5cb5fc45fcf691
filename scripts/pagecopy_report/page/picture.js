// SPDX-License-Identifier: MIT
"use strict";

const PICTURE = { edge: 16, gap: 18, line: 15, head: 38, zoom: 2 };

// Saves all shown panels of a chart with its title, legend and caption as one PNG.
function savePicture(section) {
    section.drawAll();
    drawPicture(section).toBlob((blob) => saveFile(`${section.chart.name}.png`, blob), "image/png");
}

function drawPicture(section) {
    const views = [...section.views.values()];
    const wide = Math.max(...views.map((view) => view.canvas.clientWidth), 300);
    const columns = Math.min(views.length || 1, Math.max(1, Math.floor(1300 / wide)));
    const width = columns * (wide + PICTURE.gap) - PICTURE.gap + 2 * PICTURE.edge;
    const canvas = el("canvas", { width: String(width * PICTURE.zoom), height: "1" });
    const ctx = canvas.getContext("2d");
    const paint = () => paintPicture(ctx, section, views, { wide, columns, width });
    const height = paint();

    canvas.height = Math.ceil(height * PICTURE.zoom);
    ctx.scale(PICTURE.zoom, PICTURE.zoom);
    ctx.fillStyle = color("paper");
    ctx.fillRect(0, 0, width, height);
    paint();
    return canvas;
}

// Paints from top to bottom; the height that it took.
function paintPicture(ctx, section, views, size) {
    let y = PICTURE.edge;

    y = paintText(ctx, section.chart.title, y, size.width, 600, 17, "ink");
    for (const why of section.chart.untrue)
        y = paintText(ctx, why, y, size.width, 700, 12, "loud");
    y = paintEntries(ctx, section, y + 4, size.width);
    for (let from = 0; from < views.length; from += size.columns) {
        const row = views.slice(from, from + size.columns);

        row.forEach((view, nr) => paintPanel(ctx, view,
            PICTURE.edge + nr * (size.wide + PICTURE.gap), y, size.wide));
        y += PICTURE.head + Math.max(...row.map((view) => view.canvas.clientHeight))
            + PICTURE.gap;
    }
    for (const line of section.chart.caption)
        y = paintText(ctx, line, y, size.width, 400, 11, "soft");
    return y + PICTURE.edge;
}

function paintPanel(ctx, view, x, y, wide) {
    setFont(ctx, 600, 13, "ink");
    ctx.fillText(view.model.panel.title, x, y + 12, wide);
    setFont(ctx, 400, 11, "soft");
    ctx.fillText(view.model.panel.setting, x, y + 28, wide);
    ctx.drawImage(view.canvas, x, y + PICTURE.head, view.canvas.clientWidth,
        view.canvas.clientHeight);
}

function setFont(ctx, weight, size, ink) {
    ctx.font = `${weight} ${size}px ${Chart.defaults.font.family}`;
    ctx.fillStyle = color(ink);
}

function paintText(ctx, text, y, width, weight, size, ink) {
    let line = "";
    let at = y;
    const put = () => {
        at += size * 1.35;
        ctx.fillText(line, PICTURE.edge, at);
    };

    setFont(ctx, weight, size, ink);
    for (const word of text.split(" ")) {
        if (line && ctx.measureText(`${line} ${word}`).width > width - 2 * PICTURE.edge) {
            put();
            line = "";
        }
        line += line ? ` ${word}` : word;
    }
    put();
    return at + 4;
}

function paintEntries(ctx, section, y, width) {
    const shown = legendEntries([...section.views.values()].map((view) => view.model))
        .filter((one) => !section.hidden.has(one.name));
    let x = PICTURE.edge;
    let at = y;

    if (section.chart.kind === "heat")
        return paintRamp(ctx, section, y);
    for (const one of shown) {
        setFont(ctx, 400, 12, "ink");
        const long = 42 + ctx.measureText(one.name).width + 16;

        if (x + long > width - PICTURE.edge && x > PICTURE.edge) {
            x = PICTURE.edge;
            at += 20;
        }
        ctx.fillText(one.name, x + 42, at + 11);
        ctx.save();
        ctx.translate(x, at);
        drawSwatch(ctx, seriesLook(section.styles, one), 1);
        ctx.restore();
        x += long;
    }
    return at + 30;
}

function paintRamp(ctx, section, y) {
    const [low, high] = section.heatEnds;
    const format = section.chart.value?.format;

    for (let nr = 0; nr < 200; nr++) {
        ctx.fillStyle = rampColor(nr / 199);
        ctx.fillRect(PICTURE.edge + nr, y, 1.5, 11);
    }
    setFont(ctx, 400, 11, "soft");
    ctx.fillText(`${valueText(low, format, 3)} to ${valueText(high, format, 3)}, `
        + `${section.chart.value?.label ?? ""}`, PICTURE.edge + 210, y + 10);
    return y + 26;
}
