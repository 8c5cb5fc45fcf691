// SPDX-License-Identifier: MIT
"use strict";

// Pixels that a press must travel to be a drag; how near a point must be to be meant.
const DRAG_MIN = 8;
const NEAR_MAX = 60;

// Hover, dragging out a range, and the keys of one panel.
function pointAndZoom(view) {
    const drag = { from: null, box: null };

    listen(view.canvas, {
        pointerdown: (event) => {
            if (event.button === 0)
                drag.from = place(view, event);
        },
        pointermove: (event) => drag.from ? stretch(view, drag, event)
            : pointAt(view, place(view, event)),
        pointerup: (event) => release(view, drag, event),
        pointercancel: () => dropBox(drag),
        pointerleave: () => {
            if (!drag.box)
                unpoint(view);
        },
        dblclick: () => view.setZoom(null, null),
        keydown: (event) => key(view, event),
        blur: () => unpoint(view),
    });
}

// Where an event is on the canvas, in its pixels.
function place(view, event) {
    const box = view.canvas.getBoundingClientRect();

    return { x: event.clientX - box.left, y: event.clientY - box.top };
}

function stretch(view, drag, event) {
    const to = place(view, event);

    if (!view.drawing)
        return;
    if (!drag.box && Math.hypot(to.x - drag.from.x, to.y - drag.from.y) < DRAG_MIN)
        return;
    if (!drag.box) {
        drag.box = el("div", { class: "box" });
        view.plot.append(drag.box);
        view.canvas.setPointerCapture(event.pointerId);
        unpoint(view);
    }
    const { left, top, right, bottom } = dragged(view, drag.from, to);
    Object.assign(drag.box.style, { left: `${left}px`, top: `${top}px`,
        width: `${right - left}px`, height: `${bottom - top}px` });
}

// The part of the plot that is meant: a range of x, of y, or both.
function dragged(view, from, to) {
    const area = view.drawing.chartArea;
    const [wide, high] = [Math.abs(to.x - from.x), Math.abs(to.y - from.y)];
    const clamp = (value, low, high) => Math.min(Math.max(value, low), high);
    const ends = (key, low, high) => [from[key], to[key]].map((one) => clamp(one, low, high))
        .sort((a, b) => a - b);
    const all = { x: high > 3 * wide, y: wide > 3 * high };
    const [left, right] = all.x ? [area.left, area.right] : ends("x", area.left, area.right);
    const [top, bottom] = all.y ? [area.top, area.bottom] : ends("y", area.top, area.bottom);

    return { left, right, top, bottom, all };
}

function dropBox(drag) {
    drag.box?.remove();
    drag.box = drag.from = null;
}

function release(view, drag, event) {
    const box = drag.box && dragged(view, drag.from, place(view, event));

    dropBox(drag);
    if (!box) {
        pointAt(view, place(view, event));
        return;
    }
    const { x, y } = view.drawing.scales;
    const values = (scale, ends) => ends.map((end) => scale.getValueForPixel(end))
        .sort((a, b) => a - b);
    if (box.right - box.left < 3 || box.bottom - box.top < 3)
        return;
    view.setZoom(box.all.x ? view.zoom.x : values(x, [box.left, box.right]),
        box.all.y ? view.zoom.y : values(y, [box.top, box.bottom]));
}

// The point nearest to a pixel, and how far away it is.
function nearest(view, pixel) {
    const { x, y } = view.drawing.scales;
    let found = null;

    for (const one of view.drawnPoints()) {
        const far = Math.hypot(x.getPixelForValue(one.point.x) - pixel.x,
            y.getPixelForValue(one.point.y) - pixel.y);

        if (!found || far < found.far)
            found = { ...one, far };
    }
    return found;
}

// In a heat map the place itself is meant, in a bar the part that is pointed at.
function meant(view, pixel) {
    const { x, y } = view.drawing.scales;

    if (view.model.kind === "heat")
        return view.drawnPoints().find(({ point }) =>
            Math.round(x.getValueForPixel(pixel.x)) === point.x
            && Math.round(y.getValueForPixel(pixel.y)) === point.y);
    if (STACKED.includes(view.model.kind)) {
        const row = Math.round(y.getValueForPixel(pixel.y));
        const hit = view.drawing.getElementsAtEventForMode({ ...pixel, type: "mousemove",
            native: true, chart: view.drawing }, "point", { intersect: true }, false)[0];
        const parts = view.drawnPoints().filter(({ point }) => point.y === row);

        return parts.find(({ one }) => one === view.model.series[hit?.datasetIndex])
            || parts[0];
    }
    const found = nearest(view, pixel);
    return found && found.far <= NEAR_MAX ? found : null;
}

function pointAt(view, pixel) {
    const area = view.drawing?.chartArea;
    const inside = area && pixel.x >= area.left - 4 && pixel.x <= area.right + 4
        && pixel.y >= area.top - 4 && pixel.y <= area.bottom + 4;

    setCursor(view, inside ? meant(view, pixel) : null);
}

function setCursor(view, found) {
    if (found?.point === view.cursor?.point && Boolean(found) === Boolean(view.cursor))
        return;
    view.cursor = found || null;
    view.drawing?.draw();
    if (found)
        showHover(view, found);
    else
        hideHover();
}

function unpoint(view) {
    setCursor(view, null);
}

function key(view, event) {
    const steps = { ArrowRight: [0, 1], ArrowLeft: [0, -1], ArrowDown: [1, 0], ArrowUp: [-1, 0] };
    const zooms = { "+": 0.5, "=": 0.5, "-": 2 };

    if (!view.drawing || event.ctrlKey || event.metaKey || event.altKey)
        return;
    if (steps[event.key])
        step(view, ...steps[event.key]);
    else if (zooms[event.key])
        zoomBy(view, zooms[event.key]);
    else if (event.key === "0")
        view.setZoom(null, null);
    else if (event.key === "Escape")
        unpoint(view);
    else
        return;
    event.preventDefault();
}

// Along the points of a series, or to the same place of another.
function step(view, series, along) {
    const lists = view.shownSeries().map((one) =>
        one.points.filter((point) => view.isDrawn(point)).map((point) => ({ one, point })))
        .filter((list) => list.length);
    const now = lists.findIndex((list) => list[0].one === view.cursor?.one);

    if (!lists.length)
        return;
    if (now < 0) {
        setCursor(view, lists[0][0]);
        return;
    }
    const list = lists[(now + series + lists.length) % lists.length];
    const at = lists[now].findIndex(({ point }) => point === view.cursor.point) + along;
    setCursor(view, list[Math.min(Math.max(at, 0), list.length - 1)]);
}

// Around the point that is pointed at, else around the middle.
function zoomBy(view, factor) {
    const part = (name) => {
        const scale = view.drawing.scales[name];
        const log = view.axis(name).scale === "log";
        const to = log ? Math.log : (value) => value;
        const back = log ? Math.exp : (value) => value;
        const [low, high] = [to(scale.min), to(scale.max)];
        const middle = view.cursor ? to(view.cursor.point[name]) : (low + high) / 2;

        return [back(middle - (middle - low) * factor), back(middle + (high - middle) * factor)];
    };

    view.setZoom(part("x"), part("y"));
}
