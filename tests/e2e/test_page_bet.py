"""The page Bet: the answer of `gigawatt plan`, terms and limits, and a plan in the world that can be left."""

import re
from collections.abc import Callable

import pytest
from browser import Server
from playwright.sync_api import Page, expect

import gigawatt as gw


def table(page: Page, figure: str) -> list[list[str]]:
    """The cells of a figure's table, with full numbers where a cell has one."""
    rows = page.locator(f"figure[data-figure={figure}] tbody tr")
    rows.first.wait_for()
    take = "all => all.map(row => [...row.children].map(cell => cell.dataset.value ?? cell.textContent))"
    return rows.evaluate_all(take)


@pytest.fixture(scope="module")
def plan():
    return gw.plan("three_worlds", never_ruin=True)


def test_a_bet_is_answered_at_once_and_as_the_command_says(open_page: Callable[..., Page], plan):
    page = open_page("#bet")
    expect(page.locator(".headline")).to_have_text("Order 33 units of capacity now, at 33 a year (never ruin).")
    expect(page.locator(".under")).to_contain_text("Caution costs 1.5 % of the expected value")
    page.locator("figure[data-figure=frontier]").get_by_role("button", name=re.compile("^Table")).click()
    rows = table(page, "frontier")
    assert [float(row[3]) for row in rows] == [c.value for c in plan.frontier]
    assert [float(row[1]) for row in rows] == [c.order for c in plan.frontier]
    flips = table(page, "flips")
    assert [row[0] for row in flips] == [f.belief for f in plan.flips]
    assert [float(row[2]) for row in flips] == [f.at for f in plan.flips]
    worth = dict(row[:2] for row in table(page, "worth"))
    assert float(worth["one period less lead time"]) == plan.worth["one period less lead time"]


def test_regret_and_cash_are_told_in_words_and_numbers(open_page: Callable[..., Page], plan):
    page = open_page("#bet")
    cells = page.locator("figure[data-figure=regret] text.cell-number")
    expect(cells).to_have_count(len(plan.regret.orders) * len(plan.regret.worlds))
    expect(page.locator("figure[data-figure=regret] [role=img]")).to_have_attribute(
        "aria-label", re.compile("never ruin")
    )
    expect(page.locator("figure[data-figure=cash] line.ruin")).to_have_count(1)
    page.locator("figure[data-figure=cash]").get_by_role("button", name=re.compile("^Table")).click()
    assert len(table(page, "cash")) == len(plan.fans[0].times)


def test_another_limit_and_another_lead_time_move_the_order_and_can_be_undone(open_page: Callable[..., Page]):
    page = open_page("#bet")
    answer = page.locator(".headline")
    expect(answer).to_contain_text("Order 33 units")
    page.get_by_role("radio", name="Chance of ruin at most").check(force=True)
    page.get_by_role("textbox", name="Greatest chance of ruin").fill("25")
    page.keyboard.press("Tab")
    expect(answer).to_contain_text("Order 90 units")
    page.get_by_role("textbox", name="Lead time").fill("12")
    page.keyboard.press("Tab")
    expect(answer).not_to_contain_text("Order 90 units")
    for _ in range(3):
        page.get_by_role("button", name=re.compile("^Undo")).click()
    expect(answer).to_contain_text("Order 33 units")


def test_the_link_carries_the_question(open_page: Callable[..., Page]):
    page = open_page("#bet")
    page.get_by_role("radio", name="Boom and bust").check(force=True)
    expect(page.locator(".headline")).to_contain_text("Order 1.43 units")
    page.wait_for_timeout(400)  # the address follows after a pause
    page.reload()
    expect(page.locator(".headline")).to_contain_text("Order 1.43 units")


def test_what_cannot_be_planned_is_told_in_one_line(open_page: Callable[..., Page]):
    page = open_page("#bet")
    expect(page.locator(".headline")).to_contain_text("Order 33")
    cash = page.get_by_role("textbox", name="Cash at the start")
    cash.fill("lots")
    page.keyboard.press("Tab")
    expect(page.get_by_role("alert")).to_contain_text("'lots' is no number")
    expect(cash).to_have_attribute("aria-invalid", "true")
    cash.fill("-100")
    page.keyboard.press("Tab")
    expect(page.get_by_role("alert")).to_contain_text("cannot be met from cash -100")


@pytest.mark.slow
def test_a_plan_in_the_world_goes_on_while_the_page_is_left(open_page: Callable[..., Page], server: Server):
    page = open_page("#bet")
    page.get_by_role("radio", name="A lab in the world").check(force=True)
    page.get_by_label("Whose order").select_option("Anthropic")
    page.get_by_role("radio", name="Chance of ruin at most").check(force=True)
    page.get_by_role("button", name="Plan it").click()
    expect(page.locator("progress")).to_be_visible()
    page.get_by_role("link", name="World").click()
    page.get_by_role("link", name="Bet").click()
    expect(page.locator("progress")).to_be_visible()
    page.wait_for_timeout(400)  # the address follows after a pause
    page.reload()
    expect(page.locator("progress")).to_be_visible()
    expect(page.locator(".headline")).to_contain_text(re.compile(r"Order [\d.]+ GW now, at [\d.]+ bn"), timeout=570_000)
    expect(page.locator("figure[data-figure=cash] path.median")).to_have_count(2)
