// Cash in time under two orders, with the line below which there is ruin. Times of a bet are periods, of a world years.

import { scaleLinear, scaleSymlog } from "d3-scale";
import { area, line } from "d3-shape";
import { s } from "../dom";
import type { Unit } from "../format";
import { valueScale, yearTicks, type Scale } from "./axis";
import { Drawn, levels, type Drawing } from "./drawn";

export interface CashStrand {
  name: string;
  colour: number;
  times: readonly number[];
  /** Quantiles 5, 25, 50, 75, 95 %. */
  cash: readonly (readonly number[])[];
}

export interface CashData {
  unit: Unit;
  strands: readonly CashStrand[];
  label: string;
}

export class CashFan extends Drawn<CashData> {
  protected paint(data: CashData, width: number): Drawing {
    const height = Math.round(Math.min(320, Math.max(230, width * 0.55)));
    const foot = height - 40;
    const times = data.strands.flatMap((strand) => [...strand.times]);
    const [first, last] = [Math.min(...times), Math.max(...times)];
    const shown = data.strands.flatMap((strand) => strand.cash.flat());
    const y = cashScale(shown, [foot, 10]);
    const { group, left } = levels(y, "linear", data.unit, width - 8, 5);
    const x = scaleLinear([first, last], [left, width - 8]);
    const parts: Node[] = [group];
    for (const { colour, times: t, cash } of data.strands) {
      const steps = t.map((_, i) => i);
      const band = (low: number, high: number): string => area<number>().x((i) => x(t[i]!)).y0((i) => y(cash[low]?.[i] ?? 0)).y1((i) => y(cash[high]?.[i] ?? 0)).digits(1)(steps) ?? "";
      parts.push(s("path", { class: `band b0 c${colour}`, d: band(0, 4) }), s("path", { class: `edge c${colour}`, d: line<number>().x((i) => x(t[i]!)).y((i) => y(cash[0]?.[i] ?? 0)).digits(1)(steps) ?? "" }));
      parts.push(s("path", { class: `median c${colour}`, d: line<number>().x((i) => x(t[i]!)).y((i) => y(cash[2]?.[i] ?? 0)).digits(1)(steps) ?? "" }));
    }
    parts.push(s("line", { class: "ruin", x1: left, x2: width - 8, y1: y(0), y2: y(0) }), s("text", { class: "ruin-name", x: width - 10, y: y(0) + 14, "text-anchor": "end" }, "ruin: cash below zero"));
    const ticks = last - first < 12 && first < 100 ? Array.from({ length: Math.floor(last - first) + 1 }, (_, i) => first + i) : yearTicks(first, last, width - left);
    for (const tick of ticks) parts.push(s("text", { class: "tick", x: x(tick), y: foot + 16, "text-anchor": tick === last ? "end" : "middle" }, String(tick)));
    data.strands.forEach((strand, i) => {
      const from = left + i * Math.min(200, (width - left) / 2);
      parts.push(s("circle", { class: `point c${strand.colour}`, cx: from + 5, cy: height - 9, r: 5 }), s("text", { class: "row-name", x: from + 15, y: height - 5 }, strand.name));
    });
    return { height, label: data.label, parts };
  }
}

const WIDE = 30; // ratio of what can be won to what can be lost from which on the axis is stretched near zero

/** Linear; where the best case dwarfs the worst, stretched near zero (symmetric log), so that ruin can be seen. */
function cashScale(values: readonly number[], range: [number, number]): Scale {
  const linear = valueScale("linear", values, range, true);
  const sizes = values.map(Math.abs).filter((v) => v > 0).sort((a, b) => a - b);
  const usual = sizes[Math.floor(sizes.length / 2)] ?? 1;
  const [low, high] = [Math.min(0, ...values), Math.max(0, ...values)];
  if (Math.max(high, -low) < WIDE * usual) return linear;
  const scale = scaleSymlog([low, high], range).constant(usual / 2);
  const powers = Array.from({ length: 30 }, (_, k) => 10 ** (k - 8)).filter((v) => v >= usual / 3);
  const ticks = [...powers.filter((v) => v <= -low).map((v) => -v).reverse(), 0, ...powers.filter((v) => v <= high)];
  return Object.assign(scale, { ticks: () => ticks }) as unknown as Scale;
}
