// The frame of every chart: title, unit, what the cursor reads, plot or table, provenance, and ways to take it along.

import { fill, h, id, say, text } from "../dom";
import { saveSvg, savePng } from "./picture";

export interface Column {
  head: string;
  /** Of numbers: right-aligned. */
  number?: boolean;
}

export interface Cell {
  words: string;
  /** The number at full precision, if the words are rounded. */
  value?: number | null;
}

export interface Table {
  columns: Column[];
  rows: (Cell | string)[][];
}

export interface Told {
  title: string;
  unit: string;
  caption: string;
  /** Judgement is marked in words and with a dashed outline. */
  judgement?: boolean;
  table: () => Table;
}

export interface Options {
  /** Names files; also the id of the figure in tests. */
  name: string;
  level?: 2 | 3;
  onBig?: () => void;
  /** More entries of the menu: address of a file. */
  files?: () => { label: string; href: string; name: string }[];
}

export class Figure {
  readonly root: HTMLElement;
  readonly plot = h("div", { class: "plot-box" });
  readonly readout = h("p", { class: "readout" });
  private readonly heading: HTMLElement;
  private readonly title: HTMLElement;
  private readonly unit = h("p", { class: "unit" });
  private readonly caption = h("figcaption", { class: "caption" });
  private readonly box = h("div", { class: "table-box", hidden: true, tabindex: 0, role: "region" });
  private readonly toggle: HTMLButtonElement;
  private readonly menu: HTMLDetailsElement;
  private told: Told | null = null;
  private asTable = false;

  constructor(private readonly options: Options) {
    const label = id("figure");
    this.title = options.onBig ? h("button", { class: "plain enlarge", title: "Show large", onclick: options.onBig }) : h("span");
    this.heading = h(options.level === 2 ? "h2" : "h3", { id: label }, this.title);
    this.toggle = h("button", { class: "quiet small", "aria-pressed": "false", onclick: () => this.show(!this.asTable) }, "Table");
    this.menu = h("details", { class: "menu" }, h("summary", { class: "quiet small" }, "Save"), h("div", { class: "menu-list" }));
    this.menu.addEventListener("toggle", () => this.menu.open && this.fillMenu());
    this.menu.addEventListener("keydown", (event) => {
      if (event.key !== "Escape") return;
      this.menu.open = false;
      this.menu.querySelector("summary")?.focus();
    });
    this.menu.addEventListener("focusout", (event) => {
      if (!this.menu.contains(event.relatedTarget as Node | null)) this.menu.open = false;
    });
    this.root = h("figure", { class: "figure", hidden: true, "aria-labelledby": label, "data-figure": options.name },
      h("div", { class: "figure-head" }, h("div", { class: "figure-words" }, this.heading, this.unit), h("div", { class: "figure-tools" }, this.toggle, this.menu)),
      this.readout, this.plot, this.box, this.caption);
  }

  get svg(): SVGSVGElement | null {
    return this.plot.querySelector("svg");
  }

  /** What stands around the plot. A figure that has nothing to tell yet is not there. */
  tell(told: Told): void {
    this.told = told;
    this.root.hidden = false;
    text(this.title, told.title);
    text(this.unit, told.judgement ? `${told.unit} · judgement` : told.unit);
    this.root.classList.toggle("judged", told.judgement ?? false);
    text(this.caption, told.caption);
    this.toggle.setAttribute("aria-label", `${this.asTable ? "Chart" : "Table"} of ${told.title}`);
    this.menu.querySelector("summary")!.setAttribute("aria-label", `Save ${told.title}`);
    this.box.setAttribute("aria-label", `Table: ${told.title}`);
    if (this.asTable) this.fillTable();
  }

  /** The table in place of the chart, or the chart again. */
  show(table: boolean): void {
    if (table === this.asTable) return;
    this.asTable = table;
    this.box.hidden = !table;
    this.plot.hidden = table;
    text(this.toggle, table ? "Chart" : "Table");
    this.toggle.setAttribute("aria-pressed", String(table));
    if (this.told) this.tell(this.told);
  }

  get showsTable(): boolean {
    return this.asTable;
  }

  private fillTable(): void {
    if (this.told) fill(this.box, tableOf(this.told.table(), this.told.title));
  }

  private fillMenu(): void {
    const told = this.told;
    if (!told) return;
    const close = (): void => void (this.menu.open = false);
    const words = { title: told.title, unit: told.judgement ? `${told.unit} · judgement` : told.unit, caption: told.caption };
    const picture = (save: typeof saveSvg) => () => {
      close();
      if (this.svg && !this.asTable) save(this.svg, words, this.options.name);
      else say("Show the chart first: a table has no picture.", "error");
    };
    fill(this.menu.querySelector("div")!,
      h("button", { class: "plain", onclick: picture(saveSvg) }, "Picture (SVG)"),
      h("button", { class: "plain", onclick: picture(savePng) }, "Picture (PNG)"),
      ...(this.options.files?.() ?? []).map((file) => h("a", { href: file.href, download: file.name, onclick: close }, file.label)));
  }
}

export function tableOf(table: Table, caption: string): HTMLTableElement {
  const head = h("tr", {}, ...table.columns.map((column) => h("th", { scope: "col", class: column.number && "number" }, column.head)));
  const body = table.rows.map((row) =>
    h("tr", {}, ...row.map((cell, i) => {
      const { words, value } = typeof cell === "string" ? { words: cell, value: undefined } : cell;
      if (i === 0) return h("th", { scope: "row" }, words);
      return h("td", { class: table.columns[i]?.number && "number", "data-value": value ?? undefined, title: value ?? undefined }, words);
    })));
  return h("table", {}, h("caption", { class: "hidden" }, caption), h("thead", {}, head), h("tbody", {}, ...body));
}
