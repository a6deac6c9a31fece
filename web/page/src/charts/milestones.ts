// When things happen: median date and 5-95 % whisker among the draws in which they do, and in how many that is.

import { scaleLinear } from "d3-scale";
import { fill, h, s, set } from "../dom";
import { monthOf, percent } from "../format";
import type { App } from "../page";
import { milestoneWords, provenance } from "../pages/chart";
import { axes, yearTicks, type Box } from "./axis";
import { Figure } from "./figure";

const ROW = 34;

export class MilestoneChart {
  readonly figure = new Figure({ name: "milestones" });
  private readonly node = h("div", { class: "plot", role: "img" });
  private readonly svg = s("svg", { "aria-hidden": "true" });
  private app: App | null = null;

  constructor() {
    this.node.append(this.svg);
    this.figure.plot.append(this.node);
    new ResizeObserver(() => this.app && this.update(this.app)).observe(this.node);
  }

  update(app: App): void {
    this.app = app;
    const { run } = app;
    if (!run) return;
    const lab = app.state.view.by === "lab";
    const events = run.events.filter((event) => (lab ? event.signal === "alive" : !event.lab));
    const before = new Map((app.base?.events ?? []).map((event) => [event.name, event]));
    this.figure.tell({
      title: lab ? "Ruin, lab by lab" : "When it happens",
      unit: "median date and 5–95 % range among the draws in which it happens; share of draws by the end",
      caption: provenance(app, run),
      table: () => ({
        columns: [{ head: "Event" }, { head: "Share of draws", number: true }, { head: "Median" }, { head: "5 %" }, { head: "95 %" }],
        rows: events.map((event) => [event.name, { words: percent(event.probability), value: event.probability }, ...[event.median, event.low, event.high].map((x) => ({ words: x === null ? "–" : monthOf(x), value: x }))]),
      }),
    });
    const width = Math.floor(this.node.clientWidth);
    if (width < 40) return;
    const wide = width > 520;
    const row = wide ? ROW : ROW + 16;
    const box: Box = { width, height: events.length * row + 30, left: wide ? Math.min(270, width * 0.38) : 8, right: 56, top: 4, bottom: 24 };
    const first = Math.floor((run.years[0] ?? 0) - 0.01);
    const last = run.years.at(-1) ?? first + 1;
    const x = scaleLinear([first, last], [box.left, width - box.right]);
    const at = (year: number): number => x(Math.min(Math.max(year, first), last));
    const body = s("g", { class: "body" });
    events.forEach((event, i) => {
      const y = box.top + i * row + row - ROW / 2;
      body.append(s("text", { class: "event", x: wide ? box.left - 12 : box.left, y: wide ? y + 4 : y - 16, "text-anchor": wide ? "end" : "start" }, event.name));
      body.append(s("text", { class: "event-share", x: width - 4, y: y + 4, "text-anchor": "end" }, percent(event.probability)));
      body.append(s("line", { class: "grid", x1: box.left, x2: width - box.right, y1: y, y2: y }));
      const old = before.get(event.name);
      if (old?.median) body.append(s("circle", { class: "milestone-ghost", cx: at(old.median), cy: y, r: 5 }));
      if (event.median === null) return;
      body.append(
        s("line", { class: "whisker", x1: at(event.low ?? event.median), x2: at(event.high ?? event.median), y1: y, y2: y }),
        s("circle", { class: "milestone", cx: at(event.median), cy: y, r: 5, "fill-opacity": 1 }),
      );
    });
    set(this.svg, { viewBox: `0 0 ${width} ${box.height}`, width, height: box.height });
    fill(this.svg, axes(box, x, yearTicks(first, last, width - box.left - box.right), null, []), body);
    set(this.node, { "aria-label": events.map(milestoneWords).join(". ") });
  }
}
