// How the draws of one month lie: counts as they are, no smoothing; a smooth curve would invent values that nobody drew.

import { scaleLinear, scaleLog } from "d3-scale";
import { h, s, set } from "../dom";
import { monthWords, percent, writeFull, type Unit } from "../format";
import type { Histogram as Bins } from "../model";
import { valueTicks, type Scale } from "./axis";
import { Sized } from "./sized";

export interface HistogramData {
  label: string;
  unit: Unit;
  month: string;
  bins: Bins;
  /** Quantiles to mark: 5, 25, 50, 75, 95 %. */
  quantiles: readonly [number, number, number, number, number];
  /** Medians to compare with: of the baseline. */
  ghost: number | null;
  judgement: boolean;
}

export class Histogram extends Sized<HistogramData> {
  constructor(private readonly height: (width: number) => number) {
    super(h("div", { class: "plot", role: "img", tabindex: -1 }));
  }

  protected render(data: HistogramData, width: number): void {
    const height = this.height(width);
    const [left, right, top, foot] = [10, width - 14, 10, height - 24];
    const { edges, counts } = data.bins;
    const [low, high] = [edges[0] ?? 0, edges.at(-1) ?? 1];
    const log = isGeometric(edges);
    const domain: [number, number] = low < high ? [low, high] : [low - (Math.abs(low) || 1) / 2, low + (Math.abs(low) || 1) / 2];
    const x: Scale = (log ? scaleLog() : scaleLinear()).domain(domain).range([left, right]);
    const total = counts.reduce((a, b) => a + b, 0) || 1;
    const y = scaleLinear([0, Math.max(...counts, 1)], [foot, top]);
    const { ticks, suffix } = valueTicks(x, log ? "log" : "linear", data.unit, width > 420 ? 6 : 3);
    const [p05, p25, p50, p75, p95] = data.quantiles;
    const bars = s("g", { class: data.judgement ? "body judged" : "body" });
    counts.forEach((count, i) => {
      const [a, b] = edges.length > counts.length ? [edges[i]!, edges[i + 1]!] : [domain[0], domain[1]];
      const middle = (a + b) / 2;
      const where = middle >= p25 && middle <= p75 ? "b1" : middle >= p05 && middle <= p95 ? "b0" : "tail";
      const from = x(a);
      bars.append(s("rect", { class: `bar ${where} c0`, x: from + 0.5, width: Math.max(1, x(b) - from - 1), y: y(count), height: Math.max(0, foot - y(count)) }));
    });
    const upright = (value: number, kind: string): SVGLineElement => s("line", { class: kind, x1: x(value), x2: x(value), y1: top - 4, y2: foot });
    const inside = (value: number | null): value is number => value !== null && value >= domain[0] && value <= domain[1] && (!log || value > 0);
    if (inside(data.ghost)) bars.append(upright(data.ghost, "ghost c0"));
    if (inside(p50)) bars.append(upright(p50, "median c0"));
    const labels = ticks.map((tick) => s("text", { class: "tick", x: x(tick.at), y: foot + 16, "text-anchor": x(tick.at) > right - 16 ? "end" : x(tick.at) < left + 16 ? "start" : "middle" }, tick.at !== 0 && suffix ? `${tick.words} ${suffix}` : tick.words));
    this.show(width, height, bars, s("g", { class: "axes" }, s("line", { class: "rule", x1: left, x2: right, y1: foot + 0.5, y2: foot + 0.5 }), ...labels));
    const widest = counts.indexOf(Math.max(...counts));
    set(this.node, { "aria-label": `${data.label}, distribution in ${monthWords(data.month)}: median ${writeFull(data.unit, p50)}, nine tenths of draws between ${writeFull(data.unit, p05)} and ${writeFull(data.unit, p95)}; the fullest of ${counts.length} bins holds ${percent((counts[widest] ?? 0) / total)}.` });
  }
}

/** Bins by equal factors, as the service makes them for what spans decades. */
function isGeometric(edges: readonly number[]): boolean {
  if (edges.length < 3 || edges[0]! <= 0) return false;
  return Math.abs((edges[1]! / edges[0]!) / (edges[2]! / edges[1]!) - 1) < 1e-6;
}
