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
    const named = points.length <= 6 ? points : points.filter((p) => p.role);
    for (const p of points) {
      const colour = p.role === "chosen" ? "c0" : p.role === "neutral" ? "c1" : "c5";
      parts.push(s("circle", { class: `point ${colour}`, cx: x(p.ruin), cy: y(p.value), r: p.role ? 6 : 4 }, s("title", {}, `${p.name ? `${p.name}: ` : ""}order ${p.words}`)));
    }
    named.forEach((p, i) => {
      const high = i % 2 === 0;
      const late = x(p.ruin) > width * 0.62;
      parts.push(s("text", { class: p.role ? "mark-name strong" : "mark-name", x: x(p.ruin) + (late ? -9 : 9), y: y(p.value) + (high ? 17 : -9), "text-anchor": late ? "end" : "start" }, p.name ? `${p.name}: ${p.words}` : p.words));
    });
    const words = points.map((p) => `${p.name ? `${p.name}: ` : ""}order ${p.words}, ruin ${percent(p.ruin)}`).join("; ");
    return { height, label: `${data.label}. ${words}.`, parts };
  }
}
