// Axes and scales shared by all charts. A chart is drawn in real pixels, so that type keeps its size on every screen.

import { scaleLinear, scaleLog, type ScaleContinuousNumeric } from "d3-scale";
import { digits, scaleOf, write, type Unit } from "../format";
import { s } from "../dom";

export type Scale = ScaleContinuousNumeric<number, number>;

export interface Box {
  width: number;
  height: number;
  left: number;
  right: number;
  top: number;
  bottom: number;
}

/** Years at which to put ticks: every year, every second, every fifth... as many as the width allows. */
export function yearTicks(first: number, last: number, width: number): number[] {
  const room = Math.max(2, Math.floor(width / 46));
  const step = [1, 2, 5, 10, 20].find((x) => (last - first) / x <= room) ?? 20;
  const start = Math.ceil(first / step) * step;
  return Array.from({ length: Math.max(0, Math.floor((last - start) / step) + 1) }, (_, i) => start + i * step);
}

/** A scale that holds all values. A log scale holds the positive ones, and at most eight decades of them. */
export function valueScale(kind: "linear" | "log", values: Iterable<number>, range: [number, number], zero: boolean): Scale {
  let low = Infinity;
  let high = -Infinity;
  for (const x of values) {
    if (!Number.isFinite(x) || (kind === "log" && x <= 0)) continue;
    if (x < low) low = x;
    if (x > high) high = x;
  }
  if (low > high) [low, high] = kind === "log" ? [0.1, 1] : [0, 1];
  if (kind === "log") {
    low = Math.max(low, high / 1e8);
    if (low === high) [low, high] = [low / 2, high * 2];
    return scaleLog([low, high], range).nice();
  }
  if (zero) [low, high] = [Math.min(low, 0), Math.max(high, 0)];
  if (low === high) high = low + (Math.abs(low) || 1);
  return scaleLinear([low, high], range).nice(5);
}

/** Ticks of a value axis, with words, and the suffix of their common scale ('bn', '%'). */
export function valueTicks(scale: Scale, kind: "linear" | "log", unit: Unit, count: number): { ticks: { at: number; words: string }[]; suffix: string } {
  if (kind === "log") {
    const [low, high] = scale.domain() as [number, number];
    const decades = Math.max(1, Math.round(Math.log10(high / low)));
    const every = Math.max(1, Math.ceil(decades / count));
    const first = Math.ceil(Math.log10(low) - 1e-9);
    let at = Array.from({ length: decades + 1 }, (_, i) => first + i).filter((e) => (e - first) % every === 0).map((e) => 10 ** e);
    at = at.filter((x) => x <= high * 1.0001);
    if (at.length < 3) at = scale.ticks(count).filter((x) => [1, 2, 5].includes(Math.round(x / 10 ** Math.floor(Math.log10(x) + 1e-9))));
    return { ticks: at.map((x) => ({ at: x, words: tickWords(unit, x) })), suffix: unit.percent ? "%" : "" };
  }
  const at = scale.ticks(count);
  const size = Math.max(...at.map(Math.abs), 0);
  if (size * unit.factor >= 1e15) return { ticks: at.map((x) => ({ at: x, words: write(unit, x) })), suffix: "" };
  const [factor, suffix] = scaleOf(unit, size);
  const step = Math.abs((at[1] ?? 1) - (at[0] ?? 0)) * factor;
  const places = step > 0 ? Math.max(0, Math.min(6, -Math.floor(Math.log10(step) + 1e-9))) : 0;
  return { ticks: at.map((x) => ({ at: x, words: tidy(x * factor, places) })), suffix };
}

function tickWords(unit: Unit, x: number): string {
  if (unit.percent) return digits(100 * x);
  const exponent = Math.log10(x * unit.factor);
  return unit.scaled && exponent < 15 ? write(unit, x).replace(/\.0\b/, "") : exponent >= 4 || exponent <= -4 ? `10^${Math.round(exponent)}` : String(Number((x * unit.factor).toPrecision(2)));
}

const tidy = (x: number, places: number): string => {
  const words = x.toFixed(places).replace("-", "−");
  return Math.abs(x) >= 10000 ? words.replace(/\B(?=(\d{3})+$)/g, "\u202f") : words;
};

/** Grid, ticks and labels of both axes as one group. */
export function axes(box: Box, x: Scale, years: readonly number[], y: Scale | null, ticks: readonly { at: number; words: string }[]): SVGGElement {
  const group = s("g", { class: "axes", "aria-hidden": "true" });
  const [left, right] = [box.left, box.width - box.right];
  const foot = box.height - box.bottom;
  if (y) {
    for (const tick of ticks) {
      const at = Math.round(y(tick.at)) + 0.5;
      group.append(
        s("line", { class: tick.at === 0 ? "grid zero" : "grid", x1: left, x2: right, y1: at, y2: at }),
        s("text", { class: "tick", x: left - 6, y: at + 3.5, "text-anchor": "end" }, tick.words),
      );
    }
  }
  group.append(s("line", { class: "rule", x1: left, x2: right, y1: foot + 0.5, y2: foot + 0.5 }));
  years.forEach((year, i) => {
    const at = x(year);
    const last = i === years.length - 1 && at > right - 14;
    group.append(
      s("line", { class: "rule", x1: at, x2: at, y1: foot, y2: foot + 4 }),
      s("text", { class: "tick", x: last ? right + 2 : at, y: foot + 16, "text-anchor": last ? "end" : "middle" }, String(year)),
    );
  });
  return group;
}

/** Labels at the ends of lines, moved apart so that none covers another. */
export function spread(wanted: readonly number[], gap: number, low: number, high: number): number[] {
  const order = wanted.map((_, i) => i).sort((a, b) => wanted[a]! - wanted[b]!);
  const found = [...wanted];
  let last = low - gap;
  for (const i of order) last = found[i] = Math.max(found[i]!, last + gap);
  last = high + gap;
  for (const i of [...order].reverse()) last = found[i] = Math.min(found[i]!, last - gap);
  return found;
}
