"""Golden numbers: quantiles of every scenario, stored so that nothing moves unseen.

`python tests/golden.py` (or `make golden`) runs every scenario, prints what moved, and writes the numbers anew.
"""

import json
import platform
import sys
from pathlib import Path

import jaxlib
import numpy as np

from gigawatt.core.cache import processor, use_cache
from gigawatt.core.run import kept, run
from gigawatt.core.scenario import load
from gigawatt.core.scenario_file import scenario_names

FOLDER = Path(__file__).parent / "golden"
DRAWS = 256
QUANTILES = (0.05, 0.5, 0.95)
SHOWN = 6  # moves printed for each scenario, the largest first


def here() -> str:
    """What the last bits of a number depend on."""
    return f"jaxlib {jaxlib.__version__}, {platform.machine()} {processor()}"


def measured(name: str) -> dict[str, list[float]]:
    """Headline signals at the end of the first, middle and last year: three quantiles, or the median by label."""
    result = run(name, DRAWS)
    months = result.sizes["month"]
    years = result.isel(month=[11, max(months // 24 * 12, 12) - 1, months - 1])
    found: dict[str, np.ndarray] = {}
    for signal in kept(load(name).world(), None):
        values = years[signal].values
        if values.ndim == 2:
            found[signal] = np.quantile(values, QUANTILES, axis=0).T.ravel()
        else:
            labels = result[years[signal].dims[-1]].values
            found |= {f"{signal}[{x}]": np.median(values[..., i], axis=0) for i, x in enumerate(labels)}
    return {k: [float(f"{x:.12g}") for x in line] for k, line in found.items()}


def stored(name: str) -> tuple[str, dict[str, list[float]]]:
    """(what made them, numbers) of a scenario; nothing if it was never written."""
    file = FOLDER / f"{name}.json"
    if not file.exists():
        return "", {}
    table = json.loads(file.read_text(encoding="utf-8"))
    return table.pop("made by"), table


def write(name: str, numbers: dict[str, list[float]]) -> None:
    FOLDER.mkdir(exist_ok=True)
    lines = [f"{json.dumps(k)}: {json.dumps(v)}" for k, v in {"made by": here(), **numbers}.items()]
    (FOLDER / f"{name}.json").write_text("{\n" + ",\n".join(lines) + "\n}\n", encoding="utf-8")


def moves(old: dict[str, list[float]], new: dict[str, list[float]]) -> dict[str, float]:
    """Largest relative move of each line that is in both, measured by the largest number of the line."""
    size = {k: max(np.max(np.abs(old[k])), np.max(np.abs(new[k])), 1e-30) for k in old.keys() & new.keys()}
    return {
        k: float(np.max(np.abs(np.subtract(old[k], new[k]))) / s) for k, s in size.items() if len(old[k]) == len(new[k])
    }


def main(*names: str) -> None:
    """Write the numbers of the scenarios named, of all if none is."""
    use_cache()
    for gone in FOLDER.glob("*.json"):
        if gone.stem not in scenario_names():
            gone.unlink()
    for name in names or scenario_names():
        (_, old), new = stored(name), measured(name)
        moved = {k: m for k, m in moves(old, new).items() if m > 1e-9}
        print(f"{name}: {len(moved)} of {len(new)} moved" if old else f"{name}: new")
        for key in sorted(moved, key=moved.__getitem__, reverse=True)[:SHOWN]:
            print(f"  {key}, last year's median: {last_median(old[key]):.5g} -> {last_median(new[key]):.5g}")
        for key in sorted(old.keys() ^ new.keys()) if old else ():
            print(f"  {key}: {'gone' if key in old else 'new'}")
        write(name, new)


def last_median(line: list[float]) -> float:
    return line[-2] if len(line) == 9 else line[-1]


if __name__ == "__main__":
    main(*sys.argv[1:])
