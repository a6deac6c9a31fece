"""What a plan looks like: pictures, terminal and memo say the order, its risk and what caution costs."""

import json
import re
from dataclasses import replace
from html.parser import HTMLParser

import numpy as np
import pytest
from rich.console import Console

from gigawatt.decisions.extensive import NeverRuin, Ruin
from gigawatt.study.bet_file import load_bet
from gigawatt.study.plan import Choice, Fan, Flip, Plan, PolicyMap, Regret
from gigawatt.study.plan_bet import plan_bet
from gigawatt.view import memo, plan_text
from gigawatt.view import plan as view

NASTY = "<script>alert('x')</script> & \"quotes\""
EMPTY = {"rule": {}, "information": {}, "worth": {}, "regret": Regret((), (), ()), "fans": (), "policy": None}
EMPTY |= {"frontier": (), "flips": (), "checks": {}, "notes": ()}


def world() -> Plan:
    """Test data only: numbers that a world plan could have, made up."""
    years = np.linspace(2026.5, 2031, 55)
    t = years - years[0]

    def path(grow: float, dip: float, spread: float) -> Fan:
        z = np.array([-1.64, -0.67, 0, 0.67, 1.64])[:, None]
        cash = 20 + 30 * np.expm1(grow * t) * np.exp(z * spread * t / 4.5) - dip * np.exp(-z) * t * (4.5 - t)
        return Fan("", years.tolist(), (0.05, 0.25, 0.5, 0.75, 0.95), cash.tolist())

    orders, bill = (2.1, 2.9, 3.6, 4.2, 4.9, 5.6, 6.3), 13.1
    ruin, value = (0.0, 0.012, 0.03, 0.048, 0.09, 0.16, 0.23), (610, 668, 701, 722, 738, 746, 748)
    points = [
        Choice(f"ruin ≤ {100 * r:.0f} %", x, bill * x, v, 40 - 30 * i, r, 0.22 - 0.03 * i)
        for i, (x, r, v) in enumerate(zip(orders, ruin, value, strict=True))
    ]
    cash, capacity = np.linspace(0, 6, 25), np.linspace(0.5, 4, 22)
    order = np.minimum(np.maximum(3.1 - capacity[None], 0), 0.2 + 0.55 * cash[:, None])
    return Plan(
        scenario="base",
        title="Base: what is known at the end of 2026",
        lab="Anthropic",
        limit="chance of ruin at most 5 %",
        unit="GW",
        money="bn USD",
        chosen=replace(points[3], name="ruin at most 5 %"),
        neutral=replace(points[-1], name="neutral"),
        rule={
            "Order up to": "3.1 times demand while growth is fast, 1.9 times after a slow year",
            "But at most": "0.2 of demand plus 0.55 of a year's bill for each bn USD of cash",
        },
        frontier=points,
        information={"perfect information (EVPI)": 96.0, "learning before later orders": 31.0},
        worth={"one year less lead time": 54.0, "one bn USD more cash": 0.42, "the right to cancel": 38.0},
        regret=Regret(
            ["ruin ≤ 0 %", "ruin at most 5 %", "neutral"],
            ["tenfold", "fivefold", "one year late", "genius mid-2028", "800 instead of 1000"],
            [[310, 12, 0, 540, 130], [150, 0, 45, 260, 31], [0, 88, 210, 41, 0]],
        ),
        fans=[replace(path(0.62, 4, 1.0), name="ruin at most 5 %"), replace(path(0.7, 9.5, 1.2), name="neutral")],
        policy=PolicyMap(cash.tolist(), capacity.tolist(), order.tolist()),
        flips=[
            Flip("growth of demand a year", 4.1, 2.9, "times", 2.9),
            Flip("chance that powerful AI comes by 2028", 0.31, 0.55, "probability", 5.6),
        ],
        checks={"trained rule against exact value on a tree": 0.041, "two seeds": 0.006},
        notes=["Rivals follow their own rules and do not answer to this order."],
    )


@pytest.fixture(scope="module")
def bet() -> Plan:
    return plan_bet(load_bet("three_worlds"), Ruin(0.25))


@pytest.fixture(scope="module")
def never() -> Plan:
    return plan_bet(load_bet("boom_bust"), NeverRuin())


@pytest.fixture(scope="module")
def made() -> Plan:
    return world()


def said(plan: Plan, width: int = 100) -> str:
    console = Console(width=width, record=True, file=open("/dev/null", "w"), markup=False)
    console.print(view.text(plan))
    console.file.close()
    return console.export_text()


def words(figure) -> str:
    axes = [t for ax in figure.axes for t in (*ax.texts, *ax.get_xticklabels(), *ax.get_yticklabels())]
    titles = [ax.get_title(loc="left") for ax in figure.axes]
    return "\n".join([*(t.get_text() for t in (*figure.texts, *axes)), *titles])


class Reader(HTMLParser):
    """Open elements; it fails where one is closed that is not the last opened."""

    def __init__(self, page: str):
        super().__init__()
        self.open: list[str] = []
        self.tags: list[str] = []
        self.data: list[str] = []
        self.feed(page)

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)
        if tag != "meta":
            self.open.append(tag)

    def handle_startendtag(self, tag, attrs):
        self.tags.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        self.data.append(data)


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (739.46, "739"),
        (33.0, "33"),
        (0.21908, "0.219"),
        (-67.04, "−67"),
        (-1e-15, "0"),
        (1234.5, "1234"),
        (4e-5, "0"),
        (99.96, "100"),
        (np.nan, "–"),
        (np.inf, "∞"),
    ],
)
def test_numbers_have_three_digits_and_no_noise(value, text):
    assert plan_text.figures(value) == text


def test_the_terminal_begins_with_the_order_and_the_price_of_caution(bet):
    lines = said(bet).splitlines()
    assert lines[0] == "Order 90 units of capacity now, at 90 a year (ruin at most 25 %)."
    assert lines[1].startswith("Caution costs 0.22 % of the expected value: the neutral order, 100 units of capacity")
    assert "worth 739" in lines[1] and "60 %" in lines[2]


def test_the_same_caution_costs_half_where_boom_turns_to_bust(never):
    assert "Caution costs 54 %" in said(never)


def test_the_terminal_holds_every_table_in_100_columns(bet, made):
    for plan in (bet, made):
        text = said(plan)
        assert max(map(len, text.splitlines())) <= 100 and "…" not in text
        for sheet in plan_text.sheets(plan):
            assert sheet.title in text
    assert len(plan_text.sheets(bet)) == 6


def test_the_frontier_table_prices_each_limit_against_neutral(bet):
    rows = {row[0]: row[1:] for row in plan_text.frontier_sheet(bet).rows}
    assert rows["never ruin"][:4] == ["33", "33", "729", "1.5 %"]
    assert rows["chosen: ruin at most 25 %"][:4] == ["90", "90", "738", "0.22 %"]
    assert rows["neutral"][:4] == ["100", "100", "739", "0 %"]


def test_money_in_usd_takes_its_scale_and_other_money_is_named(bet, made):
    assert said(made).startswith("Order 4.2 GW now, at 55 bn USD a year")
    assert "money: times the yearly price of a unit" in " ".join(said(bet).split())


def test_a_limit_that_does_not_bind_costs_nothing(bet):
    free = replace(bet, chosen=bet.neutral)
    assert "Caution costs nothing" in said(free)
    assert "chosen = neutral: 100" in words(view.frontier(free))


def test_nothing_to_order_is_said_so(bet):
    assert said(replace(bet, chosen=replace(bet.chosen, order=1e-15))).startswith("Order nothing now.")


def test_every_picture_has_a_title_units_and_its_scenario(bet, made):
    for plan, unit in ((bet, "money: times the yearly price of a unit"), (made, "USD")):
        drawn = view.pictures(plan)
        assert list(drawn) == ["frontier", "cash", "regret", "policy"]
        for figure in drawn.values():
            labels = [ax.get_ylabel() + ax.get_xlabel() for ax in figure.axes]
            assert figure.texts[0].get_fontsize() == 12 and figure.texts[0].get_text()
            assert plan.scenario in words(figure) and unit in words(figure) + "".join(labels)


def test_the_frontier_names_chosen_and_neutral_and_gives_every_order(bet, made):
    found = words(view.frontier(bet))
    assert "chosen: 90" in found and "neutral: 100" in found and "never ruin: 33" in found
    labels = {t.get_text() for t in view.frontier(made).axes[0].texts}
    assert labels == {"2.1", "2.9", "3.6", "chosen: 4.2", "4.9", "5.6", "neutral: 6.3"}


def test_labels_of_the_frontier_do_not_hide_each_other(made):
    figure = view.frontier(made)
    boxes = [t.get_window_extent() for t in figure.axes[0].texts]
    assert not any(a.overlaps(b) for i, a in enumerate(boxes) for b in boxes[:i])


def test_fans_share_an_axis_that_shows_the_ruin_line_through_hundredfold_growth(bet):
    left, right = view.cash_fan(bet).axes
    assert left.get_yscale() == "symlog" and left.get_ylim() == right.get_ylim()
    assert left.get_ylim()[0] < -67 and left.get_ylim()[1] > 2215
    assert left.get_title(loc="left") == "chosen: 90, ruin 20 %"
    assert right.get_title(loc="left") == "neutral: 100, ruin 60 %"


def test_cash_that_does_not_grow_stays_on_a_linear_axis(bet):
    flat = [Fan("flat", (0, 1), (0.05, 0.5, 0.95), ((5, -3), (5, 6), (5, 40)))]
    assert view.cash_fan(replace(bet, fans=flat)).axes[0].get_yscale() == "linear"


def test_regret_marks_the_best_order_of_each_world(bet):
    ax = view.regret(bet).axes[0]
    bold = [t.get_text() for t in ax.texts if t.get_weight() == "bold"]
    assert bold == ["0", "64.8", "6.48", "18.6"]  # neutral in tenfold; 90 has the least largest; 33 in the others
    assert "largest of all" in words(view.regret(bet))


def test_a_policy_map_that_is_flat_or_has_gaps_is_drawn(bet):
    for order, gap in (([[1.0, 1.0], [1.0, 1.0], [1.0, 1.0]], False), ([[np.nan, 1.0], [2.0, 1.0], [3.0, 2.0]], True)):
        figure = view.policy_map(replace(bet, policy=PolicyMap((0, 1, 2), (0.5, 1), order)))
        assert ("no order meets the limit" in words(figure)) == gap


def test_a_plan_without_map_flips_or_anything_else_still_reads(bet):
    bare = replace(bet, **EMPTY)
    assert list(view.pictures(bare)) == ["frontier"]
    assert "Order 90" in said(bare)
    page = memo.memo(bare)
    assert Reader(page).open == []


def test_the_memo_stands_alone_and_is_well_formed(bet, made):
    for plan in (bet, made):
        page = memo.memo(plan)
        reader = Reader(page.partition("\n")[2])
        assert reader.open == []
        assert not {"script", "link", "img", "iframe"} & set(reader.tags)
        assert not re.search("https?:", page) and page.count("url(") == page.count("url(#")
        assert reader.tags.count("svg") == 4 and "default-src 'none'" in page


def test_the_memo_says_the_order_its_risk_and_its_price(bet):
    text = " ".join(" ".join(Reader(memo.memo(bet)).data).split())
    for part in ("Order 90 units of capacity now, at 90 a year", "Caution costs 0.22 %", "chance of ruin 20 %", "738"):
        assert part in text
    for head in ("The rule for later years", "What would change the order", "How it was computed", "not good for"):
        assert head in text


def test_the_same_plan_gives_the_same_bytes(made):
    assert memo.memo(made) == memo.memo(world())


def test_texts_from_outside_are_escaped(bet):
    page = memo.memo(replace(bet, title=NASTY, scenario=NASTY, notes=(NASTY,), rule={NASTY: NASTY}, lab=NASTY))
    assert "<script" not in page and "&lt;script&gt;" in page


def test_the_folder_holds_memo_numbers_and_pictures(never, tmp_path):
    files = memo.write(never, tmp_path / "new")
    drawn = [f"{name}.{kind}" for name in ("frontier", "cash", "regret", "policy") for kind in ("svg", "png")]
    assert [f.name for f in files] == ["memo.html", "plan.json", *drawn]
    numbers = json.loads(files[1].read_text(encoding="utf-8"), parse_constant=pytest.fail)
    assert numbers["chosen"]["order"] == pytest.approx(1.43429333, rel=1e-6)
    assert numbers["caution_cost"] == pytest.approx(1 - 36.2465380 / 79.0025067, rel=1e-6)
    assert re.search(r"<svg .*</svg>", files[0].read_text(encoding="utf-8"), re.S)
