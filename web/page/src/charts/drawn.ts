// What charts without a cursor share: an SVG in real pixels, drawn anew when its width changes, told in a sentence.

import { h, s, set } from "../dom";
import type { Unit } from "../format";
import { valueTicks, type Scale } from "./axis";
import { Sized } from "./sized";

export interface Drawing {
  height: number;
  /** The picture in words, for those who do not see it; the numbers stand in the table. */
  label: string;
  parts: readonly Node[];
}

export abstract class Drawn<Data> extends Sized<Data> {
  constructor() {
    super(h("div", { class: "plot still" }));
  }

  protected render(data: Data, width: number): void {
    const { height, label, parts } = this.paint(data, width);
    this.show(width, height, ...parts);
    set(this.node, { role: "img", "aria-label": label });
  }

  protected abstract paint(data: Data, width: number): Drawing;
}

/** A pure number, to be written with as many digits as it needs. */
export const NUMBER: Unit = { text: "", factor: 1, percent: false, scaled: false };
export const SHARE: Unit = { text: "", factor: 1, percent: true, scaled: false };

/** Words cut to so many letters; a label at their end, as in 'Revenue run rate, OpenAI', stays whole. */
export function cut(words: string, most: number): string {
  if (words.length <= most) return words;
  const comma = words.lastIndexOf(", ");
  const end = comma > 0 && words.length - comma < 20 ? words.slice(comma) : "";
  return `${words.slice(0, Math.max(4, most - end.length - 1)).replace(/[ ,]+$/, "")}…${end}`;
}

/** Words that fit into so many pixels of ordinary type; the full ones stand in the table. */
export const clip = (words: string, pixels: number): string => cut(words, Math.max(6, Math.floor(pixels / 6.3)));

/** Upright lines of a horizontal value axis, with its numbers at the foot. */
export function uprights(x: Scale, unit: Unit, top: number, foot: number, count: number): SVGGElement {
  const { ticks, suffix } = valueTicks(x, "linear", unit, count);
  const group = s("g", { class: "axes" });
  for (const tick of ticks) {
    const at = Math.round(x(tick.at)) + 0.5;
    const words = tick.at !== 0 && suffix ? `${tick.words} ${suffix}` : tick.words;
    group.append(s("line", { class: tick.at === 0 ? "grid zero" : "grid", x1: at, x2: at, y1: top, y2: foot }), s("text", { class: "tick", x: at, y: foot + 16, "text-anchor": "middle" }, words));
  }
  return group;
}

/** Level lines of a vertical value axis; returns the room that its numbers take as well. */
export function levels(y: Scale, kind: "linear" | "log", unit: Unit, right: number, count: number): { group: SVGGElement; left: number } {
  const { ticks: all, suffix } = valueTicks(y, kind, unit, count);
  const ticks = all.filter((tick) => !tick.words.startsWith("10^") || Number.isInteger(Math.round(1e6 * Math.log10(tick.at * unit.factor)) / 1e6));
  const words = ticks.map((tick) => (tick.at !== 0 && suffix ? `${tick.words} ${suffix}` : tick.words));
  const left = 10 + Math.ceil(6.4 * Math.max(2, ...words.map((x) => x.length)));
  const group = s("g", { class: "axes" });
  ticks.forEach((tick, i) => {
    const at = Math.round(y(tick.at)) + 0.5;
    group.append(s("line", { class: tick.at === 0 ? "grid zero" : "grid", x1: left, x2: right, y1: at, y2: at }), s("text", { class: "tick", x: left - 6, y: at + 3.5, "text-anchor": "end" }, words[i] ?? ""));
  });
  return { group, left };
}
