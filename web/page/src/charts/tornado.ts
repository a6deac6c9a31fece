// What a quantity hangs on: for each number a bar from the quantity with it low to the quantity with it high.

import { s } from "../dom";
import { plain, writeFull, type Unit } from "../format";
import { valueScale } from "./axis";
import { clip, Drawn, uprights, type Drawing } from "./drawn";

export interface Bar {
  path: string;
  label: string;
  unit: string;
  low: number;
  high: number;
  at_low: number;
  at_high: number;
  first: number;
}

export interface TornadoData {
  label: string;
  unit: Unit;
  base: number;
  bars: readonly Bar[];
}

/** A value of a number of the model, a date with its tenth. */
export const ofNumber = (value: number, unit: string): string => (unit === "calendar year" ? value.toFixed(1) : plain(Number(value.toPrecision(3))));

export class Tornado extends Drawn<TornadoData> {
  protected paint(data: TornadoData, width: number): Drawing {
    const beside = width > 560;
    const row = beside ? 25 : 38;
    const left = beside ? Math.min(330, width * 0.4) : 0;
    const foot = 8 + row * data.bars.length;
    const room = 44; // for a number's own value beside its end
    const x = valueScale("linear", [data.base, ...data.bars.flatMap((bar) => [bar.at_low, bar.at_high])], [left + room, width - room], false);
    const middle = s("line", { class: "base", x1: x(data.base), x2: x(data.base), y1: 2, y2: foot });
    const parts: Node[] = [uprights(x, data.unit, 4, foot, width > 700 ? 6 : 3), middle];
    data.bars.forEach((bar, i) => {
      const level = 4 + row * i + (beside ? row / 2 : row - 11);
      const label = s("text", { class: "row-name", x: beside ? left - 8 : 0, y: beside ? level + 4 : level - 12, "text-anchor": beside ? "end" : "start" }, clip(bar.label, beside ? left - 8 : width));
      parts.push(s("g", {}, s("title", {}, `${bar.path}: ${bar.label}`), label));
      const ends = [{ at: bar.at_low, value: bar.low, colour: "c0" }, { at: bar.at_high, value: bar.high, colour: "c1" }].sort((a, b) => a.at - b.at);
      ends.forEach(({ at, value, colour }, side) => {
        const [a, b] = [x(data.base), x(at)].sort((p, q) => p - q) as [number, number];
        parts.push(s("rect", { class: `bar ${colour}`, x: a, width: Math.max(0.5, b - a), y: level - 7, height: 14 }));
        const edge = side === 0 ? Math.min(x(at), x(data.base)) - 4 : Math.max(x(at), x(data.base)) + 4;
        parts.push(s("text", { class: "end", x: edge, y: level + 4, "text-anchor": side === 0 ? "end" : "start" }, ofNumber(value, bar.unit)));
      });
    });
    const first = data.bars[0];
    const words = first ? `, most on ${first.label}: ${writeFull(data.unit, first.at_low)} at ${ofNumber(first.low, first.unit)}, ${writeFull(data.unit, first.at_high)} at ${ofNumber(first.high, first.unit)}` : "";
    return { height: foot + 24, label: `${data.label}: ${writeFull(data.unit, data.base)} hangs on ${data.bars.length} numbers${words}.`, parts };
  }
}
