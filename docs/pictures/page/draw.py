"""Photograph every page of `gigawatt app`: light, dark and on a phone, into this folder.

apt-get install -y --no-install-recommends chromium fonts-liberation
pip install playwright 'gigawatt[web]'
python docs/pictures/page/draw.py [PAGE ...]
"""

import io
import os
import shutil
import subprocess
import sys
from pathlib import Path

from PIL import Image
from playwright.sync_api import Page, sync_playwright

HERE = Path(__file__).parent
PAGES = ("world", "bet", "compare", "why", "scoreboard", "sources")
LOOKS = {
    "light": {"viewport": {"width": 1280, "height": 900}, "color_scheme": "light"},
    "dark": {"viewport": {"width": 1280, "height": 900}, "color_scheme": "dark"},
    "phone": {"viewport": {"width": 390, "height": 844}, "color_scheme": "light", "has_touch": True, "is_mobile": True},
}
COLOURS = 64


def main(names: list[str]) -> None:
    chromium = os.environ.get("GIGAWATT_CHROMIUM") or shutil.which("chromium")
    if not chromium:
        sys.exit("no chromium: apt-get install -y chromium, or name it in GIGAWATT_CHROMIUM")
    serve = "from gigawatt.web.serve import serve; serve('127.0.0.1', 0, 'base')"
    process = subprocess.Popen([sys.executable, "-c", serve], stderr=subprocess.PIPE, text=True)
    assert process.stderr is not None
    try:
        url = next(line for line in process.stderr if "http://" in line).split("http://")[1].split("/")[0]
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path=chromium, args=["--disable-gpu", "--no-first-run"])
            for look, options in LOOKS.items():
                page = browser.new_context(**options, reduced_motion="reduce").new_page()
                for name in names:
                    page.goto(f"http://{url}/#{name}")
                    page.reload()
                    still(page)
                    small(page.screenshot(), HERE / f"{name}-{look}.png")
            browser.close()
    finally:
        process.terminate()
        process.wait(10)


def still(page: Page) -> None:
    """Until what was asked for is there: no request for a second."""
    page.wait_for_selector("main h1:not(:empty)", timeout=90_000)
    page.wait_for_load_state("networkidle", timeout=240_000)
    page.wait_for_timeout(700)


def small(png: bytes, to: Path) -> None:
    """A PNG of few colours, a third of the size: the same picture gives the same bytes."""
    picture = (
        Image.open(io.BytesIO(png))
        .convert("RGB")
        .quantize(COLOURS, method=Image.Quantize.MEDIANCUT, dither=Image.Dither.NONE)
    )
    picture.save(to, optimize=True)
    print(f"{to.name}: {to.stat().st_size / 1e3:.0f} kB")


if __name__ == "__main__":
    main(sys.argv[1:] or list(PAGES))
