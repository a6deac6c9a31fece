"""The page Compare: differences are those of the services' own numbers."""

import re
from collections.abc import Callable

import pytest
from browser import Server, first_lever, settled, slider
from playwright.sync_api import Page, Route, expect


def test_the_changed_scenario_beside_its_origin(open_page: Callable[..., Page], server: Server):
    page = open_page()
    settled(page)
    path = first_lever(page)
    handle = slider(page, path)
    handle.focus()
    page.keyboard.press("End")
    handle.blur()
    value = float(page.locator(f"[data-control='{path}'] input.typed").input_value())
    page.get_by_role("link", name="Compare").click()
    expect(page.locator("figure[data-figure=compared] path.median")).to_have_count(2)
    signal = "industry_revenue"
    changed, origin = (server.run(r, [signal])["signals"][signal]["series"][0] for r in ({"set": {path: value}}, {}))
    months = server.run({}, [signal])["months"]
    table = page.locator("figure[data-figure=differences]")
    for month in ("2028-12", "2035-12"):
        at = months.index(month)
        row = table.locator("tbody tr", has=page.get_by_role("rowheader", name=month))
        values = [float(x) for x in row.locator("td").evaluate_all("all => all.map(x => x.dataset.value)")]
        assert values == [changed["p50"][at], origin["p50"][at], origin["p50"][at] - changed["p50"][at]]

    why = page.locator("figure[data-figure=attribution]")
    expect(why.locator("rect").first).to_be_attached()
    why.get_by_role("button", name=re.compile("^Table of")).click()
    values = [float(x) for x in why.locator("td[data-value]").evaluate_all("all => all.map(x => x.dataset.value)")]
    at = months.index("2030-12")
    assert values[0] == pytest.approx(changed["p50"][at], rel=1e-9)
    assert values[-1] == pytest.approx(origin["p50"][at], rel=1e-9)
    assert values[0] + sum(values[1:-1]) == pytest.approx(values[-1], rel=1e-9)


def test_scenarios_are_added_and_taken_away(open_page: Callable[..., Page]):
    page = open_page("#compare")
    expect(page.locator(".chip")).to_have_count(2)
    page.get_by_label("Add a scenario").select_option("now")
    expect(page.locator(".chip")).to_have_count(3)
    expect(page.locator("figure[data-figure=compared] path.median")).to_have_count(3, timeout=90_000)
    page.locator(".chip").last.get_by_role("button", name=re.compile("^Take")).click()
    expect(page.locator(".chip")).to_have_count(2)
    page.keyboard.press("u")
    expect(page.locator(".chip")).to_have_count(3)


def test_what_an_older_request_overtakes_is_asked_again(page: Page, open_page: Callable[..., Page]):
    """Two requests of a lane may reach the service in the other order."""
    refused = set()

    def once(route: Route) -> None:
        lane = route.request.headers["x-session"]
        if lane in refused:
            return route.continue_()
        refused.add(lane)
        route.fulfill(status=409, json={"error": "overtaken"})

    page.route("**/api/run", once)
    open_page("#compare")
    expect(page.locator("figure[data-figure=compared] path.median")).to_have_count(2)
    assert len(refused) >= 2


def test_another_quantity(open_page: Callable[..., Page]):
    page = open_page("#compare")
    expect(page.locator("figure[data-figure=compared] path.median").first).to_be_attached()
    page.get_by_label("Quantity").select_option("it_power")
    expect(page.locator("figure[data-figure=compared] h2")).to_contain_text("power")
    expect(page.locator("figure[data-figure=differences] h2")).to_contain_text("power")
