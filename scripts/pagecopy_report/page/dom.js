// SPDX-License-Identifier: MIT
"use strict";

// An element with attributes and children. Children that are not elements become
// text: nothing from the data is ever read as markup. Listeners are under "on".
function el(tag, attributes, ...children) {
    const made = document.createElement(tag);

    for (const [key, value] of Object.entries(attributes || {})) {
        if (value === null || value === undefined || value === false)
            continue;
        if (key === "on")
            listen(made, value);
        else
            made.setAttribute(key, value === true ? "" : String(value));
    }
    for (const child of children.flat(2))
        if (child !== null && child !== undefined)
            made.append(child instanceof Node ? child : String(child));
    return made;
}

function listen(target, handlers) {
    for (const [name, handler] of Object.entries(handlers))
        target.addEventListener(name, handler);
}

function byId(id) {
    return document.getElementById(id);
}

// A table of text; numeric names the columns that are set to the right.
function textTable(columns, rows, numeric) {
    const right = new Set(numeric || []);
    const kind = (nr) => right.has(nr) ? "n" : null;

    return el("table", null,
        el("thead", null, el("tr", null, columns.map((name, nr) =>
            el("th", { scope: "col", class: kind(nr) }, name)))),
        el("tbody", null, rows.map((row) => el("tr", null, row.map((cell, nr) =>
            el("td", { class: kind(nr), title: longText(cell) }, cell))))));
}

// What may not fit into a cell can be read by pointing at it.
function longText(value) {
    const text = String(value ?? "");

    return text.length > 40 ? text : null;
}

// Gives the browser a file made here.
function saveFile(name, blob) {
    const url = URL.createObjectURL(blob);
    const link = el("a", { href: url, download: name });

    document.body.append(link);
    link.click();
    link.remove();
    setTimeout(() => URL.revokeObjectURL(url), 10000);
}

function toggleButton(label, pressed, title, act) {
    return el("button", { type: "button", "aria-pressed": String(pressed), title,
        on: { click: act } }, label);
}
