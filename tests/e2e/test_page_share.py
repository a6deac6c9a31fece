"""A link carries everything; one that is damaged, old or unknown says so."""

import base64
import json
import re
from collections.abc import Callable
from typing import Any

from browser import Server, first_lever, median, settled, slider
from playwright.sync_api import Page, expect

BIG = ".big-box figure"


def code(told: dict[str, Any]) -> str:
    return base64.urlsafe_b64encode(json.dumps(told).encode()).decode().rstrip("=")


def read(link: str) -> dict[str, Any]:
    text = link.split("#")[1]
    return json.loads(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)))


def test_a_link_opens_the_same_numbers_and_the_same_view(open_page: Callable[..., Page], server: Server):
    page = open_page()
    settled(page)
    path = first_lever(page)
    page.get_by_role("button", name="Pin").click()
    before = median(page)
    handle = slider(page, path)
    handle.focus()
    page.keyboard.press("End")
    handle.blur()
    expect(page.locator(f"{BIG} path.median")).not_to_have_attribute("d", before)
    settled(page)
    page.get_by_label("Your name for it").fill("Faster, <b>bolder</b> & ε")
    page.get_by_label("Your name for it").blur()
    page.get_by_role("radio", name="Log").check()
    page.locator("figure[data-figure=it_power] h3 button").click()
    settled(page)
    expect(page.locator(f"{BIG} path.ghost").first).to_be_attached()
    page.get_by_role("button", name="Share", exact=True).click()
    link = page.get_by_label("Link", exact=True).input_value()
    told = read(link)
    assert told["v"] and told["r"]["scenario"] == "base" and path in told["r"]["set"]
    line = median(page, "it_power")

    page.goto("about:blank")
    page.goto(link)
    settled(page)
    expect(page.locator(BIG)).to_have_attribute("data-figure", "it_power")
    expect(page.locator(f"{BIG} path.median")).to_have_attribute("d", line)
    expect(page.locator(f"{BIG} path.ghost").first).to_be_attached()
    expect(page.get_by_label("Your name for it")).to_have_value("Faster, <b>bolder</b> & ε")
    expect(page.get_by_role("radio", name="Log")).to_be_checked()
    expect(page.locator(".notice")).to_be_hidden()
    expect(page.locator("main b")).to_have_count(0)


def test_the_address_bar_is_always_the_link(open_page: Callable[..., Page]):
    page = open_page()
    settled(page)
    page.get_by_role("radio", name="Labs").check()
    page.wait_for_url(lambda url: "#" in url and read(url).get("view", {}).get("by") == "lab")
    page.get_by_role("link", name="Sources").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Sources")
    page.go_back()
    expect(page.get_by_role("radio", name="Labs")).to_be_checked()


def test_a_link_of_another_version_says_what_it_did(open_page: Callable[..., Page]):
    page = open_page("#" + code({"v": "0.0.1", "r": {"scenario": "base"}, "page": "world"}))
    expect(page.locator(".notice")).to_contain_text("made with gigawatt 0.0.1")
    settled(page)


def test_broken_links_are_told_and_the_page_opens(open_page: Callable[..., Page]):
    for hash_, words in (
        ("#%%%", "damaged"),
        ("#" + code({"v": "x", "r": {"scenario": "base", "set": {"belief.gain": {}}}}), "cannot be read"),
        ("#" + code({"v": "x", "r": {"scenario": "<img src=x onerror=alert(1)>"}}), "does not have"),
        ("#" + code({"v": "x", "r": {"scenario": "base"}})[:-9], "damaged"),
        ("#" + code({"v": "x", "r": {"scenario": "base"}, "view": {"signals": {}}}), "a list of at most 60"),
        ("#" + code({"v": "x", "r": {"scenario": "base"}, "view": {"form": "pie"}}), "'pie' is none of"),
        ("#" + code({"v": "x", "r": {"scenario": "base"}, "view": {"compare": 3}}), "a list of at most 3"),
    ):
        page = open_page(hash_)
        expect(page.locator(".notice")).to_contain_text(words)
        settled(page)
        expect(page.locator("img")).to_have_count(0)
        page.goto("about:blank")


def test_an_unknown_number_in_a_link_gets_the_services_own_words(
    open_page: Callable[..., Page], page: Page, server: Server
):
    page.goto(f"{server.url}/#" + code({"v": "x", "r": {"scenario": "base", "set": {"orders.bogus": 1.0}}}))
    expect(page.locator(".problem")).to_contain_text("orders.bogus")


def test_an_embedded_chart_stands_alone(page: Page, server: Server):
    page.goto(f"{server.url}/embed#" + code({"v": "x", "r": {"scenario": "base"}, "view": {"big": "it_power"}}))
    expect(page.locator("figure[data-figure=it_power] path.median")).to_be_attached()
    expect(page.locator("figure")).to_have_count(1)
    expect(page.locator("header, nav, input")).to_have_count(0)
    expect(page.locator(".caption")).to_contain_text(re.compile(r"seed 0 · \d+ draws"))
