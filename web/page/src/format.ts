// Numbers as people write them; the same rules as gigawatt/view/style.py, so that page, report and terminal read alike.

const WORDS: Record<string, string> = { hour: "hours", month: "months", year: "years" };
const PERCENT = new Set(["output_growth"]);
const STEPS: readonly [number, string][] = [[1e12, "tn"], [1e9, "bn"], [1e6, "mn"], [1e3, "k"], [1, ""]];

/** How a signal is written. factor: from its own unit to `text`; scaled: with k, mn, bn, tn. */
export interface Unit {
  text: string;
  factor: number;
  percent: boolean;
  scaled: boolean;
}

export function unitOf(name: string, unit: string): Unit {
  if (unit === "share" || PERCENT.has(name)) return { text: "", factor: 1, percent: true, scaled: false };
  if (unit.startsWith("bn USD")) return { text: unit.slice(3), factor: 1e9, percent: false, scaled: true };
  if (unit === "1") return { text: "", factor: 1, percent: false, scaled: false };
  return { text: WORDS[unit] ?? unit, factor: 1, percent: false, scaled: !unit.startsWith("GW") && unit !== "ECI point" };
}

/** Growth over a year: a pure number read in per cent. */
export const GROWTH: Unit = { text: "a year", factor: 1, percent: true, scaled: false };

/** [factor, suffix] with which a number of this size reads well. */
export function scaleOf(unit: Unit, size: number): [number, string] {
  if (unit.percent) return [100, "%"];
  const shown = Math.abs(size) * unit.factor;
  if (!unit.scaled || !Number.isFinite(shown)) return [unit.factor, ""];
  const step = STEPS.find(([least]) => shown >= 0.9995 * least) ?? [1, ""];
  return [unit.factor / step[0], step[1]];
}

/** Two significant digits below a hundred, whole numbers above: 0.043, 3.4, 40, 463. */
export function digits(x: number): string {
  if (!Number.isFinite(x)) return "–";
  const exponent = x ? Number(x.toExponential(1).split("e")[1]) : 0;
  const places = x ? Math.max(0, 1 - exponent) : 0;
  return places > 4 ? "0" : x.toFixed(places).replace("-", "−");
}

const isExponent = (unit: Unit, x: number): boolean => unit.scaled && Number.isFinite(x) && x * unit.factor >= 1e15;

/** One number: '1.2 tn', '3.4 %', '10^26.7'; a dash for what is not a number. */
export function write(unit: Unit, x: number | null | undefined): string {
  if (x === null || x === undefined || !Number.isFinite(x)) return "–";
  if (isExponent(unit, x)) return `10^${Math.log10(x * unit.factor).toFixed(1)}`;
  const [factor, suffix] = scaleOf(unit, x);
  return `${digits(x * factor)} ${suffix}`.trim();
}

/** With its unit: '1.2 tn USD/year'. */
export function writeFull(unit: Unit, x: number | null | undefined): string {
  const words = write(unit, x);
  return words === "–" ? words : `${words} ${unit.text}`.trim();
}

/** '0.34–4.6' in the scale of the middle number. */
export function writeRange(unit: Unit, low: number, value: number, high: number): string {
  if (!Number.isFinite(low) || !Number.isFinite(high)) return "–";
  if (isExponent(unit, value) && low > 0) return [low, high].map((x) => Math.log10(x * unit.factor).toFixed(1)).join("–");
  const [factor] = scaleOf(unit, value || high);
  const apart = Math.abs(high * factor) >= 1e4 || (Math.abs(low * factor) > 0 && Math.abs(low * factor) < 0.01);
  return [low, high].map((x) => (apart ? write(unit, x) : digits(x * factor))).join(low < 0 ? " to " : "–");
}

/** A difference with its sign. */
export function writeChange(unit: Unit, x: number): string {
  return x > 0 ? `+${write(unit, x)}` : write(unit, x);
}

/** The unit for an axis: 'tn USD/year', 'GW', '%', 'number'. */
export function unitText(unit: Unit, suffix = ""): string {
  return unit.percent ? `% ${unit.text}`.trim() : `${suffix} ${unit.text}`.trim() || "number";
}

/** A probability from draws, without pretending to know 0 or 1. */
export function percent(share: number): string {
  if (share > 0 && share < 0.005) return "<1 %";
  if (share > 0.995 && share < 1) return ">99 %";
  return `${(100 * share).toFixed(0)} %`;
}

/** A value of a control: enough digits to tell neighbours apart, no more; never used for what is sent. */
export function plain(x: number): string {
  if (!Number.isFinite(x)) return "–";
  const size = Math.abs(x);
  if (size !== 0 && (size >= 1e6 || size < 1e-4)) return x.toExponential(2).replace(/\.?0+e/, "e").replace("e+", "e");
  return String(Number(x.toPrecision(size >= 1000 ? 6 : 4)));
}

const MONTHS = ["January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November", "December"];

/** '2030-12' -> 2031.0: a month's numbers stand at its end. */
export function yearOf(month: string): number {
  const [year, number] = month.split("-").map(Number);
  return (year ?? 0) + (number ?? 0) / 12;
}

/** '2030-12' -> 'December 2030'. */
export function monthWords(month: string): string {
  const [year, number] = month.split("-").map(Number);
  return `${MONTHS[(number ?? 1) - 1] ?? ""} ${year ?? ""}`;
}

/** 2027.4167, the end of May 2027, -> '2027-05'. */
export function monthOf(year: number): string {
  const months = Math.ceil(year * 12 - 1e-6) - 1;
  return `${Math.floor(months / 12)}-${String((months % 12) + 1).padStart(2, "0")}`;
}
