// What each order loses in each world against the best order there: one colour that grows denser, and the number.

import { s } from "../dom";
import { clip, Drawn, type Drawing } from "./drawn";

export interface HeatData {
  rows: readonly string[];
  columns: readonly string[];
  values: readonly (readonly (number | null)[])[];
  write: (value: number) => string;
  label: string;
}

export class HeatMap extends Drawn<HeatData> {
  protected paint(data: HeatData, width: number): Drawing {
    const left = Math.min(170, Math.max(90, width * 0.28));
    const cell = (width - left) / Math.max(1, data.columns.length);
    const tall = 44;
    const top = 24;
    const most = Math.max(1e-12, ...data.values.flat().map((v) => v ?? 0));
    const parts: Node[] = data.columns.map((name, j) => s("text", { class: "tick", x: left + cell * (j + 0.5), y: 14, "text-anchor": "middle" }, s("title", {}, name), clip(name, cell - 4)));
    data.rows.forEach((name, i) => {
      parts.push(s("text", { class: "row-name", x: left - 10, y: top + tall * (i + 0.5) + 4, "text-anchor": "end" }, s("title", {}, name), clip(name, left - 12)));
      data.columns.forEach((column, j) => {
        const value = data.values[i]?.[j] ?? null;
        const at = { x: left + cell * j + 1, y: top + tall * i + 1, width: Math.max(1, cell - 2), height: tall - 2 };
        parts.push(s("rect", { class: "cell", ...at }), s("rect", { class: "cell c1", ...at, "fill-opacity": value === null ? 0 : 0.05 + 0.55 * Math.sqrt(Math.max(0, value) / most) }, s("title", {}, `${name}, ${column}`)));
        parts.push(s("text", { class: "cell-number", x: at.x + at.width / 2, y: at.y + tall / 2 + 3, "text-anchor": "middle" }, value === null ? "–" : data.write(value)));
      });
    });
    const told = data.rows.map((name, i) => `${name}: ${data.columns.map((column, j) => `${data.write(data.values[i]?.[j] ?? NaN)} in ${column}`).join(", ")}`).join("; ");
    return { height: top + tall * data.rows.length + 6, label: `${data.label}. ${told}.`, parts };
  }
}
