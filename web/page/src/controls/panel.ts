// The two kinds of numbers, kept apart: levers that somebody decides on, assumptions that nobody does.

import { get } from "../api";
import { fill, h, id, say } from "../dom";
import { plain } from "../format";
import type { Control, NumberRow, Numbers } from "../model";
import type { App } from "../page";
import { chosenIn, resetAll, Slider } from "./slider";

export class Panel {
  readonly root = h("div", { class: "panel" });
  private readonly sliders = new Map<string, Slider>();
  private readonly counts: { node: HTMLElement; paths: string[] }[] = [];
  private readonly resets: { button: HTMLButtonElement; paths: () => string[] }[] = [];
  private readonly added = h("div", { class: "group-body" });
  private readonly followers: (() => void)[] = [];
  private numbers: Promise<Numbers> | null = null;

  constructor(private readonly app: App) {
    const { levers, assumptions } = app.model;
    this.root.append(
      this.kind("Levers", "what somebody decides", levers, "lever"),
      this.kind("Assumptions", "what nobody decides", assumptions, "assumption"),
      this.search(),
      this.luck(),
    );
    this.update();
  }

  update(): void {
    this.addUnknown();
    for (const slider of this.sliders.values()) slider.update();
    for (const follow of this.followers) follow();
    const changed = (path: string): boolean => this.sliders.get(path)?.changed ?? false;
    for (const { node, paths } of this.counts) {
      const count = paths.filter(changed).length;
      fill(node, count ? `${count} changed` : "");
    }
    for (const { button, paths } of this.resets) button.disabled = !paths().some(changed);
  }

  private kind(title: string, meaning: string, controls: readonly Control[], kind: "lever" | "assumption"): HTMLElement {
    const head = id("kind");
    const paths = (): string[] => (kind === "lever" ? controls.map((x) => x.path) : [...this.sliders.keys()].filter((path) => !this.app.model.levers.some((x) => x.path === path)));
    const what = kind === "lever" ? "levers" : "assumptions";
    const reset = h("button", { class: "quiet small", "aria-label": `Reset ${what}`, title: `Reset all ${what}`, onclick: () => resetAll(this.app, paths(), what) }, "Reset");
    this.resets.push({ button: reset, paths });
    const groups = [...new Set(controls.map((control) => control.group))];
    const sections = groups.map((group, i) => this.group(group, controls.filter((control) => control.group === group), kind, i === 0));
    return h("section", { class: `kind ${kind}s`, "aria-labelledby": head }, h("div", { class: "kind-head" }, h("h2", { id: head }, title, h("small", {}, ` ${meaning}`)), reset), ...sections);
  }

  private group(name: string, controls: readonly Control[], kind: "lever" | "assumption", open: boolean): HTMLElement {
    const count = h("span", { class: "count" });
    this.counts.push({ node: count, paths: controls.map((control) => control.path) });
    const sliders = controls.map((control) => {
      const slider = new Slider(this.app, control, kind);
      this.sliders.set(control.path, slider);
      return slider.root;
    });
    const any = controls.some((control) => chosenIn(this.app.state.recipe, control.path));
    return h("details", { class: "group", open: open || any }, h("summary", {}, h("span", { class: "group-name" }, name), count), h("div", { class: "group-body" }, ...sliders));
  }

  // --- any other number ------------------------------------------------------------------------------------

  private search(): HTMLElement {
    const found = h("ul", { class: "found", "aria-label": "Numbers found" });
    const input = h("input", { type: "search", placeholder: "Search all numbers…", "aria-label": "Add an assumption: search all numbers", autocomplete: "off" });
    input.addEventListener("input", () => void this.find(input.value).then((rows) => fill(found, ...rows.map((row) => h("li", {}, h("button", { class: "plain", onclick: () => {
      this.add(row);
      fill(found);
      input.value = "";
    } }, h("span", {}, row.label), h("code", {}, row.path)))))).catch((error: unknown) => say((error as Error).message, "error")));
    return h("section", { class: "kind added", "aria-label": "Any other number" }, h("div", { class: "kind-head" }, h("h2", {}, "Any other number")), input, found, this.added);
  }

  // --- draws, seed, last month ------------------------------------------------------------------------------

  private luck(): HTMLElement {
    const { app } = this;
    const most = app.model.limits["draws"] ?? 10000;
    const box = (label: string, now: () => string, take: (words: string) => string): HTMLElement => {
      const name = id("run");
      const error = h("p", { class: "field-error", role: "alert", hidden: true });
      const input = h("input", { id: name, type: "text", class: "typed", autocomplete: "off" });
      input.addEventListener("change", () => {
        const wrong = take(input.value.trim());
        error.hidden = !wrong;
        fill(error, wrong);
      });
      this.followers.push(() => document.activeElement === input || (input.value = now()));
      return h("div", { class: "control" }, h("div", { class: "control-body" }, h("label", { class: "control-label", for: name }, label), input), error);
    };
    const commit = (change: Partial<App["state"]["recipe"]>, words: string): string => (app.commit({ recipe: { ...app.state.recipe, ...change } }, words), "");
    const whole = (words: string, least: number, greatest: number, then: (x: number) => string): string => {
      const x = Number(words);
      return Number.isInteger(x) && words && x >= least && x <= greatest ? then(x) : `give a whole number from ${least} to ${greatest}.`;
    };
    return h("section", { class: "kind added", "aria-label": "Draws" }, h("details", { class: "group" }, h("summary", {}, h("span", { class: "group-name" }, "Draws, seed, last month")), h("div", { class: "group-body" },
      box("Draws", () => String(app.state.recipe.draws), (words) => whole(words, 1, most, (draws) => commit({ draws }, `${draws} draws`))),
      box("Seed: everything random follows from it", () => String(app.state.recipe.seed), (words) => whole(words, 0, 2 ** 31 - 1, (seed) => commit({ seed }, `seed ${seed}`))),
      box("Last month", () => app.state.recipe.until ?? app.model.end, (words) => (/^\d{4}-\d{2}$/.test(words) && words > app.model.begin && words <= app.model.end ? commit({ until: words === app.model.end ? null : words }, `until ${words}`) : `give a month from ${app.model.begin} to ${app.model.end}.`)))));
  }

  private all(): Promise<Numbers> {
    this.numbers ??= get<Numbers>(`api/sources?scenario=${encodeURIComponent(this.app.state.recipe.scenario)}`);
    this.numbers.catch(() => (this.numbers = null));
    return this.numbers;
  }

  private async find(words: string): Promise<NumberRow[]> {
    const parts = words.toLowerCase().split(/\s+/).filter(Boolean);
    if (!parts.length) return [];
    const { numbers } = await this.all();
    return numbers.filter((row) => parts.every((part) => `${row.path} ${row.label}`.toLowerCase().includes(part))).slice(0, 8);
  }

  private add(row: NumberRow): void {
    const known = this.sliders.get(row.path);
    if (known) {
      known.root.closest("details")?.setAttribute("open", "");
      known.root.scrollIntoView({ block: "center" });
      known.root.querySelector("input")?.focus();
      return;
    }
    void this.all().then(({ sources }) => {
      if (this.sliders.has(row.path)) return;
      const slider = new Slider(this.app, controlOf(row, sources), "assumption");
      this.sliders.set(row.path, slider);
      this.added.append(slider.root);
      slider.update();
      slider.root.querySelector("input")?.focus();
    });
  }

  /** Numbers that a link or a file changes and the panel does not show yet. */
  private addUnknown(): void {
    const { recipe } = this.app.state;
    const unknown = [...Object.keys(recipe.set), ...Object.keys(recipe.lever)].filter((path) => !this.sliders.has(path));
    if (!unknown.length) return;
    void this.all().then(({ numbers, sources }) => {
      for (const path of unknown) {
        const row = numbers.find((x) => x.path === path) ?? numbers.find((x) => x.path.startsWith(`${path}.`));
        if (!row || this.sliders.has(path)) continue;
        const slider = new Slider(this.app, controlOf({ ...row, path }, sources), "assumption");
        this.sliders.set(path, slider);
        this.added.append(slider.root);
        slider.update();
      }
    }).catch(() => undefined);
  }
}

/** A control for a number that the page does not list: its slider reaches three halves of the stated range. */
function controlOf(row: NumberRow, sources: Numbers["sources"]): Control {
  const { value, low, high } = row;
  const positive = low > 0 && value > 0;
  const log = row.shape === "lognormal" && positive;
  const [a, b] = low < high ? [low, high] : value ? [Math.min(0, 2 * value), Math.max(0, 2 * value)] : [-1, 1];
  const min = log ? value * (a / value) ** 1.5 : Math.max(value - 1.5 * (value - a), positive || value === 0 && a === 0 ? 0 : -Infinity);
  const max = log ? value * (b / value) ** 1.5 : row.unit === "share" ? Math.min(1, value + 1.5 * (b - value)) : value + 1.5 * (b - value);
  return {
    ...row, min: Number(min.toPrecision(3)), max: Number(max.toPrecision(3)), scale: log ? "log" : "linear", group: "Added", mechanism: row.equation,
    sources: row.source.map((key) => sources[key] ?? { key, title: key, address: "" }), note: row.note || `${plain(value)} in ${row.file}`,
  };
}
