"""A plan in words: numbers as people write them, the sentences and tables that the terminal and the memo share."""

import textwrap
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from rich.console import Group
from rich.table import Table
from rich.text import Text

from gigawatt.study.plan import Choice, Plan
from gigawatt.view.style import Unit, digits, percent
from gigawatt.view.tables import plain_table


def figures(x: float) -> str:
    """Three significant digits without trailing zeros, whole numbers above: 0.219, 33, 737."""
    if not np.isfinite(x):
        return "–" if np.isnan(x) else "∞" if x > 0 else "−∞"
    places = min(max(0, 2 - int(f"{x:.2e}".partition("e")[2])), 4) if x else 0
    text = f"{round(x, places) + 0.0:.{places}f}"
    return (text.rstrip("0").rstrip(".") if places else text).replace("-", "−")


def money(plan: Plan, values: Iterable[float]) -> tuple[float, str]:
    """(factor, unit) in which these amounts read well together: (1, 'bn USD'); no unit where money is not USD."""
    in_usd = plan.money.startswith("bn USD")
    unit = Unit(plan.money.removeprefix("bn "), 1e9, scaled=True) if in_usd else Unit("")
    factor, suffix = unit.scale(max((abs(x) for x in values if np.isfinite(x)), default=0.0))
    return factor, f"{suffix} {unit.text}".strip()


def amount(plan: Plan, value: float) -> str:
    """One amount of money: '55.2 bn USD', or the number alone where money is not USD."""
    factor, unit = money(plan, [value])
    return f"{figures(value * factor)} {unit}".strip()


def share(x: float) -> str:
    """A share in per cent with two digits; a dash for what is not a number."""
    return f"{digits(100 * x)} %" if np.isfinite(x) else "–"


def gap(x: float) -> str:
    """A gap in per cent, without pretending to more digits than a solver has."""
    return "below 0.001 %" if abs(x) < 1e-5 else share(x)


def headed(name: str, unit: str) -> str:
    return f"{name}, {unit}" if unit else name


def money_note(plan: Plan) -> str:
    """What money is counted in, where the numbers do not carry it."""
    return "" if money(plan, [])[1] else f"money: {plan.money}"


def order_now(plan: Plan) -> str:
    """The order in plain words, with what it costs a year."""
    if figures(plan.chosen.order) == "0":
        return "Order nothing now."
    bill = amount(plan, plan.chosen.bill)
    return f"Order {figures(plan.chosen.order)} {plan.unit} now, at {bill} a year ({plan.limit})."


def caution(plan: Plan) -> str:
    """What the limit costs against the neutral order."""
    if is_same(plan.chosen, plan.neutral):
        return "Caution costs nothing: the neutral order meets the limit."
    return (
        f"Caution costs {share(plan.caution_cost)} of the expected value: the neutral order, "
        f"{figures(plan.neutral.order)} {plan.unit}, is worth {amount(plan, plan.neutral.value)} "
        f"and is ruined with a chance of {chance(plan.neutral.ruin)}."
    )


def facts(plan: Plan) -> dict[str, str]:
    """The five numbers of the chosen order."""
    chosen = plan.chosen
    return {
        "chance of ruin": chance(chosen.ruin),
        "expected value": amount(plan, chosen.value),
        "final cash, mean of worst 5 %": amount(plan, chosen.tail),
        "demand turned away": share(chosen.lost),
        "cost of caution": share(plan.caution_cost),
    }


def chance(of: float) -> str:
    """A chance of ruin: to a tenth of a per cent where it is small, since limits lie there."""
    return f"{100 * of:.1f} %" if 0.0005 <= of < 0.0995 else percent(of)


@dataclass(frozen=True)
class Sheet:
    """A table for the terminal or a page; the first cell of a row is its label."""

    name: str
    title: str
    heads: Sequence[str]
    rows: Sequence[Sequence[str]]


def sheets(plan: Plan) -> list[Sheet]:
    """The tables of a plan, without the empty ones."""
    found = [
        frontier_sheet(plan),
        worth_sheet(plan, "information", "What knowledge is worth", plan.information),
        worth_sheet(plan, "worth", "What better terms are worth", plan.worth),
        regret_sheet(plan),
        flip_sheet(plan),
        Sheet("checks", "How the answer was checked", ["gap"], [[k, gap(v)] for k, v in plan.checks.items()]),
    ]
    return [sheet for sheet in found if sheet.rows]


def is_same(a: Choice, b: Choice) -> bool:
    return bool(np.allclose((a.order, a.value, a.ruin), (b.order, b.value, b.ruin), rtol=1e-6, atol=1e-9))


def role(plan: Plan, point: Choice) -> str:
    """'chosen', 'neutral', both, or nothing."""
    return " = ".join(n for n in ("chosen", "neutral") if is_same(point, getattr(plan, n)))


def points(plan: Plan) -> list[Choice]:
    """The frontier with the chosen and the neutral order on it, by chance of ruin, each point once."""
    found: list[Choice] = []
    for point in (plan.chosen, plan.neutral, *plan.frontier):
        if not any(is_same(point, other) for other in found):
            found.append(point)
    return sorted(found, key=lambda p: (p.ruin, p.value))


def frontier_sheet(plan: Plan) -> Sheet:
    found = points(plan)
    factor, unit = money(plan, [x for p in found for x in (p.value, p.tail, p.bill)])
    whole = abs(plan.neutral.value) or np.nan
    rows = [
        [
            ": ".join(dict.fromkeys(x for x in (role(plan, p), p.name) if x)),
            figures(p.order),
            *(figures(x * factor) for x in (p.bill, p.value)),
            share((plan.neutral.value - p.value) / whole),
            figures(p.tail * factor),
            chance(p.ruin),
            share(p.lost),
        ]
        for p in found
    ]
    heads = ["order", "bill a year", "value", "given up", "worst 5 %", "chance of ruin", "demand lost"]
    return Sheet("frontier", headed(f"Value against ruin: order in {plan.unit}", unit), heads, rows)


def worth_sheet(plan: Plan, name: str, title: str, gains: Mapping[str, float]) -> Sheet:
    factor, unit = money(plan, gains.values())
    whole = abs(plan.chosen.value) or np.nan
    rows = [[k, figures(v * factor), share(v / whole)] for k, v in gains.items()]
    note = "; ∞: no order meets the limit without it" if np.inf in gains.values() else ""
    return Sheet(name, headed(title, unit) + note, ["worth", "of the value"], rows)


def regret_orders(plan: Plan) -> list[str]:
    """Names of the orders in the regret table, with what they order where the frontier knows it."""
    known = {p.name: f": {figures(p.order)}" for p in (*plan.frontier, plan.neutral, plan.chosen)}
    return [name + known.get(name, "") for name in plan.regret.orders]


def regret_losses(plan: Plan) -> tuple[np.ndarray, str]:
    """(orders, worlds and their largest) and the unit of money."""
    loss = np.array(plan.regret.loss, float).reshape(len(plan.regret.orders), len(plan.regret.worlds))
    factor, unit = money(plan, loss.ravel())
    return factor * np.column_stack([loss, loss.max(axis=1, initial=0.0)]), unit


def regret_sheet(plan: Plan) -> Sheet:
    loss, unit = regret_losses(plan)
    rows = [[name, *map(figures, row)] for name, row in zip(regret_orders(plan), loss, strict=True)]
    title = headed("Regret: value lost against the best order in that world", unit)
    return Sheet("regret", title, [*plan.regret.worlds, "largest"], rows)


def flip_sheet(plan: Plan) -> Sheet:
    def write(x: float, unit: str) -> str:
        if unit in ("share", "probability"):
            return f"{figures(100 * x)} %"
        if unit == "FLOP":
            return f"{Unit('', scaled=True).write(x)} {unit}"
        return amount(plan, x) if unit == plan.money else f"{figures(x)} {unit}".strip()

    rows = [[f.belief, write(f.now, f.unit), write(f.at, f.unit), figures(f.order)] for f in plan.flips]
    return Sheet("flips", "What would change the order", ["today", "changes at", "order then"], rows)


def text(plan: Plan) -> Group:
    """What a person reads in a terminal of 100 columns: the order now, its risk, what caution costs, the tables."""
    known = facts(plan)
    width = max(map(len, known)) + 2
    lines = [Text(f"{name:<{width}}") + Text(value, style="bold") for name, value in known.items()]
    rule = [Text(f"  {name}: {words}") for name, words in plan.rule.items()]
    foot = "; ".join(x for x in (f"scenario {plan.scenario}", plan.lab, f"limit: {plan.limit}", money_note(plan)) if x)
    return Group(
        Text(order_now(plan), style="bold"),
        Text(f"{caution(plan)}\n"),
        *lines,
        *([Text("\nLater years", style="bold"), *rule] if rule else []),
        "",
        *(terminal_table(sheet) for sheet in sheets(plan)),
        *(Text(note, style="dim") for note in plan.notes),
        Text(foot, style="dim"),
    )


def terminal_table(sheet: Sheet) -> Table:
    table = plain_table(sheet.title, [wrapped(head, 12) for head in sheet.heads], 26)
    for row in sheet.rows:
        table.add_row(*(Text(cell) for cell in row))
    return table


def wrapped(name: str, width: int) -> str:
    """Words in lines of at most this many letters, where no word is longer."""
    return "\n".join(textwrap.wrap(name.replace(" %", "\u00a0%"), width, break_long_words=False))
