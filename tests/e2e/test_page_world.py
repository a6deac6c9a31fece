"""The page World: it follows, in numbers that are the service's own."""

import re
from collections.abc import Callable
from typing import Any

from browser import DRAG, REST, Server, first_lever, median, settled, slider
from playwright.sync_api import Page, expect

BIG = "figure[data-figure=industry_revenue]"


def test_first_load_says_the_answer_and_draws_every_chart(open_page: Callable[..., Page], server: Server):
    page = open_page()
    settled(page)
    told = server.run({}, ["industry_revenue"])
    sentence = page.locator("h1").inner_text()
    assert sentence and sentence in told["headline"]
    names = page.evaluate("fetch('api/model').then(x => x.json()).then(x => x.charts)")
    for name in names:
        expect(page.locator(f"figure[data-figure={name}] path.median").first).to_be_attached()
    expect(page.locator("figure[data-figure=milestones] circle.milestone").first).to_be_attached()
    expect(page.locator("figure[data-figure=binding] path.ribbon").first).to_be_attached()
    caption = page.locator(f"{BIG} .caption").inner_text()
    for part in (told["version"], "data to", "seed 0", f"{REST} draws"):
        assert part in caption


def test_numbers_of_the_table_are_the_services_to_the_last_digit(open_page: Callable[..., Page], server: Server):
    page = open_page()
    settled(page)
    page.locator(BIG).get_by_role("button", name=re.compile("Table")).click()
    told = server.run({}, ["industry_revenue"])
    series = told["signals"]["industry_revenue"]["series"][0]
    for month in ("2026-12", "2030-12", "2035-12"):
        at = told["months"].index(month)
        row = page.locator(f"{BIG} tbody tr", has=page.get_by_role("rowheader", name=month))
        values = [float(x) for x in row.locator("td").evaluate_all("all => all.map(x => x.dataset.value)")]
        assert values == [series[q][at] for q in ("p05", "p25", "p50", "p75", "p95", "mean")]


def test_dragging_moves_the_chart_with_fewer_draws_and_release_with_all(open_page: Callable[..., Page], server: Server):
    page = open_page()
    settled(page)
    path = first_lever(page)
    handle = slider(page, path)
    box = handle.bounding_box()
    assert box
    before = median(page)
    page.mouse.move(box["x"] + box["width"] * 0.5, box["y"] + box["height"] / 2)
    page.mouse.down()
    page.mouse.move(box["x"] + box["width"] * 0.85, box["y"] + box["height"] / 2, steps=6)
    expect(page.locator(f"{BIG} .caption")).to_contain_text("while moving")
    assert median(page) != before
    page.mouse.up()
    settled(page)
    expect(page.locator(f"{BIG} .caption")).not_to_contain_text("while moving")
    expect(page.locator(f"[data-control='{path}']")).to_have_class(re.compile("changed"))


def test_keys_move_the_slider_and_make_one_step_of_history(open_page: Callable[..., Page], server: Server):
    page = open_page()
    settled(page)
    path = first_lever(page)
    before = median(page)
    handle = slider(page, path)
    handle.focus()
    for _ in range(5):
        page.keyboard.press("ArrowRight")
    expect(page.locator(f"{BIG} path.median")).not_to_have_attribute("d", before)
    expect(page.get_by_role("button", name=re.compile("^Undo: "))).to_be_enabled()
    settled(page)
    page.keyboard.press("Control+z")
    expect(page.locator(f"{BIG} path.median")).to_have_attribute("d", before)
    expect(page.get_by_role("button", name="Undo", exact=True)).to_be_disabled()
    page.keyboard.press("Control+y")
    expect(page.locator(f"{BIG} path.median")).not_to_have_attribute("d", before)
    page.get_by_role("button", name=re.compile("^Replay")).click()
    expect(page.locator(f"{BIG} .caption")).to_contain_text("while moving")
    settled(page)


def test_the_next_step_of_a_key_is_there_before_it_is_asked_for(open_page: Callable[..., Page], server: Server):
    page = open_page()
    settled(page)
    asked: list[dict[str, Any]] = []
    page.on("request", lambda request: asked.append(request.post_data_json) if request.url.endswith("/run") else None)
    handle = slider(page, first_lever(page))
    before = median(page)
    with page.expect_response(lambda answer: '"ahead":true' in (answer.request.post_data or "")) as looked:
        handle.press("ArrowRight")
    assert looked.value.ok
    looked.value.finished()
    first, ahead = (found["recipe"]["set"] for found in asked if found["quick"])
    assert first != ahead
    moved = median(page)
    assert moved != before
    handle.press("ArrowRight")
    expect(page.locator(f"{BIG} path.median")).not_to_have_attribute("d", moved)
    settled(page)
    again = [found for found in asked if found["recipe"]["set"] == ahead]
    assert [(found["quick"], found.get("ahead", False)) for found in again] == [(True, True), (False, False)]


def test_each_step_of_a_slider_is_a_value_of_its_own(open_page: Callable[..., Page]):
    """Two steps that round to one value would leave an arrow key stuck between them."""
    page = open_page()
    settled(page)
    steps = """range => {
        const typed = range.closest('.control').querySelector('input.typed');
        const values = [];
        for (let i = Number(range.min); i <= Number(range.max); i++) {
            range.value = i;
            range.dispatchEvent(new Event('input'));
            if (Number(range.value) !== i) throw new Error(`${range.dataset.path}: step ${i} became ${range.value}`);
            values.push(typed.value);
        }
        return values;
    }"""
    handles = page.locator("[data-control] input[type=range]").all()
    assert len(handles) > page.locator(".levers input[type=range]").count() > 0
    for handle in handles:
        values = handle.evaluate(steps)
        assert len(set(values)) == len(values) == 201


def test_a_typed_value_shows_few_draws_before_all_of_them(open_page: Callable[..., Page]):
    page = open_page()
    settled(page)
    asked: list[dict[str, Any]] = []
    page.on("request", lambda request: asked.append(request.post_data_json) if request.url.endswith("/run") else None)
    path = first_lever(page)
    slider(page, path)  # unfolds its group
    box = page.locator(f"[data-control='{path}'] input.typed")
    least = float((box.get_attribute("title") or "").removeprefix("from ").split(" to ")[0])
    box.fill(str(least))
    box.press("Enter")
    expect(page.locator("main figure .caption").first).to_contain_text(f"{DRAG} draws")
    settled(page)
    assert [(found["recipe"]["draws"], found["quick"]) for found in asked] == [(DRAG, True), (REST, False)]
    page.keyboard.press("Escape")
    box.blur()
    page.keyboard.press("u")  # all draws of it are here already: nothing is asked, nothing less is shown
    expect(page.locator("main figure .caption").first).to_contain_text(f"{REST} draws")
    assert len(asked) == 2


def test_a_typed_value_is_taken_and_a_wrong_one_is_told(open_page: Callable[..., Page], server: Server):
    page = open_page()
    settled(page)
    path = first_lever(page)
    control = page.locator(f"[data-control='{path}']")
    typed = control.locator("input.typed")
    least, most = (float(x) for x in (typed.get_attribute("title") or "").removeprefix("from ").split(" to "))
    before = median(page)
    for wrong, words in (("many", "not a number"), (str(most * 50 + 50), "out of range")):
        typed.fill(wrong)
        typed.press("Enter")
        expect(control.get_by_role("alert")).to_contain_text(words)
        assert median(page) == before
    value = round(least + 0.75 * (most - least), 4)
    typed.fill(str(value))
    typed.press("Enter")
    expect(page.locator(f"{BIG} path.median")).not_to_have_attribute("d", before)
    page.locator(BIG).get_by_role("button", name=re.compile("Table")).click()
    told = server.run({"set": {path: value}}, ["industry_revenue"])
    at = told["months"].index("2030-12")
    shown = page.locator(f"{BIG} tbody tr", has=page.get_by_role("rowheader", name="2030-12")).locator("td").nth(2)
    expect(shown).to_have_attribute(
        "data-value", re.compile(re.escape(str(told["signals"]["industry_revenue"]["series"][0]["p50"][at])[:12]))
    )
    control.get_by_role("button", name=re.compile("^Reset")).click()
    expect(control).not_to_have_class(re.compile("changed"))


def test_levers_and_assumptions_are_apart_and_reset_apart(open_page: Callable[..., Page], server: Server):
    page = open_page()
    settled(page)
    for kind in ("levers", "assumptions"):
        path = page.locator(f".{kind} input[type=range]").first.get_attribute("data-path") or ""
        handle = slider(page, path)
        handle.focus()
        page.keyboard.press("End")
        handle.blur()
        expect(page.locator(f"[data-control='{path}']")).to_have_class(re.compile("changed"))
    page.get_by_role("button", name="Reset levers").click()
    expect(page.locator(".levers .control.changed")).to_have_count(0)
    expect(page.locator(".assumptions .control.changed")).to_have_count(1)
    page.get_by_role("button", name="Reset assumptions").click()
    expect(page.locator(".control.changed")).to_have_count(0)


def test_a_pinned_baseline_stays_as_a_ghost_and_the_difference_is_told(open_page: Callable[..., Page], server: Server):
    page = open_page()
    settled(page)
    before = median(page)
    page.get_by_role("button", name="Pin").click()
    handle = slider(page, first_lever(page))
    handle.focus()
    page.keyboard.press("End")
    handle.blur()
    expect(page.locator(f"{BIG} path.ghost").first).to_be_attached()
    expect(page.locator(f"{BIG} path.median")).not_to_have_attribute("d", before)
    expect(page.locator(f"{BIG} .change")).to_contain_text("on baseline")
    page.get_by_role("button", name="Unpin").click()
    expect(page.locator(f"{BIG} path.ghost")).to_have_count(0)


def test_presets_change_the_world(open_page: Callable[..., Page], server: Server):
    page = open_page()
    settled(page)
    before = page.locator("h1").inner_text()
    names = page.evaluate("fetch('api/model').then(x => x.json()).then(x => x.presets)")
    other = next(name for name in names if name != "base")
    page.get_by_role("combobox", name="Scenario").select_option(other)
    expect(page.locator("h1")).not_to_have_text(before, timeout=90_000)
    assert page.locator("h1").inner_text() in server.run({"scenario": other}, ["industry_revenue"])["headline"]


def test_views_growth_log_distribution_labs_and_certainty(open_page: Callable[..., Page], server: Server):
    page = open_page()
    settled(page)
    before = median(page)
    page.get_by_role("radio", name="Growth").check()
    expect(page.locator(f"{BIG} .unit")).to_contain_text("growth over twelve months")
    expect(page.locator(f"{BIG} path.band")).to_have_count(2)
    page.get_by_role("radio", name="Level").check()
    page.get_by_role("radio", name="Log").check()
    expect(page.locator(f"{BIG} path.median")).not_to_have_attribute("d", before)
    page.get_by_role("radio", name="Distribution").check()
    expect(page.locator(f"{BIG} rect.bar").first).to_be_attached()
    page.get_by_role("radio", name="Table").check()
    expect(page.locator(f"{BIG} table")).to_be_visible()
    page.get_by_role("radio", name="Fan").check()
    page.get_by_role("radio", name="Labs").check()
    expect(page.locator("figure[data-figure=revenue] path.median")).to_have_count(6)
    page.get_by_role("button", name="OpenAI").click()
    expect(page.locator("figure[data-figure=revenue] path.band")).to_have_count(2)
    page.get_by_role("radio", name="Industry").check()
    page.get_by_label("Uncertain numbers").uncheck()
    expect(page.locator(f"{BIG} .caption")).to_contain_text("numbers at their values")


def test_the_cursor_is_shared_and_reads_with_arrow_keys(open_page: Callable[..., Page], server: Server):
    page = open_page()
    settled(page)
    plot = page.locator(f"{BIG} .plot")
    plot.focus()
    expect(plot).to_have_attribute("aria-valuetext", re.compile("December 2030"))
    page.keyboard.press("PageUp")
    for name in ("industry_revenue", "it_power", "binding"):
        expect(page.locator(f"figure[data-figure={name}] .when")).to_have_text("December 2031")
    page.locator("figure[data-figure=it_power] .plot").hover(position={"x": 60, "y": 60})
    expect(page.locator(f"{BIG} .when")).not_to_have_text("December 2031")


def test_a_small_chart_becomes_the_big_one(open_page: Callable[..., Page], server: Server):
    page = open_page()
    settled(page)
    page.locator("figure[data-figure=it_power] h3 button").click()
    expect(page.locator(".big-box figure")).to_have_attribute("data-figure", "it_power")


def test_any_other_number_can_be_found_and_moved(open_page: Callable[..., Page], server: Server):
    page = open_page()
    settled(page)
    before = median(page)
    page.get_by_label("Add an assumption").fill("taste")
    found = page.get_by_role("list", name="Numbers found").get_by_role("button").first
    path = found.locator("code").inner_text()
    found.click()
    handle = slider(page, path)
    expect(handle).to_be_focused()
    page.keyboard.press("End")
    handle.blur()
    expect(page.locator(f"{BIG} path.median")).not_to_have_attribute("d", before)


def test_a_lever_can_be_pulled_later_and_luck_can_be_drawn_anew(open_page: Callable[..., Page], server: Server):
    page = open_page()
    settled(page)
    path = first_lever(page)
    handle = slider(page, path)
    handle.focus()
    page.keyboard.press("End")
    handle.blur()
    settled(page)
    at_once = median(page)
    control = page.locator(f"[data-control='{path}']")
    control.get_by_role("combobox").select_option("2030-01")
    expect(page.locator(f"{BIG} path.median")).not_to_have_attribute("d", at_once)
    value = float(control.locator("input.typed").input_value())
    page.get_by_role("button", name="Export", exact=True).click()
    expect(page.locator("dialog pre").last).to_contain_text(f"--lever {path}=2030-01:{value:g}")
    page.keyboard.press("Escape")
    later = median(page)
    seed = page.get_by_label("Seed")
    seed.fill("many")
    seed.press("Enter")
    expect(page.get_by_role("alert").filter(has_text="whole number")).to_be_visible()
    seed.fill("7")
    seed.press("Enter")
    expect(page.locator(f"{BIG} .caption")).to_contain_text("seed 7")
    assert median(page) != later
    month = page.get_by_label("Last month")
    month.fill("2031-12")
    month.press("Enter")
    expect(page.locator(f"{BIG} .plot")).to_have_attribute("aria-valuemax", "71")
