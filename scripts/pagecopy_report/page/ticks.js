// SPDX-License-Identifier: MIT
"use strict";

const LABELS_MAX = 9;
const DECADES = [[0.8, [1, 1.5, 2, 3, 5, 7]], [1.8, [1, 2, 5]], [3, [1, 3]], [Infinity, [1]]];

// Where the ticks of an axis are between low and high.
function axisTicks(axis, low, high, along) {
    if (!(high > low))
        return [low];
    if (axis.scale === "category")
        return whole(Math.ceil(low), Math.floor(high));
    if (axis.scale !== "log")
        return linearTicks(low, high, axis.format === "size");
    if (axis.format === "size" || (axis.format === "count" && along === "x"))
        return binaryTicks(low, high);
    return decimalTicks(low, high);
}

function whole(first, last) {
    return Array.from({ length: Math.max(0, last - first + 1) }, (_, nr) => first + nr);
}

// Powers of two; in a narrow range round numbers do better.
function binaryTicks(low, high) {
    const first = Math.ceil(Math.log2(low) - 1e-9);
    const last = Math.floor(Math.log2(high) + 1e-9);
    const step = Math.ceil((last - first + 1) / LABELS_MAX);

    if (last - first < 1)
        return decimalTicks(low, high);
    return whole(first, last).filter((power) => (power - first) % step === 0)
        .map((power) => 2 ** power);
}

function decimalTicks(low, high) {
    const range = Math.log10(high / low);
    const parts = DECADES.find(([most]) => range <= most)[1];
    const step = Math.max(1, Math.ceil(range / LABELS_MAX));
    const powers = whole(Math.floor(Math.log10(low)), Math.ceil(Math.log10(high)));
    const ticks = powers.filter((power) => power % step === 0)
        .flatMap((power) => parts.map((part) => Number(`${part}e${power}`)))
        .filter((tick) => tick >= low * 0.999999 && tick <= high * 1.000001);

    return ticks.length > 1 ? ticks : linearTicks(low, high, false);
}

// Steps of 1, 2 or 5 times a power of ten; of a power of two for sizes.
function linearTicks(low, high, binary) {
    const rough = (high - low) / 6;
    const unit = 10 ** Math.floor(Math.log10(rough));
    const step = binary ? 2 ** Math.ceil(Math.log2(rough))
        : unit * [1, 2, 5, 10].find((part) => part * unit >= rough * 0.999);

    return whole(Math.ceil(low / step - 1e-9), Math.floor(high / step + 1e-9))
        .map((nr) => Number((nr * step).toPrecision(12)));
}

function tickText(value, axis) {
    if (axis.scale === "category")
        return shorten(axis.names[value] ?? "", 26);
    if (axis.format === "time" || axis.format === "size")
        return valueText(value, axis.format, 6);
    if (Math.abs(value) >= 1e6)
        return value.toExponential(0).replace("+", "");
    return axis.format === "count" ? value.toLocaleString("en-US")
        : String(Number(value.toPrecision(10)));
}

// The ends of an axis that shows all of values, with room around them.
function axisRange(values, axis, fromZero, isValue = true) {
    const usable = values.filter((one) => one !== null && (axis.scale !== "log" || one > 0));
    let low = usable.reduce((a, b) => Math.min(a, b), Infinity);
    let high = usable.reduce((a, b) => Math.max(a, b), -Infinity);

    if (axis.scale === "category")
        return [-0.6, Math.max(axis.names.length, 1) - 0.4];
    if (!usable.length)
        return axis.scale === "log" ? [0.5, 2] : [0, 1];
    if (axis.scale === "log") {
        const room = high / low < 1.05 ? 2 : (high / low) ** 0.05;

        return [low / room, high * room];
    }
    if (isValue && (fromZero || (low > 0 && low < high / 2)))
        [low, high] = [Math.min(low, 0), Math.max(high, 0)];
    const room = (high - low || Math.abs(high) || 1) * 0.05;

    return [low === 0 && isValue ? 0 : low - room, high === 0 && isValue ? 0 : high + room];
}
