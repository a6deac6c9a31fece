"""Keydown to changed chart, as a person sees it: the page in Chromium against `gigawatt app`, on this machine.

    apt-get install -y --no-install-recommends chromium
    pip install playwright 'gigawatt[web]'
    python benchmarks/web_page.py

Prints milliseconds from the key to the next change of the large chart: of an arrow key on a slider, whose answer the
page has fetched ahead where there was time, and with fetching ahead held back; and of Enter in the box beside it (few
draws first, then all: to the last change); chart updates a second while the mouse drags; bytes on the wire and the time
to the first chart; and the load of the machine, without which none of these means much.
"""

import os
import shutil
import statistics
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Sequence

from playwright.sync_api import CDPSession, Page, sync_playwright

PRESSES = 40
SECONDS = 4.0  # of dragging
WATCH = """() => {
    const chart = document.querySelector('.big-box .plot svg');
    const line = () => chart.querySelector('path.median').getAttribute('d');
    window.seen = {pressed: 0, first: 0, last: 0, changes: 0};
    let last = line();
    const pressed = () => Object.assign(window.seen, {pressed: performance.now(), first: 0, last: 0});
    document.addEventListener('keydown', pressed, true);
    new MutationObserver(() => {
        if (line() === last) return;
        last = line();
        window.seen.changes += 1;
        if (window.seen.pressed) window.seen.last = performance.now() - window.seen.pressed;
        window.seen.first = window.seen.first || window.seen.last;
    }).observe(chart, {childList: true});
}"""
ALONE = """(() => {
    const ask = window.fetch;
    const held = how => window.alone && String(how && how.body).includes('"ahead":true');
    window.fetch = (where, how) => held(how) ? Promise.reject(new TypeError('held back')) : ask(where, how);
})()"""


def main() -> None:
    chromium = os.environ.get("GIGAWATT_CHROMIUM") or shutil.which("chromium")
    if not chromium:
        sys.exit("no chromium: apt-get install -y chromium, or name it in GIGAWATT_CHROMIUM")
    serve = "from gigawatt.web.serve import serve; serve('127.0.0.1', 0, 'base')"
    process = subprocess.Popen([sys.executable, "-c", serve], stderr=subprocess.PIPE, text=True)
    assert process.stderr is not None
    try:
        url = next(line for line in process.stderr if "http://" in line).split("http://")[1].split("/")[0]
        wait(f"http://{url}/api/health")
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path=chromium, args=["--disable-gpu", "--no-first-run"])
            page = browser.new_page(viewport={"width": 1280, "height": 900})
            page.add_init_script(ALONE)
            measure(page, f"http://{url}/")
            browser.close()
    finally:
        process.terminate()
        process.wait(10)


def wait(address: str) -> None:
    for _ in range(60):
        try:
            urllib.request.urlopen(address, timeout=5).read()
            return
        except OSError:
            time.sleep(0.5)
    sys.exit("the service does not answer")


def measure(page: Page, url: str) -> None:
    sizes = weigh(page.context.new_cdp_session(page))
    begin = time.perf_counter()
    page.goto(url)
    page.locator(".big-box path.median").wait_for(timeout=90_000)
    first = 1e3 * (time.perf_counter() - begin)
    page.wait_for_timeout(1500)
    model = page.evaluate("fetch('api/model').then(x => x.json())")
    few, all_ = model["draws"]["drag"], model["draws"]["rest"]
    assets = sum(size for address, size in sizes.items() if "/api/" not in address)
    print(f"load of the machine      {' '.join(f'{x:.2f}' for x in os.getloadavg())} on {os.cpu_count()} processors")
    print(f"page on the wire         {assets / 1e3:.0f} kB; with the first numbers {sum(sizes.values()) / 1e3:.0f} kB")
    print(f"first chart after        {first:.0f} ms")

    page.evaluate(WATCH)
    handle = page.locator(".levers input[type=range]").first
    path = handle.get_attribute("data-path")
    for which, (words, alone) in enumerate((("fetched ahead", "false"), ("nothing ahead", "true"))):
        page.evaluate(f"window.alone = {alone}")
        slider = page.locator(".levers input[type=range]").nth(which)  # each its own: values not seen yet
        spans = [press(page, lambda slider=slider: slider.press("ArrowRight"))[0] for _ in range(PRESSES)]
        told(f"arrow key, {words}", spans)
    page.evaluate("window.alone = false")
    typed = page.locator(f"[data-control='{path}'] input.typed")
    least, most = (float(x) for x in (typed.get_attribute("title") or "").removeprefix("from ").split(" to "))
    both = []
    for i in range(PRESSES):
        typed.fill(f"{least + (most - least) * (0.2 + 0.6 * (i + 0.37) / PRESSES):.5g}")
        both.append(press(page, lambda: typed.press("Enter")))
    for draws, span in zip((few, all_), zip(*both, strict=True), strict=True):
        told(f"Enter, {draws} draws", span)

    box = handle.bounding_box()
    assert box is not None
    page.evaluate("window.seen.changes = 0")
    middle = box["y"] + box["height"] / 2
    page.mouse.move(box["x"] + box["width"] / 2, middle)
    page.mouse.down()
    begin = time.perf_counter()
    moves = 0
    while (now := time.perf_counter() - begin) < SECONDS:
        page.mouse.move(box["x"] + box["width"] * (0.1 + 0.8 * abs((now / 2) % 2 - 1)), middle)
        moves += 1
        time.sleep(1 / 30)
    changes = page.evaluate("window.seen.changes")
    page.mouse.up()
    print(
        f"while dragging           {changes / now:.1f} chart updates a second of {few} draws ({moves / now:.0f} moves)"
    )
    print(f"load of the machine      {' '.join(f'{x:.2f}' for x in os.getloadavg())}")


def weigh(session: CDPSession) -> dict[str, int]:
    """Bytes of each answer as they went over the wire, filled while the page loads."""
    sizes: dict[str, int] = {}
    names: dict[str, str] = {}
    session.send("Network.enable")
    session.on("Network.responseReceived", lambda e: names.update({e["requestId"]: e["response"]["url"]}))
    session.on(
        "Network.loadingFinished",
        lambda e: sizes.update({names.get(e["requestId"], "?"): int(e["encodedDataLength"])}),
    )
    return sizes


def press(page: Page, key: Callable[[], None]) -> tuple[float, float]:
    """Milliseconds from a key to the next change of the chart, and to the last before all is still."""
    key()
    page.wait_for_timeout(800)  # to ask sooner would slow what is timed; a key on a slider is the last after 350 ms
    until(page, "window.seen.first > 0")
    until(page, "!document.querySelector('.wait').classList.contains('on')")
    return page.evaluate("window.seen.first"), page.evaluate("window.seen.last")


def until(page: Page, condition: str) -> None:
    """Wait for it from outside: the policy of the page forbids to evaluate text within."""
    for _ in range(3000):
        if page.evaluate(condition):
            return
        time.sleep(0.01)
    sys.exit(f"not within half a minute: {condition}")


def told(what: str, spans: Sequence[float]) -> None:
    low, high = statistics.median(spans), statistics.quantiles(spans, n=20)[-1]
    print(f"{what:<26} p50 {low:.0f} ms, p95 {high:.0f} ms ({len(spans)} keys)")


if __name__ == "__main__":
    main()
