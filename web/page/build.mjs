// Build the page into gigawatt/web/static: same sources, same bytes. `node build.mjs --out DIR` builds elsewhere (CI compares).
import { copyFile, mkdir } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

const here = dirname(fileURLToPath(import.meta.url));
const wanted = process.argv.indexOf("--out");
const out = wanted > 0 ? resolve(process.argv[wanted + 1]) : join(here, "../../gigawatt/web/static");

await mkdir(out, { recursive: true });
await build({
  absWorkingDir: here,
  entryPoints: { app: "src/main.ts" },
  outdir: out,
  bundle: true,
  minify: true,
  format: "esm",
  target: "es2022",
  charset: "utf8",
  legalComments: "none",
  banner: { js: "// gigawatt: built from web/page; do not edit. Contains d3-scale, d3-shape, d3-format (ISC, Mike Bostock)." },
  logLevel: "warning",
});
await build({ absWorkingDir: here, entryPoints: { app: "src/app.css" }, outdir: out, bundle: true, minify: true, logLevel: "warning" });
for (const name of ["index.html", "icon.svg"]) await copyFile(join(here, name), join(out, name));
