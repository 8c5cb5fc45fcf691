// SPDX-License-Identifier: MIT
"use strict";

// Cividis in ten steps: even in lightness, the same to colour-blind readers.
const RAMP = ["#00224e", "#123570", "#3b496c", "#575d6d", "#707173",
    "#8a8678", "#a59c74", "#c3b369", "#e1cc55", "#fee838"];
const SHAPES = { o: "circle", s: "rect", "^": "triangle", D: "rectRot", v: "triangle",
    P: "cross", X: "crossRot", "<": "triangle", ">": "triangle", p: "star", h: "rectRounded" };
const TURNS = { v: 180, "<": -90, ">": 90 };
const THEMES = ["auto", "light", "dark"];
const darkQuery = window.matchMedia("(prefers-color-scheme: dark)");

const theme = { choice: "auto", printing: false, changed: [] };

function isDark() {
    if (theme.printing)
        return false;
    return theme.choice === "dark" || (theme.choice === "auto" && darkQuery.matches);
}

function applyTheme() {
    document.documentElement.dataset.theme = isDark() ? "dark" : "light";
    for (const act of theme.changed)
        act();
}

// Some browsers keep nothing for files opened from disk.
function keepTheme(choice) {
    try {
        localStorage.setItem("pagecopy-theme", choice);
    } catch {
        return;
    }
}

function keptTheme() {
    try {
        const kept = localStorage.getItem("pagecopy-theme");

        return THEMES.includes(kept) ? kept : "auto";
    } catch {
        return "auto";
    }
}

function themeSwitch() {
    const buttons = THEMES.map((choice) => toggleButton(choice, false,
        choice === "auto" ? "as the system is set" : null, () => {
            theme.choice = choice;
            keepTheme(choice);
            applyTheme();
        }));

    theme.changed.push(() => buttons.forEach((button, nr) =>
        button.setAttribute("aria-pressed", String(THEMES[nr] === theme.choice))));
    return el("div", { class: "parts", role: "group", "aria-label": "colours" }, buttons);
}

function color(name) {
    return getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim();
}

function channels(hex) {
    return [1, 3, 5].map((at) => parseInt(hex.slice(at, at + 2), 16));
}

function hex(parts) {
    return `#${parts.map((part) => Math.round(part).toString(16).padStart(2, "0")).join("")}`;
}

function mix(one, other, share) {
    const to = channels(other);

    return hex(channels(one).map((part, nr) => part + (to[nr] - part) * share));
}

function luminance(color) {
    const [r, g, b] = channels(color).map((part) => part / 255)
        .map((part) => part <= 0.03928 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4);

    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}

// As WCAG 2 defines it: 1 to 21.
function contrast(one, other) {
    const [dim, bright] = [luminance(one), luminance(other)].sort((a, b) => a - b);

    return (bright + 0.05) / (dim + 0.05);
}

// The palette is made for white; on dark paper a colour is lightened until it shows.
function onPaper(wanted) {
    const paper = color("paper");

    if (!isDark() || contrast(wanted, paper) >= 4)
        return wanted;
    if (luminance(wanted) < 0.01)
        return color("ink");
    for (let share = 0.1; share < 1; share += 0.1)
        if (contrast(mix(wanted, "#ffffff", share), paper) >= 4)
            return mix(wanted, "#ffffff", share);
    return "#ffffff";
}

function rampColor(share) {
    const at = Math.min(Math.max(share, 0), 1) * (RAMP.length - 1);
    const below = Math.min(Math.floor(at), RAMP.length - 2);

    return mix(RAMP[below], RAMP[below + 1], at - below);
}

// Lengths of a dash are in widths of the line, as in the static figures.
function dashes(look) {
    return look.dash.map((part) => part * Math.max(look.width * 0.75, 1.2));
}

// Parts that have an order are steps of the ramp, the ends of which the paper would hide left out.
function partColor(part) {
    if (typeof part === "string")
        return onPaper(part);
    return rampColor(isDark() ? 0.25 + 0.75 * part : 0.92 * part);
}

// How a series is drawn. Parts of a whole are areas, the rest lines and markers.
function seriesLook(styles, one) {
    const floor = styles.floor[one.name];
    const copy = styles.copy[one.name];

    if (one.role === "part")
        return { color: partColor(styles.part[one.name]), dash: [], width: 1, shape: "rect",
            turn: 0, radius: 5, area: true };
    if (one.role === "control")
        return { color: color("soft"), dash: [], width: 1.4, shape: "rectRot", turn: 0,
            radius: 4, area: false };
    if (one.role === "floor" && floor)
        return { color: onPaper(floor.color), dash: dashes(floor), width: 1.4,
            shape: "circle", turn: 0, radius: 1.5, area: false };
    return { color: onPaper(copy.color), dash: dashes(copy), width: copy.width * 0.75,
        shape: SHAPES[copy.marker] || "circle", turn: TURNS[copy.marker] || 0,
        radius: copy.size * 0.55, area: false };
}
