"""What ships: small, from this repository alone, and built from a lock that names no host."""

from collections.abc import Callable
from pathlib import Path

from browser import settled
from playwright.sync_api import Page

PAGE = Path(__file__).parents[2] / "web/page"


def test_the_page_is_under_150_kb_on_the_wire(open_page: Callable[..., Page], page: Page):
    sizes: list[float] = []
    session = page.context.new_cdp_session(page)
    names: dict[str, str] = {}
    session.send("Network.enable")
    session.on("Network.responseReceived", lambda e: names.update({e["requestId"]: e["response"]["url"]}))
    session.on(
        "Network.loadingFinished",
        lambda e: sizes.append(0 if "/api/" in names[e["requestId"]] else e["encodedDataLength"]),
    )
    open_page()
    settled(page)
    assert 20_000 < sum(sizes) < 150_000


def test_the_lock_names_no_host():
    lock = (PAGE / "package-lock.json").read_text(encoding="utf-8")
    assert "resolved" not in lock and "://" not in lock
    assert lock.count('"integrity"') > 10
