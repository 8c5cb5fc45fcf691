// SPDX-License-Identifier: MIT
"use strict";

const PAGE_ROWS = 100;
const PRINT_ROWS = 60;

// The table of all cells: sorted, searched and filtered here, shown a page at a time.
class CellTable {
    constructor(cells) {
        this.columns = cells.columns;
        this.rows = cells.rows;
        this.said = cells.said;
        this.texts = null;
        this.shown = [];
        this.page = 0;
        this.search = el("input", { type: "search", placeholder: "search: words, all of them",
            "aria-label": "search the cells", on: { input: () => this.typed() } });
        this.count = el("span", { class: "soft", role: "status" });
        this.before = this.pager("◀", "page before", -1);
        this.after = this.pager("▶", "next page", 1);
        this.save = el("button", { type: "button", title: "what is shown, all pages of it",
            on: { click: () => saveFile("cells.csv",
                new Blob([this.csv()], { type: "text/csv;charset=utf-8" })) } }, "save CSV");
        this.heads = this.columns.map((column) => this.head(column));
        this.body = el("tbody");
        this.scroller = el("div", { class: "wide", tabindex: "0", role: "region",
            "aria-label": "all cells" }, el("table", null,
            el("thead", null, el("tr", null, this.heads)), this.body));
        this.element = el("section", { id: "all-cells", tabindex: "-1" },
            el("h2", null, "All cells"), el("p", { class: "soft" }, this.said),
            el("div", { class: "bar" }, this.search, this.before, this.after, this.save),
            this.count, this.scroller);
        state.changed.push(() => this.update());
    }

    pager(label, name, by) {
        return el("button", { type: "button", "aria-label": name, title: name, on: {
            click: () => {
                this.page += by;
                this.fill();
                this.scroller.scrollTop = 0;
            } } }, label);
    }

    head(column) {
        return el("th", { scope: "col", class: column.number ? "n" : null },
            el("button", { type: "button", "data-key": column.key, title: column.key,
                on: { click: () => this.sortBy(column.key) } }, column.label));
    }

    typed() {
        clearTimeout(this.timer);
        this.timer = setTimeout(() => {
            state.search = this.search.value;
            writeAddress();
            this.update();
        }, 120);
    }

    // Up, then down, then as it came.
    sortBy(key) {
        if (state.sort !== key)
            [state.sort, state.down] = [key, false];
        else if (!state.down)
            state.down = true;
        else
            [state.sort, state.down] = [null, false];
        writeAddress();
        this.update();
    }

    text(value, column) {
        if (value === null || value === "")
            return "";
        return column.number ? valueText(value, column.format, 5) : String(value);
    }

    // What a search looks at: the values as they are and as they are shown.
    searchable() {
        if (!this.texts)
            this.texts = this.rows.map((row) => row.map((value, at) => value === null ? ""
                : typeof value === "number" ? `${value} ${this.text(value, this.columns[at])}`
                    : value).join("\n").toLowerCase());
        return this.texts;
    }

    matching() {
        const words = state.search.toLowerCase().split(/\s+/).filter(Boolean);
        const texts = words.length ? this.searchable() : null;
        const wanted = this.columns.map((column) => state.filters[column.key]);

        return this.rows.map((_, nr) => nr).filter((nr) =>
            wanted.every((value, at) => value === undefined
                || tagText(this.rows[nr][at]) === value)
            && words.every((word) => texts[nr].includes(word)));
    }

    update() {
        const at = this.columns.findIndex((column) => column.key === state.sort);
        const lacks = (nr) => this.rows[nr][at] === null || this.rows[nr][at] === "";

        this.shown = this.matching();
        if (at >= 0)
            this.shown.sort((a, b) => lacks(a) || lacks(b) ? lacks(a) - lacks(b)
                : (state.down ? -1 : 1) * compareCells(this.rows[a][at], this.rows[b][at])
                    || a - b);
        this.page = 0;
        if (document.activeElement !== this.search)
            this.search.value = state.search;
        this.heads.forEach((head, nr) => {
            head.setAttribute("aria-sort", nr !== at ? "none"
                : state.down ? "descending" : "ascending");
            head.firstChild.textContent = this.columns[nr].label
                + (nr !== at ? "" : state.down ? " ▼" : " ▲");
        });
        this.fill();
    }

    fill(rows = PAGE_ROWS) {
        const pages = Math.max(1, Math.ceil(this.shown.length / PAGE_ROWS));

        this.page = Math.min(Math.max(this.page, 0), pages - 1);
        const from = this.page * PAGE_ROWS;
        const part = this.shown.slice(from, from + rows);
        this.body.replaceChildren(...part.map((nr) => this.row(this.rows[nr])));
        this.before.disabled = this.page === 0;
        this.after.disabled = this.page === pages - 1;
        this.count.textContent = `${this.shown.length.toLocaleString("en-US")} of `
            + `${this.rows.length.toLocaleString("en-US")} cells`
            + (this.shown.length > part.length && part.length
                ? `; shown: ${(from + 1).toLocaleString("en-US")} to `
                + `${(from + part.length).toLocaleString("en-US")}` : "");
    }

    row(values) {
        return el("tr", null, this.columns.map((column, at) => {
            const text = this.text(values[at], column);

            return el("td", { class: column.number ? "n" : null, title: longText(text) }, text);
        }));
    }

    // RFC 4180, with the keys as the header and the values as they are.
    csv() {
        const lines = [this.columns.map((column) => csvField(column.key)),
            ...this.shown.map((nr) => this.rows[nr].map(csvField))];

        return lines.map((line) => `${line.join(",")}\r\n`).join("");
    }
}

const cellOrder = new Intl.Collator("en", { numeric: true });

function compareCells(a, b) {
    return typeof a === "number" && typeof b === "number" ? a - b
        : cellOrder.compare(String(a), String(b));
}

// Text that a spreadsheet would take for a formula gets an apostrophe before it.
function csvField(value) {
    if (value === null)
        return "";
    if (typeof value === "number")
        return String(value);
    const text = /^[=+\-@\t\r]./s.test(value) ? `'${value}` : String(value);

    return /[",\r\n]|^\s|\s$/.test(text) ? `"${text.replaceAll("\"", "\"\"")}"` : text;
}
