"""The page Sources: every number, quickly."""

import re
from collections.abc import Callable

from browser import settled
from playwright.sync_api import Page, expect


def test_every_number_is_listed_found_filtered_and_sorted(open_page: Callable[..., Page]):
    page = open_page("#sources")
    rows = page.locator("tr[data-path]")
    expect(rows.first).to_be_attached()
    numbers = page.evaluate("fetch('api/sources').then(x => x.json()).then(x => x.numbers)")
    assert rows.count() == len(numbers) > 500
    values = {row["path"]: row["value"] for row in numbers}
    shown = rows.evaluate_all(
        "all => all.map(x => [x.dataset.path, Number(x.querySelector('[data-value]').dataset.value)])"
    )
    assert dict(shown) == values
    page.get_by_label("Search").fill("order_up_to.lead")
    expect(rows).to_have_count(sum("order_up_to.lead" in f"{r['path']} {r['label']} {r['place']}" for r in numbers))
    page.get_by_label("Search").fill("")
    page.get_by_label("Grade").select_option("measured")
    expect(rows).to_have_count(sum(row["grade"] == "measured" for row in numbers))
    page.get_by_label("Grade").select_option("")
    page.get_by_role("button", name="Value", exact=True).click()
    first = page.locator("tr[data-path] [data-value]").first
    expect(first).to_have_attribute("data-value", re.compile(re.escape(f"{min(values.values()):g}"[:4])))


def test_filtering_is_quick(open_page: Callable[..., Page]):
    page = open_page("#sources")
    page.locator("tr[data-path]").first.wait_for()
    spent = page.evaluate(
        """() => {
            const box = document.querySelector('#find-number'), begin = performance.now();
            for (const words of ['a', 'la', 'lab', '', 'power']) {
                box.value = words;
                box.dispatchEvent(new Event('input'));
                document.body.offsetHeight;
            }
            return performance.now() - begin;
        }"""
    )
    assert spent < 1500


def test_a_control_leads_to_its_source_and_a_source_to_its_control(open_page: Callable[..., Page]):
    page = open_page()
    settled(page)
    control = page.locator(".levers .control").first
    path = control.get_attribute("data-control") or ""
    control.locator(".about").click()
    expect(control.locator(".card")).to_contain_text("grade")
    control.get_by_role("button", name="Show in Sources").click()
    row = page.locator("tr[data-path]").first
    expect(row).to_have_attribute("data-path", re.compile(re.escape(path)))
    row.get_by_role("button").click()
    expect(page.locator("tr.more")).to_contain_text("gigawatt.mechanisms.")
    page.get_by_role("button", name="Set it on the page World").click()
    settled(page)
    expect(page.locator(f"[data-control='{path}'].changed")).to_be_attached()
