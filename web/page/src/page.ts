// What a page is, and what the frame gives to it.

import type { Runner } from "./api";
import type { Control, Model, Recipe, Run, SignalInfo } from "./model";
import type { PageName, State, View } from "./state";

/** Why a page is asked to update: the state changed, new numbers came, or a slider is still moving. */
export type Cause = "state" | "run" | "drag" | "error";

export interface App {
  /** Of the present scenario: its own values, ranges and signals. Another object once the scenario has changed. */
  readonly model: Model;
  readonly runner: Runner;
  readonly state: State;
  /** The latest numbers of the current recipe (while a slider moves: of fewer draws; run.draws says how many). */
  readonly run: Run | null;
  /** The numbers of the pinned baseline, if one is pinned. */
  readonly base: Run | null;
  /** What went wrong with the latest request, in one line; empty if nothing did. */
  readonly problem: string;
  readonly signals: ReadonlyMap<string, SignalInfo>;
  readonly controls: ReadonlyMap<string, Control>;

  /** One step of the history, with words for "Undo: …". */
  commit(next: Partial<Pick<State, "name" | "recipe" | "page">> & { view?: Partial<View> }, label: string): void;
  /** While a slider moves: numbers follow with fewer draws, the history does not. End with `commit`. next: where one more step would lead. */
  drag(recipe: Recipe, next?: Recipe): void;
  /** Change what is seen without a step of the history (cursor, chosen year). */
  look(view: Partial<View>): void;
  go(page: PageName): void;
  /** The scenario in words: its own name, or the shipped title and how many numbers are changed. */
  title(recipe?: Recipe, name?: string): string;
}

export interface Page {
  readonly name: PageName;
  /** In the navigation and as the heading. */
  readonly title: string;
  /** Whether the page needs `app.run`: the frame computes it only then. */
  readonly live: boolean;
  /** Build the page, once each time it is opened; `root` is empty. */
  render(root: HTMLElement, app: App): void;
  /** Something changed while the page is open. Must be quick for "drag". */
  update(app: App, cause: Cause): void;
  /** The page is left: stop timers, drop references. */
  close?(): void;
}
