"""The page Scoreboard: every point, the losses too, and the ledger, as the service has them."""

import json
import re
import urllib.request
from collections.abc import Callable
from typing import Any

import pytest
from browser import Server
from playwright.sync_api import Page, expect

WAIT = 120_000  # the hindcast of the world compiles


@pytest.fixture(scope="module")
def told(server: Server) -> Any:
    return json.loads(urllib.request.urlopen(f"{server.url}/api/scoreboard", timeout=120).read())


def opened(open_page: Callable[..., Page]) -> Page:
    page = open_page("#scoreboard")
    page.locator("figure[data-figure=scores] circle").first.wait_for(timeout=WAIT)
    return page


def test_scores_are_those_of_the_service(open_page: Callable[..., Page], told: Any):
    page = opened(open_page)
    page.locator("figure[data-figure=scores]").get_by_role("button", name=re.compile("^Table")).click()
    rows = page.locator("figure[data-figure=scores] tbody tr")
    expect(rows).to_have_count(len(told["hindcasts"]) + 1)
    for i, board in enumerate(told["hindcasts"]):
        values = rows.nth(i).locator("td[data-value]").evaluate_all("all => all.map(x => Number(x.dataset.value))")
        assert values[:3] == [board[f"mean_{score}"] for score in ("crps", "crps_moved", "crps_point")]


def test_what_was_missed_is_said_first(open_page: Callable[..., Page], told: Any):
    page = opened(open_page)
    missed = [f["meaning"] for f in told["ledger"] if f["inside"] is False]
    assert missed
    for meaning in missed:
        expect(page.locator(".causes")).to_contain_text(f"Missed already: {meaning}")


@pytest.mark.parametrize("lost", (True, False))
def test_a_loss_is_said_first_and_no_victory_is(page: Page, open_page: Callable[..., Page], told: Any, lost: bool):
    """Whatever today's model loses: one hindcast is made lost, or won, before the page hears of it."""
    board = told["hindcasts"][0]
    board = board | {"mean_crps": board["mean_crps_moved"] + (0.1 if lost else -0.1)}
    page.route("**/api/scoreboard", lambda route: route.fulfill(json=told | {"hindcasts": [board]}))
    opened(open_page)
    said = expect(page.locator(".causes"))
    words = f"We lose: {board['title']}. Score {board['mean_crps']:.3f} against {board['mean_crps_moved']:.3f}"
    said.to_contain_text(words) if lost else said.not_to_contain_text("We lose")


def test_every_point_is_drawn_over_what_happened(open_page: Callable[..., Page], told: Any):
    page = opened(open_page)
    for name, words in (("world", "The world"), ("buildout", "Build-out"), ("revenue", "Revenue")):
        page.get_by_role("radio", name=words, exact=True).check(force=True)
        points = next(b["points"] for b in told["hindcasts"] if b["name"] == name)
        expect(page.locator(".grid figure rect.interval.wide")).to_have_count(len(points))
        expect(page.locator(".grid figure circle.came")).to_have_count(len({(p["series"], p["at"]) for p in points}))
        expect(page.locator(".grid figure")).to_have_count(len({p["series"] for p in points}))
    page.wait_for_timeout(400)  # the address follows after a pause
    page.reload()
    expect(page.get_by_role("radio", name="Revenue", exact=True)).to_be_checked()


def test_both_ledgers_name_who_scores_and_what_came(open_page: Callable[..., Page], told: Any):
    page = opened(open_page)
    for name, figure in (("ledger", "ledger"), ("nowcast", "ledger-nowcast")):
        ledger = page.locator(f"figure[data-figure={figure}]")
        series = {(f["signal"], f["label"], f["meaning"]) for f in told[name]}
        expect(ledger.locator("tbody tr")).to_have_count(len(series))
        values = ledger.locator("td[data-value]").evaluate_all("all => all.map(x => Number(x.dataset.value))")
        assert sorted(values) == sorted(f["p50"] for f in told[name])
        for file in {f["file"] for f in told[name]}:
            expect(ledger).to_contain_text(file)
    expect(page.locator("figure[data-figure=ledger]")).to_contain_text("outside]")
