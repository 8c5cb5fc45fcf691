// SPDX-License-Identifier: MIT
"use strict";

const SIZE_UNITS = [[2 ** 30, "G"], [2 ** 20, "M"], [2 ** 10, "K"]];
const TIME_UNITS = [[1e9, "s"], [1e6, "ms"], [1e3, "µs"], [1, "ns"]];

// 64, 4K, 2M; a size that is not whole in K stays in bytes.
function sizeText(bytes) {
    for (const [unit, letter] of SIZE_UNITS)
        if (Math.abs(bytes) >= unit && bytes % unit === 0)
            return `${bytes / unit}${letter}`;
    return shortNumber(bytes, 6);
}

// Nanoseconds in the unit that fits.
function timeText(ns, digits) {
    const [unit, name] = TIME_UNITS.find(([unit]) => Math.abs(ns) >= unit * 0.9999)
        || TIME_UNITS[3];

    return `${shortNumber(ns / unit, digits)} ${name}`;
}

// That many digits, or all of the whole part, with commas from 10,000 on.
function shortNumber(value, digits) {
    const size = Math.abs(value);

    if (size >= 1e15 || (size > 0 && size < 1e-6))
        return value.toExponential(digits - 1);
    if (size >= 10 ** (digits - 1))
        return size >= 1e4 ? Math.round(value).toLocaleString("en-US")
            : String(Math.round(value));
    return String(Number(value.toPrecision(digits)));
}

// A value with its unit where the format has one; null is a dash.
function valueText(value, format, digits = 4) {
    if (value === null || value === undefined)
        return "–";
    if (typeof value !== "number")
        return String(value);
    if (format === "size")
        return sizeText(value);
    if (format === "time")
        return timeText(value, digits);
    if (format === "count" && Number.isInteger(value))
        return value.toLocaleString("en-US");
    return shortNumber(value, digits);
}

// A value of an axis: the name of a place on a category axis, else a number.
function axisText(value, axis, digits) {
    if (axis.scale === "category")
        return axis.names[Math.round(value)] ?? "";
    return valueText(value, axis.format, digits);
}

function shorten(text, most) {
    return text.length > most ? `${text.slice(0, most - 1)}…` : text;
}
