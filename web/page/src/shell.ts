// What surrounds every page: name, navigation, undo and redo, pin, share, files, keys, and the line at the foot.

import { fileOf, toRecipe, toToml } from "./api";
import { copy, download, fill, h, say, set, text } from "./dom";
import { openDialog, openHelp } from "./help";
import type { App, Page } from "./page";
import { asCommand, asPython } from "./snippets";
import { compact, PAGES, recipeFrom, same, type PageName } from "./state";

export interface Moves {
  undo(): void;
  redo(): void;
  replay(): void;
  link(): string;
}

export class Shell {
  private readonly banner = h("div", { class: "notice", role: "status", hidden: true });
  private readonly nav = h("nav", { "aria-label": "Pages" });
  private readonly undo: HTMLButtonElement;
  private readonly redo: HTMLButtonElement;
  private readonly replay: HTMLButtonElement;
  private readonly pin: HTMLButtonElement;
  private readonly wait = h("span", { class: "wait", "aria-hidden": "true" });
  private readonly waiting = h("span", { class: "waiting", role: "status" });
  private timer = 0;

  constructor(private readonly app: App, private readonly main: HTMLElement, private readonly moves: Moves) {
    const tool = (words: string, sign: string, act: () => void): HTMLButtonElement => h("button", { class: "tool", "aria-label": words, title: words, onclick: act }, sign);
    this.undo = tool("Undo", "↶", moves.undo);
    this.redo = tool("Redo", "↷", moves.redo);
    this.replay = tool("Replay the last change", "▷", moves.replay);
    this.pin = h("button", { class: "quiet", "aria-pressed": "false", onclick: () => this.togglePin() }, "Pin");
  }

  mount(): void {
    const skip = h("button", { class: "skip", onclick: () => this.main.focus() }, "Skip to content");
    const share = h("button", { class: "quiet", onclick: () => void this.share() }, "Share");
    const files = h("button", { class: "quiet", onclick: () => this.files() }, "Export");
    const keys = h("button", { class: "tool", "aria-label": "Keys and help", title: "Keys and help (?)", onclick: openHelp }, "?");
    const theme = h("button", { class: "tool theme", "aria-label": "Light or dark", title: "Light or dark", onclick: turnTheme }, "◐");
    const brand = h("p", { class: "brand" }, "gigawatt", this.wait, this.waiting);
    const head = h("header", { class: "top" }, skip, brand, this.nav, h("div", { class: "tools", role: "toolbar", "aria-label": "Scenario" }, this.undo, this.redo, this.replay, this.pin, share, files, theme, keys));
    const { version, data_date, money } = this.app.model;
    const foot = h("footer", { class: "foot" },
      h("p", {}, `gigawatt ${version} · data to ${data_date} · ${money} · Apache-2.0. Conditional forecasts: they follow from the laws and numbers shown, most of which are judgement.`));
    document.body.prepend(head, this.banner, this.main, foot);
    document.addEventListener("keydown", (event) => this.key(event));
  }

  busy(on: boolean): void {
    this.wait.classList.toggle("on", on);
    window.clearTimeout(this.timer);
    if (!on) return text(this.waiting, "");
    this.timer = window.setTimeout(() => text(this.waiting, "computing; a scenario's first run takes up to half a minute"), 1500);
  }

  /** A message that stays until it is closed. */
  notice(words: string): void {
    this.banner.hidden = !words;
    if (words) fill(this.banner, h("p", {}, words), h("button", { class: "quiet", onclick: () => (this.banner.hidden = true) }, "Close"));
  }

  update(undoable: string | null, redoable: string | null, pages: Record<PageName, Page>): void {
    const state = this.app.state;
    if (!this.nav.childElementCount) {
      for (const name of PAGES) this.nav.append(h("a", { href: `#${name}`, "data-page": name, onclick: (event: Event) => (event.preventDefault(), this.app.go(name)) }, pages[name].title));
    }
    for (const link of Array.from(this.nav.children)) {
      const here = link.getAttribute("data-page") === state.page;
      set(link, { "aria-current": here && "page" });
      if (here) this.nav.scrollLeft = (link as HTMLElement).offsetLeft - 120; // on a phone the names are wider than the screen
    }
    const tell = (button: HTMLButtonElement, words: string, label: string | null): void => {
      button.disabled = label === null;
      set(button, { title: label === null ? words : `${words}: ${label}`, "aria-label": label === null ? words : `${words}: ${label}` });
    };
    tell(this.undo, "Undo", undoable);
    tell(this.redo, "Redo", redoable);
    tell(this.replay, "Replay", undoable);
    const pinned = state.view.pinned !== null;
    set(this.pin, { "aria-pressed": String(pinned), title: pinned ? "Take the pinned baseline away" : "Pin these numbers as the baseline" });
    text(this.pin, pinned ? "Unpin" : "Pin");
  }

  private togglePin(): void {
    const { recipe, view } = this.app.state;
    this.app.commit({ view: { pinned: view.pinned ? null : recipe } }, view.pinned ? "unpin baseline" : "pin baseline");
    say(view.pinned ? "Baseline taken away." : "Pinned: these numbers stay as a grey line while you change others.");
  }

  private async share(): Promise<void> {
    const address = new URL(this.moves.link(), location.href).href;
    const embedded = address.replace("#", "embed#");
    const field = (label: string, words: string): HTMLElement => {
      const input = h("input", { readonly: true, value: words, "aria-label": label });
      input.addEventListener("focus", () => input.select());
      return h("div", { class: "field" }, h("label", {}, label), input, h("button", { class: "quiet", onclick: () => void copy(words, label) }, "Copy"));
    };
    openDialog("Share", [
      h("p", {}, `The link carries the scenario, all changes, what is shown, and the version of the model (${this.app.model.version}). Nothing is stored on a server.`),
      field("Link", address),
      field("Embed", `<iframe src="${embedded}" width="720" height="520" title="gigawatt"></iframe>`),
    ]);
  }

  private files(): void {
    const { recipe, view } = this.app.state;
    const signals = view.signals;
    const stem = (this.app.title().toLowerCase().replace(/[^a-z0-9]+/g, "-").replace(/^-|-$/g, "") || "scenario").slice(0, 60);
    const file = (kind: "csv" | "json" | "zip", words: string): HTMLElement => h("li", {}, h("a", { href: fileOf(kind, recipe, signals), download: `${stem}.${kind}` }, words));
    const fails = (error: unknown): void => say((error as Error).message, "error");
    const pick = h("input", { type: "file", accept: ".toml,.json,text/plain,application/json", "aria-label": "Scenario file" });
    pick.addEventListener("change", () => void pick.files?.[0]?.text().then((words) => this.take(words)).catch(fails));
    const snippet = (label: string, words: string): HTMLElement => h("div", { class: "snippet" }, h("div", { class: "row" }, h("h3", {}, label), h("button", { class: "quiet small", "aria-label": `Copy as ${label}`, onclick: () => void copy(words, label) }, "Copy")), h("pre", { tabindex: 0 }, words));
    openDialog("Export and import", [
      h("h3", {}, "Numbers of the charts shown"),
      h("ul", {}, file("csv", "CSV, tidy, with quantiles by month"), file("json", "JSON, with units and events"), file("zip", "Zip: CSV, JSON, read-me, citation, scenario")),
      h("h3", {}, "This scenario"),
      h("p", { class: "row" },
        h("button", { class: "quiet", onclick: () => void toToml(recipe).then((words) => download(`${stem}.toml`, words)).catch(fails) }, "TOML file"),
        h("button", { class: "quiet", onclick: () => download(`${stem}.json`, `${JSON.stringify(compact(recipe, -1), null, 2)}\n`, "application/json") }, "JSON file"),
        h("label", { class: "filepick" }, "Open a file: ", pick)),
      snippet("Python", asPython(recipe)),
      snippet("Command", asCommand(recipe)),
    ]);
  }

  /** A scenario from a file. The service names the mistake if there is one. */
  private async take(words: string): Promise<void> {
    const told = recipeFrom(await toRecipe(words), this.app.model.draws.rest);
    if (same(told, this.app.state.recipe)) return say("The file holds the scenario that is shown.");
    this.app.commit({ recipe: told, name: "" }, "open file");
    document.querySelector("dialog")?.close();
    say("Scenario opened from the file.");
  }

  private key(event: KeyboardEvent): void {
    const target = event.target as HTMLElement;
    const typing = target.matches("input:not([type=range]):not([type=radio]):not([type=checkbox]), textarea, select");
    if ((event.ctrlKey || event.metaKey) && !event.altKey && !typing) {
      const key = event.key.toLowerCase();
      if (key === "z" || key === "y") {
        event.preventDefault();
        return key === "y" || event.shiftKey ? this.moves.redo() : this.moves.undo();
      }
    }
    if (typing || event.ctrlKey || event.metaKey || event.altKey || document.querySelector("dialog[open]") || localStorage.getItem("keys") === "off") return;
    const page = PAGES[Number(event.key) - 1];
    const { view } = this.app.state;
    const acts: Record<string, () => void> = {
      "?": openHelp,
      u: this.moves.undo,
      U: this.moves.redo,
      r: this.moves.replay,
      p: () => this.togglePin(),
      s: () => void this.share(),
      e: () => this.files(),
      t: () => this.app.commit({ view: { form: view.form === "table" ? "fan" : "table" } }, "table or chart"),
      d: () => this.app.commit({ view: { form: view.form === "distribution" ? "fan" : "distribution" } }, "distribution or fan"),
      l: () => this.app.commit({ view: { scale: view.scale === "log" ? "linear" : "log" } }, "log or linear"),
      g: () => this.app.commit({ view: { mode: view.mode === "growth" ? "level" : "growth" } }, "growth or level"),
      b: () => this.app.commit({ view: { by: view.by === "lab" ? "industry" : "lab" } }, "by lab or industry"),
      "/": () => document.querySelector<HTMLElement>("input[type=search]")?.focus(),
    };
    const act = page ? () => this.app.go(page) : acts[event.key];
    if (!act) return;
    event.preventDefault();
    act();
  }
}

/** Light or dark as chosen in this browser; else as the system is. */
export function useTheme(): void {
  const chosen = localStorage.getItem("theme");
  if (chosen === "light" || chosen === "dark") document.documentElement.dataset["theme"] = chosen;
}

function turnTheme(): void {
  const now = document.documentElement.dataset["theme"] ?? (matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light");
  localStorage.setItem("theme", now === "dark" ? "light" : "dark");
  useTheme();
}
