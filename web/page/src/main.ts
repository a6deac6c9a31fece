// The frame: boot, the state and its history, which page is open, and the runs that all pages share.

import { ApiError, isOvertaken, loadModel, Runner, type Asked } from "./api";
import { h, say } from "./dom";
import { Embed } from "./embed";
import type { Control, Model, Recipe, Run, SignalInfo } from "./model";
import { bet } from "./pages/bet";
import { compare } from "./pages/compare";
import { scoreboard } from "./pages/scoreboard";
import { sources } from "./pages/sources";
import { why } from "./pages/why";
import { signalsOf, usualView, world } from "./pages/world";
import type { App, Cause, Page } from "./page";
import { Shell, useTheme } from "./shell";
import { compact, decode, encode, History, PAGES, plainRecipe, same, type PageName, type State, type View } from "./state";

const pages: Record<PageName, Page> = { world, bet, compare, why, scoreboard, sources };

class Frame implements App {
  readonly runner = new Runner();
  model: Model;
  signals: ReadonlyMap<string, SignalInfo> = new Map();
  controls: ReadonlyMap<string, Control> = new Map();
  run: Run | null = null;
  base: Run | null = null;
  problem = "";
  private ran: Recipe | null = null; // what `run` is of
  private readonly usual: State;
  private history: History;
  private shell: Shell;
  private open: Page | null = null;
  private dragging: Recipe | null = null;
  private next: Recipe | null = null; // where one more step of the slider would lead
  private writing = 0;
  private address = ""; // the hash as last read or written
  private readonly models = new Map<string, Model>();
  private main: HTMLElement;

  constructor(model: Model, embedded: boolean) {
    this.model = model;
    this.models.set(model.scenario, model);
    this.describe(model);
    this.usual = { name: "", recipe: plainRecipe("base", model.draws.rest), page: "world", view: usualView(model) };
    this.history = new History(this.usual);
    this.main = h("main", { id: "main", tabindex: -1 });
    this.shell = new Shell(this, this.main, { undo: () => this.undo(), redo: () => this.redo(), replay: () => void this.replay(), link: () => this.link() });
    this.read(false);
    if (embedded) {
      pages.world = new Embed();
      this.history.amend({ ...this.state, page: "world" });
      document.body.classList.add("embedded");
      document.body.append(this.main);
    } else this.shell.mount();
    this.show("state");
    window.addEventListener("hashchange", () => this.read(true));
  }

  get state(): State {
    return this.history.current;
  }

  /** What the numbers shown follow: the recipe of the state, or that of a slider on its way. */
  get following(): Recipe {
    return this.dragging ?? this.state.recipe;
  }

  commit(next: Parameters<App["commit"]>[0], label: string): void {
    const state: State = { ...this.state, ...next, view: { ...this.state.view, ...next.view } };
    const under = this.dragging !== null || this.problem !== "";
    this.dragging = null;
    if (same(state, this.state)) return under ? this.refresh() : undefined;
    this.history.push(state, label);
    this.show("state");
  }

  drag(recipe: Recipe, next?: Recipe): void {
    this.dragging = this.few(recipe);
    this.next = next ? this.few(next) : null;
    this.refresh();
  }

  /** The same with the draws of a slider on its way. */
  private few(recipe: Recipe): Recipe {
    return { ...recipe, draws: Math.min(recipe.draws, this.model.draws.drag) };
  }

  look(view: Partial<View>): void {
    this.history.amend({ ...this.state, view: { ...this.state.view, ...view } });
    this.write();
    this.open?.update(this, "state");
    if (view.at && this.state.view.form === "distribution") this.refresh();
  }

  go(page: PageName): void {
    if (page === this.state.page) return;
    window.clearTimeout(this.writing);
    this.replace();
    this.history.amend({ ...this.state, page });
    history.pushState(null, "", this.link());
    this.address = location.hash;
    this.show("state");
    this.main.focus();
    window.scrollTo(0, 0);
  }

  title(recipe = this.state.recipe, name = recipe === this.state.recipe ? this.state.name : ""): string {
    if (name) return name;
    const shipped = this.model.scenarios.find((x) => x.name === recipe.scenario)?.title ?? recipe.scenario;
    const changed = Object.keys(recipe.set).length + Object.keys(recipe.lever).length + Object.keys(recipe.hold).length;
    const [short] = shipped.split(":");
    return changed ? `${short}, ${changed} ${changed === 1 ? "change" : "changes"}` : short ?? shipped;
  }

  link(): string {
    return `${location.pathname.replace(/embed\/?$/, "")}#${encode(this.state, this.usual.view, this.model.version, this.model.draws.rest)}`;
  }

  private describe(model: Model): void {
    this.model = model;
    this.signals = new Map(model.signals.map((signal) => [signal.name, signal]));
    this.controls = new Map([...model.levers, ...model.assumptions].map((control) => [control.path, control]));
  }

  /** True if the model of the present scenario is here; else it is fetched, and the page shown once it is. */
  private described(): boolean {
    const { scenario } = this.state.recipe;
    if (scenario === this.model.scenario) return true;
    const known = this.models.get(scenario);
    if (known) return this.describe(known), true;
    this.shell.busy(true);
    loadModel(scenario).then(
      (model) => {
        this.models.set(scenario, model);
        if (this.state.recipe.scenario === scenario) this.show("state");
      },
      (error: unknown) => this.failed(error));
    return false;
  }

  // --- history ---------------------------------------------------------------------------------------------

  private undo(): void {
    const label = this.history.undoable;
    if (label === null) return say("Nothing to undo.");
    this.history.undo();
    say(`Undone: ${label}.`);
    this.show("state");
  }

  private redo(): void {
    const label = this.history.redoable;
    if (label === null) return say("Nothing to redo.");
    this.history.redo();
    say(`Done again: ${label}.`);
    this.show("state");
  }

  /** Show the last change once more: what it moved, from the numbers before to the numbers after. */
  private async replay(): Promise<void> {
    const before = this.history.before;
    const after = this.state;
    if (!before || same(before.recipe, after.recipe)) return say("No change of the scenario to replay.");
    say(`Replay: ${this.history.undoable ?? ""}.`);
    const paths = Object.keys({ ...before.recipe.set, ...after.recipe.set }).filter((path) => before.recipe.set[path] !== after.recipe.set[path]);
    const still = matchMedia("(prefers-reduced-motion: reduce)").matches;
    const steps = still ? 1 : 12;
    for (let i = 0; i <= steps; i++) {
      const share = i / steps;
      const moved = paths.map((path) => {
        const usual = this.controls.get(path)?.value ?? NaN;
        const [a, b] = [before, after].map((state) => Number(state.recipe.set[path] ?? usual)) as [number, number];
        return [path, a + (b - a) * share] as const;
      });
      const start = i === 0 ? before.recipe : { ...after.recipe, set: { ...after.recipe.set, ...Object.fromEntries(moved.filter(([, x]) => Number.isFinite(x))) } };
      this.drag(start);
      await new Promise((done) => window.setTimeout(done, i === 0 || still ? 900 : 140));
      if (this.state !== after) return;
    }
    this.dragging = null;
    this.refresh();
  }

  // --- link ------------------------------------------------------------------------------------------------

  /** Take the state from the address. Words such as #sources open a page. */
  private read(show: boolean): void {
    this.address = location.hash;
    const code = location.hash.slice(1);
    if (!code || (show && `#${code}` === this.link().slice(this.link().indexOf("#")))) return;
    const named = PAGES.find((page) => page === code);
    try {
      const { state, notice } = named ? { state: { ...this.state, page: named }, notice: "" } : decode(code, this.usual, this.model.version, this.model.draws.rest);
      const known = this.model.scenarios.some((x) => x.name === state.recipe.scenario);
      if (!known) throw new Error(`This link asks for the scenario '${state.recipe.scenario.slice(0, 60)}', which this version does not have. The page starts from the base scenario.`);
      const opened = { ...state, view: { ...state.view, signals: state.view.signals.length ? state.view.signals : this.usual.view.signals } };
      const moved = !same({ ...opened, page: 0 }, { ...this.state, page: 0 });
      if (show && moved) this.history.push(opened, "open link");
      else this.history.amend(opened);
      this.shell.notice(notice);
    } catch (error) {
      this.shell.notice((error as Error).message);
    }
    if (show) this.show("state");
  }

  /** Bring the address up to date, after a pause: browsers refuse many changes of it in a row. */
  private write(): void {
    if (document.body.classList.contains("embedded")) return;
    window.clearTimeout(this.writing);
    this.writing = window.setTimeout(() => {
      if (location.hash === this.address) this.replace(); // else somebody has just gone elsewhere, and is read in a moment
    }, 200);
  }

  private replace(): void {
    history.replaceState(null, "", this.link());
    this.address = location.hash;
  }

  // --- show ------------------------------------------------------------------------------------------------

  private show(cause: Cause): void {
    this.write();
    if (!this.described() && this.open) return;
    const page = pages[this.state.page];
    if (page !== this.open) {
      this.open?.close?.();
      this.open = page;
      this.main.replaceChildren();
      this.main.className = `page ${page.name}`;
      document.title = `${page.title} · gigawatt`;
      page.render(this.main, this);
    }
    this.refresh(); // first: the service works while the page draws
    this.shell.update(this.history.undoable, this.history.redoable, pages);
    page.update(this, cause);
  }

  /** Ask for the numbers that the open page shows, and for the baseline's. */
  private refresh(): void {
    if (!this.open?.live || this.model.scenario !== this.state.recipe.scenario) return;
    const { view } = this.state;
    const recipe = this.following;
    const asked = { signals: signalsOf(this), at: view.form === "distribution" ? view.at : null, growth: view.mode === "growth", quick: this.dragging !== null };
    const cause: Cause = this.dragging ? "drag" : "run";
    const taken = (run: Run, of: Recipe): void => {
      if (!this.fits(of)) return;
      this.run = run;
      this.ran = of;
      this.problem = "";
      this.shell.busy(of.draws < this.following.draws);
      this.open?.update(this, of === recipe ? cause : "drag");
    };
    const whole = (): Promise<void> => this.runner.run({ recipe, ...asked }, "live").then(
      (run) => {
        taken(run, recipe);
        if (this.dragging === recipe && this.next) this.runner.ahead({ ...asked, recipe: this.next });
      },
      (error: unknown) => this.failed(error),
    );
    this.shell.busy(true);
    if (this.isGlanced(recipe, asked)) {
      const glance = this.few(recipe);
      this.runner.run({ ...asked, recipe: glance, quick: true }, "live").then(
        (run) => {
          taken(run, glance);
          if (this.following === recipe) void whole();
        },
        (error: unknown) => isOvertaken(error) || void whole()); // what else is wrong, the whole run says
    } else void whole();
    if (!view.pinned) this.base = null;
    else {
      const pinned = this.dragging ? { ...view.pinned, draws: this.dragging.draws } : view.pinned;
      this.runner.run({ recipe: pinned, ...asked }, "base").then(
        (base) => {
          if (this.base === base) return;
          this.base = base;
          this.open?.update(this, cause);
        },
        (error: unknown) => this.failed(error),
      );
    }
  }

  /** Whether few draws are shown while all of them are computed: where the scenario runs already and its numbers are of another recipe. */
  private isGlanced(recipe: Recipe, asked: Omit<Asked, "recipe">): boolean {
    if (this.dragging || !this.ran || this.ran.scenario !== recipe.scenario || recipe.draws <= this.model.draws.drag) return false;
    return !same(bare(this.ran), bare(recipe)) && !this.runner.knows({ ...asked, recipe });
  }

  /** Whether numbers belong to what is shown: while a slider moves those of a moment ago too, at rest those of fewer draws. */
  private fits(recipe: Recipe): boolean {
    if (this.dragging) return recipe.scenario === this.dragging.scenario;
    return same(bare(recipe), bare(this.state.recipe)) && (this.ran === null || recipe.draws >= this.state.recipe.draws || !same(bare(this.ran), bare(recipe)));
  }

  private failed(error: unknown): void {
    if (isOvertaken(error)) return;
    this.problem = error instanceof ApiError ? error.message : String(error);
    this.shell.busy(false);
    this.open?.update(this, "error");
  }
}

/** A recipe but for its draws. */
const bare = (recipe: Recipe): unknown => compact({ ...recipe, draws: 0 }, 0);

async function boot(): Promise<void> {
  useTheme();
  const waiting = document.getElementById("boot");
  for (let attempt = 0; ; attempt++) {
    try {
      const model = await loadModel("base");
      waiting?.remove();
      new Frame(model, /\/embed\/?$/.test(location.pathname));
      return;
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      if (waiting) waiting.textContent = error.message;
      await new Promise((done) => window.setTimeout(done, Math.min(8000, 1000 * 2 ** attempt)));
    }
  }
}

void boot();
