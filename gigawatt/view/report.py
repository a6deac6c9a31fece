"""The report: one page that stands alone, and the figures beside it.

`report.html` asks nothing of the network and runs no script; figures are inside as SVG, in light or dark as the
reader's screen is. The same results give the same bytes.
"""

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from html import escape
from pathlib import Path

import xarray as xr
from matplotlib.figure import Figure

from gigawatt.core.observed import last_date
from gigawatt.core.scenario import load
from gigawatt.study.catalogue import reference
from gigawatt.study.compare import compare, differences, sentences
from gigawatt.study.events import ends_of_years, events
from gigawatt.view.accounts import VIEWS, WATERFALL, two_views, waterfall
from gigawatt.view.adoption import adoption_figures
from gigawatt.view.buildout import BINDS, binding_figure
from gigawatt.view.plots import middle_year, overview, plot, ribbon
from gigawatt.view.style import DARK, MAX_SCENARIOS, judgement_text, long_name, save, svg_inline
from gigawatt.view.tables import cell, chosen_years, event_cells, headline, row_unit, years_before

# Pictures that are made if their signals are there.
CHOSEN = (
    "it_power",
    "frontier_run",
    "horizon",
    "work_by_ai",
    "price_of_capability",
    "industry_revenue",
    "revenue",
    "cash",
    "profit",
    "output_growth",
)
RIBBON = "revenue"
# Pictures that show one scenario by its parts: file name, what it shows, signals that it needs, how it is drawn.
PARTS: tuple[tuple[str, str, Sequence[str], Callable[[xr.Dataset], Figure]], ...] = (
    ("shares", f"Shares of {RIBBON} by lab", (RIBBON,), lambda ds: ribbon(ds, RIBBON)),
    ("income", "From revenue to net income", WATERFALL, lambda ds: waterfall(ds, middle_year(ds))),
    ("views", "Costs by model and for the company", VIEWS, lambda ds: two_views(ds)),
    ("who-binds", "What bounds orders", tuple(BINDS), binding_figure),
)
PICTURED = tuple(dict.fromkeys(name for _, _, needs, _ in PARTS for name in needs))

NOT_GOOD_FOR = (
    "Forecasts of one company. Much of what is entered for a single lab is judgement with a wide range.",
    "Advice on buying or selling anything.",
    "Single months. The model is about years; bands say nothing of the path within them.",
    "Laws that are wrong. Bands hold the doubt about numbers, not the doubt about the equations themselves.",
    "The far tails. Beyond the 5th and 95th percentile the draws are few and the entries were not made for it.",
    "Capability far above what is measured. Time horizons above some eight hours are extrapolated.",
)

STYLE = """
:root { color-scheme: light dark; --line: #dfe3e8; --soft: #f4f6f8; LIGHT }
@media (prefers-color-scheme: dark) { :root { --line: #363c45; --soft: #1e2329; DARK } }
body { margin: 0 auto; max-width: 62rem; padding: 1.5rem; background: var(--c3); color: var(--c0);
  font: 16px/1.5 system-ui, sans-serif; }
h1 { font-size: 1.7rem; line-height: 1.2; } h2 { margin-top: 2.5rem; font-size: 1.25rem; } h3 { font-size: 1.05rem; }
.headline { font-size: 1.15rem; } .faint, caption, small { color: var(--c1); }
figure { margin: 0; } svg { width: 100%; height: auto; display: block; margin: 1rem 0; }
.scroll { overflow-x: auto; }
table { border-collapse: collapse; font-size: .85rem; font-variant-numeric: tabular-nums; margin: .5rem 0 1.5rem; }
caption { text-align: left; padding-bottom: .4rem; }
th, td { padding: .3rem .6rem; text-align: right; vertical-align: top; border-bottom: 1px solid var(--line); }
th:first-child, td:first-child, table.words td, table.words th { text-align: left; }
td { white-space: nowrap; } td:first-child, table.words td { white-space: normal; }
td small { display: block; }
pre { background: var(--soft); padding: 1rem; overflow-x: auto; font-size: .8rem; }
details { margin: .5rem 0; } summary { cursor: pointer; }
@media print { body { max-width: none; } svg, table { break-inside: avoid; } }
"""

Results = Mapping[str, xr.Dataset]


def write(results: Results, folder: str | Path, signals: Sequence[str] | None = None) -> list[Path]:
    """Write `report.html` and each figure as SVG and PNG into `folder`. Returns the paths, the report first.

    results: {name: result}. More than four are drawn in groups, the first with three others at a time.
    signals: those that get a picture; the main ones that the results hold if None.
    Raises InputError for a signal that a result does not hold.
    """
    folder = Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    files: list[Path] = []
    inside: list[str] = []
    for name, label, figure in figures(results, signals):
        files += save(figure, folder / name)
        inside.append(f"<figure>{svg_inline(figure, label)}</figure>")
    page = folder / "report.html"
    page.write_text(html(results, inside), encoding="utf-8")
    return [page, *files]


def figures(results: Results, signals: Sequence[str] | None) -> Iterator[tuple[str, str, Figure]]:
    """(file name, what it shows, figure), one after the other so that only one is in memory."""
    held = [n for n in CHOSEN if all(n in ds for ds in results.values())]
    kinds: list[tuple[str, str, Callable[[dict[str, xr.Dataset]], Figure]]] = []
    if signals is None and held:
        kinds.append(("overview", "Overview of nine signals", overview))
    for signal in held if signals is None else signals:
        kinds.append((signal, signal, lambda group, s=signal: plot(group, s)))  # type: ignore[misc]
    groups = groups_of(results)
    for name, label, draw in kinds:
        for i, group in enumerate(groups):
            yield name + (f"-{i + 1}" if len(groups) > 1 else ""), f"{label}: {', '.join(group)}", draw(group)
    for name, ds in results.items() if signals is None else ():
        suffix = f"-{name}" if len(results) > 1 else ""
        for kind, label, figure in figures_of_one(ds):
            yield f"{kind}{suffix}", f"{label}: {name}", figure


def figures_of_one(ds: xr.Dataset) -> Iterator[tuple[str, str, Figure]]:
    """Pictures that show one scenario by its parts, where their signals are there."""
    for kind, label, needs, draw in PARTS:
        if all(name in ds for name in needs):
            yield kind, label, draw(ds)
    for kind, label, drawn in adoption_figures(ds):
        yield kind, label, drawn(ds)


def groups_of(results: Results) -> list[dict[str, xr.Dataset]]:
    """All results if the eye can follow them, else the first with a few others at a time."""
    if len(results) <= MAX_SCENARIOS:
        return [dict(results)]
    (first, ds), *others = results.items()
    size = MAX_SCENARIOS - 1
    return [{first: ds, **dict(others[i : i + size])} for i in range(0, len(others), size)]


def html(results: Results, pictures: Sequence[str]) -> str:
    """The page. Every text from outside is escaped."""
    (_, first), *others = results.items()
    title = f"Scenarios compared: {', '.join(results)}" if others else str(first.attrs["title"])
    body = [
        f"<h1>{escape(title)}</h1>",
        *(f'<p class="headline">{escape(headline(ds))}</p>' for ds in results.values()),
        f'<p class="faint">{escape(basis(results))}</p>',
        *pictures[:1],
        moved(results),
        "<h2>What happens, and when</h2>",
        *(event_html(name, ds) for name, ds in results.items()),
        "<h2>Numbers by year</h2>",
        *(summary_html(name, ds) for name, ds in results.items()),
        "<h2>Pictures</h2>" if pictures[1:] else "",
        *pictures[1:],
        "<h2>What differs from base</h2>",
        *(assumptions(name, ds) for name, ds in results.items()),
        "<h2>What this is not good for</h2>",
        listed([f"{judgement_text(first).capitalize()}: the bands are only as good as these.", *NOT_GOOD_FOR]),
        "<h2>Sources</h2>",
        *(sources_html(name, ds) for name, ds in results.items()),
        "<h2>Recipe</h2>",
        "<p>The whole scenario as the result holds it; <code>gigawatt again</code> runs the result once more.</p>",
        *(recipe_html(name, ds) for name, ds in results.items()),
    ]
    return PAGE.format(title=escape(f"gigawatt: {title}"), style=style(), body="\n".join(body))


PAGE = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{title}</title>
<style>{style}</style>
</head>
<body>
{body}
</body>
</html>
"""


def style() -> str:
    """The style sheet, with the colours of the figures as variables for light and dark."""
    light = " ".join(f"--c{i}: {colour};" for i, colour in enumerate(DARK))
    dark = " ".join(f"--c{i}: {colour};" for i, colour in enumerate(DARK.values()))
    return STYLE.replace("LIGHT", light).replace("DARK", dark)


def basis(results: Results) -> str:
    """Version, data, draws, seed and money in one line."""
    first = next(iter(results.values()))
    return (
        f"gigawatt {first.attrs['gigawatt_version']}; observations to {last_date()}; "
        f"{first.attrs['draws']} draws, seed {first.attrs['seed']}; {judgement_text(first)}; "
        f"money in {first.attrs['money']}."
    )


def listed(lines: Sequence[str]) -> str:
    return "<ul>" + "".join(f"<li>{escape(line)}</li>" for line in lines) + "</ul>"


def table(caption: str, heads: Sequence[str], rows: Sequence[Sequence[str]], kind: str = "") -> str:
    """A table from cells that are HTML already; caption and heads are text."""
    head = "".join(f"<th>{escape(h)}</th>" for h in heads)
    body = "".join("<tr>" + "".join(f"<td>{c}</td>" for c in row) + "</tr>" for row in rows)
    return (
        f'<div class="scroll"><table class="{kind}"><caption>{escape(caption)}</caption>'
        f"<thead><tr>{head}</tr></thead><tbody>{body}</tbody></table></div>"
    )


def moved(results: Results) -> str:
    """How far each further result moved from the first, for signals of the industry."""
    (_, first), *others = results.items()
    parts = []
    for name, ds in others:
        if ds.attrs["seed"] != first.attrs["seed"]:
            continue
        names = [str(n) for n in ds.data_vars if n in first and "lab" not in ds[n].dims and n in CHOSEN]
        if names:
            year = chosen_years(ds)[len(chosen_years(ds)) // 2]
            parts.append(f"<h3>{escape(name)}</h3>" + listed(sentences(compare(first, ds, names), year, why=False)))
    return "<h2>What moved from the first scenario</h2>" + "".join(parts) if parts else ""


def event_html(name: str, ds: xr.Dataset) -> str:
    years = years_before(ds)
    heads = ["", *(f"by end of {y}" for y in years), "median date", "5 % to 95 %"]
    rows = [[escape(c) for c in (e.name, *event_cells(e, years))] for e in events(ds)]
    return table(f"{name}: share of draws, and dates in the draws in which it happens", heads, rows)


def summary_html(name: str, ds: xr.Dataset) -> str:
    """Signals of the industry by year: median, 5 % to 95 % beneath."""
    years, ends = chosen_years(ds), ends_of_years(ds["year"].values)
    rows = []
    for signal in ds.data_vars.values():
        if set(signal.dims) == {"draw", "month"}:
            cells = [cell(signal.isel(month=ends[y])) for y in years]
            label = escape(long_name(signal)) + f"<small>{escape(row_unit(signal).removeprefix(', '))}</small>"
            rows.append([label, *(f"{escape(m)}<small>{escape(spread)}</small>" for m, spread in cells)])
    caption = f"{name}: median at the end of the year, 5 % to 95 % of the draws beneath"
    return table(caption, ["", *map(str, years)], rows)


def assumptions(name: str, ds: xr.Dataset) -> str:
    found = differences(load("base").recipe(), ds.attrs["recipe"])
    if not found:
        return f"<p>{escape(name)}: nothing.</p>"
    rows = [[escape(x) for x in (d.kind, d.name, d.a or "none", d.b or "none")] for d in found]
    return table(name, ["kind", "what", "base", "here"], rows, "words")


def sources_html(name: str, ds: xr.Dataset) -> str:
    """Numbers in use counted by grade, and where they were found."""
    grades = ", ".join(f"{count} {grade}" for grade, count in json.loads(ds.attrs["grades"]).items())
    rows = [[escape(key), escape(reference(key))] for key in json.loads(ds.attrs["sources"])]
    return (
        f"<p>{escape(name)}: numbers in use by grade: {escape(grades)}.</p>"
        f"<details><summary>{len(rows)} references</summary>"
        + table("", ["key", "reference"], rows, "words")
        + "</details>"
    )


def recipe_html(name: str, ds: xr.Dataset) -> str:
    return f"<details><summary>{escape(name)}</summary><pre>{escape(ds.attrs['recipe'])}</pre></details>"
