// Which numbers a quantity hangs on, now and over time, and what changed it since it was pinned or shipped.

import { isOvertaken, post } from "../api";
import { cut } from "../charts/drawn";
import { Figure } from "../charts/figure";
import { IndexLines } from "../charts/indices";
import { ofNumber, Tornado, type Bar } from "../charts/tornado";
import { Waterfall } from "../charts/waterfall";
import { fill, h, text } from "../dom";
import { digits, monthWords, unitOf, unitText, write, writeChange, writeFull, type Unit } from "../format";
import type { App, Cause, Page } from "../page";
import { compact, plainRecipe, same } from "../state";
import type { Recipe } from "../model";

interface WhyAnswer {
  meaning: string; unit: string; at: string; draws: number; seed: number; base: number; tornado: Bar[];
  indices: { years: number[]; rows: { path: string; label: string; first: number[]; now: number }[]; floor: number; rest: number[] };
}
interface Attribution {
  from: number; to: number; rest: number; exact: boolean; runs: number; draws: number; seed: number;
  steps: { kind: string; path: string; label: string; from_value: string | null; to_value: string | null; effect: number; error: number }[];
}

const LINES = 5; // numbers with a line of their own
const STEPS = 8; // steps with a bar of their own; the rest together
const FIRST = 2026;
const LAST = 2035;

class Why implements Page {
  readonly name = "why";
  readonly title = "Why";
  readonly live = false;
  private app!: App;
  private asked = "";
  private askedChange = "";
  private answer: WhyAnswer | null = null;
  private year = 0;
  private signal!: HTMLSelectElement;
  private label!: HTMLSelectElement;
  private labelField!: HTMLElement;
  private when!: HTMLSelectElement;
  private from!: HTMLSelectElement;
  private sentence!: HTMLElement;
  private problem!: HTMLElement;
  private words!: HTMLElement;
  private bars!: { figure: Figure; plot: Tornado };
  private lines!: { figure: Figure; plot: IndexLines };
  private change!: { figure: Figure; plot: Waterfall };

  render(root: HTMLElement, app: App): void {
    this.app = app;
    this.asked = this.askedChange = "";
    this.answer = null;
    const select = (key: string): HTMLSelectElement => {
      const found = h("select", { id: `why-${key}` });
      found.addEventListener("change", () => app.commit({ view: { chosen: { ...app.state.view.chosen, [`why.${key}`]: found.value } } }, `why: ${found.selectedOptions[0]?.textContent ?? ""}`));
      return found;
    };
    [this.signal, this.label, this.when, this.from] = ["signal", "label", "at", "from"].map(select) as [HTMLSelectElement, HTMLSelectElement, HTMLSelectElement, HTMLSelectElement];
    const field = (label: string, found: HTMLSelectElement): HTMLElement => h("span", { class: "field" }, h("label", { for: found.id }, label), found);
    this.labelField = field("Of", this.label);
    this.sentence = h("p", { class: "headline", "aria-live": "polite" });
    this.problem = h("p", { class: "problem", role: "alert", hidden: true });
    this.words = h("ol", { class: "causes" });
    this.bars = { figure: new Figure({ name: "tornado", level: 2 }), plot: new Tornado() };
    this.lines = { figure: new Figure({ name: "indices", level: 2 }), plot: new IndexLines((index) => this.choose(index)) };
    this.change = { figure: new Figure({ name: "waterfall", level: 2 }), plot: new Waterfall() };
    for (const { figure, plot } of [this.bars, this.lines, this.change]) figure.plot.append(plot.node);
    fill(root,
      h("h1", {}, "Why"),
      h("p", { class: "lede" }, "Each number is put at its low and its high end in every draw, all others as drawn; and shares of the spread are read off the draws themselves."),
      h("div", { class: "filters" }, field("Quantity", this.signal), this.labelField, field("End of", this.when)), this.problem, this.sentence,
      h("div", { class: "stack" }, this.bars.figure.root, this.lines.figure.root,
        h("section", { "aria-labelledby": "why-change" }, h("div", { class: "row" }, h("h2", { id: "why-change" }, "Why did this change?"), field("From", this.from)), this.words, this.change.figure.root)));
    this.update(app, "state");
  }

  update(_app: App, cause: Cause): void {
    if (cause === "drag" || cause === "run") return;
    this.follow();
    this.ask();
    this.askChange();
  }

  private chosen(key: string): string {
    return this.app.state.view.chosen[`why.${key}`] ?? "";
  }

  private follow(): void {
    const { app } = this;
    const { view, recipe } = app.state;
    const known = [...app.signals.values()].filter((signal) => signal.headline && signal.axes.length < 2);
    fill(this.signal, ...known.map((signal) => h("option", { value: signal.name }, signal.label)));
    const wanted = this.chosen("signal") || view.big;
    this.signal.value = known.some((signal) => signal.name === wanted) ? wanted : known[0]?.name ?? "";
    const labels = Object.values(app.signals.get(this.signal.value)?.labels ?? {})[0] ?? [];
    this.labelField.hidden = !labels.length;
    fill(this.label, ...labels.map((label) => h("option", { value: label }, label)));
    this.label.value = labels.includes(this.chosen("label")) ? this.chosen("label") : labels[0] ?? "";
    const years = this.answer?.indices.years ?? Array.from({ length: LAST - FIRST + 1 }, (_, i) => FIRST + i).filter((year) => !recipe.until || `${year}-12` <= recipe.until);
    fill(this.when, ...years.map((year) => h("option", { value: `${year}-12` }, String(year))));
    const at = this.chosen("at") || `${view.at.slice(0, 4)}-12`;
    this.when.value = years.some((year) => `${year}-12` === at) ? at : `${years.at(-1)}-12`;
    fill(this.from, h("option", { value: "shipped" }, "the scenario as shipped"), view.pinned ? h("option", { value: "pinned" }, "the pinned baseline") : null);
    this.from.value = this.chosen("from") || (view.pinned ? "pinned" : "shipped");
    if (!this.from.value) this.from.value = "shipped";
  }

  private unit(): Unit {
    return unitOf(this.signal.value, this.app.signals.get(this.signal.value)?.unit ?? "1");
  }

  private target(): { signal: string; label?: string; at: string } {
    return { signal: this.signal.value, at: this.when.value, ...(this.label.value ? { label: this.label.value } : {}) };
  }

  private subject(): string {
    const label = this.app.signals.get(this.signal.value)?.label ?? this.signal.value;
    return this.label.value ? `${label} of ${this.label.value}` : label;
  }

  private provenance(draws: number, seed: number): string {
    const { version, data_date } = this.app.model;
    return `${this.app.title()} · gigawatt ${version} · data to ${data_date} · seed ${seed} · ${draws.toLocaleString("en")} draws`;
  }

  // --- what it hangs on --------------------------------------------------------------------------------------

  private ask(): void {
    const body = { recipe: this.app.state.recipe, ...this.target() };
    const key = JSON.stringify(body);
    if (key === this.asked) return;
    this.asked = key;
    this.problem.hidden = true;
    for (const { figure } of [this.bars, this.lines]) figure.root.classList.add("stale");
    text(this.sentence, "Running each of the foremost numbers at both of its ends…");
    post<WhyAnswer>("api/why", body, "why").then(
      (told) => {
        if (this.asked !== key) return;
        this.answer = told;
        this.year = Math.max(0, told.indices.years.indexOf(Number(this.when.value.slice(0, 4))));
        this.follow();
        this.draw();
      },
      (error: unknown) => {
        if (isOvertaken(error) || this.asked !== key) return;
        text(this.sentence, "");
        this.problem.hidden = false;
        text(this.problem, (error as Error).message);
      });
  }

  private choose(index: number): void {
    this.year = index;
    if (this.answer) this.drawLines(this.answer);
  }

  private draw(): void {
    const told = this.answer;
    if (!told) return;
    const unit = this.unit();
    const first = told.tornado[0];
    text(this.sentence, first ? `${this.subject()} at the end of ${told.at.slice(0, 4)}, ${writeFull(unit, told.base)}, hangs most on: ${lower(first.label)}. From its low to its high end it runs from ${writeFull(unit, first.at_low)} to ${writeFull(unit, first.at_high)}.` : "");
    const caption = `${this.provenance(told.draws, told.seed)}, of which the bars take the first 256`;
    this.bars.figure.root.classList.remove("stale");
    this.bars.figure.tell({
      title: `What ${lower(this.subject())} hangs on, ${monthWords(told.at)}`, unit: `${unitText(unit)}; blue: the number at its 5th percentile, orange: at its 95th; line: all as drawn`, caption,
      table: () => ({
        columns: [{ head: "Number" }, { head: "Path" }, ...["5 %", "95 %", "at 5 %", "at 95 %", "explains alone"].map((head) => ({ head, number: true }))],
        rows: told.tornado.map((bar) => [bar.label, bar.path, { words: ofNumber(bar.low, bar.unit), value: bar.low }, { words: ofNumber(bar.high, bar.unit), value: bar.high }, { words: writeFull(unit, bar.at_low), value: bar.at_low }, { words: writeFull(unit, bar.at_high), value: bar.at_high }, { words: bar.first > told.indices.floor ? `${digits(100 * bar.first)} %` : "below noise", value: bar.first }]),
      }),
    });
    this.bars.plot.draw({ label: this.subject(), unit, base: told.base, bars: told.tornado });
    this.drawLines(told);
  }

  private drawLines(told: WhyAnswer): void {
    const { years, rows, floor, rest } = told.indices;
    const above = rows.filter((row) => Math.max(...row.first) > floor).sort((a, b) => Math.max(...b.first) - Math.max(...a.first));
    const shown = above.slice(0, LINES);
    const { figure, plot } = this.lines;
    figure.root.classList.remove("stale");
    figure.tell({
      title: `What it hangs on, by year`, unit: `share of the variance over draws (of the rank) that a number explains alone; grey: not told from noise (${digits(100 * floor)} %)`, caption: this.provenance(told.draws, told.seed),
      table: () => ({
        columns: [{ head: "Number" }, ...years.map((year) => ({ head: String(year), number: true }))],
        rows: [...above.map((row) => [row.label, ...row.first.map((x) => ({ words: x > floor ? `${digits(100 * x)} %` : "–", value: x }))]), ["Luck, numbers acting together, small ones", ...rest.map((x) => ({ words: `${digits(100 * x)} %`, value: x }))]],
      }),
    });
    fill(figure.readout, h("span", { class: "when" }, `end of ${years[this.year] ?? ""}`), ...shown.map((row, k) => h("span", { class: "reading" }, h("strong", { class: `value c${k}` }, `${digits(100 * Math.max(row.first[this.year] ?? 0, 0))} %`), short(row.label))),
      h("span", { class: "reading range" }, `rest ${digits(100 * (rest[this.year] ?? 0))} %`));
    if (!figure.showsTable) plot.draw({ years, rows: shown, floor, cursor: this.year });
  }

  // --- what changed it ---------------------------------------------------------------------------------------

  private askChange(): void {
    const { recipe, view } = this.app.state;
    const shipped = { ...plainRecipe(recipe.scenario, recipe.draws), seed: recipe.seed };
    const a: Recipe = this.from.value === "pinned" && view.pinned ? view.pinned : shipped;
    const body = { a, b: recipe, ...this.target() };
    const key = JSON.stringify(body);
    if (key === this.askedChange) return;
    this.askedChange = key;
    const { figure } = this.change;
    if (same(compact(a, 0), compact(recipe, 0))) {
      figure.root.hidden = true;
      fill(this.words, h("li", {}, "Nothing differs yet: change a number on the page World, or pin a baseline there and then change one."));
      return;
    }
    figure.root.classList.add("stale");
    fill(this.words, h("li", {}, "Making the changes in every order…"));
    post<Attribution>("api/attribute", body, "why-change").then(
      (told) => this.askedChange === key && this.drawChange(told),
      (error: unknown) => {
        if (isOvertaken(error) || this.askedChange !== key) return;
        figure.root.hidden = true;
        fill(this.words, h("li", {}, (error as Error).message));
      });
  }

  private drawChange(told: Attribution): void {
    const { figure, plot } = this.change;
    const unit = this.unit();
    const from = this.from.value === "pinned" ? "Baseline" : "As shipped";
    const named = told.steps.map((step) => ({ ...step, words: step.label || step.path, ends: `${bare(step.from_value)} → ${bare(step.to_value)}` }));
    fill(this.words, h("li", {}, `${this.subject()} at the end of ${this.when.value.slice(0, 4)} goes from ${writeFull(unit, told.from)} to ${writeFull(unit, told.to)} (${writeChange(unit, told.to - told.from)}).`),
      ...named.slice(0, STEPS).map((step) => h("li", {}, h("strong", { class: `value ${step.effect >= 0 ? "c0" : "c1"}` }, writeChange(unit, step.effect)), ` ${step.words}, ${step.ends}`)));
    figure.root.hidden = false;
    figure.root.classList.remove("stale");
    const how = told.exact ? `all ${told.runs} sets of changes` : `${told.runs} runs of orders drawn`;
    figure.tell({
      title: `${this.subject()}: from there to here`, unit: `${unitText(unit)}; each change averaged over all orders of making them (Shapley); they add up`, caption: `${this.provenance(told.draws, told.seed)}, ${how}`,
      table: () => ({
        columns: [{ head: "Change" }, { head: "From and to" }, { head: "Effect", number: true }, ...(told.exact ? [] : [{ head: "Standard error", number: true }])],
        rows: [[from, "", { words: writeFull(unit, told.from), value: told.from }], ...named.map((step) => [step.words, step.ends, { words: writeChange(unit, step.effect), value: step.effect }, ...(told.exact ? [] : [{ words: write(unit, step.error), value: step.error }])]), ["Now", "", { words: writeFull(unit, told.to), value: told.to }]],
      }),
    });
    const left = named.slice(STEPS);
    const steps = named.slice(0, STEPS).map((step) => ({ label: step.words, effect: step.effect }));
    if (left.length) steps.push({ label: `${left.length} smaller ones`, effect: left.reduce((sum, step) => sum + step.effect, 0) });
    plot.draw({ unit, from: { label: from, value: told.from }, to: { label: "Now", value: told.to }, steps });
  }
}

const bare = (words: string | null): string => (words ? (words.length > 44 ? `${words.slice(0, 43)}…` : words) : "none");
const lower = (words: string): string => (/^[A-Z][a-z]/.test(words) ? words.charAt(0).toLowerCase() + words.slice(1) : words);
const short = (words: string): string => ` ${cut(words, 32)}`;

export const why = new Why();
