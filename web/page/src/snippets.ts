// A recipe as one would type it: in Python and as a command. The same arguments, so the same numbers.

import type { Recipe } from "./model";

const python = (x: unknown): string => {
  if (x === true) return "True";
  if (x === null) return "None";
  if (Array.isArray(x)) return `[${x.map(python).join(", ")}]`;
  if (typeof x === "object") return `{${Object.entries(x as object).map(([name, value]) => `${JSON.stringify(name)}: ${python(value)}`).join(", ")}}`;
  return JSON.stringify(x);
};

/** What a run keeps: with the same `keep` Python and the command give the same last digit as the page. */
export type Keep = "headlines" | "all";

export function asPython(recipe: Recipe, keep: Keep): string {
  const given: [string, unknown][] = [["draws", recipe.draws], ["seed", recipe.seed]];
  for (const name of ["set", "lever", "hold"] as const) if (Object.keys(recipe[name]).length) given.push([name, recipe[name]]);
  if (recipe.use.length) given.push(["use", recipe.use]);
  if (recipe.until) given.push(["until", recipe.until]);
  if (recipe.certain) given.push(["certain", true]);
  if (keep === "all") given.push(["keep", keep]);
  return `import gigawatt as gw\n\nds = gw.run(${[JSON.stringify(recipe.scenario), ...given.map(([name, value]) => `${name}=${python(value)}`)].join(", ")})\n`;
}

const quoted = (x: string): string => (/^[\w.,:=+/-]+$/.test(x) ? x : `'${x.replaceAll("'", `'\\''`)}'`);
const dates = (x: Record<string, number>): string => Object.entries(x).map(([month, value]) => `${month}:${value}`).join(",");

export function asCommand(recipe: Recipe, keep: Keep): string {
  const settings = Object.entries(recipe.set);
  const ranges = settings.some(([, value]) => typeof value === "object"); // a command sets a number for sure; a file may give it a range
  const words = ["gigawatt", "run", ranges ? "FILE.toml" : recipe.scenario, "--draws", String(recipe.draws), "--seed", String(recipe.seed)];
  if (!ranges) {
    for (const [path, value] of settings) words.push("--set", quoted(`${path}=${String(value)}`));
    for (const [path, value] of Object.entries(recipe.lever)) words.push("--lever", quoted(`${path}=${dates(value)}`));
    for (const [path, value] of Object.entries(recipe.hold)) words.push("--hold", quoted(`${path}=${dates(value)}`));
    for (const name of recipe.use) words.push("--use", name);
    if (recipe.until) words.push("--until", recipe.until);
  }
  if (recipe.certain) words.push("--certain");
  words.push("--keep", keep);
  return `${ranges ? "# Save the TOML file first: it holds numbers with ranges.\n" : ""}${words.join(" ")}`;
}
