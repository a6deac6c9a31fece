// Talking to the service: two requests of a kind in flight, the latest wins, nothing queues up behind a moving slider.

import type { Model, Recipe, Run } from "./model";

export class ApiError extends Error {
  constructor(message: string, readonly status: number) {
    super(message);
  }
}

/** Overtaken by a newer request: nothing to show, nothing to tell. */
export const isOvertaken = (error: unknown): boolean => error instanceof ApiError && error.status === 409;

const UNDER_WAY = 2; // requests of a lane: the service works on one while the answer to the other is sent and drawn
const session = Array.from(crypto.getRandomValues(new Uint8Array(12)), (x) => x.toString(16).padStart(2, "0")).join("");
const GONE = "The service does not answer. Is `gigawatt app` still running? The page asks again when you change something.";

async function answer(path: string, init: RequestInit): Promise<Response> {
  let response: Response;
  try {
    response = await fetch(path, init);
  } catch (error) {
    if (error instanceof DOMException && error.name === "AbortError") throw new ApiError("overtaken", 409);
    throw new ApiError(GONE, 0);
  }
  if (response.ok) return response;
  let told = "";
  try {
    told = ((await response.json()) as { error?: string }).error ?? "";
  } catch {
    told = "";
  }
  if (response.status === 503 || response.status === 429) {
    const wait = Number(response.headers.get("Retry-After") ?? 1);
    throw new ApiError(told || `The service is busy; it asks to try again in ${wait} s.`, response.status);
  }
  throw new ApiError(told || `The service answered ${response.status}.`, response.status);
}

const pause = (seconds: number): Promise<void> => new Promise((done) => window.setTimeout(done, 1000 * seconds));

/** Ask; a busy service is asked again twice, after the time that it names. */
async function ask(path: string, init: RequestInit): Promise<Response> {
  for (let attempt = 0; ; attempt++) {
    try {
      return await answer(path, init);
    } catch (error) {
      if (!(error instanceof ApiError) || error.status !== 503 || attempt === 2) throw error;
      await pause(0.5 + attempt);
    }
  }
}

export async function get<T>(path: string): Promise<T> {
  return (await ask(path, {})).json() as Promise<T>;
}

/** POST JSON. lane: of one lane of this tab the service runs one and keeps the latest; lanes do not overtake each other. */
export async function post<T>(path: string, body: unknown, lane = "live"): Promise<T> {
  const headers = { "Content-Type": "application/json", "X-Session": `${session}-${lane}` };
  return (await ask(path, { method: "POST", headers, body: JSON.stringify(body) })).json() as Promise<T>;
}

export const toToml = async (recipe: Recipe): Promise<string> => {
  const response = await ask("api/toml", { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify({ recipe }) });
  const body = await response.text();
  return response.headers.get("Content-Type")?.includes("json") ? (JSON.parse(body) as { toml: string }).toml : body;
};

export const toRecipe = async (words: string): Promise<Recipe> => {
  const response = await ask("api/recipe", { method: "POST", headers: { "Content-Type": "text/plain" }, body: words });
  const body = (await response.json()) as Recipe | { recipe: Recipe };
  return "recipe" in body ? body.recipe : body;
};

export const loadModel = (scenario: string): Promise<Model> => get(`api/model?scenario=${encodeURIComponent(scenario)}`);

/** Where the same numbers are to be had as a file. */
export function fileOf(kind: "csv" | "json" | "zip", recipe: Recipe, signals: readonly string[]): string {
  const asked = new URLSearchParams({ recipe: JSON.stringify(recipe) });
  if (signals.length) asked.set("signals", signals.join(","));
  return `api/run.${kind}?${asked}`;
}

export interface Asked {
  recipe: Recipe;
  signals: readonly string[];
  at: string | null;
  /** Of growth over twelve months, draw by draw, in place of levels. */
  growth?: boolean;
  /** In 32 bits: half the time, for a slider on its way. */
  quick?: boolean;
}

const bodyOf = (asked: Asked): Record<string, unknown> => ({ recipe: asked.recipe, signals: [...asked.signals], at: asked.at, growth: asked.growth ?? false, quick: asked.quick ?? false });

/** Runs, the latest wins in each lane; what was computed lately is remembered, so that undo is immediate. */
export class Runner {
  private readonly kept = new Map<string, Run>();
  private readonly coming = new Map<string, Promise<Run | null>>();
  private readonly lanes = new Map<string, { under: number; latest: number; next: (() => void) | null; drop: (() => void) | null }>();

  /** The run, or an ApiError; 409 if a newer request of the lane came first. */
  run(asked: Asked, lane = "live"): Promise<Run> {
    const body = bodyOf(asked);
    const key = JSON.stringify(body);
    const known = this.kept.get(key);
    if (known) {
      this.keep(key, known);
      this.lanes.get(lane)?.drop?.();
      return Promise.resolve(known);
    }
    return this.turn(lane, async () => {
      const coming = this.coming.get(key);
      const fresh = (): Promise<Run> => post<Run>("api/run", body, lane); // at once, while the page has yet to draw
      const run = coming ? (await coming) ?? (await fresh()) : await fresh();
      this.keep(key, run);
      return run;
    });
  }

  /** Whether the answer is here already. */
  knows(asked: Asked): boolean {
    return this.kept.has(JSON.stringify(bodyOf(asked)));
  }

  /** What may be asked for next: fetched where the service has nothing else to do, and kept. */
  ahead(asked: Asked): void {
    const body = bodyOf(asked);
    const key = JSON.stringify(body);
    if (this.kept.has(key) || this.coming.has(key)) return;
    const run = post<Run>("api/run", { ...body, ahead: true }, "ahead").then(
      (found) => (this.keep(key, found), found),
      () => null); // nobody asked yet: whoever does will hear what is wrong
    this.coming.set(key, run);
    void run.finally(() => this.coming.delete(key));
  }

  private keep(key: string, run: Run): void {
    this.kept.delete(key);
    this.kept.set(key, run);
    if (this.kept.size > 24) this.kept.delete(this.kept.keys().next().value ?? "");
  }

  private turn<T>(lane: string, work: () => Promise<T>): Promise<T> {
    let state = this.lanes.get(lane);
    if (!state) this.lanes.set(lane, (state = { under: 0, latest: 0, next: null, drop: null }));
    const here = state;
    const mine = ++here.latest;
    // two under way may arrive in the other order, and the service then takes the older one for the newer
    const again = (error: unknown): Promise<T> => {
      if (isOvertaken(error) && here.latest === mine) return work();
      throw error;
    };
    here.drop?.();
    return new Promise<T>((resolve, reject) => {
      const go = (): void => {
        here.under++;
        here.next = here.drop = null;
        work().catch(again).then(resolve, reject).finally(() => {
          here.under--;
          here.next?.();
        });
      };
      if (here.under < UNDER_WAY) return go();
      here.next = go;
      here.drop = () => {
        here.next = here.drop = null;
        reject(new ApiError("overtaken", 409));
      };
    });
  }
}
