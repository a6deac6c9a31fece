// Shares of variance by year: what each number explains alone, above the noise floor; arrow keys choose the year.

import { scaleLinear } from "d3-scale";
import { line } from "d3-shape";
import { fill, s, set } from "../dom";
import { percent } from "../format";
import { axes, spread, yearTicks, type Box, type Scale } from "./axis";
import { clip, levels, SHARE } from "./drawn";
import { Timed } from "./sized";

export interface IndicesData {
  years: readonly number[];
  rows: readonly { label: string; first: readonly number[] }[];
  floor: number;
  cursor: number; // index into years
}

export class IndexLines extends Timed<IndicesData> {
  private x: Scale = scaleLinear();

  protected dates(data: IndicesData): readonly number[] {
    return data.years;
  }

  protected place(date: number): number {
    return this.x(date);
  }

  protected render(data: IndicesData, width: number): void {
    const beside = width > 560;
    const height = beside ? 320 : 260 + 17 * data.rows.length;
    const foot = beside ? height - 24 : 236;
    const right = beside ? Math.min(300, width * 0.4) : 8;
    const top = 1.08 * Math.max(data.floor, ...data.rows.flatMap((row) => row.first));
    const y = scaleLinear([0, top], [foot, 8]);
    const { group, left } = levels(y, "linear", SHARE, width - right, 5);
    const box: Box = { width, height: foot + 24, left, right, top: 8, bottom: 24 };
    const [first, last] = [data.years[0] ?? 0, data.years.at(-1) ?? 1];
    const x = scaleLinear([first - 0.2, last + 0.1], [left, width - right]);
    this.x = x;
    const body = s("g", { class: "body" }, s("rect", { class: "noise", x: left, width: width - right - left, y: y(data.floor), height: foot - y(data.floor) }));
    const steps = data.years.map((_, i) => i);
    data.rows.forEach((row, k) => {
      const route = line<number>().x((i) => x(data.years[i]!)).y((i) => y(Math.max(row.first[i] ?? 0, 0))).digits(1)(steps) ?? "";
      body.append(s("path", { class: `median c${k}`, d: route }));
      for (const i of steps) body.append(s("circle", { class: `dot c${k}`, cx: x(data.years[i]!), cy: y(Math.max(row.first[i] ?? 0, 0)), r: 2.5 }));
    });
    const names = s("g", { class: "names" });
    const ends = data.rows.map((row) => y(Math.max(row.first.at(-1) ?? 0, 0)));
    const places = beside ? spread(ends, 15, 12, foot) : data.rows.map((_, i) => foot + 38 + 17 * i);
    data.rows.forEach((row, k) => names.append(s("text", { class: `name c${k}`, x: beside ? width - right + 8 : 14, y: places[k]! + 4 }, s("title", {}, row.label), clip(row.label, beside ? right - 8 : width - 14)), ...(beside ? [] : [s("circle", { class: `dot c${k}`, cx: 6, cy: places[k]!, r: 4 })])));
    this.show(width, height, group, axes(box, x, yearTicks(first, last, width - left - right), null, []), body, names, this.cursor);
    set(this.node, { role: "slider", tabindex: 0, "aria-label": "Share of variance by number: year", "aria-valuemin": first, "aria-valuemax": last });
    const index = data.cursor;
    set(this.node, { "aria-valuenow": data.years[index] ?? first, "aria-valuetext": this.words(index) });
    const at = x(data.years[index] ?? first);
    fill(this.cursor, s("line", { x1: at, x2: at, y1: 8, y2: foot }));
  }

  words(index: number): string {
    const { data } = this;
    return data ? `end of ${data.years[index]}: ${data.rows.map((row) => `${row.label} ${percent(Math.max(row.first[index] ?? 0, 0))}`).join(", ")}` : "";
  }
}
