// Shares over time that add up to one, or to less: ribbons one above the other, named where they are broad.

import { scaleLinear } from "d3-scale";
import { area } from "d3-shape";
import { fill, s, set } from "../dom";
import { percent } from "../format";
import { axes, valueTicks, yearTicks, type Box, type Scale } from "./axis";
import { Timed } from "./sized";

export interface StackedData {
  label: string;
  times: readonly number[];
  names: readonly string[];
  /** One row of times for each name. */
  shares: readonly (readonly number[])[];
  cursor: number;
  words: (index: number) => string;
}

export class Stacked extends Timed<StackedData> {
  private x: Scale = scaleLinear();
  private foot = 0;

  constructor(private readonly height: number, onCursor: (index: number) => void) {
    super(onCursor);
  }

  protected dates(data: StackedData): readonly number[] {
    return data.times;
  }

  protected place(date: number): number {
    return this.x(date);
  }

  protected render(data: StackedData, width: number): void {
    const { height } = this;
    const box: Box = { width, height, left: 44, right: 8, top: 6, bottom: 24 };
    const first = Math.floor((data.times[0] ?? 0) - 0.01);
    const last = data.times.at(-1) ?? first + 1;
    const x = scaleLinear([first, last], [box.left, width - box.right]);
    const y = scaleLinear([0, 1], [height - box.bottom, box.top]);
    this.x = x;
    this.foot = height - box.bottom;
    const floor = data.times.map(() => 0);
    const body = s("g", { class: "body" });
    const names = s("g", { class: "names" });
    const steps = data.times.map((_, i) => i);
    data.shares.forEach((row, k) => {
      const base = [...floor];
      row.forEach((share, i) => (floor[i]! += share));
      const top = [...floor];
      const path = area<number>().x((i) => x(data.times[i]!)).y0((i) => y(base[i]!)).y1((i) => y(top[i]!)).digits(1);
      body.append(s("path", { class: `ribbon c${k}`, d: path(steps) ?? "" }));
      const broad = steps.slice(6, -14).reduce((best, i) => ((row[i] ?? 0) > (row[best] ?? 0) ? i : best), Math.min(12, steps.length - 1));
      if ((row[broad] ?? 0) * (this.foot - box.top) > 15) {
        const at = Math.min(Math.max(x(data.times[broad]!), box.left + 50), width - box.right - 70);
        names.append(s("text", { class: "ribbon-name", x: at, y: y((base[broad]! + top[broad]!) / 2) + 4, "text-anchor": "middle" }, data.names[k] ?? ""));
      }
    });
    const { ticks } = valueTicks(y, "linear", { text: "", factor: 1, percent: true, scaled: false }, 2);
    this.show(width, height, axes(box, x, yearTicks(first, last, width - box.left), y, ticks.map((tick) => ({ at: tick.at, words: `${tick.words} %` }))), body, names, this.cursor);
    set(this.node, { role: "slider", tabindex: 0, "aria-label": data.label, "aria-valuemin": 0, "aria-valuemax": data.times.length - 1 });
    this.move(data.cursor);
  }

  move(index: number): void {
    if (!this.data) return;
    this.data.cursor = index;
    set(this.node, { "aria-valuenow": index, "aria-valuetext": this.data.words(index) });
    const x = this.x(this.data.times[index] ?? 0);
    fill(this.cursor, s("line", { x1: x, x2: x, y1: 6, y2: this.foot }));
  }
}

/** 'December 2030: chips 38 %, power 12 %'. */
export const sharesInWords = (names: readonly string[], shares: readonly (readonly number[])[], index: number): string =>
  names.map((name, k) => `${name} ${percent(shares[k]?.[index] ?? 0)}`).join(", ");
