// One signal as a figure: fan, distribution or table, with baseline, cursor and provenance.

import { fileOf } from "../api";
import { Fan, isNumber, type Strand, type Values } from "../charts/fan";
import { nearest } from "../charts/sized";
import { Figure, type Table } from "../charts/figure";
import { Histogram } from "../charts/histogram";
import { fill, h } from "../dom";
import { GROWTH, monthOf, monthWords, percent, unitOf, unitText, write, writeChange, writeFull, writeRange, type Unit } from "../format";
import { QUANTILES, type Milestone, type Run, type Series, type SignalResult } from "../model";
import type { App, Cause } from "../page";

export interface ChartOptions {
  big?: boolean;
  onBig?: () => void;
}

/** Names of the industry's signals and of the same signal by lab. */
const BY_LAB: Record<string, string> = { industry_revenue: "revenue", it_power: "power", industry_compute: "compute", industry_bill: "bill", frontier: "capability", frontier_run: "training_run" };
const LAB_ONLY = ["profit", "cash"];

export const counterpart = (app: App, name: string): string => {
  const other = app.state.view.by === "lab" ? BY_LAB[name] : undefined;
  return other && app.signals.has(other) ? other : name;
};

/** The charts of the page in the present view, each once. */
export function shownSignals(app: App): string[] {
  const { signals, by } = app.state.view;
  const names = signals.map((name) => counterpart(app, name)).filter((name) => app.signals.has(name));
  const more = by === "lab" ? LAB_ONLY.filter((name) => app.signals.has(name)) : [];
  return [...new Set([...names, ...more])];
}

/** Version, data, seed and draws: under every figure. */
export function provenance(app: App, run: Run | null): string {
  const { version, data_date } = app.model;
  if (!run) return `gigawatt ${version}`;
  const moving = run.quick ? " in 32 bits while moving" : "";
  const sure = run.recipe?.certain ? " · numbers at their values" : "";
  return `${app.title()} · gigawatt ${run.version} · data to ${data_date} · seed ${run.seed} · ${run.draws.toLocaleString("en")} draws${moving}${sure}`;
}

export function monthIndex(run: Run, month: string): number {
  const exact = run.months.indexOf(month);
  if (exact >= 0) return exact;
  return nearest(run.years, Number(month.slice(0, 4)) + Number(month.slice(5)) / 12);
}

/** The same signal of the baseline, month for month beside `run`: the two may begin and end at different dates. */
function baseline(app: App, run: Run, signal: string): Series[] {
  const { base } = app;
  const first = base?.months[0];
  if (!base || first === undefined || base.growth !== run.growth) return [];
  const [ahead, behind] = [base.months.indexOf(run.months[0] ?? ""), run.months.indexOf(first)];
  if (ahead < 0 && behind < 0) return [];
  const shift = ahead >= 0 ? ahead : -behind;
  const placed = (values: Values): (number | null)[] => run.months.map((_, i) => values[i + shift] ?? null);
  return (base.signals[signal]?.series ?? []).map((x) => ({ label: x.label, p05: placed(x.p05), p25: placed(x.p25), p50: placed(x.p50), p75: placed(x.p75), p95: placed(x.p95), mean: placed(x.mean) }));
}

export class ChartFigure {
  readonly figure: Figure;
  private readonly big: boolean;
  private readonly fan: Fan;
  private histogram: Histogram | null = null;
  private drawnIn: Node | null = null;
  private form = "";

  constructor(private readonly app: App, readonly signal: string, options: ChartOptions = {}) {
    this.big = options.big ?? false;
    const height = this.big ? (width: number): number => Math.round(Math.min(420, Math.max(260, width * 0.48))) : (width: number): number => Math.round(Math.min(200, Math.max(150, width * 0.52)));
    this.figure = new Figure({
      name: signal,
      level: options.big ? 2 : 3,
      ...(options.onBig && { onBig: options.onBig }),
      files: () => (["csv", "json", "zip"] as const).map((kind) => ({ label: { csv: "Numbers (CSV)", json: "Numbers (JSON)", zip: "All of it (zip)" }[kind], href: fileOf(kind, app.state.recipe, [signal]), name: `${signal}.${kind}` })),
    });
    if (options.big) this.figure.root.classList.add("big");
    this.height = height;
    this.fan = new Fan({ height, names: options.big ?? false, onCursor: (index) => app.look({ at: app.run?.months[index] ?? app.state.view.at }) });
  }

  private readonly height: (width: number) => number;

  get root(): HTMLElement {
    return this.figure.root;
  }

  update(app: App, cause: Cause): void {
    const run = app.run;
    const result = run?.signals[this.signal];
    const info = app.signals.get(this.signal);
    this.root.classList.toggle("stale", cause === "error");
    const { view } = app.state;
    if (!run || !result) {
      this.figure.tell({ title: info?.label ?? this.signal, unit: info?.unit ?? "", caption: provenance(app, run), table: () => ({ columns: [], rows: [] }) });
      return;
    }
    const growth = run.growth;
    const unit = growth ? GROWTH : unitOf(this.signal, result.unit);
    const index = monthIndex(run, view.at);
    const sure = isSure(result);
    const before = baseline(app, run, this.signal);
    if (view.form !== this.form) this.figure.show(view.form === "table"); // a table opened here alone stays open
    this.form = view.form;
    this.figure.tell({
      title: result.label,
      unit: growth ? "growth over twelve months, draw by draw, %" : [sure ? "% of draws" : unitText(unit), view.form === "fan" && view.scale === "auto" && usualScale(result) === "log" ? "log scale" : ""].filter(Boolean).join(" · "),
      caption: provenance(app, run),
      judgement: result.judgement,
      table: () => tableFor(run, result, unit, before),
    });
    fill(this.figure.readout, ...readout(before, run, result, unit, index));
    if (this.figure.showsTable) return;
    if (view.form === "distribution" && this.drawDistribution(run, result, unit, view.at, before)) return;
    this.put(this.fan.node);
    const chosen = view.chosen["lab"];
    const many = result.series.length > 1;
    const middle = (series: Series): Values => (sure ? series.mean : series.p50);
    const bands = (series: Series): Strand["bands"] => [[series.p05, series.p95], [series.p25, series.p75]];
    const scale = growth ? "linear" : view.scale === "auto" ? usualScale(result) : view.scale;
    this.fan.draw({
      label: `${result.label}: month`,
      times: run.years,
      unit,
      strands: result.series.map((series, i) => ({ label: series.label, colour: many ? i % 6 : 0, middle: middle(series), bands: sure ? [] : !many || series.label === chosen ? bands(series) : [] })),
      ghosts: before.map((series, i) => ({ colour: many ? i % 6 : 0, middle: middle(series) })),
      marks: growth ? [] : marksOf(run.events, this.signal),
      tellMarks: this.big,
      scale,
      zero: !["frontier", "capability"].includes(this.signal) || growth,
      judgement: result.judgement,
      cursor: index,
      words: (i) => spoken(run, result, unit, i),
    });
  }

  /** The cursor moved and nothing else. */
  moveCursor(app: App): void {
    if (app.run) this.update(app, "state");
  }

  private put(node: Node): void {
    if (this.drawnIn === node) return;
    this.drawnIn = node;
    fill(this.figure.plot, node);
  }

  private drawDistribution(run: Run, result: SignalResult, unit: Unit, at: string, before: Series[]): boolean {
    const chosen = this.app.state.view.chosen["lab"];
    const series = result.series.find((x) => x.label === chosen) ?? result.series[0];
    const index = monthIndex(run, at);
    if (!series?.histogram?.counts.length) return false;
    this.histogram ??= new Histogram(this.height);
    this.put(this.histogram.node);
    const five = QUANTILES.map((q) => series[q][index] ?? 0) as [number, number, number, number, number];
    const ghost = before.find((x) => x.label === series.label)?.p50[index] ?? null;
    this.histogram.draw({ label: [result.label, series.label].filter(Boolean).join(", "), unit, month: run.months[index] ?? at, bins: series.histogram, quantiles: five, ghost, judgement: result.judgement });
    return true;
  }
}

/** A share that says yes (1) or no (0) in each draw, as its label tells: its mean is the share of draws. */
export const isSure = (result: SignalResult): boolean => result.unit === "share" && /\(1\).*\(0\)/.test(result.label);

/** Log where the median moves by a factor of 80 or more: on a linear scale half of it would lie on the axis. */
function usualScale(result: SignalResult): "linear" | "log" {
  const wide = result.series.some((series) => {
    const middle = series.p50.filter(isNumber);
    return Math.min(...middle) > 0 && Math.max(...middle) / Math.min(...middle) > 80;
  });
  return wide ? "log" : "linear";
}

export const marksOf = (events: readonly Milestone[], signal: string): { at: number; low: number; high: number; words: string; name: string }[] =>
  events
    .filter((event) => event.signal === signal && event.median !== null && !event.lab)
    .map((event) => ({ at: event.median!, low: event.low ?? event.median!, high: event.high ?? event.median!, words: milestoneWords(event), name: `${event.name}: ${percent(event.probability)}` }));

export const milestoneWords = (event: Milestone): string =>
  event.median === null
    ? `${event.name}: in no draw`
    : `${event.name}: in ${(100 * event.probability).toFixed(0)} % of draws; where it happens, median ${monthOf(event.median)}, 5–95 % ${monthOf(event.low ?? event.median)} to ${monthOf(event.high ?? event.median)}`;

/** What the cursor reads, for screen readers. */
function spoken(run: Run, result: SignalResult, unit: Unit, index: number): string {
  const parts = result.series.map((series) => {
    const middle = isSure(result) ? series.mean[index] : series.p50[index];
    const range = isSure(result) || result.series.length > 1 ? "" : `, 90 % ${writeRange(unit, series.p05[index] ?? NaN, middle ?? NaN, series.p95[index] ?? NaN)}`;
    return `${series.label} ${writeFull(unit, middle)}${range}`.trim();
  });
  return `${monthWords(run.months[index] ?? "")}: ${parts.join("; ")}`;
}

/** What the cursor reads, above the chart: the value, its range, and how far it is from the baseline. */
function readout(before: Series[], run: Run, result: SignalResult, unit: Unit, index: number): Node[] {
  const month = h("span", { class: "when" }, monthWords(run.months[index] ?? ""));
  if (run.growth && result.series.every((series) => series.p50.every((x) => x === null))) return [month, h("span", { class: "reading" }, "no growth to tell: it is nought or below in some draw")];
  const many = result.series.length > 1;
  const sure = isSure(result);
  const words = result.series.map((series, i) => {
    const at = (from: Series): number | null => (sure ? from.mean : from.p50)[index] ?? null;
    const middle = at(series);
    const old = before.find((x) => x.label === series.label);
    const pinned = old ? at(old) : null;
    const parts: Node[] = [h("strong", { class: `value${many ? ` c${i % 6}` : ""}` }, many ? `${series.label} ${write(unit, middle)}` : writeFull(unit, middle))];
    if (!many && !sure) parts.push(h("span", { class: "range" }, `90 %: ${writeRange(unit, series.p05[index] ?? NaN, middle ?? NaN, series.p95[index] ?? NaN)}`));
    if (isNumber(middle) && isNumber(pinned)) parts.push(h("span", { class: "change" }, `${writeChange(unit, middle - pinned)} on baseline`));
    return h("span", { class: "reading" }, ...parts);
  });
  return [month, ...words];
}

/** December of each year, and the last month: rounded to read, at full precision in `data-value`. */
function tableFor(run: Run, result: SignalResult, unit: Unit, base: Series[]): Table {
  const indices = run.months.map((_, i) => i).filter((i) => run.months[i]!.endsWith("-12") || i === run.months.length - 1);
  const cell = (x: number | null | undefined): { words: string; value: number | null } => ({ words: writeFull(unit, x), value: x ?? null });
  const many = result.series.length > 1;
  const heads = ["5 %", "25 %", "Median", "75 %", "95 %", "Mean"].map((head) => ({ head, number: true }));
  const difference = base.length ? [{ head: "Median less baseline", number: true }] : [];
  return {
    columns: [{ head: "Month" }, ...(many ? [{ head: "Of" }] : []), ...heads, ...difference],
    rows: indices.flatMap((i) =>
      result.series.map((x) => {
        const before = base.find((y) => y.label === x.label)?.p50[i];
        const moved = isNumber(before) && isNumber(x.p50[i]) ? x.p50[i]! - before : null;
        return [run.months[i]!, ...(many ? [x.label] : []), ...QUANTILES.map((q) => cell(x[q][i])), cell(x.mean[i]), ...(base.length ? [{ words: moved === null ? "–" : writeChange(unit, moved), value: moved }] : [])];
      }),
    ),
  };
}
