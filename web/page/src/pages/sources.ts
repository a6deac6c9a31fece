// Every number behind the answer: what it is, its range, who says so, and which law reads it.

import { get } from "../api";
import { fill, h, say, text } from "../dom";
import { plain } from "../format";
import type { Card, NumberRow, Numbers } from "../model";
import type { App, Cause, Page } from "../page";
import { chosenIn, safeLink, shortTitle } from "../controls/slider";

type Order = "path" | "label" | "value" | "unit" | "grade";

const HEADS: [Order | "range" | "source" | "used", string][] = [["label", "Number"], ["value", "Value"], ["range", "5–95 %"], ["unit", "Unit"], ["grade", "Grade"], ["source", "Source"], ["used", "Where used"]];

class Sources implements Page {
  readonly name = "sources";
  readonly title = "Sources";
  readonly live = false;
  private app!: App;
  private told: Numbers | null = null;
  private scenario = "";
  private rows = new Map<string, HTMLTableRowElement>();
  private order: Order = "path";
  private up = true;
  private search!: HTMLInputElement;
  private grade!: HTMLSelectElement;
  private mechanism!: HTMLSelectElement;
  private body!: HTMLTableSectionElement;
  private heads: HTMLElement[] = [];
  private count!: HTMLElement;
  private counts!: HTMLElement;

  render(root: HTMLElement, app: App): void {
    this.app = app;
    this.told = null;
    this.scenario = "";
    this.rows = new Map();
    this.search = h("input", { type: "search", id: "find-number", placeholder: "Name, meaning, source…", autocomplete: "off", value: app.state.view.chosen["find"] ?? "" });
    this.search.addEventListener("input", () => this.list());
    this.search.addEventListener("change", () => app.look({ chosen: { ...app.state.view.chosen, find: this.search.value } }));
    this.grade = h("select", { id: "of-grade", onchange: () => this.list() });
    this.mechanism = h("select", { id: "of-law", onchange: () => this.list() });
    this.body = h("tbody");
    this.count = h("p", { class: "small", role: "status" });
    this.counts = h("p", { class: "grades" });
    this.heads = HEADS.map(([key, words]) => {
      const sortable = key !== "range" && key !== "source" && key !== "used";
      return h("th", { scope: "col", class: key === "value" || key === "range" ? "number" : "" }, sortable ? h("button", { class: "sort", "data-order": key, onclick: () => this.sort(key) }, words) : words);
    });
    fill(root,
      h("h1", {}, "Sources"),
      h("p", { class: "lede" }, "Every number that the scenario uses, with its range, where it comes from, and how good that is. Judgement is ours and says so. Open a row for the reasoning, the equation that reads it, and to change it."),
      this.counts,
      h("div", { class: "filters" },
        h("span", { class: "field" }, h("label", { for: "find-number" }, "Search"), this.search),
        h("span", { class: "field" }, h("label", { for: "of-grade" }, "Grade"), this.grade),
        h("span", { class: "field" }, h("label", { for: "of-law" }, "Law that reads it"), this.mechanism)),
      this.count,
      h("div", { class: "wide", tabindex: 0, role: "region", "aria-label": "All numbers" }, h("table", { class: "numbers" }, h("caption", { class: "hidden" }, "All numbers of the scenario"), h("thead", {}, h("tr", {}, ...this.heads)), this.body)));
    this.update(app, "state");
  }

  update(app: App, cause: Cause): void {
    if (cause !== "state") return;
    const { scenario } = app.state.recipe;
    if (scenario === this.scenario) return this.mark();
    this.scenario = scenario;
    get<Numbers>(`api/sources?scenario=${encodeURIComponent(scenario)}`).then((told) => {
      if (this.scenario !== scenario) return;
      this.told = told;
      this.rows.clear();
      const tally = new Map<string, number>();
      for (const row of told.numbers) tally.set(row.grade, (tally.get(row.grade) ?? 0) + 1);
      const grades = [...tally].sort((a, b) => b[1] - a[1]);
      fill(this.grade, h("option", { value: "" }, "any"), ...grades.map(([name, n]) => h("option", { value: name }, `${name} (${n})`)));
      fill(this.mechanism, h("option", { value: "" }, "any"), ...[...new Set(told.numbers.flatMap((row) => row.used_by))].sort().map((name) => h("option", { value: name }, name)));
      text(this.counts, `${told.numbers.length} numbers: ${grades.map(([name, n]) => `${n} ${name}`).join(", ")}.`);
      this.list();
    }, (error: unknown) => {
      this.scenario = "";
      say((error as Error).message, "error");
      text(this.count, (error as Error).message);
    });
  }

  private sort(order: Order): void {
    this.up = order === this.order ? !this.up : true;
    this.order = order;
    this.list();
  }

  /** Rows are made once; search, filters and order only move and hide them. */
  private list(): void {
    const { told } = this;
    if (!told) return;
    const parts = this.search.value.toLowerCase().split(/\s+/).filter(Boolean);
    const [grade, law] = [this.grade.value, this.mechanism.value];
    const sourceWords = (row: NumberRow): string => row.source.map((key) => told.sources[key]?.title ?? key).join(" ");
    const fits = (row: NumberRow): boolean => {
      if (grade && row.grade !== grade) return false;
      if (law && !row.used_by.includes(law)) return false;
      if (!parts.length) return true;
      const words = `${row.path} ${row.label} ${row.unit} ${row.place} ${row.equation} ${row.used_by.join(" ")} ${sourceWords(row)}`.toLowerCase();
      return parts.every((part) => words.includes(part));
    };
    const sign = this.up ? 1 : -1;
    const found = told.numbers.filter(fits).sort((a, b) => {
      const [x, y] = [a[this.order], b[this.order]];
      return sign * (typeof x === "number" && typeof y === "number" ? x - y : String(x).localeCompare(String(y)) || a.path.localeCompare(b.path));
    });
    fill(this.body, ...found.map((row) => this.row(row)));
    text(this.count, `${found.length} of ${told.numbers.length} shown.`);
    this.heads.forEach((head) => {
      const key = head.querySelector("button")?.dataset["order"];
      if (key === this.order) head.setAttribute("aria-sort", this.up ? "ascending" : "descending");
      else head.removeAttribute("aria-sort");
    });
    this.mark();
  }

  private row(row: NumberRow): HTMLTableRowElement {
    const known = this.rows.get(row.path);
    if (known) return known;
    const told = this.told!;
    const sure = row.low === row.high;
    const open = h("button", { class: "plain open-row", "aria-expanded": "false", onclick: () => this.unfold(made, row, open) }, h("span", { class: "row-name" }, row.label), h("code", {}, row.path));
    const sources = row.source.flatMap((key, i) => [i ? "; " : "", safeLink(told.sources[key]?.address ?? "", shortTitle(told.sources[key]?.title ?? key))]);
    const made = h("tr", { "data-path": row.path },
      h("th", { scope: "row" }, open),
      h("td", { class: "number", "data-value": row.value, title: row.value }, plain(row.value)),
      h("td", { class: "number" }, sure ? "" : `${plain(row.low)}–${plain(row.high)}`),
      h("td", {}, row.unit === "1" ? "" : row.unit),
      h("td", {}, h("span", { class: `grade ${row.grade}` }, row.grade)),
      h("td", { class: "source" }, ...sources),
      h("td", { class: "used" }, row.used_by.join(", ")));
    this.rows.set(row.path, made);
    return made;
  }

  /** Reason, note, code, and what `gigawatt explain` says. */
  private unfold(row: HTMLTableRowElement, number: NumberRow, button: HTMLElement): void {
    const next = row.nextElementSibling;
    if (next?.classList.contains("more")) {
      next.remove();
      return void button.setAttribute("aria-expanded", "false");
    }
    button.setAttribute("aria-expanded", "true");
    const line = (head: string, words: string | Node): HTMLElement | null => (words ? h("div", {}, h("dt", {}, head), h("dd", {}, words)) : null);
    const explained = h("div");
    const chosen = chosenIn(this.app.state.recipe, number.path);
    const change = h("button", { class: "quiet small", onclick: () => {
      const value = chosen?.value ?? number.value;
      this.app.commit({ recipe: { ...this.app.state.recipe, set: { ...this.app.state.recipe.set, [number.path]: value } } }, `${number.label} set for sure`);
      this.app.go("world");
    } }, "Set it on the page World");
    const cell = h("td", { colspan: HEADS.length }, h("div", { class: "card" }, h("dl", {},
      line("value", `${plain(number.value)} ${number.unit === "1" ? "" : number.unit}`), line("5–95 %", number.low === number.high ? "" : `${plain(number.low)} to ${plain(number.high)}`), line("used by", number.used_by.join(", ")), ...number.source.map((key) => line("source", this.told?.sources[key]?.title ?? key)), line("because", number.place), line("note", number.note), line("shape", number.shape),
      line("equation", number.equation ? h("code", {}, `gigawatt.mechanisms.${number.equation}`) : ""), line("written in", h("code", {}, number.file.split("/").slice(-2).join("/")))), explained, h("p", { class: "row" }, change)));
    row.after(h("tr", { class: "more" }, cell));
    get<Card[]>(`api/explain?name=${encodeURIComponent(number.path)}&scenario=${encodeURIComponent(this.scenario)}`).then((cards) => {
      for (const card of cards) fill(explained, h("h3", {}, card.what), h("dl", {}, ...card.rows.filter(([head]) => !["source", "value", "unit"].includes(head)).map(([head, words]) => h("div", {}, h("dt", {}, head), h("dd", {}, words)))));
    }, () => undefined);
  }

  private mark(): void {
    for (const [path, row] of this.rows) row.classList.toggle("changed", chosenIn(this.app.state.recipe, path) !== null);
  }
}

export const sources = new Sources();
