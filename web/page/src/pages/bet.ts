// How much to order now: for a small bet at once, for a lab in the world as a job that can be left and come back to.

import { get, isOvertaken, post } from "../api";
import { CashFan } from "../charts/cashfan";
import { NUMBER } from "../charts/drawn";
import { Figure, type Cell } from "../charts/figure";
import { Frontier } from "../charts/frontier";
import { HeatMap } from "../charts/heatmap";
import { segmented, type Segmented } from "../controls/segmented";
import { fill, h, set, text } from "../dom";
import { digits, percent, unitOf, unitText, write, writeFull, type Unit } from "../format";
import type { App, Cause, Page } from "../page";
import { same } from "../state";

interface Choice { name: string; order: number; bill: number; value: number; tail: number; ruin: number; lost: number }
interface PlanAnswer {
  scenario: string; title: string; lab: string; limit: string; unit: string; money: string;
  chosen: Choice; neutral: Choice; rule: Record<string, string>; frontier: Choice[];
  information: Record<string, number | null>; worth: Record<string, number | null>;
  regret: { orders: string[]; worlds: string[]; loss: (number | null)[][] };
  fans: { name: string; times: number[]; levels: number[]; cash: number[][] }[];
  flips: { belief: string; now: number; at: number; unit: string; order: number }[];
  checks: Record<string, number | null>; how: string; notes: string[]; caution_cost: number | null;
}
interface Job { job: string; progress?: [number, number] }

const BETS: [string, string][] = [["three_worlds", "Three worlds"], ["boom_bust", "Boom and bust"], ["world", "A lab in the world"]];
const TERMS = [
  { key: "lead", name: "lead_months", label: "Lead time", unit: "months" },
  { key: "term", name: "term_years", label: "Length of a contract", unit: "years" },
  { key: "cash", name: "cash", label: "Cash at the start", unit: "" },
  { key: "margin", name: "margin", label: "Gross margin", unit: "share" },
] as const;
const DRAWS = 512; // of a plan in the world: trained on as many, judged on as many others
const PAUSE = 1500; // ms between looks at a job

class Bet implements Page {
  readonly name = "bet";
  readonly title = "Bet";
  readonly live = false;
  private app!: App;
  private readonly plans = new Map<string, PlanAnswer>();
  private readonly jobs = new Map<string, string>();
  private meaning = new Map<string, string>(); // of the numbers of a world, by path
  private asked = "";
  private timer = 0;
  private which!: Segmented;
  private limit!: Segmented;
  private ruin!: HTMLInputElement;
  private lab!: HTMLSelectElement;
  private labField!: HTMLElement;
  private terms: { key: string; input: HTMLInputElement; unit: HTMLElement }[] = [];
  private start!: HTMLElement;
  private button!: HTMLButtonElement;
  private bar!: HTMLProgressElement;
  private progress!: HTMLElement;
  private problem!: HTMLElement;
  private answer!: HTMLElement;
  private under!: HTMLElement;
  private notes!: HTMLElement;
  private figures!: HTMLElement;
  private frontier!: { figure: Figure; plot: Frontier };
  private cash!: { figure: Figure; plot: CashFan };
  private regret!: { figure: Figure; plot: HeatMap };
  private flips!: Figure;
  private worth!: Figure;
  private rule!: Figure;

  render(root: HTMLElement, app: App): void {
    this.app = app;
    this.asked = "";
    this.which = segmented("Which bet", BETS, () => this.value("which", "three_worlds"), (value) => this.choose({ which: value }, "which bet"));
    this.limit = segmented("Limit on ruin", [["never", "Never ruined"], ["ruin", "Chance of ruin at most"]], () => this.value("limit", "never"), (value) => this.choose({ limit: value }, "limit on ruin"));
    this.ruin = this.field("Greatest chance of ruin, in per cent", (value) => this.choose({ ruin: value }, "chance of ruin"));
    this.lab = h("select", { id: "bet-lab" });
    this.lab.addEventListener("change", () => this.choose({ lab: this.lab.value }, `lab ${this.lab.value}`));
    this.labField = h("span", { class: "field" }, h("label", { for: "bet-lab" }, "Whose order"), this.lab);
    this.terms = TERMS.map(({ key, label, unit }) => ({ key, input: this.field(label, (value) => this.choose({ [key]: value }, label.toLowerCase())), unit: h("span", { class: "unit-of" }, unit) }));
    this.button = h("button", { class: "primary", onclick: () => void this.begin() }, "Plan it");
    this.bar = h("progress", { max: 1, "aria-label": "Progress of the plan" });
    this.progress = h("span", { role: "status", class: "small" });
    this.start = h("p", { class: "row start" }, this.button, this.bar, this.progress);
    this.problem = h("p", { class: "problem", role: "alert", hidden: true });
    this.answer = h("p", { class: "headline", "aria-live": "polite" });
    this.under = h("p", { class: "under" });
    this.frontier = { figure: new Figure({ name: "frontier", level: 2 }), plot: new Frontier() };
    this.cash = { figure: new Figure({ name: "cash", level: 2 }), plot: new CashFan() };
    this.regret = { figure: new Figure({ name: "regret", level: 2 }), plot: new HeatMap() };
    for (const { figure, plot } of [this.frontier, this.cash, this.regret]) figure.plot.append(plot.node);
    [this.flips, this.worth, this.rule] = ["flips", "worth", "rule"].map((name) => {
      const figure = new Figure({ name, level: 2 });
      figure.root.classList.add("only-table");
      return figure;
    }) as [Figure, Figure, Figure];
    this.notes = h("section", { class: "limits" });
    this.figures = h("div", { hidden: true }, h("div", { class: "pair" }, this.frontier.figure.root, this.cash.figure.root, this.regret.figure.root, this.flips.root, this.worth.root, this.rule.root), this.notes);
    fill(root,
      h("h1", {}, "Bet"),
      h("p", { class: "lede" }, "Compute is ordered a year or two before it serves and paid for during years. Order too little and a rival takes the market; too much, and if revenue comes late nothing saves you."),
      h("div", { class: "chooser" }, this.which.root, this.labField),
      h("div", { class: "chooser" }, h("div", { class: "row" }, this.limit.root, h("label", { class: "typed-field" }, this.ruin, h("span", { class: "unit-of" }, "%")))),
      h("div", { class: "chooser terms" }, ...this.terms.map(({ key, input, unit }) => h("span", { class: "field" }, h("label", { for: input.id }, TERMS.find((x) => x.key === key)!.label), h("span", { class: "typed-field" }, input, unit)))),
      this.start, this.problem, this.answer, this.under, this.figures);
    this.update(app, "state");
  }

  close(): void {
    window.clearTimeout(this.timer);
  }

  update(_app: App, cause: Cause): void {
    if (cause === "drag" || cause === "run") return;
    this.follow();
    const order = this.order();
    const key = JSON.stringify(order);
    if (key === this.asked) return;
    this.asked = key;
    window.clearTimeout(this.timer);
    this.fail("");
    const known = this.plans.get(key);
    this.working(null);
    if (known) return this.show(known);
    if (order["scenario"] === "three_worlds" || order["scenario"] === "boom_bust") return void this.ask(key, order);
    const job = this.jobs.get(key) ?? this.remembered(key);
    this.blank(job ? "The plan is being made." : "");
    if (job) void this.look(key, job);
  }

  // --- what is asked -----------------------------------------------------------------------------------------

  private value(key: string, usual = ""): string {
    return this.app.state.view.chosen[`bet.${key}`] ?? usual;
  }

  private choose(told: Record<string, string>, label: string): void {
    const chosen = { ...this.app.state.view.chosen };
    for (const [key, value] of Object.entries(told)) {
      if (value) chosen[`bet.${key}`] = value;
      else delete chosen[`bet.${key}`];
    }
    if (!same(chosen, this.app.state.view.chosen)) this.app.commit({ view: { chosen } }, label);
  }

  /** A number, or nothing for what the bet says; what is no number is marked and not taken. */
  private field(label: string, take: (value: string) => void): HTMLInputElement {
    const input = h("input", { type: "text", class: "typed", inputmode: "decimal", "aria-label": label, id: `bet-${label.toLowerCase().replace(/[^a-z]+/g, "-")}`, autocomplete: "off" });
    input.addEventListener("change", () => {
      const value = input.value.trim().replace(",", ".").replace("−", "-");
      const fits = value === "" || Number.isFinite(Number(value));
      set(input, { "aria-invalid": !fits && "true" });
      if (fits) take(value);
      else this.fail(`${label}: '${value.slice(0, 20)}' is no number: write one such as 18, or leave it empty.`);
    });
    return input;
  }

  private get world(): boolean {
    return this.value("which", "three_worlds") === "world";
  }

  private order(): Record<string, unknown> {
    const { recipe } = this.app.state;
    const order: Record<string, unknown> = { scenario: this.world ? recipe.scenario : this.value("which", "three_worlds") };
    order["limit"] = this.value("limit", "never") === "never" ? { never_ruin: true } : { ruin: Number(this.value("ruin", "5")) / 100 };
    for (const { key, name } of TERMS) if (this.value(key)) order[name] = Number(this.value(key));
    if (!this.world) return order;
    return { ...order, lab: this.value("lab", this.labs()[0]), draws: DRAWS, seed: recipe.seed, ...(Object.keys(recipe.set).length ? { belief: recipe.set } : {}) };
  }

  private labs(): string[] {
    return (this.app.signals.get("revenue")?.labels["lab"] ?? ["Anthropic"]).filter((name) => name !== "Others");
  }

  private follow(): void {
    const { app } = this;
    this.which.update();
    this.limit.update();
    const ruins = this.value("limit", "never") === "ruin";
    this.ruin.disabled = !ruins;
    this.ruin.value = this.value("ruin", "5");
    this.labField.hidden = this.start.hidden = !this.world;
    fill(this.lab, ...this.labs().map((name) => h("option", { value: name }, name)));
    this.lab.value = this.value("lab", this.labs()[0]);
    for (const { key, input, unit } of this.terms) {
      if (document.activeElement !== input) input.value = this.value(key);
      input.placeholder = "as it is";
      if (key === "cash") text(unit, this.world ? "bn USD" : "of the bet");
    }
    const { lever, hold } = app.state.recipe;
    const left = Object.keys(lever).length + Object.keys(hold).length;
    if (this.world && left) this.fail("Numbers that you changed are taken along; changes on dates are not: a plan knows none.");
  }

  // --- asking ------------------------------------------------------------------------------------------------

  private async ask(key: string, order: Record<string, unknown>): Promise<void> {
    this.figures.classList.add("stale");
    text(this.answer, this.world ? "" : "Solving the tree exactly…");
    text(this.under, "");
    try {
      const told = await post<PlanAnswer | Job>("api/plan", order, "bet");
      if ("job" in told) {
        this.jobs.set(key, told.job);
        this.remember(key, told.job);
        if (this.asked === key) this.waitFor(key, told);
        return;
      }
      this.plans.set(key, told);
      if (this.asked === key) this.show(told);
    } catch (error) {
      if (this.asked !== key || isOvertaken(error)) return;
      this.blank("");
      this.fail((error as Error).message);
    }
  }

  private async begin(): Promise<void> {
    this.fail("");
    this.working([0, 0]);
    await this.ask(this.asked, this.order());
  }

  private waitFor(key: string, told: Job): void {
    this.working(told.progress ?? [0, 0]);
    window.clearTimeout(this.timer);
    this.timer = window.setTimeout(() => void this.look(key, told.job), PAUSE);
  }

  private async look(key: string, job: string): Promise<void> {
    try {
      const told = await get<PlanAnswer | Job>(`api/plan/${job}`);
      if ("chosen" in told) this.plans.set(key, told);
      if (this.asked !== key || !this.answer.isConnected) return;
      if ("chosen" in told) this.show(told);
      else this.waitFor(key, told);
    } catch (error) {
      this.jobs.delete(key);
      if (this.asked !== key) return;
      this.blank("");
      this.fail((error as Error).message);
    }
  }

  /** The job is part of the link, so that it can be left and come back to, with what it was asked. */
  private remember(key: string, job: string): void {
    const { chosen } = this.app.state.view;
    this.app.look({ chosen: { ...chosen, "bet.job": `${hash(key)}.${job}` } });
  }

  private remembered(key: string): string {
    const [of, job] = this.value("job").split(".");
    return of === hash(key) && job ? job : "";
  }

  private working(progress: [number, number] | null): void {
    this.bar.hidden = progress === null;
    this.button.disabled = progress !== null;
    if (!progress) return text(this.progress, "It takes a minute or two; the page can be left meanwhile.");
    const [done, of] = progress;
    if (of) this.bar.value = done / of;
    else this.bar.removeAttribute("value");
    text(this.progress, of ? `${done} of ${of} steps. You can leave this page and come back.` : "Compiling the world with its derivatives. You can leave this page and come back.");
  }

  private fail(words: string): void {
    this.problem.hidden = !words;
    text(this.problem, words);
  }

  private blank(words: string): void {
    text(this.answer, words);
    text(this.under, "");
    this.figures.hidden = true;
    this.working(null);
  }

  // --- the answer --------------------------------------------------------------------------------------------

  private show(plan: PlanAnswer): void {
    this.working(null);
    this.figures.hidden = false;
    this.figures.classList.remove("stale");
    const { chosen, neutral } = plan;
    const money = plan.money.startsWith("bn USD") ? unitOf("", plan.money) : NUMBER;
    const amount = (x: number | null): string => (money === NUMBER ? figures(x) : writeFull(money, x));
    const order = (x: number): string => `${figures(x)} ${plan.unit}`;
    text(this.answer, figures(chosen.order) === "0" ? "Order nothing now." : `Order ${order(chosen.order)} now, at ${amount(chosen.bill)} a year (${plan.limit}).`);
    const alike = figures(chosen.order) === figures(neutral.order);
    text(this.under, `${alike ? "Caution costs nothing: the neutral order meets the limit." : `Caution costs ${plan.caution_cost === null ? "–" : `${digits(100 * plan.caution_cost)} %`} of the expected value: the neutral order, ${order(neutral.order)}, is worth ${amount(neutral.value)} and is ruined with a chance of ${percent(neutral.ruin)}.`} ${plan.title}${this.world ? `, ${plan.lab}` : ""}.${money === NUMBER ? ` Money in ${plan.money}.` : ""}`);
    const caption = `${plan.scenario} · gigawatt ${this.app.model.version}${this.world ? ` · trained on ${DRAWS} draws, judged on as many others, seed ${this.app.state.recipe.seed}` : " · solved exactly"}`;
    this.showFrontier(plan, money, amount, caption);
    this.showCash(plan, money, caption);
    this.showRegret(plan, money, caption);
    this.showTables(plan, amount, caption);
    fill(this.notes, h("h2", {}, "How it was found, and what it is not"), h("p", {}, plan.how), h("ul", {}, ...plan.notes.map((note) => h("li", {}, note))),
      h("p", { class: "small" }, Object.entries(plan.checks).map(([name, gap]) => `${name}: ${gap === null ? "–" : Math.abs(gap) < 1e-5 ? "below 0.001 %" : `${digits(100 * gap)} %`}`).join(" · ")));
  }

  private showFrontier(plan: PlanAnswer, money: Unit, amount: (x: number | null) => string, caption: string): void {
    const { figure, plot } = this.frontier;
    const role = (c: Choice): "chosen" | "neutral" | "" => (c.name === plan.chosen.name ? "chosen" : c.name === plan.neutral.name ? "neutral" : "");
    const points = [...plan.frontier, ...[plan.chosen, plan.neutral].filter((c) => !plan.frontier.some((x) => x.name === c.name))];
    figure.tell({
      title: "What caution costs", unit: `expected value${money === NUMBER ? "" : `, ${unitText(money)}`}; beside each point the order now`, caption,
      table: () => ({
        columns: [{ head: "Limit" }, ...["Order now", "Bill a year", "Expected value", "Chance of ruin", "Final cash, worst 5 %", "Demand turned away"].map((head) => ({ head, number: true }))],
        rows: points.map((c): (Cell | string)[] => [c.name || "a rule between", { words: `${figures(c.order)} ${plan.unit}`, value: c.order }, { words: amount(c.bill), value: c.bill }, { words: amount(c.value), value: c.value }, { words: percent(c.ruin), value: c.ruin }, { words: amount(c.tail), value: c.tail }, { words: `${digits(100 * c.lost)} %`, value: c.lost }]),
      }),
    });
    plot.draw({ unit: money, label: "Expected value against the chance of ruin", points: points.map((c) => ({ name: c.name, ruin: c.ruin, value: c.value, words: figures(c.order), role: role(c) })) });
  }

  private showCash(plan: PlanAnswer, money: Unit, caption: string): void {
    const { figure, plot } = this.cash;
    figure.root.hidden = !plan.fans.length;
    if (!plan.fans.length) return;
    const when = this.world ? "" : ", by period";
    figure.tell({
      title: "Cash under two orders", unit: `line: median; band: nine in ten${money === NUMBER ? `, ${plan.money}` : `, ${unitText(money)}`}${when}; dotted: worst twentieth`, caption,
      table: () => ({
        columns: [{ head: "When" }, ...plan.fans.flatMap((fan) => ["5 %", "median", "95 %"].map((q) => ({ head: `${fan.name}, ${q}`, number: true })))],
        rows: (plan.fans[0]?.times ?? []).map((time, i) => [String(time), ...plan.fans.flatMap((fan) => [0, 2, 4].map((q) => ({ words: money === NUMBER ? figures(fan.cash[q]?.[i] ?? null) : writeFull(money, fan.cash[q]?.[i]), value: fan.cash[q]?.[i] ?? null })))]),
      }),
    });
    const strands = plan.fans.map((fan, i) => ({ name: fan.name, colour: fan.name === plan.neutral.name ? 1 : i === 0 ? 0 : 1, times: fan.times, cash: fan.cash }));
    const end = plan.fans.map((fan) => `${fan.name}: median ${figures(fan.cash[2]?.at(-1) ?? null)} at the end, ${figures(fan.cash[0]?.at(-1) ?? null)} in the worst twentieth`).join("; ");
    plot.draw({ unit: money, strands, label: `Cash in time. ${end}.` });
  }

  private showRegret(plan: PlanAnswer, money: Unit, caption: string): void {
    const { figure, plot } = this.regret;
    const { orders, worlds, loss } = plan.regret;
    figure.root.hidden = !orders.length;
    const words = (x: number | null): string => (money === NUMBER ? figures(x) : write(money, x));
    figure.tell({
      title: "Regret: what each order loses in each world", unit: `against the best order there${money === NUMBER ? "" : `, ${unitText(money)}`}; the darker, the more`, caption,
      table: () => ({ columns: [{ head: "Order" }, ...worlds.map((head) => ({ head, number: true }))], rows: orders.map((name, i) => [name, ...worlds.map((_, j) => ({ words: words(loss[i]?.[j] ?? null), value: loss[i]?.[j] ?? null }))]) }),
    });
    plot.draw({ rows: orders, columns: worlds, values: loss, write: words, label: "Regret" });
  }

  private showTables(plan: PlanAnswer, amount: (x: number | null) => string, caption: string): void {
    const flip = (x: number, unit: string): string => (unit === "probability" || unit === "share" ? `${digits(100 * x)} %` : `${figures(x)} ${unit === plan.money && !unit.startsWith("bn") ? "" : unit}`.trim());
    this.flips.tell({
      title: "What would flip it", unit: "beliefs at which the order now moves by more than a tenth", caption,
      table: () => ({ columns: [{ head: "Belief" }, { head: "Now", number: true }, { head: "Flips at", number: true }, { head: "Order then", number: true }], rows: plan.flips.map((f) => [this.meaning.get(f.belief) ?? f.belief, { words: flip(f.now, f.unit), value: f.now }, { words: flip(f.at, f.unit), value: f.at }, { words: figures(f.order), value: f.order }]) }),
    });
    const rows = (of: Record<string, number | null>): (Cell | string)[][] => Object.entries(of).filter(([, x]) => x !== null).map(([name, x]) => [name, { words: amount(x), value: x }]);
    this.worth.tell({ title: "What better terms and knowledge are worth", unit: "expected value gained", caption, table: () => ({ columns: [{ head: "If you had" }, { head: "Worth", number: true }], rows: [...rows(plan.worth), ...rows(plan.information)] }) });
    this.rule.tell({ title: "What to do later", unit: "the rule that goes with the order now", caption, table: () => ({ columns: [{ head: "When" }, { head: "Then" }], rows: Object.entries(plan.rule).map(([when, then]) => [when, String(then)]) }) });
    for (const figure of [this.flips, this.worth, this.rule]) figure.show(true);
    this.flips.root.hidden = !plan.flips.length;
    if (this.world && plan.flips.length && !this.meaning.size) void this.learn(() => this.showTables(plan, amount, caption));
    this.rule.root.hidden = !Object.keys(plan.rule).length;
  }

  /** What the numbers of the world mean: asked for once, when a plan names some of them. */
  private async learn(then: () => void): Promise<void> {
    try {
      const { numbers } = await get<{ numbers: { path: string; label: string }[] }>(`api/sources?scenario=${encodeURIComponent(this.app.state.recipe.scenario)}`);
      const label = (path: string): string => path.split(".").slice(2).map((part) => `, ${part}`).join("");
      this.meaning = new Map(numbers.map((row) => [row.path, row.label + label(row.path)]));
      if (this.meaning.size && this.flips.root.isConnected) then();
    } catch {
      this.meaning = new Map(); // the paths say it too
    }
  }
}

/** Three significant digits without trailing zeros: 0.219, 33, 737. */
const figures = (x: number | null): string => (x === null || !Number.isFinite(x) ? "–" : (Math.abs(x) < 1e-9 ? 0 : x).toLocaleString("en", { maximumSignificantDigits: 3 }).replace("-", "−"));

/** A few letters that tell one question from another. */
function hash(words: string): string {
  let found = 5381;
  for (const letter of words) found = (found * 33 + letter.charCodeAt(0)) >>> 0;
  return found.toString(36);
}

export const bet = new Bet();
