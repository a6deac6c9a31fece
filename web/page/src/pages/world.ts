// The world: the answer in a sentence, what may be changed, and what follows, month by month.

import { Stacked, sharesInWords } from "../charts/stacked";
import { Figure } from "../charts/figure";
import { MilestoneChart } from "../charts/milestones";
import { fill, h, inView, text } from "../dom";
import { monthWords, percent } from "../format";
import { Panel } from "../controls/panel";
import { segmented, type Segmented } from "../controls/segmented";
import type { Model } from "../model";
import type { App, Cause, Page } from "../page";
import { plainRecipe, type View } from "../state";
import { ChartFigure, counterpart, monthIndex, provenance, shownSignals } from "./chart";

export function usualView(model: Model): View {
  const big = model.charts[0] ?? model.signals[0]?.name ?? "";
  return { signals: model.charts, big, by: "industry", scale: "auto", mode: "level", form: "fan", at: "2030-12", pinned: null, compare: [], chosen: {} };
}

/** The signals that the open page needs. */
export function signalsOf(app: App): string[] {
  const { view, page } = app.state;
  if (document.body.classList.contains("embedded")) return [counterpart(app, view.big)].filter((name) => app.signals.has(name));
  if (page === "world") return shownSignals(app);
  return view.signals.filter((name) => app.signals.has(name));
}

class World implements Page {
  readonly name = "world";
  readonly title = "World";
  readonly live = true;
  private app!: App;
  private panel!: Panel;
  private charts = new Map<string, ChartFigure>();
  private readonly headline = h("h1", { class: "headline" });
  private readonly under = h("span");
  private readonly scenario = h("select", { id: "scenario" });
  private readonly note = h("p", { class: "note" });
  private readonly called = h("input", { id: "called", type: "text", maxlength: 120, autocomplete: "off" });
  private readonly problem = h("p", { class: "problem", role: "alert", hidden: true });
  private bigBox!: HTMLElement;
  private grid!: HTMLElement;
  private labs!: HTMLElement;
  private toolbar: Segmented[] = [];
  private certain!: HTMLInputElement;
  private year!: HTMLInputElement;
  private yearWords!: HTMLElement;
  private binding!: Figure;
  private bindingPlot!: Stacked;
  private milestones!: MilestoneChart;
  private adder!: HTMLSelectElement;
  private shown = "";
  private drawn: readonly unknown[] = []; // what every chart shows; nothing once a slider has moved some of them
  private panelOf: Model | null = null;
  private controls!: HTMLElement;

  render(root: HTMLElement, app: App): void {
    this.app = app;
    this.charts = new Map();
    this.shown = "";
    this.drawn = [];
    this.controls = h("aside", { class: "controls", "aria-label": "Levers and assumptions" });
    this.fillPanel();
    this.bigBox = h("div", { class: "big-box" });
    this.grid = h("div", { class: "grid" });
    this.labs = h("div", { class: "labs", role: "group", "aria-label": "Labs" });
    this.bindingPlot = new Stacked(150, (index) => app.look({ at: app.run?.months[index] ?? app.state.view.at }));
    this.binding = new Figure({ name: "binding" });
    this.milestones = new MilestoneChart();
    const rest = h("div", { class: "rest" }, this.grid, this.addChart(), this.milestones.figure.root, this.binding.root, this.limits());
    fill(root,
      h("div", { class: "answer" }, this.headline, h("p", { class: "under" }, this.under, " ", h("button", { class: "link", onclick: () => root.querySelector<HTMLElement>(".limits")?.focus() }, "What this is not good for")), this.problem, this.chooser()),
      h("div", { class: "work" }, this.bigBox, h("div", { class: "view" }, this.tools(), this.labs), this.controls),
      rest);
    this.update(app, "state");
  }

  update(app: App, cause: Cause): void {
    const { state, run } = app;
    this.problem.hidden = !app.problem;
    text(this.problem, app.problem);
    if (cause === "state") {
      if (this.panelOf !== app.model) this.fillPanel();
      this.panel.update();
      this.followState();
    }
    if (run) {
      const [first, ...more] = run.headline.split(". ");
      text(this.headline, run.headline === first ? first : more.join(". "));
      text(this.under, `${app.title()}. ${state.recipe.certain ? "Every number at its value; what is left of the bands is luck." : "Line: median. Bands: half and nine tenths of the draws."}${state.view.pinned ? ` Dashed: the baseline, ${app.title(state.view.pinned)}.` : ""}`);
    }
    this.arrange();
    const shows = [run, app.base, app.signals, JSON.stringify(state.view)];
    const still = cause === "state" && shows.every((part, i) => part === this.drawn[i]); // numbers are on their way
    this.drawn = cause === "drag" ? [] : shows;
    const due = cause === "drag" ? inView : (): boolean => !still; // the rest follows once the slider rests
    const charts = [...this.charts.values()].filter((chart) => due(chart.root));
    const [binding, milestones] = [due(this.binding.root), due(this.milestones.figure.root)];
    for (const chart of charts) chart.update(app, cause);
    if (binding) this.drawBinding();
    if (milestones) this.milestones.update(app);
    if (run) {
      this.year.max = String(run.months.length - 1);
      const index = monthIndex(run, state.view.at);
      this.year.value = String(index);
      text(this.yearWords, monthWords(run.months[index] ?? ""));
      this.year.setAttribute("aria-valuetext", monthWords(run.months[index] ?? ""));
    }
  }

  /** The numbers of this scenario, with its own defaults and ranges. */
  private fillPanel(): void {
    this.panelOf = this.app.model;
    this.panel = new Panel(this.app);
    fill(this.controls, this.panel.root);
  }

  // --- top -------------------------------------------------------------------------------------------------

  private chooser(): HTMLElement {
    const { app } = this;
    const { scenarios, presets } = app.model;
    const option = (name: string): HTMLElement => h("option", { value: name }, scenarios.find((x) => x.name === name)?.title ?? name);
    fill(this.scenario,
      h("optgroup", { label: "Often used" }, ...presets.map(option)),
      h("optgroup", { label: "All" }, ...scenarios.filter((x) => !presets.includes(x.name)).map((x) => option(x.name))));
    this.scenario.onchange = () => app.commit({ recipe: { ...plainRecipe(this.scenario.value, app.state.recipe.draws), seed: app.state.recipe.seed }, name: "" }, `scenario ${this.scenario.value}`);
    this.called.onchange = () => app.commit({ name: this.called.value.trim() }, "name of the scenario");
    return h("div", { class: "chooser" },
      h("span", { class: "field" }, h("label", { for: "scenario" }, "Scenario"), this.scenario),
      h("span", { class: "field" }, h("label", { for: "called" }, "Your name for it"), this.called),
      this.note);
  }

  private followState(): void {
    const { recipe, view, name } = this.app.state;
    this.scenario.value = recipe.scenario;
    text(this.note, this.app.model.scenarios.find((x) => x.name === recipe.scenario)?.note ?? "");
    if (document.activeElement !== this.called) this.called.value = name;
    set(this.called, this.app.title(recipe, ""));
    for (const part of this.toolbar) part.update();
    this.certain.checked = !recipe.certain;
    this.labs.hidden = view.by !== "lab";
    const chosen = view.chosen["lab"] ?? "";
    const labels = [...this.app.signals.values()].find((x) => x.axes.length === 1 && x.axes[0] === "lab")?.labels["lab"] ?? [];
    if (this.labs.textContent !== labels.join("")) {
      fill(this.labs, ...labels.map((lab, i) => h("button", { class: `lab c${i % 6}`, "data-lab": lab, onclick: () => {
        const { lab: now, ...others } = this.app.state.view.chosen;
        this.app.look({ chosen: now === lab ? others : { ...others, lab } });
      } }, lab)));
    }
    for (const button of Array.from(this.labs.children)) button.setAttribute("aria-pressed", String(button.getAttribute("data-lab") === chosen));
  }

  private tools(): HTMLElement {
    const { app } = this;
    const part = <K extends "by" | "mode" | "scale" | "form">(key: K, label: string, options: [View[K], string][]): Segmented => {
      const made = segmented(label, options as [string, string][], () => app.state.view[key], (value) => app.commit({ view: { [key]: value } }, `${label}: ${value}`));
      return made;
    };
    this.toolbar = [
      part("by", "Of", [["industry", "Industry"], ["lab", "Labs"]]),
      part("mode", "Quantity", [["level", "Level"], ["growth", "Growth"]]),
      part("scale", "Scale", [["auto", "Auto"], ["linear", "Linear"], ["log", "Log"]]),
      part("form", "Form", [["fan", "Fan"], ["distribution", "Distribution"], ["table", "Table"]]),
    ];
    this.certain = h("input", { type: "checkbox" });
    this.certain.addEventListener("change", () => app.commit({ recipe: { ...app.state.recipe, certain: !this.certain.checked } }, this.certain.checked ? "uncertain numbers" : "numbers at their values"));
    this.yearWords = h("span", { class: "year-words" });
    this.year = h("input", { type: "range", min: 0, max: 119, step: 1, "aria-label": "Month of the cursor" });
    this.year.addEventListener("input", () => app.look({ at: app.run?.months[Number(this.year.value)] ?? app.state.view.at }));
    return h("div", { class: "view-tools" }, ...this.toolbar.map((x) => x.root),
      h("label", { class: "check" }, this.certain, " Uncertain numbers"),
      h("span", { class: "when-tool" }, this.year, this.yearWords));
  }

  // --- charts ----------------------------------------------------------------------------------------------

  /** Make, drop and order the figures so that they are those of the state; keep what stays. */
  private arrange(): void {
    const { app } = this;
    const names = shownSignals(app);
    const wanted = counterpart(app, app.state.view.big);
    const big = names.includes(wanted) ? wanted : names[0] ?? "";
    const key = [big, ...names].join(" ");
    if (key === this.shown) return;
    this.shown = key;
    const kept = new Map<string, ChartFigure>();
    const figure = (name: string, large: boolean): ChartFigure => {
      const id = `${name}${large ? "!" : ""}`;
      const found = this.charts.get(id) ?? new ChartFigure(app, name, large ? { big: true } : { onBig: () => this.enlarge(name) });
      kept.set(id, found);
      return found;
    };
    fill(this.bigBox, figure(big, true).root);
    fill(this.grid, ...names.filter((name) => name !== big).map((name) => figure(name, false).root));
    this.charts = kept;
  }

  private enlarge(name: string): void {
    this.app.look({ big: name });
    this.bigBox.scrollIntoView({ block: "nearest" });
    this.bigBox.querySelector<HTMLElement>("[tabindex='0']")?.focus({ preventScroll: true });
  }

  private addChart(): HTMLElement {
    const { app } = this;
    this.adder = h("select", { id: "add-chart" }, h("option", { value: "" }, "Add or take away a chart…"));
    const names = [...app.signals.values()].filter((signal) => signal.headline || app.model.charts.includes(signal.name));
    for (const signal of names) this.adder.append(h("option", { value: signal.name }, signal.label));
    this.adder.onchange = () => {
      const name = this.adder.value;
      this.adder.value = "";
      const { signals } = app.state.view;
      if (!name) return;
      const has = signals.includes(name);
      if (has && signals.length === 1) return;
      app.commit({ view: { signals: has ? signals.filter((x) => x !== name) : [...signals, name] } }, `${has ? "without" : "with"} chart ${name}`);
    };
    return h("p", { class: "add-chart" }, h("label", { class: "hidden", for: "add-chart" }, "Add or take away a chart"), this.adder);
  }

  private drawBinding(): void {
    const { app } = this;
    const { run } = app;
    this.binding.root.hidden = !run?.binding;
    if (!run?.binding) return;
    const { names, share } = run.binding;
    const index = monthIndex(run, app.state.view.at);
    this.binding.tell({
      title: "What binds orders",
      unit: "share of draws, by the constraint that holds orders back; the rest up to 100 %: none",
      caption: provenance(app, run),
      table: () => ({ columns: [{ head: "Month" }, ...names.map((head) => ({ head, number: true }))], rows: run.months.flatMap((month, i) => (month.endsWith("-12") ? [[month, ...share.map((row) => ({ words: percent(row[i] ?? 0), value: row[i] ?? null }))]] : [])) }),
    });
    fill(this.binding.readout, h("span", { class: "when" }, monthWords(run.months[index] ?? "")), h("span", { class: "reading" }, sharesInWords(names, share, index)));
    if (!this.bindingPlot.node.isConnected) fill(this.binding.plot, this.bindingPlot.node);
    this.bindingPlot.draw({ label: "What binds orders: month", times: run.years, names, shares: share, cursor: index, words: (i) => `${monthWords(run.months[i] ?? "")}: ${sharesInWords(names, share, i)}` });
  }

  private limits(): HTMLElement {
    return h("section", { class: "limits", tabindex: -1, "aria-labelledby": "limits" }, h("h2", { id: "limits" }, "What this is not good for"), h("ul", {}, ...this.app.model.not_good_for.map((words) => h("li", {}, words))));
  }
}

const set = (input: HTMLInputElement, words: string): void => void (input.placeholder = words);

export const world = new World();
