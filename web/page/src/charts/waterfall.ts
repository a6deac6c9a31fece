// From one number to another, one step for each cause.

import { s } from "../dom";
import { writeChange, writeFull, write, type Unit } from "../format";
import { valueScale } from "./axis";
import { clip, Drawn, uprights, type Drawing } from "./drawn";

export interface Step {
  label: string;
  effect: number;
}

export interface WaterfallData {
  unit: Unit;
  from: { label: string; value: number };
  to: { label: string; value: number };
  steps: readonly Step[];
}

export class Waterfall extends Drawn<WaterfallData> {
  protected paint(data: WaterfallData, width: number): Drawing {
    const beside = width > 560;
    const row = beside ? 29 : 42;
    const left = beside ? Math.min(300, width * 0.38) : 0;
    const rows = data.steps.length + 2;
    const foot = 6 + row * rows;
    let reached = data.from.value;
    const spans = data.steps.map((step) => [reached, (reached += step.effect)] as const);
    const all = [0, data.from.value, data.to.value, ...spans.flat()];
    const x = valueScale("linear", all, [left, width - 76], true);
    const parts: Node[] = [uprights(x, data.unit, 4, foot, width > 700 ? 5 : 3)];
    const place = (i: number): number => 4 + row * i + (beside ? row / 2 : row - 13);
    const line = (i: number, name: string, a: number, b: number, kind: string, words: string): void => {
      const [p, q] = [x(a), x(b)].sort((m, n) => m - n) as [number, number];
      parts.push(
        s("text", { class: "row-name", x: beside ? left - 8 : 0, y: beside ? place(i) + 4 : place(i) - 14, "text-anchor": beside ? "end" : "start" }, s("title", {}, name), clip(name, beside ? left - 8 : width)),
        s("rect", { class: kind, x: p, width: Math.max(1, q - p), y: place(i) - 9, height: 18 }),
        s("text", { class: "step", x: q + 6, y: place(i) + 4 }, words),
      );
    };
    line(0, data.from.label, 0, data.from.value, "bar whole", write(data.unit, data.from.value));
    data.steps.forEach((step, i) => {
      const [a, b] = spans[i]!;
      line(i + 1, step.label, a, b, `bar ${b >= a ? "c0" : "c1"}`, writeChange(data.unit, step.effect));
      parts.push(s("line", { class: "link", x1: x(a), x2: x(a), y1: place(i) + 9, y2: place(i + 1) - 9 }));
    });
    line(rows - 1, data.to.label, 0, data.to.value, "bar whole", write(data.unit, data.to.value));
    parts.push(s("line", { class: "link", x1: x(data.to.value), x2: x(data.to.value), y1: place(rows - 2) + 9, y2: place(rows - 1) - 9 }));
    const told = data.steps.map((step) => `${step.label} ${writeChange(data.unit, step.effect)}`).join("; ");
    return { height: foot + 24, label: `From ${writeFull(data.unit, data.from.value)} to ${writeFull(data.unit, data.to.value)}: ${told}.`, parts };
  }
}
