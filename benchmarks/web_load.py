"""The page's service under sessions at once: each drags a slider, one changed request after the other.

    python benchmarks/web_load.py [--url http://127.0.0.1:8017] [--draws 500] [--requests 20] [--sessions 1 10 50]

Without --url a service is started on a free port, on the same cores that ask. A time is from sending a request to
having its whole answer, waiting for a turn included. An answer of 503 is counted, and asked again after the time that
it names.
"""

import argparse
import http.client
import json
import os
import random
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path
from threading import Thread
from urllib.parse import urlsplit

import numpy as np
from machine import facts

SLIDERS = {"contracts.lead": (1.0, 2.2), "segments.speed": (0.6, 1.7), "algorithms.rate": (0.6, 1.6)}


def drag(url: str, session: int, requests: int, draws: int, times: list[float], codes: Counter[str]) -> None:
    """One session: values of a slider of its own, each asked for when the last is answered."""
    at = urlsplit(url)
    line = http.client.HTTPConnection(at.hostname or "", at.port, timeout=120)
    luck = random.Random(session)
    path = luck.choice(list(SLIDERS))
    head = {"Content-Type": "application/json", "X-Session": f"load-{session}", "Accept-Encoding": "gzip"}
    for _ in range(requests):
        recipe = {"set": {path: luck.uniform(*SLIDERS[path])}, "draws": draws}
        body = json.dumps({"recipe": recipe, "quick": True})  # as the page asks while a slider moves
        while True:
            start = time.perf_counter()
            try:
                line.request("POST", "/api/run", body, head)
                answer = line.getresponse()
                answer.read()
            except OSError as error:
                codes[type(error).__name__] += 1
                line.close()
                break
            codes[str(answer.status)] += 1
            if answer.status != 503:
                times.append(time.perf_counter() - start)
                break
            line.close()  # the service does not keep an idle line for long
            time.sleep(float(answer.headers["Retry-After"]))


def spent(process: int | None) -> float:
    """Seconds of processor that a process has used: they tell more than times where others are at work."""
    if process is None or not Path("/proc").exists():
        return float("nan")
    fields = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def measure(url: str, sessions: int, requests: int, draws: int, process: int | None) -> None:
    """All sessions at once; p50, p95, answers a second, processor time for each, count by status."""
    times: list[float] = []
    codes: Counter[str] = Counter()
    threads = [Thread(target=drag, args=(url, i, requests, draws, times, codes)) for i in range(sessions)]
    start, before = time.perf_counter(), spent(process)
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    took = time.perf_counter() - start
    each = (spent(process) - before) / len(times) * 1e3
    p50, p95 = np.quantile(times, [0.5, 0.95]) * 1e3
    told = ", ".join(f"{count} x {code}" for code, count in sorted(codes.items()))
    print(
        f"{sessions:3d} sessions, {draws} draws: p50 {p50:5.0f} ms, p95 {p95:5.0f} ms, "
        f"{len(times) / took:.1f} answers/s at {each:.0f} ms of processor; {told}"
    )


def main() -> None:
    ask = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    ask.add_argument("--url", default="")
    ask.add_argument("--draws", type=int, default=500)
    ask.add_argument("--requests", type=int, default=20)
    ask.add_argument("--sessions", type=int, nargs="+", default=[1, 10, 50])
    given = ask.parse_args()
    print(facts())
    service = None
    url = given.url
    if not url:
        words = [sys.executable, "-m", "gigawatt", "app", "--port", "0"]
        service = subprocess.Popen(words, stderr=subprocess.PIPE, text=True)
        assert service.stderr
        url = next(line.split()[2] for line in service.stderr if line.startswith("The page:"))
    try:
        for sessions in given.sessions:
            measure(url, sessions, given.requests, given.draws, service.pid if service else None)
    finally:
        if service:
            service.terminate()
            service.wait()
    print(f"afterwards: {facts().splitlines()[1]}")


if __name__ == "__main__":
    main()
