"""The lab P&L of the planning reference: a world of mechanisms against plain NumPy, same shocks, in one process.

    python benchmarks/lab_pnl.py

100,000 paths of 120 months. The NumPy side takes the steps of the specification one vector operation after another
on all paths, in 64 bits. The world runs in chunks over all cores, as `gigawatt run` does; once in 64 bits, once in
32 (a second process, since the width of numbers is chosen at import). The sides alternate, and the least of several
wall times counts, so that other work on the machine does the least harm.
"""

import os
import subprocess
import sys
import time
import warnings
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))
warnings.filterwarnings("ignore", message="gigawatt runs in 32 bits")

from machine import facts  # noqa: E402
from worlds.lab_pnl import by_numpy, by_world, draw, world  # noqa: E402

PATHS, ROUNDS = 100_000, 15
CHUNKS = (500, 1000, 2000, 4000)


def timed(work):
    """Wall and processor seconds of a call, and what it returned."""
    wall, cpu = time.perf_counter(), time.process_time()
    found = work()
    return time.perf_counter() - wall, time.process_time() - cpu, found


def difference(ours, plain) -> float:
    """Greatest difference of any path, relative to its size or to 1 bn USD."""
    return max(np.max(np.abs(ours[n][-1] - x) / np.maximum(np.abs(x), 1.0)) for n, x in plain.items())


def measure(width: int) -> None:
    """Print one table for numbers of this width."""
    lab, given = world(), draw(PATHS)
    narrow = [x.astype(f"float{width}") for x in given]
    sides = {"NumPy": lambda: by_numpy(*given)}
    sides |= {f"chunks of {c}": lambda c=c: by_world(lab, *narrow, c) for c in CHUNKS}
    found = {name: side() for name, side in sides.items()}  # compiles
    times = {name: [] for name in sides}
    for _ in range(ROUNDS):
        for name, side in sides.items():
            times[name].append(timed(side)[:2])
    print(f"\n{width} bits; NumPy in 64. Seconds: least wall (its ratio), least processor time; difference of outputs")
    base = min(times["NumPy"])[0]
    for name, rows in times.items():
        wall, cpu = (min(column) for column in zip(*rows, strict=True))
        gap = difference(found[name], found["NumPy"]) if name != "NumPy" else 0.0
        print(f"  {name:16} {wall:.3f} ({base / wall:4.1f}x)   {cpu:.3f}   {gap:.0e}")


if __name__ == "__main__":
    if "--narrow" in sys.argv:
        measure(32)
    else:
        print(facts())
        measure(64)
        again = [sys.executable, __file__, "--narrow"]
        subprocess.run(again, env={**os.environ, "JAX_ENABLE_X64": "0"}, check=True)
        print(f"\nafterwards: {facts().splitlines()[1]}")
