"""What leaves the page: files that open and hold the service's numbers, and text that runs."""

import ast
import io
import json
import re
import shlex
import tomllib
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from browser import REST, Server, first_lever, settled, slider
from playwright.sync_api import Download, Page, expect


def saved(page: Page, act: Callable[[], Any]) -> tuple[Download, bytes]:
    with page.expect_download() as found:
        act()
    return found.value, Path(found.value.path()).read_bytes()


@pytest.fixture
def changed(open_page: Callable[..., Page]) -> tuple[Page, str, float]:
    """The page with one lever at its end: (page, path, value)."""
    page = open_page()
    settled(page)
    path = first_lever(page)
    handle = slider(page, path)
    handle.focus()
    page.keyboard.press("End")
    handle.blur()
    settled(page)
    return page, path, float(page.locator(f"[data-control='{path}'] input.typed").input_value())


def test_numbers_as_csv_json_and_zip_are_the_services(changed: tuple[Page, str, float], server: Server):
    page, path, value = changed
    page.get_by_role("button", name="Export").click()
    links = page.get_by_role("dialog").get_by_role("link")
    _, csv = saved(page, links.filter(has_text="CSV, tidy").click)
    _, data = saved(page, links.filter(has_text="JSON, with").click)
    _, whole = saved(page, links.filter(has_text="Zip").click)
    told = json.loads(data)
    assert told["recipe"]["set"] == {path: pytest.approx(value)}
    fresh = server.run({"set": told["recipe"]["set"]}, list(told["signals"]))
    assert told["signals"] == fresh["signals"]
    lines = [line for line in csv.decode().splitlines() if not line.startswith("#")]
    head, rows = lines[0].split(","), [line.split(",") for line in lines[1:]]
    revenue = fresh["signals"]["industry_revenue"]["series"][0]
    mine = [float(row[head.index("p50")]) for row in rows if row[0] == "industry_revenue"]
    assert mine == revenue["p50"]
    assert f"draws: {REST}" in csv.decode() and "seed: 0" in csv.decode()
    with zipfile.ZipFile(io.BytesIO(whole)) as archive:
        assert {"run.csv", "run.json", "README.txt", "recipe.toml"} <= set(archive.namelist())
        assert json.loads(archive.read("run.json"))["signals"] == fresh["signals"]


def test_a_scenario_goes_out_as_toml_and_json_and_comes_back(changed: tuple[Page, str, float], tmp_path: Path):
    page, path, value = changed
    for kind in ("TOML", "JSON"):
        page.get_by_role("button", name="Export").click()
        found, content = saved(page, page.get_by_role("button", name=f"{kind} file").click)
        if kind == "TOML":
            tomllib.loads(content.decode())
        file = tmp_path / found.suggested_filename
        file.write_bytes(content)
        page.get_by_role("button", name="Close", exact=True).click()
        page.locator(f"[data-control='{path}']").get_by_role("button", name=re.compile("^Reset")).click()
        expect(page.locator(".control.changed")).to_have_count(0)
        page.get_by_role("button", name="Export").click()
        page.get_by_label("Scenario file").set_input_files(file)
        expect(page.locator(f"[data-control='{path}'].changed")).to_be_attached()
        shown = float(page.locator(f"[data-control='{path}'] input.typed").input_value())
        assert shown == pytest.approx(value)


def test_a_wrong_file_gets_one_line(open_page: Callable[..., Page], tmp_path: Path):
    page = open_page()
    settled(page)
    file = tmp_path / "wrong.toml"
    file.write_text("base = 'base'\n[set]\norders.bogus = 1\n", encoding="utf-8")
    page.get_by_role("button", name="Export").click()
    page.get_by_label("Scenario file").set_input_files(file)
    expect(page.locator("#toast")).to_contain_text("orders.bogus")


def test_pictures_open_and_carry_their_provenance(open_page: Callable[..., Page]):
    page = open_page()
    settled(page)
    figure = page.locator("figure[data-figure=industry_revenue]")

    def entry(words: str) -> Callable[[], None]:
        def act() -> None:
            figure.locator("details.menu summary").click()
            figure.get_by_role("button", name=words).click()

        return act

    _, svg = saved(page, entry("SVG"))
    text = svg.decode()
    assert text.startswith("<svg") and f"{REST} draws" in text and "var(" not in text and "href" not in text
    assert page.evaluate("x => !new DOMParser().parseFromString(x, 'image/svg+xml').querySelector('parsererror')", text)
    _, png = saved(page, entry("PNG"))
    assert png.startswith(b"\x89PNG") and len(png) > 10_000
    blue = page.evaluate(
        """async (bytes) => {
            const image = await createImageBitmap(new Blob([new Uint8Array(bytes)], {type: 'image/png'}));
            const canvas = new OffscreenCanvas(image.width, image.height).getContext('2d');
            canvas.drawImage(image, 0, 0);
            const data = canvas.getImageData(0, 0, image.width, image.height).data;
            let count = 0;
            for (let i = 0; i < data.length; i += 4) count += data[i] < 20 && data[i + 2] > 150;
            return count;
        }""",
        list(png),
    )
    assert blue > 500  # the median line is there


def test_python_and_command_say_the_same_recipe(changed: tuple[Page, str, float]):
    page, path, value = changed
    page.get_by_role("button", name="Export").click()
    python, command = page.locator("dialog pre").all_inner_texts()
    call = ast.parse(python).body[-1].value  # type: ignore[attr-defined]
    given = {word.arg: ast.literal_eval(word.value) for word in call.keywords}
    assert ast.literal_eval(call.args[0]) == "base"
    assert given == {"draws": REST, "seed": 0, "set": {path: pytest.approx(value)}}
    words = shlex.split(command)
    assert words[:3] == ["gigawatt", "run", "base"]
    assert words[words.index("--draws") + 1] == str(REST)
    assert words[words.index("--keep") + 1] == "headlines"
    name, _, told = words[words.index("--set") + 1].partition("=")
    assert (name, float(told)) == (path, given["set"][path])
