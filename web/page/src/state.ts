// One immutable state, its history, and the link that carries all of it.

import type { Recipe, Setting } from "./model";

export const PAGES = ["world", "bet", "compare", "why", "scoreboard", "sources"] as const;
export type PageName = (typeof PAGES)[number];

export interface View {
  signals: string[]; // the charts shown
  big: string; // the one shown large
  by: "industry" | "lab";
  scale: "auto" | "linear" | "log";
  mode: "level" | "growth";
  form: "fan" | "distribution" | "table";
  at: string; // the month of the cursor and of the distribution
  pinned: Recipe | null; // the baseline drawn as a ghost
  compare: Named[]; // beside the current recipe, on the page Compare
  chosen: Record<string, string>; // what other pages keep: a lab, a limit, a signal
}

export interface Named {
  name: string;
  recipe: Recipe;
}

export interface State {
  name: string; // of the scenario, as its author calls it; empty: the shipped title
  recipe: Recipe;
  page: PageName;
  view: View;
}

export const plainRecipe = (scenario: string, draws: number): Recipe => ({
  scenario, set: {}, lever: {}, hold: {}, use: [], certain: false, until: null, draws, seed: 0,
});

export const same = (a: unknown, b: unknown): boolean => JSON.stringify(a) === JSON.stringify(b);

/** Without the key. */
export function without<T>(record: Record<string, T>, key: string): Record<string, T> {
  return Object.fromEntries(Object.entries(record).filter(([name]) => name !== key));
}

/** States one after another; `label` says what led there. */
export class History {
  private states: { state: State; label: string }[];
  private index = 0;

  constructor(first: State) {
    this.states = [{ state: first, label: "start" }];
  }

  get current(): State {
    return this.states[this.index]!.state;
  }

  get undoable(): string | null {
    return this.index > 0 ? this.states[this.index]!.label : null;
  }

  get redoable(): string | null {
    return this.states[this.index + 1]?.label ?? null;
  }

  /** The state before the last change, to replay it. */
  get before(): State | null {
    return this.states[this.index - 1]?.state ?? null;
  }

  push(state: State, label: string): void {
    this.states = [...this.states.slice(Math.max(0, this.index - 199), this.index + 1), { state, label }];
    this.index = this.states.length - 1;
  }

  /** The same place in the history, seen otherwise (another page, the cursor): no step of its own. */
  amend(state: State): void {
    this.states[this.index]!.state = state;
  }

  undo(): State | null {
    return this.index > 0 ? this.states[--this.index]!.state : null;
  }

  redo(): State | null {
    return this.index + 1 < this.states.length ? this.states[++this.index]!.state : null;
  }
}

// --- the link: base64url of compact JSON {v, r, page, view, n} ------------------------------------------------

function toBase64(words: string): string {
  const bytes = new TextEncoder().encode(words);
  return btoa(Array.from(bytes, (x) => String.fromCharCode(x)).join("")).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
}

function fromBase64(code: string): string {
  const binary = atob(code.replaceAll("-", "+").replaceAll("_", "/"));
  return new TextDecoder("utf-8", { fatal: true }).decode(Uint8Array.from(binary, (x) => x.charCodeAt(0)));
}

/** What differs from the plain recipe of the scenario. */
export function compact(recipe: Recipe, draws: number): Partial<Recipe> {
  const usual = plainRecipe(recipe.scenario, draws);
  const kept = (Object.keys(usual) as (keyof Recipe)[]).filter((name) => name === "scenario" || !same(recipe[name], usual[name])).map((name) => [name, recipe[name]]);
  return Object.fromEntries(kept) as Partial<Recipe>;
}

/** The state as the text behind # in a link. */
export function encode(state: State, usual: View, version: string, draws: number): string {
  const view = Object.fromEntries(
    Object.entries(state.view)
      .filter(([name, value]) => !same(value, usual[name as keyof View]))
      .map(([name, value]) => {
        if (name === "pinned") return [name, compact(value as Recipe, draws)];
        if (name === "compare") return [name, (value as Named[]).map((x) => ({ name: x.name, recipe: compact(x.recipe, draws) }))];
        return [name, value];
      }),
  );
  const told: Record<string, unknown> = { v: version, r: compact(state.recipe, draws), page: state.page };
  if (Object.keys(view).length) told["view"] = view;
  if (state.name) told["n"] = state.name;
  return toBase64(JSON.stringify(told));
}

export interface Decoded {
  state: State;
  notice: string; // what the reader should know; empty if all is as it was
}

const isObject = (x: unknown): x is Record<string, unknown> => typeof x === "object" && x !== null && !Array.isArray(x);

function numbersOf(x: unknown, what: string): Record<string, number> {
  if (x === undefined) return {};
  if (!isObject(x) || !Object.values(x).every((v) => typeof v === "number" && Number.isFinite(v))) throw new Error(`'${what}' is not a table of numbers`);
  return x as Record<string, number>;
}

function settingsOf(x: unknown): Record<string, Setting> {
  if (x === undefined) return {};
  const fits = (v: unknown): boolean => (typeof v === "number" ? Number.isFinite(v) : typeof v === "string" || (isObject(v) && "value" in v));
  if (!isObject(x) || !Object.values(x).every(fits)) throw new Error("'set' is not a table of numbers");
  return x as Record<string, Setting>;
}

function pathsOf(x: unknown, what: string): Record<string, Record<string, number>> {
  if (x === undefined) return {};
  if (!isObject(x)) throw new Error(`'${what}' is not a table`);
  return Object.fromEntries(Object.entries(x).map(([name, value]) => [name, numbersOf(value, `${what}.${name}`)]));
}

export function recipeFrom(x: unknown, draws: number): Recipe {
  if (!isObject(x) || typeof x["scenario"] !== "string") throw new Error("it names no scenario");
  const usual = plainRecipe(x["scenario"], draws);
  const count = (name: "draws" | "seed"): number => (Number.isInteger(x[name]) ? (x[name] as number) : usual[name]);
  return {
    ...usual,
    set: settingsOf(x["set"]),
    lever: pathsOf(x["lever"], "lever"),
    hold: pathsOf(x["hold"], "hold"),
    use: Array.isArray(x["use"]) ? x["use"].map(String) : [],
    certain: x["certain"] === true,
    until: typeof x["until"] === "string" ? x["until"] : null,
    draws: count("draws"),
    seed: count("seed"),
  };
}

// What each part of a view may be; all else is told as a mistake.
const oneOf = (...allowed: string[]) => (x: unknown): string => {
  if (typeof x === "string" && allowed.includes(x)) return x;
  throw new Error(`'${String(x).slice(0, 40)}' is none of ${allowed.join(", ")}`);
};
const words = (x: unknown): string => {
  if (typeof x === "string" && x.length < 120) return x;
  throw new Error("a name is missing");
};
const month = (x: unknown): string => {
  if (typeof x === "string" && /^\d{4}-\d{2}$/.test(x)) return x;
  throw new Error("the month is not written as YYYY-MM");
};
function listOf<T>(x: unknown, most: number, read: (item: unknown) => T): T[] {
  if (!Array.isArray(x) || x.length > most) throw new Error(`a list of at most ${most} is missing`);
  return x.map(read);
}
const FIELDS: Record<keyof View, (x: unknown, draws: number) => unknown> = {
  signals: (x) => listOf(x, 60, words),
  big: words,
  by: oneOf("industry", "lab"),
  scale: oneOf("auto", "linear", "log"),
  mode: oneOf("level", "growth"),
  form: oneOf("fan", "distribution", "table"),
  at: month,
  pinned: (x, draws) => (x === null ? null : recipeFrom(x, draws)),
  compare: (x, draws) => listOf(x, 3, (item) => ({ name: words(isObject(item) ? item["name"] : null), recipe: recipeFrom(isObject(item) ? item["recipe"] : null, draws) })),
  chosen: (x) => {
    if (!isObject(x)) throw new Error("'chosen' is not a table");
    return Object.fromEntries(Object.entries(x).map(([name, value]) => [name, words(value)]));
  },
};

/** Read the text behind #. Raises an Error that says what is wrong with it. */
export function decode(code: string, usual: State, version: string, draws: number): Decoded {
  let told: unknown;
  try {
    told = JSON.parse(fromBase64(code));
  } catch {
    throw new Error("This link is damaged: it may have been cut short when it was sent. The page starts from the base scenario.");
  }
  if (!isObject(told)) throw new Error("This link holds no scenario. The page starts from the base scenario.");
  let recipe: Recipe;
  const view: View = { ...usual.view };
  try {
    recipe = recipeFrom(told["r"], draws);
    const given = isObject(told["view"]) ? told["view"] : {};
    for (const [name, read] of Object.entries(FIELDS)) {
      if (given[name] !== undefined) Object.assign(view, { [name]: read(given[name], draws) });
    }
  } catch (error) {
    throw new Error(`This link cannot be read: ${(error as Error).message}. The page starts from the base scenario.`);
  }
  const page = PAGES.find((x) => x === told["page"]) ?? usual.page;
  const name = typeof told["n"] === "string" ? told["n"].slice(0, 120) : "";
  const made = typeof told["v"] === "string" ? told["v"] : "";
  const notice =
    made === version
      ? ""
      : made
        ? `This link was made with gigawatt ${made}; this is ${version}. The same settings are computed anew here, so numbers may differ from those that were sent.`
        : `This link does not say which version made it. Its settings are computed with gigawatt ${version}.`;
  return { state: { name, recipe, page, view }, notice };
}
