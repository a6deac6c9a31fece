// A number to move: slider with the default and its stated range on the track, typed value, unit, reset, and what it is.

import { h, id, say, set, style, text } from "../dom";
import { plain } from "../format";
import type { Control, Recipe } from "../model";
import type { App } from "../page";
import { without } from "../state";

const STEPS = 200;
const QUIET = 350; // ms without a key until a move by keyboard counts as done

/** Where a value stands on the track, 0 to 1. */
export function place(control: Control, value: number): number {
  const { min, max } = control;
  const at = control.scale === "log" ? Math.log(value / min) / Math.log(max / min) : (value - min) / (max - min);
  return Math.min(Math.max(Number.isFinite(at) ? at : 0, 0), 1);
}

/** The value at a place on the track, in three digits, or as many as tell one step from the next: what is shown is what is sent. */
export function valueAt(control: Control, at: number): number {
  const { min, max } = control;
  const log = control.scale === "log";
  const exact = log ? min * (max / min) ** at : min + (max - min) * at;
  const step = (log ? exact * Math.log(max / min) : max - min) / STEPS;
  let digits = Math.max(3, Math.floor(Math.floor(Math.log10(Math.abs(exact) || step)) - Math.log10(step)) + 2);
  let value = Number(exact.toPrecision(digits));
  while ((value < min || value > max) && digits < 17) value = Number(exact.toPrecision(++digits)); // an end that is no round number
  return Math.min(Math.max(value, min), max);
}

/** In the box: all digits as long as they fit. */
const typedWords = (value: number): string => (String(value).length <= 8 ? String(value) : plain(value));

/** The value of a control in a recipe and the month from which it holds; null if it is at its default. */
export function chosenIn(recipe: Recipe, path: string): { value: number; from: string | null } | null {
  const set = recipe.set[path];
  if (set !== undefined) return { value: Number(typeof set === "object" ? set.value : set), from: null };
  const first = Object.entries(recipe.lever[path] ?? {})[0];
  return first ? { value: first[1], from: first[0] } : null;
}

export function withChoice(recipe: Recipe, path: string, value: number | null, from: string | null): Recipe {
  const bare = { ...recipe, set: without(recipe.set, path), lever: without(recipe.lever, path) };
  if (value === null) return bare;
  return from ? { ...bare, lever: { ...bare.lever, [path]: { [from]: value } } } : { ...bare, set: { ...bare.set, [path]: value } };
}

export class Slider {
  readonly root: HTMLElement;
  private readonly range: HTMLInputElement;
  private readonly typed: HTMLInputElement;
  private readonly reset: HTMLButtonElement;
  private readonly from: HTMLSelectElement | null;
  private readonly error = h("p", { class: "field-error", role: "alert", hidden: true });
  private readonly about: HTMLButtonElement;
  private card: HTMLElement | null = null;
  private timer = 0;
  private held = false;
  private at = 0; // place of the range, of STEPS
  private pending: number | null = null;

  constructor(private readonly app: App, readonly control: Control, kind: "lever" | "assumption") {
    const label = id("control");
    const { min, max } = control;
    this.range = h("input", { type: "range", min: 0, max: STEPS, step: 1, "aria-labelledby": label, "data-path": control.path });
    this.typed = h("input", { type: "text", inputmode: "decimal", class: "typed", autocomplete: "off", "aria-label": `${control.label}: value` });
    this.reset = h("button", { class: "tool reset", "aria-label": `Reset ${control.label}`, title: `Back to ${plain(control.value)}`, hidden: true, onclick: () => this.clear() }, "↺");
    this.about = h("button", { class: "tool about", "aria-expanded": "false", "aria-label": `About ${control.label}`, onclick: () => this.explain() }, "?");
    this.from = kind === "lever" ? h("select", { class: "from", "aria-label": `${control.label}: from when`, hidden: true }) : null;
    const track = h("span", { class: "track", "aria-hidden": "true" });
    const tick = h("span", { class: "tick-default" });
    style(tick, { left: `${100 * place(control, control.value)}%` });
    if (control.low !== null && control.high !== null && control.low < control.high) {
      const band = h("span", { class: "band-stated" });
      const [a, b] = [place(control, control.low), place(control, control.high)];
      style(band, { left: `${100 * a}%`, width: `${100 * (b - a)}%` });
      track.append(band);
    }
    track.append(tick);
    this.root = h("div", { class: "control", "data-control": control.path },
      h("div", { class: "control-head" }, h("span", { id: label, class: "control-label" }, control.label), this.reset, this.about),
      h("div", { class: "control-body" }, h("div", { class: "slide" }, track, this.range), h("span", { class: "typed-box" }, this.typed, h("span", { class: "unit-of" }, control.unit === "1" ? "" : control.unit))),
      this.from, this.error);
    this.fillFrom();

    this.range.addEventListener("pointerdown", () => (this.held = true));
    this.range.addEventListener("pointerup", () => (this.held = false));
    this.range.addEventListener("input", () => {
      const at = Number(this.range.value);
      const next = Math.min(Math.max(2 * at - this.at, 0), STEPS); // one more step the same way
      const [value, after] = [at, next].map((x) => valueAt(control, x / STEPS)) as [number, number];
      this.pending = value;
      this.show(value, true);
      const recipes = [value, after].map((x) => withChoice(app.state.recipe, control.path, x, this.month)) as [Recipe, Recipe];
      if (this.held) app.drag(recipes[0]);
      else app.drag(...recipes);
      window.clearTimeout(this.timer);
    });
    this.range.addEventListener("change", () => {
      // A drag ends here; a key may be one of many.
      if (this.held || this.pending === null) return this.settle();
      window.clearTimeout(this.timer);
      this.timer = window.setTimeout(() => this.settle(), QUIET);
    });
    this.range.addEventListener("blur", () => this.settle());
    this.typed.addEventListener("focus", () => this.typed.select());
    this.typed.addEventListener("change", () => this.take());
    this.typed.addEventListener("keydown", (event) => event.key === "Enter" && this.take());
    set(this.typed, { title: `from ${plain(min)} to ${plain(max)}` });
  }

  private get month(): string | null {
    return this.from?.value || null;
  }

  /** Follow the state. */
  update(): void {
    if (this.pending !== null) return;
    const chosen = chosenIn(this.app.state.recipe, this.control.path);
    if (this.from) this.from.value = chosen?.from ?? "";
    this.show(chosen?.value ?? this.control.value, chosen !== null);
  }

  get changed(): boolean {
    return chosenIn(this.app.state.recipe, this.control.path) !== null;
  }

  private show(value: number, changed: boolean): void {
    this.at = Math.round(STEPS * place(this.control, value));
    if (this.range.value !== String(this.at)) this.range.value = String(this.at);
    const words = plain(value);
    if (document.activeElement !== this.typed || this.pending !== null) this.typed.value = typedWords(value);
    const unit = this.control.unit === "1" ? "" : ` ${this.control.unit}`;
    set(this.range, { "aria-valuetext": `${words}${unit}${changed ? ", changed" : ", default"}` });
    this.root.classList.toggle("changed", changed);
    this.reset.hidden = !changed;
    if (this.from) this.from.hidden = !changed;
    this.complain("");
  }

  private settle(): void {
    window.clearTimeout(this.timer);
    this.held = false;
    const value = this.pending;
    this.pending = null;
    if (value !== null) this.commit(value);
  }

  private commit(value: number | null): void {
    const { label, path, unit } = this.control;
    const words = value === null ? `reset ${label}` : `${label} ${plain(value)}${unit === "1" ? "" : ` ${unit}`}`;
    this.app.commit({ recipe: withChoice(this.app.state.recipe, path, value, this.month) }, words);
  }

  private clear(): void {
    this.pending = null;
    this.commit(null);
    this.range.focus();
  }

  private take(): void {
    const { min, max } = this.control;
    const words = this.typed.value.trim().replace("−", "-").replace(",", ".");
    const value = Number(words);
    const chosen = chosenIn(this.app.state.recipe, this.control.path);
    if (words === typedWords(chosen?.value ?? this.control.value)) return this.complain("");
    if (!words || !Number.isFinite(value)) return this.complain(`'${this.typed.value.slice(0, 20)}' is not a number: give one from ${plain(min)} to ${plain(max)}.`);
    const [least, most] = [min - 1e-9 * Math.abs(min), max + 1e-9 * Math.abs(max)];
    if (value < least || value > most) return this.complain(`${plain(value)} is out of range: give a number from ${plain(min)} to ${plain(max)}.`);
    this.complain("");
    this.commit(value);
  }

  private complain(words: string): void {
    this.error.hidden = !words;
    text(this.error, words);
    set(this.typed, { "aria-invalid": words ? "true" : null });
  }

  /** Levers may be pulled later. */
  private fillFrom(): void {
    const { from } = this;
    if (!from) return;
    const [first, last] = [this.app.model.begin, this.app.model.end].map((month) => Number(month.slice(0, 4))) as [number, number];
    from.append(h("option", { value: "" }, "from the start"));
    const months = new Set(Array.from({ length: Math.max(0, last - first) }, (_, i) => `${first + 1 + i}-01`));
    const given = chosenIn(this.app.state.recipe, this.control.path)?.from;
    if (given) months.add(given);
    for (const month of [...months].sort()) from.append(h("option", { value: month }, `from ${month}`));
    from.addEventListener("change", () => {
      const chosen = chosenIn(this.app.state.recipe, this.control.path);
      if (chosen) this.commit(chosen.value);
    });
  }

  private explain(): void {
    if (this.card) {
      this.card.remove();
      this.card = null;
      return void set(this.about, { "aria-expanded": "false" });
    }
    this.card = cardOf(this.control, this.app);
    this.root.append(this.card);
    set(this.about, { "aria-expanded": "true" });
  }
}

/** Meaning, range, grade, source of a number. */
function cardOf(control: Control, app: App): HTMLElement {
  const unit = control.unit === "1" ? "" : ` ${control.unit}`;
  const row = (head: string, ...value: (Node | string)[]): HTMLElement => h("div", {}, h("dt", {}, head), h("dd", {}, ...value));
  const links = control.sources.flatMap((source, i) => [i ? "; " : "", safeLink(source.address, shortTitle(source.title || source.key))]);
  const rows = [
    row("default", `${plain(control.value)}${unit}`),
    control.low !== null && control.high !== null && control.low < control.high ? row("5–95 %", `${plain(control.low)} to ${plain(control.high)}${unit}`) : null,
    row("grade", h("span", { class: `grade ${control.grade}` }, control.grade)),
    control.place ? row("because", control.place) : null,
    links.length ? row("source", ...links) : null,
    control.note ? row("note", control.note) : null,
    control.by_label ? row("for each", "the default differs by lab or segment; the slider sets one number for all") : null,
    row("in code", h("code", {}, control.path), control.mechanism ? ` (${control.mechanism})` : ""),
  ];
  const more = h("button", { class: "link", onclick: () => {
    app.look({ chosen: { ...app.state.view.chosen, find: control.path } });
    app.go("sources");
  } }, "Show in Sources");
  return h("div", { class: "card" }, control.does ? h("p", {}, control.does) : null, h("dl", {}, ...rows), more);
}

/** A link to a source, if its address is a web address; else only words. */
export function safeLink(address: string, words: string): Node {
  const whole = /^https?:\/\//.test(address) ? address : /^[\w-]+(\.[\w-]+)+(\/|$)/.test(address) ? `https://${address}` : "";
  if (!whole) return document.createTextNode(words);
  return h("a", { href: whole, target: "_blank", rel: "noopener noreferrer" }, words);
}

/** 'Author. Title' of a whole reference; the rest stands in the opened row. */
export const shortTitle = (title: string): string => title.split(". ").slice(0, 2).join(". ");

export const resetAll = (app: App, paths: readonly string[], what: string): void => {
  const recipe = paths.reduce((found, path) => withChoice(found, path, null, null), app.state.recipe);
  app.commit({ recipe }, `reset ${what}`);
  say(`${what[0]!.toUpperCase()}${what.slice(1)} are back at their defaults.`);
};
