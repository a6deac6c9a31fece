"""What a plan looks like: value against ruin, cash under two orders, regret, and the rule for later years.

Blue is the chosen order, orange the neutral one, in every picture. Heat maps are one colour that grows denser, so that
they read with any colour vision, in grey, and in the dark.
"""

from collections.abc import Callable, Sequence
from importlib import metadata

import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import to_rgba
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle
from matplotlib.text import Annotation
from matplotlib.ticker import FixedLocator, FuncFormatter, MaxNLocator, NullLocator
from matplotlib.transforms import Bbox

from gigawatt.study.plan import Choice, Fan, Plan
from gigawatt.view.draw import WIDE, set_years
from gigawatt.view.plan_text import (
    amount,
    figures,
    headed,
    money,
    money_note,
    points,
    regret_losses,
    regret_orders,
    role,
    wrapped,
)
from gigawatt.view.plan_text import text as text
from gigawatt.view.style import COLOURS, FAINT, INK, PAPER, percent, styled

CHOSEN, NEUTRAL, BEST = COLOURS[:3]
SIZE = (5.9, 4.3)  # inches; two stand side by side in the memo
DENSEST = 0.55  # opacity of a heat map's deepest cell, over which ink still reads in light and dark
Side = tuple[float, float, str]
# Places of a label about its point: points to the right, points up, alignment.
SIDES: tuple[Side, ...] = (
    (-5, 9, "right"),
    (-9, 0, "right"),
    (9, 0, "left"),
    (5, -9, "left"),
    (0, 13, "center"),
    (0, -13, "center"),
    (5, 9, "left"),
    (-5, -9, "right"),
    (-5, 20, "right"),
    (5, -20, "left"),
    (-5, 31, "right"),
    (5, -31, "left"),
)
LEAST = 1e4  # ratio of the largest cash to the smallest that an axis tells from zero
STEPS = (1, 2, 2.5, 5, 10)  # between ticks
NOTED = 6  # points of a frontier up to which each one is named


def pictures(plan: Plan) -> dict[str, Figure]:
    """{name: figure} of those for which the plan holds the numbers."""
    made: dict[str, tuple[bool, Callable[[Plan], Figure]]] = {
        "frontier": (True, frontier),
        "cash": (bool(plan.fans), cash_fan),
        "regret": (bool(plan.regret.orders), regret),
        "policy": (plan.policy is not None, policy_map),
    }
    return {name: draw(plan) for name, (applies, draw) in made.items() if applies}


def canvas(plan: Plan, title: str, how: str) -> Figure:
    """An empty figure with its title, how to read it, and what it rests on."""
    figure = Figure(figsize=SIZE)
    left, height = 0.12 / SIZE[0], SIZE[1]
    figure.text(left, 1 - 0.12 / height, title, fontsize=12, weight="bold", va="top", color=INK)
    figure.text(left, 1 - 0.4 / height, how, fontsize=8, va="top", color=FAINT, linespacing=1.35)
    rests = (f"gigawatt {metadata.version('gigawatt')}", f"scenario {plan.scenario}", plan.lab, money_note(plan))
    figure.text(left, 0.08 / height, " · ".join(x for x in rests if x), fontsize=6.8, va="bottom", color=FAINT)
    return figure


@styled()
def frontier(plan: Plan) -> Figure:
    """Expected value against the chance of ruin; every point carries its order."""
    found = points(plan)
    how = f"Each point is the best plan under its limit. Beside it: the order now, {plan.unit}."
    figure = canvas(plan, "What caution costs", how)
    ax = figure.add_axes((0.125, 0.17, 0.84, 0.66))
    ruin = [p.ruin for p in found]
    factor, unit = money(plan, [p.value for p in found])
    value = factor * np.array([p.value for p in found])
    best, right = np.maximum.accumulate(value), max(1.12 * ruin[-1], 0.02)
    ax.plot([*ruin, right], [*best, best[-1]], color=FAINT, lw=1.0, alpha=0.6, drawstyle="steps-post")
    room = 0.18 * (np.ptp(value) or abs(value[0]) or 1.0)
    ax.set_ylim(value.min() - room, value.max() + room)
    ax.set_xlim(-0.05 * right, right)
    ax.yaxis.set_major_locator(MaxNLocator(5, steps=STEPS))
    ax.xaxis.set_major_locator(MaxNLocator(6, steps=STEPS))
    ax.yaxis.set_major_formatter(FuncFormatter(lambda y, _: figures(y)))
    ax.xaxis.set_major_formatter(FuncFormatter(lambda x, _: figures(100 * x)))
    ax.set_ylabel(headed("expected value", unit))
    ax.set_xlabel("chance that cash ever falls below zero, %")
    draw_points(ax, plan, found, value)
    return figure


def draw_points(ax: Axes, plan: Plan, found: Sequence[Choice], value: np.ndarray) -> None:
    """Markers and labels; chosen and neutral in their colours, each label where it hides nothing."""
    spots = [(p.ruin, v) for p, v in zip(found, value, strict=True)]
    taken = [Bbox.from_bounds(x - 6, y - 6, 12, 12) for x, y in ax.transData.transform(spots)]
    taken += steps(ax.transData.transform([*spots, (ax.get_xlim()[1], value.max())]))
    for i in sorted(range(len(found)), key=lambda i: not role(plan, found[i])):
        who = role(plan, found[i])
        colour, size = {"": FAINT, "neutral": NEUTRAL}.get(who, CHOSEN), 9.0 if who else 8.0
        ax.plot(*spots[i], "o", ms=9 if who else 6, color=colour, mec=PAPER, mew=1.2, zorder=4)
        name = who or (found[i].name if len(found) <= NOTED else "")
        label = ax.annotate(
            f"{name}: {figures(found[i].order)}" if name else figures(found[i].order),
            spots[i],
            (0, 0),
            textcoords="offset points",
            color=colour,
            size=size,
            weight="bold" if who else "normal",
        )
        place_label(ax, label, taken)


def steps(corners: np.ndarray) -> list[Bbox]:
    """Thin boxes, in pixels, along a line that goes right and then up from corner to corner."""
    x, y = corners[:, 0], np.maximum.accumulate(corners[:, 1])
    flat = [Bbox.from_extents(x[i], y[i] - 1, x[i + 1], y[i] + 1) for i in range(len(x) - 1)]
    return flat + [Bbox.from_extents(x[i + 1] - 1, y[i], x[i + 1] + 1, y[i + 1]) for i in range(len(x) - 1)]


def place_label(ax: Axes, label: Annotation, taken: list[Bbox]) -> None:
    """Move a label to the first side of its point where it hides least; its box joins `taken`, in pixels."""
    frame = ax.get_window_extent()

    def put(side: Side) -> Bbox:
        label.set(position=side[:2], ha=side[2], va="center")
        return label.get_window_extent()

    def hidden(side: Side) -> int:
        box = put(side)
        is_inside = frame.x0 <= box.x0 and box.x1 <= frame.x1 and frame.y0 <= box.y0 and box.y1 <= frame.y1
        return sum(box.overlaps(other) for other in taken) + 3 * (not is_inside)

    taken.append(put(min(SIDES, key=hidden)))


@styled()
def cash_fan(plan: Plan) -> Figure:
    """Fans of cash, one panel for each order, on one axis that holds the ruin line."""
    how = "line: median; dark band: half of the futures; light band: nine in ten; grey: ruin"
    figure = canvas(plan, "Cash under each order", how)
    grid = figure.subplots(1, len(plan.fans), squeeze=False, sharex=True, sharey=True)[0]
    figure.subplots_adjust(0.16, 0.17, 0.965, 0.79, wspace=0.14)
    cash_scale(grid[0], plan)
    for ax, fan, colour in zip(grid, plan.fans, COLOURS, strict=False):
        draw_fan(ax, fan, colour)
        ax.set_title(fan_title(plan, fan), color=colour, fontsize=9)
    set_years(grid[0], plan.fans[0].times[0], plan.fans[0].times[-1])
    when = "calendar year" if plan.fans[0].times[0] > 1000 else "years from now"
    figure.text(0.55, 0.075, when, ha="center", va="center", fontsize=8.5, color=FAINT)
    return figure


def fan_title(plan: Plan, fan: Fan) -> str:
    """'chosen: 90, ruin 20 %' for the orders that a fan's name tells; else its name."""
    for who, choice in (("chosen", plan.chosen), ("neutral", plan.neutral)):
        if fan.name == choice.name:
            return f"{who}: {figures(choice.order)}, ruin {percent(choice.ruin)}"
    return fan.name


def draw_fan(ax: Axes, fan: Fan, colour: str) -> None:
    """Bands from the outermost pair of levels inwards, the middle level as a line, and the ground below zero."""
    middle = len(fan.levels) // 2
    for i, alpha in zip(range(middle), (0.16, 0.26), strict=False):
        ax.fill_between(fan.times, fan.cash[i], fan.cash[-1 - i], color=colour, alpha=alpha, lw=0)
    ax.plot(fan.times, fan.cash[middle], color=colour, lw=1.8)
    ax.axhspan(ax.get_ylim()[0], 0, color=FAINT, alpha=0.13, lw=0, zorder=0)
    ax.axhline(0, color=INK, lw=1.2)
    ax.text(0.04, 0.03, "ruin: cash below zero", transform=ax.transAxes, fontsize=7.5, color=INK)


def cash_scale(ax: Axes, plan: Plan) -> None:
    """Linear, or logarithmic on both sides of zero where the largest cash dwarfs what there is at the start."""
    cash = np.concatenate([np.ravel(fan.cash) for fan in plan.fans])
    low, high = min(cash.min(), 0.0), max(cash.max(), 0.0)
    reach, room = max(-low, high) or 1.0, high - low or 1.0
    start = max(abs(plan.fans[0].cash[0][0]), reach / LEAST)
    near, is_log = 10.0 ** np.floor(np.log10(start)), reach > WIDE * start
    if is_log:
        decades = range(int(np.log10(near)), int(np.ceil(np.log10(reach))) + 1)
        ticks = [sign * 10.0**k for k in decades[:: -(-len(decades) // 5)] for sign in (-1, 1)]
        ax.set_yscale("symlog", linthresh=near, linscale=0.5)
        ax.yaxis.set_major_locator(FixedLocator(sorted([*ticks, 0.0])))
        ax.set_ylim(min(1.6 * low, -near), 1.6 * high)
    else:
        ax.yaxis.set_major_locator(MaxNLocator(6, steps=STEPS))
        ax.set_ylim(low - 0.12 * room, high + 0.06 * room)
    ax.yaxis.set_minor_locator(NullLocator())
    ax.yaxis.set_major_formatter(FuncFormatter(lambda y, _: amount(plan, y).removesuffix(" USD")))
    ax.set_ylabel(headed("cash", "" if money_note(plan) else "USD") + (", log scale away from 0" if is_log else ""))


@styled()
def regret(plan: Plan) -> Figure:
    """Heat map of what each order loses in each world; the least in a world is framed."""
    loss, unit = regret_losses(plan)
    how = headed("Value lost in each world against the best order there", unit)
    how += ".\nFramed: the least in a column; 0: nothing would have been better."
    figure = canvas(plan, "Regret: had we known the world", how)
    ax = figure.add_axes((0.24, 0.1, 0.735, 0.58))
    rows, columns = loss.shape
    places = np.arange(columns) + 0.12 * (np.arange(columns) == columns - 1)
    is_least = (loss - loss.min(axis=0) <= 1e-9 * loss.max()) & (rows > 1)
    for i, j in np.ndindex(rows, columns):
        draw_cell(ax, float(places[j]), i, float(loss[i, j]), loss.max() or 1.0, bool(is_least[i, j]))
    ax.set_xlim(-0.52, places[-1] + 0.52)
    ax.set_ylim(rows - 0.48, -0.52)
    names = [*plan.regret.worlds, "largest of all"]
    ax.set_xticks(places, [wrapped(name, 64 // columns) for name in names])
    ax.set_yticks(range(rows), [wrapped(name, 16) for name in regret_orders(plan)])
    ax.tick_params(length=0, top=False, labeltop=True, labelbottom=False, labelcolor=INK)
    ax.grid(False)
    ax.spines[["left", "bottom"]].set_visible(False)
    return figure


def draw_cell(ax: Axes, x: float, y: float, loss: float, densest: float, framed: bool) -> None:
    """One number on its colour; the colour goes with the root, so that small losses show beside large ones."""
    depth = DENSEST * np.sqrt(max(loss, 0.0) / densest)
    ax.add_patch(Rectangle((x - 0.48, y - 0.46), 0.96, 0.92, fc=to_rgba(NEUTRAL, depth), lw=0))
    if framed:
        ax.add_patch(Rectangle((x - 0.46, y - 0.43), 0.92, 0.86, fill=False, ec=BEST, lw=2.0))
    text = figures(loss)
    ax.text(x, y, text, ha="center", va="center", size=9, weight="bold" if framed else "normal", color=INK)


@styled()
def policy_map(plan: Plan) -> Figure:
    """Order relative to demand by cash and capacity, both relative to demand; blank where no order meets the limit."""
    policy = plan.policy
    assert policy is not None
    order = np.ma.masked_invalid(np.asarray(policy.order, float).T)
    how = "Order over demand, by the cash and the capacity held. Denser colour: order more."
    if order.mask.any():
        how += "\nBlank: no order meets the limit."
    figure = canvas(plan, "The order in other states", how)
    ax = figure.add_axes((0.125, 0.17, 0.85, 0.62))
    levels = MaxNLocator(7, steps=STEPS).tick_values(order.min(), order.max())
    shades = [to_rgba(CHOSEN, 0.08 + DENSEST * i / max(len(levels) - 2, 1)) for i in range(len(levels) - 1)]
    ax.contourf(policy.cash, policy.capacity, order, levels=levels, colors=shades)
    if order.max() - order.min() > 1e-9:
        lines = ax.contour(policy.cash, policy.capacity, order, levels=levels[1:-1], colors=[INK], linewidths=0.8)
        ax.clabel(lines, fmt=figures, fontsize=8)
    ax.set_xlabel("cash over demand" if money_note(plan) else f"cash over demand, {plan.money} per {plan.unit}")
    ax.set_ylabel("capacity over demand")
    for axis in (ax.xaxis, ax.yaxis):
        axis.set_major_locator(MaxNLocator(6, steps=STEPS))
        axis.set_major_formatter(FuncFormatter(lambda x, _: figures(x)))
    ax.grid(False)
    return figure
