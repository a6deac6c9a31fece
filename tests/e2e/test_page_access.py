"""Everybody can use it: by keyboard alone, with axe, on a phone, in the dark, offline, and when the service is gone."""

import re
from collections.abc import Callable

import pytest
from browser import Server, first_lever, median, settled
from playwright.sync_api import Browser, Page, Request, Route, expect

PAGES = ("world", "bet", "compare", "why", "scoreboard", "sources")
READY = {"world": "figure path.median", "compare": "figure path.median", "sources": "tr[data-path]"}


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("name", PAGES)
def test_axe_finds_nothing(open_page: Callable[..., Page], axe: Callable[[Page], list[str]], name: str, scheme: str):
    page = open_page("#sources")
    page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
    open_page(f"#{name}")
    page.locator(READY.get(name, "main h1")).first.wait_for(timeout=60_000)
    page.locator("details.group:not([open])").evaluate_all("all => all.forEach(x => x.open = true)")
    assert axe(page) == []


def test_axe_finds_nothing_in_dialogs_cards_and_tables(
    open_page: Callable[..., Page], axe: Callable[[Page], list[str]]
):
    page = open_page()
    settled(page)
    page.locator(".about").first.click()
    page.get_by_role("radio", name="Table").check()
    assert axe(page) == []
    for name in ("Share", "Export", "Keys and help"):
        page.get_by_role("button", name=name, exact=name != "Keys and help").click()
        assert axe(page) == []
        page.keyboard.press("Escape")
        expect(page.get_by_role("dialog")).to_have_count(0)


def test_keyboard_alone_goes_everywhere(open_page: Callable[..., Page]):
    page = open_page()
    settled(page)
    before = median(page)
    path = first_lever(page)
    reached = ""
    for _ in range(80):  # from the top, by Tab only
        page.keyboard.press("Tab")
        ring = page.evaluate(
            """() => {
                const on = document.activeElement, style = getComputedStyle(on);
                const shown = on.matches('.segmented input') ? getComputedStyle(on.nextElementSibling) : style;
                return [on.dataset.path ?? '', shown.outlineStyle !== 'none' && parseFloat(shown.outlineWidth) >= 2];
            }"""
        )
        assert ring[1], f"no focus ring on {page.evaluate('document.activeElement.outerHTML.slice(0, 200)')}"
        reached = ring[0]
        if reached == path:
            break
    assert reached == path
    page.keyboard.press("PageUp")
    expect(page.locator("figure[data-figure=industry_revenue] path.median")).not_to_have_attribute("d", before)
    settled(page)
    page.keyboard.press("u")
    expect(page.locator("figure[data-figure=industry_revenue] path.median")).to_have_attribute("d", before)
    page.keyboard.press("?")
    expect(page.get_by_role("dialog")).to_contain_text("undo, redo")
    page.keyboard.press("Escape")
    page.keyboard.press("6")
    expect(page.get_by_role("heading", level=1)).to_have_text("Sources")
    page.keyboard.press("1")
    page.keyboard.press("p")
    expect(page.get_by_role("button", name="Unpin")).to_be_visible()


def test_single_keys_can_be_switched_off(open_page: Callable[..., Page]):
    page = open_page()
    settled(page)
    page.keyboard.press("?")
    page.get_by_role("checkbox", name=re.compile("Single keys")).uncheck()
    page.keyboard.press("Escape")
    page.keyboard.press("6")
    page.keyboard.press("Tab")
    expect(page.locator("h1.headline")).to_be_visible()


@pytest.mark.parametrize("name", PAGES)
def test_a_phone_needs_no_sideways_scroll(browser: Browser, server: Server, name: str):
    context = browser.new_context(viewport={"width": 390, "height": 844}, has_touch=True, is_mobile=True)
    page = context.new_page()
    page.goto(f"{server.url}/#{name}")
    page.locator(READY.get(name, "main h1")).first.wait_for(timeout=60_000)
    page.locator("details.group:not([open])").evaluate_all("all => all.forEach(x => x.open = true)")
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    if name == "world":
        plot = page.locator(".big-box .plot")
        assert (plot.bounding_box() or {})["width"] > 300
    context.close()


def test_dark_follows_the_system_and_the_button(open_page: Callable[..., Page]):
    page = open_page("#sources")
    background = "getComputedStyle(document.body).backgroundColor"
    light = page.evaluate(background)
    page.emulate_media(color_scheme="dark")
    assert page.evaluate(background) != light
    page.get_by_role("button", name="Light or dark").click()
    assert page.evaluate(background) == light
    page.reload()
    page.wait_for_selector("main h1")
    assert page.evaluate(background) == light


def test_every_request_is_to_the_service_itself(open_page: Callable[..., Page], page: Page, server: Server):
    asked: list[str] = []

    def note(request: Request) -> None:
        asked.append(request.url)

    page.on("request", note)
    for name in PAGES:
        open_page(f"#{name}")
        page.locator(READY.get(name, "main h1")).first.wait_for(timeout=60_000)
        page.goto("about:blank")
    assert len(asked) > 10
    assert [url for url in asked if not url.startswith((server.url, "about:", "blob:"))] == []


def test_a_service_that_is_gone_is_told_and_comes_back(open_page: Callable[..., Page]):
    page = open_page()
    settled(page)
    page.route("**/api/run", lambda route: route.abort())
    handle = page.locator(".levers input[type=range]").first
    handle.focus()
    page.keyboard.press("End")
    handle.blur()
    expect(page.locator(".problem")).to_contain_text("does not answer")
    page.unroute("**/api/run")
    before = median(page)
    handle.focus()
    page.keyboard.press("Home")
    handle.blur()
    expect(page.locator(".problem")).to_be_hidden()
    expect(page.locator("figure[data-figure=industry_revenue] path.median")).not_to_have_attribute("d", before)


def test_a_busy_service_is_asked_again(open_page: Callable[..., Page]):
    page = open_page()
    settled(page)
    before = median(page)
    told = [0]

    def busy(route: Route) -> None:
        told[0] += 1
        if told[0] == 1:
            route.fulfill(status=503, headers={"Retry-After": "1"}, json={"error": "24 sessions wait already."})
        else:
            route.continue_()

    page.route("**/api/run", busy)
    handle = page.locator(".levers input[type=range]").first
    handle.focus()
    page.keyboard.press("End")
    handle.blur()
    expect(page.locator("figure[data-figure=industry_revenue] path.median")).not_to_have_attribute("d", before)
    expect(page.locator(".problem")).to_be_hidden()


def test_an_overloaded_service_is_named(open_page: Callable[..., Page]):
    page = open_page()
    settled(page)
    page.route("**/api/run", lambda route: route.fulfill(status=503, json={"error": "24 sessions wait already."}))
    handle = page.locator(".levers input[type=range]").first
    handle.focus()
    page.keyboard.press("End")
    handle.blur()
    expect(page.locator(".problem")).to_contain_text("24 sessions wait already")


def test_a_page_opened_too_early_waits_for_the_service(page: Page, server: Server):
    page.route("**/api/model*", lambda route: route.abort())
    page.goto(server.url)
    expect(page.locator("#boot")).to_contain_text("does not answer")
    page.unroute("**/api/model*")
    settled(page)
