// Two to four scenarios side by side: the same draws and the same luck, so a difference is no noise.

import { ApiError, isOvertaken, loadModel, post } from "../api";
import { Fan, isNumber, type Strand, type Values } from "../charts/fan";
import { nearest } from "../charts/sized";
import { Figure, type Table } from "../charts/figure";
import { Waterfall } from "../charts/waterfall";
import { fill, h, id, text } from "../dom";
import { monthOf, monthWords, percent, unitOf, unitText, write, writeChange, writeFull, writeRange, yearOf, type Unit } from "../format";
import { QUANTILES, type Recipe, type Run, type Series } from "../model";
import type { App, Cause, Page } from "../page";
import { plainRecipe, same, type Named } from "../state";
import { isSure, monthIndex } from "./chart";

const MOST = 4;

interface Attribution {
  from: number;
  to: number;
  steps: { path: string; label: string; from_value: number | string | null; to_value: number | string | null; effect: number }[];
  rest: number;
}

class Compare implements Page {
  readonly name = "compare";
  readonly title = "Compare";
  readonly live = false;
  private app!: App;
  private runs: (Run | null)[] = [];
  private asked = "";
  private readonly known = new Map<string, Promise<Set<string>>>();
  private chips!: HTMLElement;
  private adder!: HTMLSelectElement;
  private signal!: HTMLSelectElement;
  private of!: HTMLSelectElement;
  private big!: Figure;
  private bigFan!: Fan;
  private small = new Map<string, { figure: Figure; fan: Fan }>();
  private grid!: HTMLElement;
  private differences!: Figure;
  private events!: Figure;
  private why!: Figure;
  private waterfall!: Waterfall;
  private whySelect!: HTMLSelectElement;
  private whyAsked = "";
  private problem!: HTMLElement;

  render(root: HTMLElement, app: App): void {
    this.app = app;
    this.runs = [];
    this.asked = this.whyAsked = "";
    this.small = new Map();
    this.chips = h("ul", { class: "chips", "aria-label": "Scenarios compared" });
    this.adder = h("select", { id: "compare-add" });
    this.adder.addEventListener("change", () => this.add());
    this.signal = h("select", { id: "compare-signal" });
    for (const signal of app.signals.values()) if (signal.headline || app.model.charts.includes(signal.name)) this.signal.append(h("option", { value: signal.name }, signal.label));
    this.signal.addEventListener("change", () => app.look({ big: this.signal.value }));
    this.of = h("select", { id: "compare-of" });
    this.of.addEventListener("change", () => app.look({ chosen: { ...app.state.view.chosen, of: this.of.value } }));
    this.big = new Figure({ name: "compared", level: 2 });
    this.big.root.classList.add("big");
    this.bigFan = new Fan({ height: (width) => Math.round(Math.min(400, Math.max(250, width * 0.4))), names: true, onCursor: (index) => this.cursor(index) });
    this.big.plot.append(this.bigFan.node);
    this.differences = new Figure({ name: "differences", level: 2 });
    this.events = new Figure({ name: "events", level: 2 });
    this.why = new Figure({ name: "attribution", level: 3 });
    this.waterfall = new Waterfall();
    this.why.plot.append(this.waterfall.node);
    this.whySelect = h("select", { id: "compare-why" });
    this.whySelect.addEventListener("change", () => this.attribute());
    this.grid = h("div", { class: "grid" });
    this.problem = h("p", { class: "problem", role: "alert", hidden: true });
    const pick = (label: string, select: HTMLSelectElement): HTMLElement => h("span", { class: "field" }, h("label", { for: select.id }, label), select);
    const whyHead = id("why");
    fill(root,
      h("h1", {}, "Compare"),
      h("p", { class: "lede" }, "The same draws and the same luck in every scenario: what differs here differs because of what was changed."),
      h("div", { class: "chooser" }, this.chips, pick("Add a scenario (up to four)", this.adder)), this.problem,
      h("div", { class: "filters" }, pick("Quantity", this.signal), pick("Of", this.of)),
      h("div", { class: "stack" }, this.big.root, this.differences.root, this.grid, this.events.root,
        h("section", { "aria-labelledby": whyHead }, h("div", { class: "row" }, h("h2", { id: whyHead }, "What makes the difference"), pick("From the first scenario to", this.whySelect)), this.why.root)));
    for (const figure of [this.differences, this.events]) figure.root.classList.add("only-table");
    this.update(app, "state");
  }

  update(_app: App, cause: Cause): void {
    if (cause === "drag" || cause === "run") return;
    this.follow();
    const wanted = this.all();
    const key = JSON.stringify([wanted, this.signals()]);
    if (key !== this.asked) {
      this.asked = key;
      this.runs = wanted.map(() => null);
      wanted.forEach(({ recipe }, i) => {
        this.ask(recipe, i, key).then(
          (run) => {
            if (this.asked !== key) return;
            this.runs[i] = run;
            this.draw();
          },
          (error: unknown) => {
            if (isOvertaken(error) || this.asked !== key) return;
            this.problem.hidden = false;
            text(this.problem, `${this.nameOf(i)}: ${(error as Error).message}`);
          });
      });
      this.problem.hidden = true;
    }
    this.draw();
  }

  private async ask(recipe: Recipe, i: number, key: string): Promise<Run> {
    const known = await this.signalsOf(recipe.scenario);
    if (this.asked !== key) throw new ApiError("overtaken", 409);
    return this.app.runner.run({ recipe, signals: this.signals().filter((name) => known.has(name)), at: null }, `compare-${i}`);
  }

  /** The signals that this scenario's world has; another world may lack some. */
  private signalsOf(scenario: string): Promise<Set<string>> {
    const { model, signals } = this.app;
    let known = this.known.get(scenario);
    if (!known) {
      known = scenario === model.scenario ? Promise.resolve(new Set(signals.keys())) : loadModel(scenario).then((told) => new Set(told.signals.map((x) => x.name)));
      known.catch(() => this.known.delete(scenario)); // asked again next time
      this.known.set(scenario, known);
    }
    return known;
  }

  // --- what is compared --------------------------------------------------------------------------------------

  /** The current recipe first, then those added; a link without any compares with the preset that comes next. */
  private all(): Named[] {
    const { app } = this;
    const { recipe, view } = app.state;
    const others = view.compare.length ? view.compare : [this.usualOther()];
    return [{ name: app.title(), recipe }, ...others].slice(0, MOST);
  }

  private usualOther(): Named {
    const { app } = this;
    const { recipe, view } = app.state;
    const draws = app.model.draws.rest;
    if (view.pinned) return { name: app.title(view.pinned), recipe: view.pinned };
    const other = !same(recipe, plainRecipe(recipe.scenario, recipe.draws)) ? recipe.scenario : app.model.presets.find((name) => name !== recipe.scenario) ?? "base";
    return { name: app.title(plainRecipe(other, draws), ""), recipe: { ...plainRecipe(other, draws), draws: recipe.draws, seed: recipe.seed } };
  }

  private signals(): string[] {
    const { view } = this.app.state;
    return [...new Set([view.big, ...view.signals.filter((name) => this.app.signals.get(name)?.axes.length === 0)])];
  }

  private nameOf(i: number): string {
    return this.all()[i]?.name ?? "";
  }

  private add(): void {
    const { app } = this;
    const { value } = this.adder;
    this.adder.value = "";
    if (!value) return;
    const others = this.all().slice(1);
    const { recipe } = app.state;
    const told: Named = value === "now" ? { name: `${app.title()} (as now)`, recipe } : value === "pinned" && app.state.view.pinned ? { name: "Baseline", recipe: app.state.view.pinned } : { name: this.shortTitle(value), recipe: { ...plainRecipe(value, recipe.draws), seed: recipe.seed } };
    app.commit({ view: { compare: [...others, told].slice(0, MOST - 1) } }, `compare with ${told.name}`);
  }

  private shortTitle(scenario: string): string {
    return this.app.title(plainRecipe(scenario, 0), "");
  }

  private follow(): void {
    const { app } = this;
    const { scenarios, presets } = app.model;
    const { view } = app.state;
    const all = this.all();
    fill(this.chips, ...all.map(({ name }, i) =>
      h("li", { class: `chip c${i}` }, h("span", { class: "dot-sign", "aria-hidden": "true" }), name, i === 0 ? h("small", {}, " on the page World") : null,
        i > 0 && all.length > 2 ? h("button", { class: "tool", "aria-label": `Take ${name} away`, onclick: () => app.commit({ view: { compare: all.slice(1).filter((_, k) => k !== i - 1) } }, `without ${name}`) }, "×") : null)));
    const option = (name: string): HTMLElement => h("option", { value: name }, scenarios.find((x) => x.name === name)?.title ?? name);
    fill(this.adder, h("option", { value: "" }, all.length < MOST ? "Choose…" : "Four are shown"),
      h("optgroup", { label: "Yours" }, h("option", { value: "now" }, "The current scenario, kept as it is now"), view.pinned ? h("option", { value: "pinned" }, "The pinned baseline") : null),
      h("optgroup", { label: "Often used" }, ...presets.map(option)), h("optgroup", { label: "All" }, ...scenarios.filter((x) => !presets.includes(x.name)).map((x) => option(x.name))));
    this.adder.disabled = all.length >= MOST;
    this.signal.value = view.big;
    const axes = app.signals.get(view.big)?.labels ?? {};
    const labels = Object.values(axes)[0] ?? [];
    fill(this.of, ...(labels.length ? labels.map((label) => h("option", { value: label }, label)) : [h("option", { value: "" }, "industry")]));
    this.of.disabled = !labels.length;
    this.of.value = labels.includes(view.chosen["of"] ?? "") ? view.chosen["of"]! : labels[0] ?? "";
    const before = this.whySelect.value;
    fill(this.whySelect, ...all.slice(1).map(({ name }, i) => h("option", { value: String(i + 1) }, name)));
    this.whySelect.value = before && Number(before) < all.length ? before : "1";
  }

  // --- figures -----------------------------------------------------------------------------------------------

  private cursor(index: number): void {
    this.app.look({ at: this.timeline().months[index] ?? this.app.state.view.at });
  }

  private series(run: Run | null, signal: string): Series | undefined {
    const all = run?.signals[signal]?.series;
    return all?.find((x) => x.label === this.of.value) ?? all?.[0];
  }

  private caption(): string {
    const run = this.runs.find((x) => x);
    const draws = new Set(this.runs.map((x) => x?.draws.toLocaleString("en") ?? "…")); // once where all have as many
    return run ? `gigawatt ${run.version} · data to ${this.app.model.data_date} · seed ${run.seed} · ${[...draws].join(", ")} draws` : "";
  }

  private draw(): void {
    const first = this.runs.find((x) => x);
    if (!first) return;
    const { view } = this.app.state;
    this.chart(this.big, this.bigFan, view.big, true);
    const names = this.signals().filter((name) => name !== view.big);
    const kept = new Map<string, { figure: Figure; fan: Fan }>();
    for (const name of names) {
      const found = this.small.get(name) ?? this.make(name);
      kept.set(name, found);
      if (!found.figure.root.isConnected) this.grid.append(found.figure.root);
    }
    for (const [name, { figure }] of this.small) if (!kept.has(name)) figure.root.remove();
    this.small = kept;
    for (const [name, { figure, fan }] of kept) this.chart(figure, fan, name, false);
    this.tableOfDifferences(view.big);
    this.tableOfEvents();
    this.attribute();
  }

  private make(name: string): { figure: Figure; fan: Fan } {
    const figure = new Figure({ name, onBig: () => (this.app.look({ big: name }), this.big.root.scrollIntoView({ block: "nearest" })) });
    const fan = new Fan({ height: (width) => Math.round(Math.min(190, Math.max(150, width * 0.5))), names: false, onCursor: (index) => this.cursor(index) });
    figure.plot.append(fan.node);
    return { figure, fan };
  }

  private chart(figure: Figure, fan: Fan, signal: string, big: boolean): void {
    const first = this.runs.find((x) => x?.signals[signal]);
    const result = first?.signals[signal];
    if (!first || !result) return;
    const unit = unitOf(signal, result.unit);
    const label = result.series.length > 1 ? this.of.value : "";
    const sure = isSure(result);
    figure.tell({ title: [result.label, label].filter(Boolean).join(", "), unit: sure ? "% of draws" : unitText(unit), caption: this.caption(), judgement: result.judgement, table: () => this.differenceTable(signal, unit) });
    const { months, years } = this.timeline();
    const index = nearest(years, yearOf(this.app.state.view.at));
    const found = this.runs.flatMap((run, i) => {
      const series = this.series(run, signal);
      if (!run || !series) return [];
      const from = months.indexOf(run.months[0] ?? "");
      const placed = (values: Values): Values => [...Array<null>(from).fill(null), ...values];
      return [{ i, middle: placed(sure ? series.mean : series.p50), p05: placed(series.p05), p25: placed(series.p25), p75: placed(series.p75), p95: placed(series.p95) }];
    });
    const range = (x: (typeof found)[number]): string => writeRange(unit, x.p05[index] ?? NaN, x.middle[index] ?? NaN, x.p95[index] ?? NaN);
    fill(figure.readout, h("span", { class: "when" }, monthWords(months[index] ?? "")), ...found.map((x) =>
      h("span", { class: "reading" }, h("strong", { class: `value c${x.i}` }, big ? `${clipped(this.nameOf(x.i))} ${writeFull(unit, x.middle[index])}` : write(unit, x.middle[index])), big && !sure && isNumber(x.middle[index]) ? h("span", { class: "range" }, range(x)) : null)));
    if (figure.showsTable) return;
    const strands: Strand[] = found.map((x) => ({ label: clipped(this.nameOf(x.i)), colour: x.i, middle: x.middle, bands: big && !sure ? [[x.p25, x.p75]] : [] }));
    const middles = found.flatMap((x) => x.middle.filter(isNumber));
    const wide = Math.min(...middles) > 0 && Math.max(...middles) / Math.min(...middles) > 80;
    const { scale } = this.app.state.view;
    fan.draw({
      label: `${result.label}: month`, times: years, unit, strands, ghosts: [], marks: [], scale: scale === "auto" ? (wide ? "log" : "linear") : scale,
      zero: !["frontier", "capability"].includes(signal), judgement: false, cursor: index,
      words: (k) => `${monthWords(months[k] ?? "")}: ${found.map((x) => `${this.nameOf(x.i)} ${writeFull(unit, x.middle[k])}`).join("; ")}`,
    });
  }

  /** All months of all runs, which may begin and end at different dates. */
  private timeline(): { months: string[]; years: number[] } {
    const at = new Map(this.runs.flatMap((run) => run?.months.map((month, i) => [month, run.years[i]!] as const) ?? []));
    const months = [...at.keys()].sort();
    return { months, years: months.map((month) => at.get(month)!) };
  }

  /** December of each year: median and range of each scenario, and what each lies above the first. */
  private differenceTable(signal: string, unit: Unit): Table {
    const all = this.runs.map((run) => this.series(run, signal));
    const years = this.timeline().months.filter((month) => month.endsWith("-12"));
    const at = (i: number, month: string, q: (typeof QUANTILES)[number]): number | null => {
      const k = this.runs[i]?.months.indexOf(month) ?? -1;
      return k >= 0 ? all[i]?.[q][k] ?? null : null;
    };
    const names = this.all().map((x) => x.name);
    return {
      columns: [{ head: "Month" }, ...names.map((head) => ({ head, number: true })), ...names.slice(1).map((name) => ({ head: `${name}: difference`, number: true }))],
      rows: years.map((month) => [
        month,
        ...names.map((_, i) => {
          const [low, middle, high] = [at(i, month, "p05"), at(i, month, "p50"), at(i, month, "p95")];
          return middle === null ? (this.runs[i] ? "–" : "…") : { words: `${writeFull(unit, middle)} (${writeRange(unit, low ?? NaN, middle, high ?? NaN)})`, value: middle };
        }),
        ...names.slice(1).map((_, i) => {
          const [a, b] = [at(0, month, "p50"), at(i + 1, month, "p50")];
          if (a === null || b === null) return "–";
          const share = a > 0 && unit.text !== "" ? ` (${b >= a ? "+" : "−"}${Math.abs((b / a - 1) * 100).toFixed(0)} %)` : "";
          return { words: `${writeChange(unit, b - a)}${share}`, value: b - a };
        }),
      ]),
    };
  }

  private tableOfDifferences(signal: string): void {
    const result = this.runs.find((x) => x?.signals[signal])?.signals[signal];
    if (!result) return;
    const unit = unitOf(signal, result.unit);
    this.differences.tell({ title: `${result.label}, year by year`, unit: "median (5–95 %), and the difference of medians from the first scenario", caption: this.caption(), table: () => this.differenceTable(signal, unit) });
    this.differences.show(true);
  }

  private tableOfEvents(): void {
    const names = [...new Set(this.runs.flatMap((run) => run?.events.filter((event) => !event.lab).map((event) => event.name) ?? []))];
    this.events.tell({
      title: "When it happens", unit: "share of draws by the end of each run, and the median date where it happens", caption: this.caption(),
      table: () => ({
        columns: [{ head: "Event" }, ...this.all().map(({ name }) => ({ head: name, number: true }))],
        rows: names.map((name) => [name, ...this.runs.map((run) => {
          const event = run?.events.find((x) => x.name === name);
          return event ? { words: `${percent(event.probability)}${event.median === null ? "" : `, ${monthOf(event.median)}`}`, value: event.probability } : "–";
        })]),
      }),
    });
    this.events.show(true);
  }

  // --- attribution --------------------------------------------------------------------------------------------

  private attribute(): void {
    const { app } = this;
    const all = this.all();
    const to = all[Number(this.whySelect.value || 1)];
    const signal = app.state.view.big;
    const run = this.runs[0];
    if (!to || !run) return;
    const at = run.months[monthIndex(run, app.state.view.at)] ?? app.state.view.at;
    const december = `${at.slice(0, 4)}-12`;
    const month = run.months.includes(december) ? december : at;
    const body: { a: Recipe; b: Recipe; signal: string; at: string; label?: string } = { a: all[0]!.recipe, b: to.recipe, signal, at: month };
    if (this.of.value) body.label = this.of.value;
    const key = JSON.stringify(body);
    if (key === this.whyAsked) return;
    this.whyAsked = key;
    const result = run.signals[signal];
    const unit = unitOf(signal, result?.unit ?? "1");
    const about = { title: `${result?.label ?? signal}, ${monthWords(month)}`, unit: `${all[0]!.name} to ${to.name}: one change after the other` };
    this.why.tell({ ...about, caption: "Computing…", table: () => ({ columns: [], rows: [] }) });
    post<Attribution>("api/attribute", body, "attribute").then(
      (told) => {
        if (this.whyAsked !== key) return;
        const rows = [...told.steps.map((step) => [step.label || step.path, `${step.from_value ?? "–"} → ${step.to_value ?? "–"}`, { words: writeChange(unit, step.effect), value: step.effect }]), ["Together (interaction)", "", { words: writeChange(unit, told.rest), value: told.rest }]];
        this.why.tell({
          ...about, caption: this.caption(),
          table: () => ({ columns: [{ head: "Change" }, { head: "From and to" }, { head: "Effect", number: true }], rows: [[all[0]!.name, "", { words: writeFull(unit, told.from), value: told.from }], ...rows, [to.name, "", { words: writeFull(unit, told.to), value: told.to }]] }),
        });
        const rest = Math.abs(told.rest) > 1e-9 * Math.abs(told.to - told.from) ? [{ label: "Together (interaction)", effect: told.rest }] : [];
        this.waterfall.draw({ unit, from: { label: all[0]!.name, value: told.from }, to: { label: to.name, value: told.to }, steps: [...told.steps.map((step) => ({ label: step.label || step.path, effect: step.effect })), ...rest] });
      },
      (error: unknown) => {
        if (isOvertaken(error) || this.whyAsked !== key) return;
        this.why.tell({ ...about, caption: (error as Error).message, table: () => ({ columns: [], rows: [] }) });
      });
  }
}

const clipped = (name: string): string => (name.length > 20 ? `${name.slice(0, 18).trim()}…` : name);

export const compare = new Compare();
