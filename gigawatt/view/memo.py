"""The memo: one page on which a board reads the order, its risk and its price, and the files beside it.

`memo.html` asks nothing of the network and runs no script; its figures are inside as SVG, in light or dark as the
reader's screen is. The same plan gives the same bytes.
"""

import json
from collections.abc import Iterable, Mapping
from html import escape
from importlib import metadata
from pathlib import Path

from matplotlib.figure import Figure

from gigawatt.study.plan import Plan
from gigawatt.view.plan import pictures
from gigawatt.view.plan_text import Sheet, caution, facts, money_note, order_now, sheets
from gigawatt.view.report import PAGE, listed, style, table
from gigawatt.view.style import save, svg_inline

SHOWN = {
    "frontier": "Expected value against the chance of ruin, with the order at each point",
    "cash": "Fans of cash under the chosen and the neutral order, with the line of ruin",
    "regret": "Value that each order loses in each world",
    "policy": "Order relative to demand, by cash and capacity",
}
NOT_GOOD_FOR = (
    "Demand that nobody entered. The order is best for these worlds and their chances, and both are judgement.",
    "The last digit. An order within a few per cent of this one is worth nearly the same.",
    "Ruin by other ways than cash: lenders, partners, courts. And rescue: here nobody lends to whoever has run out.",
    "Games. Rivals, where there are any, follow rules of their own; they do not plan against this order.",
    "Advice on buying or selling anything.",
)
STYLE = """
h1 { margin: .3rem 0; text-wrap: balance; } h2 { margin: 1.4rem 0 .3rem; font-size: 1.1rem; } p { margin: .5rem 0; }
dl { display: grid; grid-template-columns: repeat(auto-fit, minmax(8.5rem, 1fr)); gap: .6rem; margin: 1rem 0; }
dl div { background: var(--soft); border-left: 3px solid var(--c4); padding: .5rem .7rem; }
dt { color: var(--c1); font-size: .78rem; line-height: 1.25; }
dd { margin: .15rem 0 0; font-size: 1.3rem; font-weight: 600; }
.pair { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 25rem), 1fr)); gap: .5rem 2rem; }
.pair > * { min-width: 0; } .pair svg { margin: .3rem 0; } .pair h2 { margin-top: .8rem; }
table { margin-bottom: .8rem; } td { padding: .2rem .6rem; }
td:first-child { min-width: 9rem; } ul { margin: .3rem 0; padding-left: 1.2rem; }
@media print { @page { size: A4; margin: 10mm; } :root { font-size: 66%; } body { padding: 0; font-size: 1rem; }
  .pair { grid-template-columns: 1fr 1fr; } section { break-inside: avoid; } }
"""


def write(plan: Plan, folder: str | Path) -> list[Path]:
    """Write `memo.html`, `plan.json` and each picture as SVG and PNG into `folder`. Returns the paths, the memo first.

    What is not a finite number is null in `plan.json`.
    """
    folder = Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    drawn = pictures(plan)
    page, numbers = folder / "memo.html", folder / "plan.json"
    page.write_text(html(plan, drawn), encoding="utf-8")
    data = json.dumps(plan.to_dict(), indent=2, allow_nan=False, ensure_ascii=False)
    numbers.write_text(data + "\n", encoding="utf-8")
    return [page, numbers, *(file for name, figure in drawn.items() for file in save(figure, folder / name))]


def memo(plan: Plan) -> str:
    """The page. Every text from outside is escaped."""
    return html(plan, pictures(plan))


def html(plan: Plan, drawn: Mapping[str, Figure]) -> str:
    """The page around pictures that are drawn already."""
    found = {sheet.name: sheet for sheet in sheets(plan)}
    tables = {name: section(sheet.title, cells(sheet)) for name, sheet in found.items()}
    gaps = cells(found["checks"]) if "checks" in found else ""
    body = [
        f'<p class="faint">{escape(basis(plan))}</p>',
        f"<h1>{escape(order_now(plan))}</h1>",
        f'<p class="headline">{escape(caution(plan))}</p>',
        facts_html(plan),
        *(f"<p>{escape(note)}</p>" for note in plan.notes),
        pair(f"<figure>{svg_inline(figure, SHOWN[name])}</figure>" for name, figure in drawn.items()),
        tables["frontier"],
        pair(
            [
                section("The rule for later years", listed([f"{when}: {what}" for when, what in plan.rule.items()])),
                tables.get("flips", ""),
                tables.get("worth", ""),
                tables.get("information", ""),
                section("How it was computed", f"<p>{escape(plan.how)}</p>{gaps}"),
                section("What this is not good for", listed(NOT_GOOD_FOR)),
            ]
        ),
    ]
    return PAGE.format(title=escape(f"gigawatt: {plan.title}"), style=style() + STYLE, body="\n".join(body))


def basis(plan: Plan) -> str:
    """What is planned, for whom, and in what money."""
    parts = [f"scenario {plan.scenario}", plan.lab, money_note(plan), f"gigawatt {metadata.version('gigawatt')}"]
    return f"{plan.title} ({'; '.join(x for x in parts if x)})"


def facts_html(plan: Plan) -> str:
    items = (f"<div><dt>{escape(k)}</dt><dd>{escape(v)}</dd></div>" for k, v in facts(plan).items())
    return f"<dl>{''.join(items)}</dl>"


def cells(sheet: Sheet) -> str:
    return table("", ["", *sheet.heads], [[escape(cell) for cell in row] for row in sheet.rows])


def section(head: str, inside: str) -> str:
    return f"<section><h2>{escape(head)}</h2>{inside}</section>" if inside else ""


def pair(parts: Iterable[str]) -> str:
    """Parts two by two where the page is wide enough."""
    return f'<div class="pair">{"".join(parts)}</div>'
