// A recipe as one would type it: in Python and as a command. The same arguments, so the same numbers.

import type { Recipe, Setting } from "./model";

const python = (x: unknown): string => {
  if (x === true) return "True";
  if (x === null) return "None";
  if (Array.isArray(x)) return `[${x.map(python).join(", ")}]`;
  if (typeof x === "object") return `{${Object.entries(x as object).map(([name, value]) => `${JSON.stringify(name)}: ${python(value)}`).join(", ")}}`;
  return JSON.stringify(x);
};

export function asPython(recipe: Recipe): string {
  const given: [string, unknown][] = [["draws", recipe.draws], ["seed", recipe.seed]];
  for (const name of ["set", "lever", "hold"] as const) if (Object.keys(recipe[name]).length) given.push([name, recipe[name]]);
  if (recipe.use.length) given.push(["use", recipe.use]);
  if (recipe.until) given.push(["until", recipe.until]);
  if (recipe.certain) given.push(["certain", true]);
  return `import gigawatt as gw\n\nds = gw.run(${[JSON.stringify(recipe.scenario), ...given.map(([name, value]) => `${name}=${python(value)}`)].join(", ")})\n`;
}

const quoted = (x: string): string => (/^[\w.,:=+/-]+$/.test(x) ? x : `'${x.replaceAll("'", `'\\''`)}'`);
const settingText = (x: Setting): string => (typeof x === "object" ? String(x.value) : String(x));
const dates = (x: Record<string, number>): string => Object.entries(x).map(([month, value]) => `${month}:${value}`).join(",");

export function asCommand(recipe: Recipe): string {
  const words = ["gigawatt", "run", recipe.scenario, "--draws", String(recipe.draws), "--seed", String(recipe.seed)];
  for (const [path, value] of Object.entries(recipe.set)) words.push("--set", quoted(`${path}=${settingText(value)}`));
  for (const [path, value] of Object.entries(recipe.lever)) words.push("--lever", quoted(`${path}=${dates(value)}`));
  for (const [path, value] of Object.entries(recipe.hold)) words.push("--hold", quoted(`${path}=${dates(value)}`));
  for (const name of recipe.use) words.push("--use", name);
  if (recipe.until) words.push("--until", recipe.until);
  if (recipe.certain) words.push("--certain");
  return words.join(" ");
}
