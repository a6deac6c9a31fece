"""The page Why: bars, shares of variance and the split of a change are those of the service."""

import re
from collections.abc import Callable

from browser import REST, Server, first_lever, settled, slider
from playwright.sync_api import Page, expect

SIGNAL = "industry_revenue"
WAIT = 120_000  # the first tornado compiles


def cells(page: Page, figure: str, row: str) -> list[float]:
    rows = page.locator(f"figure[data-figure={figure}] tbody tr")
    found = rows.filter(has=page.get_by_role("rowheader", name=row, exact=True))
    return [float(x) for x in found.locator("td[data-value]").evaluate_all("all => all.map(x => x.dataset.value)")]


def as_table(page: Page, figure: str) -> None:
    page.locator(f"figure[data-figure={figure}]").get_by_role("button", name=re.compile("^Table")).click()


def ready(page: Page) -> None:
    page.locator("figure[data-figure=tornado] rect.bar").first.wait_for(timeout=WAIT)


def test_bars_and_indices_are_those_of_the_service(open_page: Callable[..., Page], server: Server):
    page = open_page("#why")
    ready(page)
    recipe = {"scenario": "base", "draws": REST, "seed": 0}
    told = server.post("/api/why", {"recipe": recipe, "signal": SIGNAL, "at": "2030-12"})
    as_table(page, "tornado")
    for bar in told["tornado"][:3]:
        assert cells(page, "tornado", bar["label"])[:4] == [bar["low"], bar["high"], bar["at_low"], bar["at_high"]]
    as_table(page, "indices")
    row = next(r for r in told["indices"]["rows"] if max(r["first"]) > told["indices"]["floor"])
    assert cells(page, "indices", row["label"]) == row["first"]
    expect(page.locator(".headline")).to_contain_text("at the end of 2030")


def test_quantity_label_and_year_are_chosen_and_go_into_the_link(open_page: Callable[..., Page]):
    page = open_page("#why")
    ready(page)
    page.get_by_label("Quantity").select_option("revenue")
    page.get_by_label("Of", exact=True).select_option("Anthropic")
    page.get_by_label("End of").select_option("2028-12")
    expect(page.locator(".headline")).to_contain_text("Revenue run rate of Anthropic at the end of 2028", timeout=WAIT)
    page.wait_for_timeout(400)  # the address follows after a pause
    page.reload()
    expect(page.locator(".headline")).to_contain_text("Revenue run rate of Anthropic at the end of 2028", timeout=WAIT)


def test_arrow_keys_read_the_indices_year_by_year(open_page: Callable[..., Page]):
    page = open_page("#why")
    ready(page)
    lines = page.get_by_role("slider", name=re.compile("^Share of variance"))
    lines.focus()
    page.keyboard.press("Home")
    expect(lines).to_have_attribute("aria-valuenow", "2026")
    page.keyboard.press("ArrowRight")
    expect(page.locator("figure[data-figure=indices] .when")).to_have_text("end of 2027")


def test_what_changed_is_split_and_adds_up(open_page: Callable[..., Page], server: Server):
    page = open_page("#why")
    expect(page.locator(".causes")).to_contain_text("Nothing differs yet")
    page.get_by_role("link", name="World").click()
    settled(page)
    path = first_lever(page)
    handle = slider(page, path)
    handle.focus()
    page.keyboard.press("End")
    handle.blur()
    value = float(page.locator(f"[data-control='{path}'] input.typed").input_value())
    page.get_by_role("link", name="Why").click()
    page.locator("figure[data-figure=waterfall] rect.whole").first.wait_for(timeout=WAIT)
    recipe = {"scenario": "base", "draws": REST, "seed": 0}
    body = {"a": recipe, "b": recipe | {"set": {path: value}}, "signal": SIGNAL, "at": "2030-12"}
    told = server.post("/api/attribute", body)
    as_table(page, "waterfall")
    assert cells(page, "waterfall", "As shipped") == [told["from"]] and cells(page, "waterfall", "Now") == [told["to"]]
    (step,) = told["steps"]
    assert cells(page, "waterfall", step["label"]) == [step["effect"]]
    expect(page.locator(".causes li")).to_have_count(2)


def test_a_busy_service_is_told_and_the_page_stays(open_page: Callable[..., Page]):
    page = open_page("#sources")
    page.route("**/api/why", lambda route: route.fulfill(status=422, json={"error": "the service says why not"}))
    page.get_by_role("link", name="Why").click()
    expect(page.get_by_role("alert")).to_have_text("the service says why not")
    expect(page.get_by_label("Quantity")).to_be_enabled()
