// How forecasts met what came: forecast intervals with what came and the naive rule, and where in the forecast it fell.

import { scaleLinear, scaleLog } from "d3-scale";
import { s } from "../dom";
import { percent, write, type Unit } from "../format";
import { valueScale, yearTicks } from "./axis";
import { Drawn, levels, SHARE, type Drawing } from "./drawn";

export interface Met {
  at: number; // calendar year
  origin: number; // which of the dates forecast from, 0 to 2; it gives the colour
  shift: number; // to the side, in pixels, where several stand at one date
  observed: number;
  quantiles: readonly [number, number, number, number, number];
  grown: number;
}

export interface MetData {
  label: string;
  unit: Unit;
  points: readonly Met[];
}

/** One interval for each forecast: light 90 %, dark 50 %, a tick at the median, a circle for what came, a cross for the rule. */
export class MetChart extends Drawn<MetData> {
  protected paint(data: MetData, width: number): Drawing {
    const height = 230;
    const foot = height - 24;
    const values = data.points.flatMap((p) => [p.observed, p.quantiles[0], p.quantiles[4], p.grown]).filter((v) => v > 0);
    const low = Math.max(Math.min(...values) / 1.15, Math.min(...data.points.map((p) => Math.min(p.observed, p.quantiles[1]))) / 5);
    const high = Math.min(Math.max(...values) * 1.15, Math.max(...data.points.map((p) => Math.max(p.observed, p.quantiles[3]))) * 8);
    const y = scaleLog([low, high], [foot, 8]);
    const put = (v: number): number => y(Math.min(Math.max(v, low), high));
    const { group, left } = levels(y, "log", data.unit, width - 6, 4);
    const ats = data.points.map((p) => p.at);
    const [first, last] = [Math.min(...ats) - 0.2, Math.max(...ats) + 0.15];
    const x = scaleLinear([first, last], [left + 4, width - 6]);
    const parts: Node[] = [group, s("line", { class: "rule", x1: left, x2: width - 6, y1: foot + 0.5, y2: foot + 0.5 })];
    for (const year of yearTicks(first, last, width - left)) parts.push(s("text", { class: "tick", x: x(year), y: foot + 16, "text-anchor": "middle" }, String(year)));
    for (const p of data.points) {
      const at = x(p.at) + p.shift;
      const [p05, p25, p50, p75, p95] = p.quantiles.map(put) as [number, number, number, number, number];
      const kind = `c${[0, 2, 3][p.origin] ?? 0}`;
      parts.push(
        s("rect", { class: `interval wide ${kind}`, x: at - 2, width: 4, y: p95, height: Math.max(1, p05 - p95) }),
        s("rect", { class: `interval ${kind}`, x: at - 2, width: 4, y: p75, height: Math.max(1, p25 - p75) }),
        s("line", { class: "tick-median", x1: at - 4, x2: at + 4, y1: p50, y2: p50 }),
        s("path", { class: "cross", d: `M${at - 3},${put(p.grown) - 3}l6,6m0,-6l-6,6` }));
    }
    for (const [at, came] of new Map(data.points.map((p) => [p.at, p.observed]))) parts.push(s("circle", { class: "came", cx: x(at), cy: put(came), r: 3.4 }));
    const inside = data.points.filter((p) => p.observed >= p.quantiles[0] && p.observed <= p.quantiles[4]).length;
    const ends = data.points.at(-1);
    return { height, label: `${data.label}: ${inside} of ${data.points.length} points inside the 90 % interval${ends ? `; the last came at ${write(data.unit, ends.observed)}, forecast median ${write(data.unit, ends.quantiles[2])}` : ""}.`, parts };
  }
}

export interface FifthsData {
  shares: readonly number[];
  label: string;
}

/** Where in the forecast distribution what came has fallen: a fifth each if calibrated. */
export class Fifths extends Drawn<FifthsData> {
  protected paint(data: FifthsData, width: number): Drawing {
    const height = 230;
    const foot = height - 42;
    const n = data.shares.length;
    const y = scaleLinear([0, Math.max(0.45, ...data.shares)], [foot, 8]);
    const { group, left } = levels(y, "linear", SHARE, width - 6, 4);
    const x = scaleLinear([0, n], [left, width - 6]);
    const parts: Node[] = [group];
    data.shares.forEach((share, i) => parts.push(s("rect", { class: "bar c0 b1", x: x(i) + 2, width: x(1) - x(0) - 4, y: y(share), height: foot - y(share) })));
    parts.push(s("line", { class: "ideal", x1: left, x2: width - 6, y1: y(1 / n), y2: y(1 / n) }));
    for (let i = 0; i <= n; i++) parts.push(s("text", { class: "tick", x: x(i), y: foot + 16, "text-anchor": i === 0 ? "start" : i === n ? "end" : "middle" }, `${(100 * i) / n} %`));
    parts.push(s("text", { class: "tick", x: width - 6, y: height - 5, "text-anchor": "end" }, "place in the forecast distribution"));
    return { height, label: `${data.label}: ${data.shares.map((share, i) => `${percent(share)} in fifth ${i + 1}`).join(", ")}.`, parts };
  }
}

export interface ScoresData {
  rows: readonly { label: string; model: number; moved: number; bare: number }[];
  label: string;
}

/** Mean scores: the model beside the rule. */
export class Scores extends Drawn<ScoresData> {
  protected paint(data: ScoresData, width: number): Drawing {
    const row = 46;
    const foot = 6 + row * data.rows.length;
    const x = valueScale("linear", [0, ...data.rows.flatMap((r) => [r.model, r.moved, r.bare])], [6, width - 12], true);
    const parts: Node[] = [];
    for (const tick of x.ticks(5)) parts.push(s("line", { class: "grid", x1: x(tick), x2: x(tick), y1: 2, y2: foot }), s("text", { class: "tick", x: x(tick), y: foot + 16, "text-anchor": "middle" }, String(tick)));
    data.rows.forEach((r, i) => {
      const at = row * i + 32;
      parts.push(s("text", { class: "row-name", x: 2, y: at - 12 }, r.label), s("line", { class: "link", x1: x(Math.min(r.model, r.moved, r.bare)), x2: x(Math.max(r.model, r.moved, r.bare)), y1: at, y2: at }),
        s("path", { class: "cross", d: `M${x(r.bare) - 4},${at - 4}l8,8m0,-8l-8,8` }), s("rect", { class: "bar c1", x: x(r.moved) - 5, y: at - 5, width: 10, height: 10 }), s("circle", { class: "point c0", cx: x(r.model), cy: at, r: 6 }));
    });
    return { height: foot + 24, label: `${data.label}: ${data.rows.map((r) => `${r.label} ${r.model.toFixed(2)}, rule ${r.moved.toFixed(2)}`).join("; ")}.`, parts };
  }
}
