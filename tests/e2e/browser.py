"""The service that the browser tests talk to, and what they wait for."""

import json
import subprocess
import sys
import time
import urllib.request
from typing import Any

from playwright.sync_api import Locator, Page, expect

DRAG, REST = 256, 512  # draws: one block of them, and two: enough to see that numbers follow
SERVE = (
    f"import gigawatt.web.controls as c; c.DRAWS.update(drag={DRAG}, rest={REST});"
    "from gigawatt.web.serve import serve; serve('127.0.0.1', 0, 'base')"
)


class Server:
    """The service in a process of its own; `url` once it answers."""

    def __init__(self) -> None:
        self.process = subprocess.Popen([sys.executable, "-c", SERVE], stderr=subprocess.PIPE, text=True)
        self.url = self.address()
        self.wait()

    def address(self) -> str:
        """From the line that it prints, so that it is ours."""
        said = []
        assert self.process.stderr is not None
        for line in self.process.stderr:
            said.append(line)
            if "http://" in line:
                return "http://" + line.split("http://")[1].split("/")[0]
        raise RuntimeError("the service did not start: " + "".join(said))

    def wait(self) -> None:
        for _ in range(120):
            try:
                urllib.request.urlopen(f"{self.url}/api/health", timeout=5).read()
                return
            except OSError:
                time.sleep(0.5)
        raise RuntimeError("the service does not answer")

    def stop(self) -> None:
        self.process.terminate()
        self.process.wait(10)
        assert self.process.stderr is not None
        self.process.stderr.close()

    def post(self, path: str, body: Any) -> Any:
        data = json.dumps(body).encode()
        request = urllib.request.Request(f"{self.url}{path}", data, {"Content-Type": "application/json"})
        return json.loads(urllib.request.urlopen(request, timeout=120).read())

    def run(self, recipe: dict[str, Any], signals: list[str]) -> Any:
        whole = {"scenario": "base", "draws": REST, "seed": 0} | recipe
        return self.post("/api/run", {"recipe": whole, "signals": signals})


def settled(page: Page, draws: int = REST) -> None:
    """Wait until the big chart shows numbers of this many draws."""
    expect(page.locator("main figure .caption").first).to_contain_text(f"{draws} draws")


def median(page: Page, figure: str = "industry_revenue") -> str:
    """The path of a median line."""
    line = page.locator(f"figure[data-figure={figure}] path.median").first
    line.wait_for(timeout=60_000)
    return line.get_attribute("d") or ""


def slider(page: Page, path: str) -> Locator:
    """The slider of a number, its group unfolded."""
    page.locator("details.group:not([open]) > summary").evaluate_all(
        "all => all.forEach(x => x.parentElement.open = true)"
    )
    return page.locator(f"input[type=range][data-path='{path}']")


def first_lever(page: Page) -> str:
    return page.locator(".levers input[type=range]").first.get_attribute("data-path") or ""
