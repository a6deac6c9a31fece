"""The page in a real browser: Debian's Chromium through Playwright, against a service of few draws on a free port.

    apt-get install -y --no-install-recommends chromium fonts-liberation
    pip install pytest-playwright
    (cd web/page && npm ci)      # for the axe tests
    pytest tests/e2e

Without Playwright or Chromium the folder is skipped, and says so.
"""

import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("playwright", reason="no playwright: pip install pytest-playwright")
pytest.importorskip("pytest_playwright", reason="no pytest-playwright: pip install pytest-playwright")
pytest.importorskip("fastapi", reason="no fastapi: pip install 'gigawatt[web]'")

from browser import Server  # noqa: E402
from playwright.sync_api import Page, expect  # noqa: E402

CHROMIUM = os.environ.get("GIGAWATT_CHROMIUM") or shutil.which("chromium") or shutil.which("chromium-browser")
expect.set_options(timeout=30_000)  # a scenario's first run compiles


def missing(what: str) -> None:
    """Skip, with the reason; in CI, where nothing may be missing, fail."""
    (pytest.fail if os.environ.get("CI") else pytest.skip)(what)


def pytest_configure(config: pytest.Config) -> None:
    # of pytest-base-url, which pytest-playwright brings along
    config.addinivalue_line("filterwarnings", "ignore:Session-scoped fixtures defined as instance methods")


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args: dict[str, Any]) -> dict[str, Any]:
    if not CHROMIUM:
        missing("no chromium: apt-get install -y chromium, or name it in GIGAWATT_CHROMIUM")
    quiet = ["--disable-gpu", "--no-first-run", "--disable-background-networking", "--disable-component-update"]
    return {**browser_type_launch_args, "executable_path": CHROMIUM, "args": quiet}


@pytest.fixture(scope="session")
def browser_context_args(browser_context_args: dict[str, Any]) -> dict[str, Any]:
    return {**browser_context_args, "viewport": {"width": 1280, "height": 900}, "color_scheme": "light"}


@pytest.fixture(scope="session")
def server() -> Iterator[Server]:
    found = Server()
    yield found
    found.stop()


@pytest.fixture
def open_page(page: Page, server: Server) -> Iterator[Callable[[str], Page]]:
    """Open the page at a hash and wait for its first numbers. Errors in the page's console fail the test."""
    errors: list[str] = []
    page.on("pageerror", lambda error: errors.append(str(error)))

    def opened(at: str = "") -> Page:
        page.goto(f"{server.url}/{at}")
        page.wait_for_selector("main h1:not(:empty)", timeout=60_000)
        return page

    yield opened
    assert not errors


AXE = Path(__file__).parents[2] / "web/page/node_modules/axe-core/axe.min.js"


@pytest.fixture(scope="session")
def axe() -> Callable[[Page], list[str]]:
    """What axe-core finds wrong with the page as it stands, one line for each."""
    if not AXE.exists():
        missing("no axe-core: run `npm ci` in web/page")
    source = AXE.read_text(encoding="utf-8")

    def check(page: Page) -> list[str]:
        page.evaluate(source)
        found = page.evaluate("axe.run(document, {resultTypes: ['violations']})")
        return [
            f"{v['id']}: {v['help']}: {node['target']} {node.get('failureSummary', '')[:300]}"
            for v in found["violations"]
            for node in v["nodes"][:4]
        ]

    return check
