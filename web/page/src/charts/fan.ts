// A quantity over time: bands of 50 and 90 %, the median, a ghost of the baseline, and milestones on the axis.

import { scaleLinear } from "d3-scale";
import { area, line } from "d3-shape";
import { fill, s, set } from "../dom";
import type { Unit } from "../format";
import { axes, spread, valueScale, valueTicks, yearTicks, type Box, type Scale } from "./axis";
import { Timed } from "./sized";

export type Values = readonly (number | null)[];

export interface Strand {
  label: string;
  colour: number; // 0 to 5, of the palette
  middle: Values;
  /** Pairs of lower and upper edge, wide band first. */
  bands: readonly (readonly [Values, Values])[];
}

export interface Mark {
  at: number; // year
  low: number;
  high: number;
  words: string;
  /** Short, to stand beside the mark in a large chart. */
  name: string;
}

export interface FanData {
  label: string; // for screen readers
  times: readonly number[];
  unit: Unit;
  strands: readonly Strand[];
  ghosts: readonly { colour: number; middle: Values }[];
  marks: readonly Mark[];
  tellMarks?: boolean;
  scale: "linear" | "log";
  zero: boolean;
  judgement: boolean;
  cursor: number; // index into times
  /** What the cursor reads, in words. */
  words: (index: number) => string;
}

export interface FanOptions {
  height: (width: number) => number;
  /** Names at the ends of the lines. */
  names: boolean;
  onCursor: (index: number) => void;
}

/** An interactive plot: hover or arrow keys move the cursor, which all charts share. */
export class Fan extends Timed<FanData> {
  private box: Box = { width: 0, height: 0, left: 0, right: 0, top: 0, bottom: 0 };
  private x: Scale = scaleLinear();
  private y: Scale = scaleLinear();

  constructor(private readonly options: FanOptions) {
    super(options.onCursor);
  }

  protected dates(data: FanData): readonly number[] {
    return data.times;
  }

  protected place(date: number): number {
    return this.x(date);
  }

  protected render(data: FanData, width: number): void {
    const height = this.options.height(width);
    const names = this.options.names && data.strands.length > 1 && width > 560; // else the words above the chart name the lines
    const box: Box = { width, height, left: 0, right: names ? 116 : 8, top: 8, bottom: 24 };
    const foot = height - box.bottom;
    const y = valueScale(data.scale, allValues(data), [foot, box.top], data.zero);
    const { ticks, suffix } = valueTicks(y, data.scale, data.unit, height > 220 ? 5 : 3);
    const labels = ticks.map((tick) => ({ at: tick.at, words: tick.at !== 0 && suffix ? `${tick.words} ${suffix}` : tick.words }));
    box.left = 10 + Math.ceil(6.4 * Math.max(2, ...labels.map((tick) => tick.words.length)));
    const first = Math.floor((data.times[0] ?? 0) - 0.01);
    const last = data.times.at(-1) ?? first + 1;
    const x = scaleLinear([first, last], [box.left, width - box.right]);
    [this.box, this.x, this.y] = [box, x, y];

    const body = s("g", { class: data.judgement ? "body judged" : "body" });
    const put = (value: number): number => y(data.scale === "log" ? Math.max(value, y.domain()[0]!) : value);
    for (const strand of data.strands) {
      strand.bands.forEach(([low, high], i) => {
        const path = area<number>().defined((j) => isNumber(low[j]) && isNumber(high[j])).x((j) => x(data.times[j]!)).y0((j) => put(low[j]!)).y1((j) => put(high[j]!)).digits(1);
        body.append(s("path", { class: `band b${i} c${strand.colour}`, d: path(data.times.map((_, j) => j)) ?? "" }));
      });
    }
    const route = (values: Values): string =>
      line<number>().defined((j) => isNumber(values[j])).x((j) => x(data.times[j]!)).y((j) => put(values[j]!)).digits(1)(data.times.map((_, j) => j)) ?? "";
    for (const ghost of data.ghosts) body.append(s("path", { class: `ghost c${ghost.colour}`, d: route(ghost.middle) }));
    for (const strand of data.strands) body.append(s("path", { class: `median c${strand.colour}`, d: route(strand.middle) }));
    for (const mark of data.marks) {
      const clip = (year: number): number => x(Math.min(Math.max(year, first), last));
      body.append(
        s("line", { class: "whisker", x1: clip(mark.low), x2: clip(mark.high), y1: foot, y2: foot }),
        s("circle", { class: "milestone", cx: clip(mark.at), cy: foot, r: 4 }, s("title", {}, mark.words)),
      );
      if (data.tellMarks && width > 560) {
        const right = clip(mark.at) > width * 0.6;
        body.append(s("text", { class: "mark-name", x: clip(mark.at) + (right ? -9 : 9), y: foot - 7 - 15 * data.marks.indexOf(mark), "text-anchor": right ? "end" : "start" }, mark.name));
      }
    }
    if (names) body.append(this.endNames(data, put));
    this.show(width, height, axes(box, x, yearTicks(first, last, width - box.left - box.right), y, labels), body, this.cursor);
    set(this.node, { role: "slider", tabindex: 0, "aria-label": data.label, "aria-valuemin": 0, "aria-valuemax": data.times.length - 1 });
    this.move(data.cursor);
  }

  /** Only the cursor: cheap, for all charts at once. */
  move(index: number): void {
    const { data } = this;
    if (!data || !this.box.width) return;
    data.cursor = index;
    const at = data.times[index];
    set(this.node, { "aria-valuenow": index, "aria-valuetext": data.words(index) });
    if (at === undefined) return void fill(this.cursor);
    const x = this.x(at);
    const dots = data.strands.flatMap((strand) => {
      const value = strand.middle[index];
      if (!isNumber(value) || (data.scale === "log" && value <= 0)) return [];
      return [s("circle", { class: `dot c${strand.colour}`, cx: x, cy: this.y(value), r: 3.5 })];
    });
    fill(this.cursor, s("line", { x1: x, x2: x, y1: this.box.top, y2: this.box.height - this.box.bottom }), ...dots);
  }

  private endNames(data: FanData, put: (value: number) => number): SVGGElement {
    const group = s("g", { class: "names" });
    const ends = data.strands.map((strand) => {
      const last = strand.middle.findLastIndex(isNumber);
      return { strand, x: this.x(data.times[last] ?? 0), at: put(strand.middle[last] ?? 0) };
    });
    const places = spread(ends.map((end) => end.at), 14, this.box.top + 4, this.box.height - this.box.bottom);
    ends.forEach(({ strand, x }, i) => group.append(s("text", { class: `name c${strand.colour}`, x: x + 6, y: places[i]! + 4 }, strand.label)));
    return group;
  }
}

export const isNumber = (x: number | null | undefined): x is number => typeof x === "number" && Number.isFinite(x);

function* allValues(data: FanData): Iterable<number> {
  for (const strand of data.strands) {
    for (const x of strand.middle) if (isNumber(x)) yield x;
    for (const [low, high] of strand.bands) {
      for (const x of low) if (isNumber(x)) yield x;
      for (const x of high) if (isNumber(x)) yield x;
    }
  }
  for (const ghost of data.ghosts) for (const x of ghost.middle) if (isNumber(x)) yield x;
}
