// What the service says, as types. Numbers arrive at full precision and are rounded for show only.

/** A number with a range, as a scenario file may give it. */
export type Setting = number | string | { value: number | string; [key: string]: unknown };

export interface Recipe {
  scenario: string;
  set: Record<string, Setting>;
  lever: Record<string, Record<string, number>>;
  hold: Record<string, Record<string, number>>;
  use: string[];
  /** Every number at its value: only luck differs by draw. */
  certain: boolean;
  until: string | null;
  draws: number;
  seed: number;
}

export interface Source {
  key: string;
  title: string;
  address: string;
}

export interface Control {
  path: string;
  label: string;
  unit: string;
  value: number;
  low: number | null;
  high: number | null;
  min: number;
  max: number;
  scale: "linear" | "log";
  shape: string;
  grade: string;
  sources: Source[];
  place: string;
  note: string;
  group: string;
  mechanism: string;
  /** For a lever: what pulling it means. */
  does?: string;
  /** Different for each lab or segment; set as one number for all. */
  by_label?: boolean;
}

export interface SignalInfo {
  name: string;
  label: string;
  unit: string;
  axes: string[];
  labels: Record<string, string[]>;
  judgement: boolean;
  headline: boolean;
}

export interface ScenarioInfo {
  name: string;
  title: string;
  note: string;
  source: string[];
}

export interface Model {
  version: string;
  format: number | string;
  scenario: string;
  begin: string;
  end: string;
  data_date: string;
  money: string;
  scenarios: ScenarioInfo[];
  presets: string[];
  levers: Control[];
  assumptions: Control[];
  signals: SignalInfo[];
  charts: string[];
  milestones: { name: string; signal: string }[];
  limits: Record<string, number>;
  draws: { drag: number; rest: number };
  not_good_for: string[];
}

export const QUANTILES = ["p05", "p25", "p50", "p75", "p95"] as const;
export type Quantile = (typeof QUANTILES)[number];

export interface Series extends Record<Quantile, (number | null)[]> {
  label: string;
  mean: (number | null)[];
  /** Of the month asked for. */
  histogram?: Histogram;
}

export interface Histogram {
  edges: number[];
  counts: number[];
}

export interface SignalResult {
  label: string;
  unit: string;
  judgement: boolean;
  series: Series[];
}

export interface Milestone {
  name: string;
  signal: string;
  lab: string | null;
  probability: number;
  by: Record<string, number>;
  median: number | null;
  low: number | null;
  high: number | null;
}

export interface Run {
  recipe: Recipe;
  version: string;
  draws: number;
  /** Computed in 32 bits, while a slider moves. */
  quick: boolean;
  seed: number;
  /** Whether `signals` are of growth over twelve months, draw by draw, and not of levels. */
  growth: boolean;
  months: string[];
  years: number[];
  signals: Record<string, SignalResult>;
  events: Milestone[];
  headline: string;
  /** Mean share of draws, one row of months for each name. */
  binding: { names: string[]; signals: string[]; share: number[][] } | null;
  elapsed_ms: number;
}

/** A row of the page Sources. */
export interface NumberRow {
  path: string;
  label: string;
  value: number;
  unit: string;
  low: number;
  high: number;
  shape: string;
  grade: string;
  source: string[];
  place: string;
  note: string;
  file: string;
  used_by: string[];
  equation: string;
}

export interface Numbers {
  scenario: string;
  numbers: NumberRow[];
  sources: Record<string, Source>;
}

export interface Card {
  name: string;
  what: string;
  rows: [string, string][];
}
