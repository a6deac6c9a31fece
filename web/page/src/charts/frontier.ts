// What caution costs: expected value against the chance of ruin; each point is the best order under its limit.

import { s } from "../dom";
import { percent, type Unit } from "../format";
import { valueScale } from "./axis";
import { Drawn, levels, SHARE, uprights, type Drawing } from "./drawn";

export interface Point {
  name: string;
  ruin: number;
  value: number;
  words: string; // the order, in its unit
  role: "chosen" | "neutral" | "";
}

export interface FrontierData {
  unit: Unit;
  points: readonly Point[];
  label: string;
}

export class Frontier extends Drawn<FrontierData> {
  protected paint(data: FrontierData, width: number): Drawing {
    const height = Math.round(Math.min(300, Math.max(220, width * 0.55)));
    const foot = height - 40;
    const points = [...data.points].sort((a, b) => a.ruin - b.ruin);
    const values = points.map((p) => p.value);
    const room = 0.2 * (Math.max(...values) - Math.min(...values) || Math.abs(values[0] ?? 1));
    const y = valueScale("linear", [Math.min(...values) - room, Math.max(...values) + room], [foot, 8], false);
    const { group, left } = levels(y, "linear", data.unit, width - 10, 4);
    const right = Math.max(0.02, 1.12 * Math.max(...points.map((p) => p.ruin)));
    const x = valueScale("linear", [-0.04 * right, right], [left, width - 10], false).domain([-0.04 * right, right]);
    let best = -Infinity;
    let route = "";
    for (const p of points) {
      best = Math.max(best, p.value);
      route += `${route ? `H${x(p.ruin).toFixed(1)}V` : `M${x(p.ruin).toFixed(1)},`}${y(best).toFixed(1)}`;
    }
    const parts: Node[] = [group, uprights(x, SHARE, foot, foot, 5), s("line", { class: "rule", x1: left, x2: width - 10, y1: foot + 0.5, y2: foot + 0.5 }), s("path", { class: "steps", d: `${route}H${width - 10}` }),
      s("text", { class: "tick", x: width - 10, y: height - 5, "text-anchor": "end" }, "chance that cash ever falls below zero")];
    for (const p of points) {
      const colour = p.role === "chosen" ? "c0" : p.role === "neutral" ? "c1" : "c5";
      parts.push(s("circle", { class: `point ${colour}`, cx: x(p.ruin), cy: y(p.value), r: p.role ? 6 : 4 }, s("title", {}, `${p.name ? `${p.name}: ` : ""}order ${p.words}`)));
    }
    const taken: Area[] = points.map((p) => [x(p.ruin) - 8, y(p.value) - 8, x(p.ruin) + 8, y(p.value) + 8]);
    for (const p of [...points].sort((a, b) => Number(b.role !== "") - Number(a.role !== ""))) {
      if (points.length > 8 && !p.role) continue;
      const words = p.name ? `${p.name}: ${p.words}` : p.words;
      const { area, at } = free(x(p.ruin), y(p.value), 6.3 * words.length, [left, 4, width - 4, foot - 2], taken);
      taken.push(area);
      parts.push(s("text", { class: p.role ? "mark-name strong" : "mark-name", x: at[0], y: at[1] }, words));
    }
    const words = points.map((p) => `${p.name ? `${p.name}: ` : ""}order ${p.words}, ruin ${percent(p.ruin)}`).join("; ");
    return { height, label: `${data.label}. ${words}.`, parts };
  }
}

type Area = readonly [number, number, number, number]; // left, top, right, bottom

const TALL = 14; // of a line of type
const meet = (a: Area, b: Area): number => Math.max(0, Math.min(a[2], b[2]) - Math.max(a[0], b[0])) * Math.max(0, Math.min(a[3], b[3]) - Math.max(a[1], b[1]));

/** Where words beside a point hide least and lie near it. */
function free(x: number, y: number, wide: number, inside: Area, taken: readonly Area[]): { area: Area; at: [number, number] } {
  const rows = [0, -TALL, TALL, -2 * TALL, 2 * TALL, -3 * TALL, 3 * TALL];
  const places = rows.flatMap((dy): Area[] => [[x + 10, y + dy - TALL / 2, x + 10 + wide, y + dy + TALL / 2], [x - 10 - wide, y + dy - TALL / 2, x - 10, y + dy + TALL / 2]]);
  const fits = places.filter((a) => a[0] >= inside[0] && a[1] >= inside[1] && a[2] <= inside[2] && a[3] <= inside[3]);
  const cost = (a: Area): number => taken.reduce((sum, other) => sum + meet(a, other), 2 * Math.abs((a[1] + a[3]) / 2 - y));
  const area = (fits.length ? fits : places).reduce((best, a) => (cost(a) < cost(best) ? a : best));
  return { area, at: [area[0], area[3] - 3.5] };
}
