// SPDX-License-Identifier: MIT
"use strict";

const WARNINGS_MAX = 4;
const NOTES_MAX = 2;

// What must be seen before any number: once, at the top of the page.
function loudBanners(places) {
    const several = places.length > 1;

    return places.flatMap((place) => place.loud.map((text) => el("p", { class: "loud",
        role: "note" }, several ? `${place.name}: ${text}` : text)));
}

function frontTable(table) {
    return el("div", null, el("h3", null, table.title),
        table.columns.length ? el("div", { class: "wide fit", tabindex: "0", role: "region",
            "aria-label": table.title },
        textTable(table.columns, table.rows, table.numeric)) : null,
        table.notes.map((note) => el("p", { class: "note" }, note)));
}

// Paragraphs; where there are more than @most, the last ones folded.
function folded(texts, kind, most, words) {
    const made = texts.map((text) => el("p", { class: kind }, text));

    if (made.length <= most)
        return made;
    return [...made.slice(0, most - 1), el("details", null,
        el("summary", null, `${made.length - most + 1} more ${words}`),
        made.slice(most - 1))];
}

function placeSection(place, nr, several) {
    return el("section", { id: `place-${nr + 1}`, tabindex: "-1" },
        several ? el("h2", null, place.name)
            : el("p", { class: "soft" }, place.name),
        place.tables.slice(0, 1).map(frontTable),
        folded(place.warnings, "warning", WARNINGS_MAX, "warnings"),
        place.tables.slice(1).map(frontTable),
        folded(place.notes, "note", NOTES_MAX, "notes on this run"));
}

function checksSection(tables) {
    return el("section", { id: "cross-checks", tabindex: "-1" },
        el("h2", null, "Cross-checks"), tables.map(frontTable));
}

function factsSection(places) {
    return el("section", { id: "machine", tabindex: "-1" },
        el("h2", null, "Machine and run"),
        places.map((place) => [places.length > 1 ? el("h3", null, place.name) : null,
            el("dl", null, place.facts.map(([key, value]) =>
                [el("dt", null, key), el("dd", null, String(value ?? ""))]))]));
}

// Links to the sections. The address keeps the filters, so they only scroll.
function contents(sections) {
    return el("ul", null, sections.map((section) => el("li", null,
        el("a", { href: `#${encodeURIComponent(section.id)}`, on: { click: (event) => {
            event.preventDefault();
            section.scrollIntoView();
            section.focus({ preventScroll: true });
        } } }, section.querySelector("h2").textContent))));
}
